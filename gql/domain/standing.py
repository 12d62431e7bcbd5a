"""What an admin's access comes of."""

from dataclasses import dataclass
from uuid import UUID

from gql.domain.covers import NO_COVERS, Covers
from gql.domain.policies import Access, access_map
from gql.domain.roles import Role


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides what an admin sees, whether or not they are signed in."""

    admin_id: UUID
    office_id: UUID
    roles: tuple[Role, ...]
    subtree: frozenset[UUID]
    """The own office and all beneath it; needed only where a role's scope is SUBTREE."""
    covers: Covers = NO_COVERS
    """Those that have begun and not ended."""

    def access(self, customer_id: UUID, manager_id: UUID | None, office_id: UUID) -> Access:
        """What they see of a customer with this account manager and office."""
        access = access_map(self.admin_id, self.office_id, self.subtree, self.roles, self.covers)
        return access.to(customer_id, manager_id, office_id)
