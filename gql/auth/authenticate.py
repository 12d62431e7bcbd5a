"""Who makes a request: from the Authorization header to a viewer.

The database is asked with every request, so that revoking a session, deactivating an admin or changing a role
counts from the next request on. It takes one statement.
"""

from collections.abc import Collection
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, bindparam, or_, select

from gql.auth.tokens import AccessTokens
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Session
from gql.db.models.base import UTCDateTime
from gql.db.queries.admin_facts import Rows, facts_among, facts_of
from gql.db.references import VERSION
from gql.domain.enums import AdminStatus, CustomerStatus, SubjectKind
from gql.domain.errors import Unauthenticated
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer, Viewer

CUSTOMERS_SHUT_OUT = frozenset({CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED})
"""Who may not sign in. A SUSPENDED customer may: they still have loans to repay, and a manager to call."""

SESSION_ENDED = "The session has ended. Sign in again."
_NOT_BEARER = "The Authorization header must be `Bearer` and an access token."

_not_ended = (
    Session.revoked_at.is_(None),
    Session.expires_at > bindparam("now", type_=UTCDateTime()),
)
_lasting = (Session.id == bindparam("session_id"), *_not_ended)

_WHO = (
    select(Admin.id, Admin.office_id)
    .join(Session, Session.admin_id == Admin.id)
    .where(*_lasting, Admin.id == bindparam("subject_id", type_=Uuid()), Admin.status == AdminStatus.ACTIVE)
    .subquery("who")
)
_ADMIN = facts_of(_WHO, VERSION)

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


@lru_cache(maxsize=8)
def _those_that_last(dialect: Dialect) -> Select[UUID]:
    are_wanted = dialect.is_one_of(Session.__table__.c.id, "session_ids")
    may_sign_in = or_(
        Admin.status == AdminStatus.ACTIVE,
        and_(*(Customer.status != status for status in sorted(CUSTOMERS_SHUT_OUT))),
    )
    joined = select(Session.id).outerjoin(Admin, Admin.id == Session.admin_id)
    return joined.outerjoin(Customer, Customer.id == Session.customer_id).where(are_wanted, *_not_ended, may_sign_in)


async def lasting_sessions(database: Database, session_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the sessions that have not ended, of owners who may still use them."""
    asked = {"session_ids": list(set(session_ids)), "now": now()}
    return {row.id for row in await database.rows(_those_that_last(database.dialect), asked)}


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
    return viewer or Anonymous(SESSION_ENDED, claims.session_id)


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
    facts = facts_among(found)
    return AdminViewer(
        admin_id=subject_id,
        session_id=session_id,
        office_id=found[0].office_id,
        roles=facts.roles,
        subtree=facts.subtree,
        covers=facts.covers,
        as_of=found[0].reference_version,
    )
