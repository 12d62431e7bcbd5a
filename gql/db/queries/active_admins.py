"""What each admin who can sign in sees of customers, of all of them at once."""

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import Admin, AdminRole, Cover, Office
from gql.db.models import Role as RoleModel
from gql.db.models.base import UTCDateTime
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.domain.covers import CoverKind, Covers
from gql.domain.enums import AdminStatus
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import Role, Scope
from gql.domain.time import now

_ADMINS: Final = (
    select(Admin.id, Admin.office_id, *ROLE_COLUMNS)
    .join(AdminRole, AdminRole.admin_id == Admin.id)
    .join(RoleModel, RoleModel.id == AdminRole.role_id)
    .where(Admin.status == AdminStatus.ACTIVE)
)
_NOW: Final = bindparam("now", type_=UTCDateTime())
_COVERS: Final[Any] = select(Cover.delegate_id, Cover.manager_id, Cover.id).where(
    Cover.kind == CoverKind.LEAVE, Cover.starts_at <= _NOW, Cover.ends_at > _NOW, Cover.ended_at.is_(None)
)
_OFFICES: Final = select(Office.id, Office.parent_id)
_NONE: Final = frozenset[UUID]()


async def active_accesses(session: AsyncSession) -> list[AccessMap]:
    """The access maps, in the order of the admins' IDs, with the books that they cover. Three statements."""
    office_of: dict[UUID, UUID] = {}
    roles: dict[UUID, list[Role]] = defaultdict(list)
    for row in (await session.execute(_ADMINS)).all():
        office_of[row.id] = row.office_id
        roles[row.id].append(role_of(row))
    books: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    for delegate_id, manager_id, cover_id in (await session.execute(_COVERS, {"now": now()})).all():
        books[delegate_id].append((manager_id, cover_id))
    subtrees = _Subtrees((await session.execute(_OFFICES)).all())
    return [
        access_map(
            admin_id,
            office_of[admin_id],
            subtrees.needed_by(roles[admin_id], office_of[admin_id]),
            held,
            Covers(tuple(books.get(admin_id, ()))),
        )
        for admin_id, held in ((key, sorted(roles[key], key=lambda role: role.key)) for key in sorted(office_of))
    ]


class _Subtrees:
    """Offices with all beneath them, each found once."""

    def __init__(self, rows: Any) -> None:
        self._children: dict[UUID | None, list[UUID]] = defaultdict(list)
        for row in rows:
            self._children[row.parent_id].append(row.id)
        self._found: dict[UUID, frozenset[UUID]] = {}

    def needed_by(self, roles: list[Role], office_id: UUID) -> frozenset[UUID]:
        """The subtree of an office, where one of the roles asks for it."""
        if all(role.scope is not Scope.SUBTREE for role in roles):
            return _NONE
        if office_id not in self._found:
            self._found[office_id] = self._beneath(office_id)
        return self._found[office_id]

    def _beneath(self, office_id: UUID) -> frozenset[UUID]:
        found, waiting = set[UUID](), [office_id]
        while waiting:
            office = waiting.pop()
            if office not in found:  # some fault may have made the tree a ring
                found.add(office)
                waiting += self._children[office]
        return frozenset(found)
