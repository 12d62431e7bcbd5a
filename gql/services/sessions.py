"""Sessions: sign in, stay signed in, sign out.

A session lasts until it is revoked, or unused for as long as the settings say. Its refresh tokens are a chain in
which each is good once: one that comes a second time was stolen, from the client or by it, and ends the session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.authenticate import CUSTOMERS_SHUT_OUT, viewer_of_session
from gql.auth.passwords import Passwords
from gql.auth.tokens import AccessTokens, fingerprint, new_secret
from gql.db.engine import AnyRow, Database
from gql.db.models import Admin, Credential, Customer, RefreshToken, Session
from gql.domain.enums import AdminStatus, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.session_errors import SessionErrorCode
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.sign_in_failures import SignInFailures
from gql.settings import Settings

_BAD_CREDENTIALS = Refusal(
    SessionErrorCode.INVALID_CREDENTIALS, "The email or the password is wrong, or this account may not sign in."
)
_BAD_REFRESH_TOKEN = Refusal(
    SessionErrorCode.INVALID_REFRESH_TOKEN, "This refresh token is not valid any more. Sign in again."
)

_WHO_SIGNS_IN: Mapping[SubjectKind, Select[UUID, str]] = {
    SubjectKind.ADMIN: select(Admin.id, Credential.password_hash)
    .join(Credential, Credential.admin_id == Admin.id)
    .where(Admin.email == bindparam("email"), Admin.status == AdminStatus.ACTIVE),
    SubjectKind.CUSTOMER: select(Customer.id, Credential.password_hash)
    .join(Credential, Credential.customer_id == Customer.id)
    .where(Customer.email == bindparam("email"), *(Customer.status != status for status in sorted(CUSTOMERS_SHUT_OUT))),
}


class End(StrEnum):
    """`sessions.revoked_because`."""

    SIGNED_OUT = "signed out"
    REUSED = "refresh token used twice"
    REVOKED = "revoked by its owner"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a reason, no password


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a client holds after signing in or refreshing. `expires_at` is the end of the access token's life."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    viewer: AdminViewer | CustomerViewer


class Sessions:
    """The use cases. Each is one transaction; `request_id` goes into the audit event."""

    def __init__(self, database: Database, passwords: Passwords, tokens: AccessTokens, settings: Settings) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = tokens
        self._life = timedelta(days=settings.refresh_token_days)
        self._failures = SignInFailures(database, settings)

    async def sign_in(
        self,
        email: str,
        password: str,
        audience: SubjectKind,
        *,
        client_address: str | None = None,
        request_id: str | None = None,
    ) -> SignedIn:
        """Begin a session of the admin or the customer (`audience`) with this email and password.

        Raises Refused with INVALID_CREDENTIALS, the same after the same work, whether the account doesn't exist, has
        no password, may not sign in, or the password is wrong; the failure is counted, and nothing else written.
        Raises RateLimited after too many failures, before any password is looked at: for accounts that don't exist
        as for those that do.
        """
        attempt = await self._failures.begin(email, audience, client_address)
        subject_id, stored = await self._credential(email, audience)
        if not await self._passwords.verify(stored, password) or subject_id is None:
            raise Refused(_BAD_CREDENTIALS)
        async with self._database.begin() as transaction:
            await self._failures.take_back(transaction, attempt)
            if not await _is_password_still(transaction, audience, subject_id, stored):
                raise Refused(_BAD_CREDENTIALS)
            signed_in = await self.start(transaction, audience, subject_id, request_id)
            if signed_in is None:  # shut out while the password was being verified
                raise Refused(_BAD_CREDENTIALS)
        return signed_in

    async def start(
        self, transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, request_id: str | None
    ) -> SignedIn | None:
        """Begin a session of an account that has proved itself; None where it may not sign in."""
        session_id = await self._start(transaction, kind, subject_id, request_id)
        return await self._renew(transaction, kind, subject_id, session_id)

    async def refresh(self, refresh_token: str, *, request_id: str | None = None) -> SignedIn:
        """Exchange a refresh token for new tokens; the session lasts the full time again from now on.

        Raises Refused with INVALID_REFRESH_TOKEN. Nothing is written then, but for one case: a token that was
        exchanged before ends its session, also for whoever holds the session's newest tokens.
        """
        token_hash = fingerprint(refresh_token)
        async with self._database.begin() as transaction:
            session_id = await _use_up(transaction, token_hash)
            if session_id is not None:
                signed_in = await self._prolong(transaction, session_id)
                if signed_in is None:
                    raise Refused(_BAD_REFRESH_TOKEN)
                return signed_in
            await _end_if_reused(transaction, token_hash, request_id)
        # Not raised inside the block: the end of the session must be committed, although the caller is refused.
        raise Refused(_BAD_REFRESH_TOKEN)

    async def sign_out(self, viewer: AdminViewer | CustomerViewer, *, request_id: str | None = None) -> None:
        """End the viewer's session. One that has ended already stays as it is."""
        async with self._database.begin() as transaction:
            owner = await _revoke(transaction, viewer.session_id, End.SIGNED_OUT)
            if owner is not None:
                _record(transaction, Actor(*owner, request_id), "session.ended", viewer.session_id)

    async def _credential(self, email: str, audience: SubjectKind) -> tuple[UUID | None, str | None]:
        """The account that may sign in with this email, and its password's hash."""
        address = address_of(email)
        found = await self._database.rows(_WHO_SIGNS_IN[audience], {"email": address}) if address else ()
        return (found[0].id, found[0].password_hash) if found else (None, None)

    async def _start(
        self, transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, request_id: str | None
    ) -> UUID:
        session_id, moment = new_id(), now()
        is_admin = kind is SubjectKind.ADMIN
        await transaction.execute(
            insert(Session).values(
                id=session_id,
                admin_id=subject_id if is_admin else None,
                customer_id=None if is_admin else subject_id,
                created_at=moment,
                expires_at=moment + self._life,
            )
        )
        _record(transaction, Actor(kind, subject_id, request_id), "session.started", session_id)
        return session_id

    async def _prolong(self, transaction: AsyncSession, session_id: UUID) -> SignedIn | None:
        moment = now()
        statement = (
            update(Session)
            .where(Session.id == session_id, Session.revoked_at.is_(None), Session.expires_at > moment)
            .values(expires_at=moment + self._life, last_used_at=moment)
            .returning(Session.admin_id, Session.customer_id)
        )
        session = (await transaction.execute(statement)).one_or_none()
        return await self._renew(transaction, *_owner(session), session_id) if session is not None else None

    async def _renew(
        self, transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, session_id: UUID
    ) -> SignedIn | None:
        """New tokens of a session; None when its owner may not use it any more."""

        async def rows(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
            return (await transaction.execute(statement, parameters)).all()

        viewer = await viewer_of_session(rows, kind, subject_id, session_id)
        if viewer is None:
            return None
        refresh_token = new_secret()
        await transaction.execute(
            insert(RefreshToken).values(session_id=session_id, token_hash=fingerprint(refresh_token), issued_at=now())
        )
        access_token = self._tokens.issue(kind, subject_id, session_id)
        return SignedIn(access_token.text, refresh_token, access_token.expires_at, viewer)


async def end_sessions(
    transaction: AsyncSession,
    kind: SubjectKind,
    subject_id: UUID,
    because: End,
    *,
    but: UUID | None = None,
    only: UUID | None = None,
) -> list[UUID]:
    """End all of an account's sessions, or all but one, or only one; tells which have ended by this."""
    moment = now()
    owner = Session.admin_id if kind is SubjectKind.ADMIN else Session.customer_id
    statement = (
        update(Session)
        .where(owner == subject_id, Session.revoked_at.is_(None), Session.expires_at > moment)
        .where(*(() if but is None else (Session.id != but,)), *(() if only is None else (Session.id == only,)))
        .values(revoked_at=moment, revoked_because=because.value)
        .returning(Session.id)
    )
    return list((await transaction.execute(statement)).scalars())


async def _is_password_still(
    transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, verified: str | None
) -> bool:
    """Whether the password that was verified is the account's, locked: whoever sets another waits for the session."""
    owner = Credential.admin_id if kind is SubjectKind.ADMIN else Credential.customer_id
    statement = select(Credential.password_hash).where(owner == subject_id).with_for_update(read=True)
    return await transaction.scalar(statement) == verified


async def _use_up(transaction: AsyncSession, token_hash: str) -> UUID | None:
    """Mark an unused token as used, and tell its session. Of several at once, one gets the session, the others None."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.token_hash == token_hash, RefreshToken.used_at.is_(None))
        .values(used_at=now())
        .returning(RefreshToken.session_id)
    )
    return (await transaction.execute(statement)).scalar_one_or_none()


async def _end_if_reused(transaction: AsyncSession, token_hash: str, request_id: str | None) -> None:
    session_id = await transaction.scalar(select(RefreshToken.session_id).where(RefreshToken.token_hash == token_hash))
    owner = await _revoke(transaction, session_id, End.REUSED) if session_id is not None else None
    if session_id is not None and owner is not None:
        kind, subject_id = owner
        # Who sent it can't be known: the owner or a thief. So the event has no actor, and names the owner.
        _record(
            transaction,
            Actor(SubjectKind.SYSTEM, None, request_id),
            "session.reuse_detected",
            session_id,
            {"owner_kind": kind.value, "owner_id": str(subject_id)},
        )


async def _revoke(transaction: AsyncSession, session_id: UUID, because: End) -> tuple[SubjectKind, UUID] | None:
    """End a session and tell whose it was; None when it had ended before."""
    moment = now()
    statement = (
        update(Session)
        .where(Session.id == session_id, Session.revoked_at.is_(None), Session.expires_at > moment)
        .values(revoked_at=moment, revoked_because=because.value)
        .returning(Session.admin_id, Session.customer_id)
    )
    session = (await transaction.execute(statement)).one_or_none()
    return _owner(session) if session is not None else None


def _owner(session: Row[UUID | None, UUID | None]) -> tuple[SubjectKind, UUID]:
    if session.admin_id is not None:
        return SubjectKind.ADMIN, session.admin_id
    return SubjectKind.CUSTOMER, session.customer_id


def _record(
    transaction: AsyncSession, actor: Actor, action: str, session_id: UUID, details: dict[str, Any] | None = None
) -> None:
    audit.record(transaction, actor, action, subject_kind="session", subject_id=session_id, details=details)
