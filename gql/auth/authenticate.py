"""Who makes a request: from the Authorization header to a viewer.

The database is asked with every request, so that revoking a session, deactivating an admin or changing a role
counts from the next request on. It takes one statement, and a second one only for a role over an office's subtree.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Uuid, bindparam, select

from gql.auth.tokens import AccessTokens
from gql.db.engine import AnyRow, Database
from gql.db.models import Admin, AdminRole, Customer, Role, Session
from gql.db.models.base import UTCDateTime
from gql.db.queries.office_tree import office_and_beneath
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.domain.enums import AdminStatus, CustomerStatus, SubjectKind
from gql.domain.errors import Unauthenticated
from gql.domain.roles import Scope
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer, Viewer

Rows = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[AnyRow]]]
"""Runs a read: `Database.rows`, or the same inside a transaction."""

CUSTOMERS_SHUT_OUT = frozenset({CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED})
"""Who may not sign in. A SUSPENDED customer may: they still have loans to repay, and a manager to call."""

_ENDED = "The session has ended. Sign in again."
_NOT_BEARER = "The Authorization header must be `Bearer` and an access token."

_lasting = (
    Session.id == bindparam("session_id"),
    Session.revoked_at.is_(None),
    Session.expires_at > bindparam("now", type_=UTCDateTime()),
)

_ADMIN = (
    select(Admin.office_id, *ROLE_COLUMNS)
    .select_from(Session)
    .join(Admin, Admin.id == Session.admin_id)
    .outerjoin(AdminRole, AdminRole.admin_id == Admin.id)
    .outerjoin(Role, Role.id == AdminRole.role_id)
    .where(*_lasting, Session.admin_id == bindparam("subject_id"), Admin.status == AdminStatus.ACTIVE)
    .order_by(Role.key)
)

_CUSTOMER = (
    select(Customer.id)
    .select_from(Session)
    .join(Customer, Customer.id == Session.customer_id)
    .where(
        *_lasting,
        Session.customer_id == bindparam("subject_id"),
        *(Customer.status != status for status in sorted(CUSTOMERS_SHUT_OUT)),
    )
)

_SUBTREE = select(office_and_beneath(bindparam("office_id", type_=Uuid()), "beneath").c.id)


async def viewer_of(database: Database, tokens: AccessTokens, authorization: str | None) -> Viewer:
    """The viewer of a request with this Authorization header. A credential that isn't taken gives Anonymous, with
    the reason; nothing is raised for it.
    """
    if authorization is None:
        return Anonymous()
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return Anonymous(_NOT_BEARER)
    try:
        claims = tokens.verify(token.strip())
    except Unauthenticated as error:
        return Anonymous(error.message)
    viewer = await viewer_of_session(database.rows, claims.kind, claims.subject_id, claims.session_id)
    return viewer or Anonymous(_ENDED)


async def viewer_of_session(
    rows: Rows, kind: SubjectKind, subject_id: UUID, session_id: UUID
) -> AdminViewer | CustomerViewer | None:
    """The viewer whose session this is; None when it has ended, isn't theirs, or they may not sign in any more."""
    asked = {"session_id": session_id, "subject_id": subject_id, "now": now()}
    if kind is SubjectKind.CUSTOMER:
        return CustomerViewer(subject_id, session_id) if await rows(_CUSTOMER, asked) else None
    found = await rows(_ADMIN, asked)
    if not found:
        return None
    office_id: UUID = found[0].office_id
    roles = tuple(role_of(row) for row in found if row.role_key is not None)
    return AdminViewer(
        admin_id=subject_id,
        session_id=session_id,
        office_id=office_id,
        roles=roles,
        subtree=await _subtree(rows, office_id) if any(role.scope is Scope.SUBTREE for role in roles) else frozenset(),
    )


async def _subtree(rows: Rows, office_id: UUID) -> frozenset[UUID]:
    """The office and all beneath it."""
    return frozenset(row.id for row in await rows(_SUBTREE, {"office_id": office_id}))
