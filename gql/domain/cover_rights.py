"""Who sees a cover, and who may end it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gql.domain.policies import Access, may_change
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer

READERS: Final = (Permission.CUSTOMER_ASSIGN, Permission.ADMIN_WRITE, Permission.AUDIT_READ)
"""Any of these reads covers that aren't one's own; those of a customer only where the customer is seen."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose cover it is. `access` is what the viewer sees of the customer; None for a book."""

    delegate_id: UUID
    manager_id: UUID | None
    granted_by_id: UUID
    access: Access | None = None


def is_party(viewer: AdminViewer, cover: Parties) -> bool:
    """Whether it is the viewer's own matter: they have it, are covered or were told, or granted it."""
    return viewer.admin_id in (cover.delegate_id, cover.manager_id, cover.granted_by_id)


def reads_covers(viewer: AdminViewer) -> bool:
    """Whether the viewer reads others' covers at all."""
    return any(viewer.may(permission) for permission in READERS)


def may_see(viewer: AdminViewer, cover: Parties) -> bool:
    """Whether the cover is there for the viewer."""
    in_sight = cover.access is None or cover.access.is_visible
    return is_party(viewer, cover) or (reads_covers(viewer) and in_sight)


def may_read_reason(viewer: AdminViewer, cover: Parties) -> bool:
    """Why it was granted and ended may tell of the customer what limited access doesn't."""
    return is_party(viewer, cover) or cover.access is None or cover.access.is_full


def may_end(viewer: AdminViewer, cover: Parties, *, sees_book: bool) -> bool:
    """Whether the viewer may end it: a party, whoever changes admins, and whoever could assign somebody else instead.

    `sees_book`: the viewer sees all of the covered book in full.
    """
    if is_party(viewer, cover) or viewer.may(Permission.ADMIN_WRITE):
        return True
    if cover.access is None:
        return sees_book and viewer.may(Permission.CUSTOMER_ASSIGN)
    return may_change(viewer.permissions, cover.access, Permission.CUSTOMER_ASSIGN)
