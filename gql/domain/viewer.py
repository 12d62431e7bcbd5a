"""Whoever makes the request: an admin, a customer, or nobody."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from uuid import UUID

from gql.domain.covers import NO_COVERS, Covers
from gql.domain.enums import SubjectKind
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import Permission, Role

# The same viewer asks again and again, and from the same facts the same map is made.
_access_map = lru_cache(maxsize=2048)(access_map)


@dataclass(frozen=True)
class AdminViewer:
    """A signed-in team member, with everything that decides what they see, read once per request."""

    admin_id: UUID
    session_id: UUID
    office_id: UUID
    roles: tuple[Role, ...]
    subtree: frozenset[UUID] = field(default_factory=frozenset)
    """The own office and all beneath it; needed only where a role's scope is SUBTREE."""
    covers: Covers = NO_COVERS
    """Those that count now: they have begun, and not ended."""
    as_of: int | None = field(default=None, compare=False)
    """The version of offices and admins when the request began; None where it isn't known."""

    @property
    def subject(self) -> tuple[SubjectKind, UUID]:
        """Whose account it is."""
        return SubjectKind.ADMIN, self.admin_id

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """Of all the roles together."""
        return frozenset().union(*(role.permissions for role in self.roles))

    @cached_property
    def reads_audited(self) -> bool:
        """Whether each customer whom this viewer reads is put on record: some role asks for it."""
        return any(role.reads_audited for role in self.roles)

    @cached_property
    def access(self) -> AccessMap:
        """What this viewer sees of a customer, by who it is, the account manager and the office."""
        return _access_map(self.admin_id, self.office_id, self.subtree, self.roles, self.covers)

    def may(self, permission: Permission) -> bool:
        """Whether some role grants the permission."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class CustomerViewer:
    """A borrower in the web or mobile app: sees only `me`."""

    customer_id: UUID
    session_id: UUID

    @property
    def subject(self) -> tuple[SubjectKind, UUID]:
        """Whose account it is."""
        return SubjectKind.CUSTOMER, self.customer_id


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody. `reason` tells a client whose credential was not taken why."""

    reason: str | None = None
    ended_session: UUID | None = None
    """Where the credential is a good one of a session that has ended."""


Viewer = AdminViewer | CustomerViewer | Anonymous
