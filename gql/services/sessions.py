"""Sessions: sign in, stay signed in, sign out.

A session lasts until it is revoked, or unused for as long as the settings say. Its refresh tokens are a chain in
which each is good once: one that comes a second time was stolen, from the client or by it, and ends the session.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.authenticate import CUSTOMERS_SHUT_OUT
from gql.auth.passwords import Passwords
from gql.auth.tokens import AccessTokens, fingerprint
from gql.db.engine import Database
from gql.db.models import Admin, Credential, Customer, IdempotencyKey, Session
from gql.domain.enums import AdminStatus, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.session_errors import SessionErrorCode
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.idempotency import Once, is_over
from gql.services.session_tokens import SessionTokens, SignedIn, owner_of, session_of, use_up
from gql.services.sign_in_failures import SignInFailures
from gql.settings import Settings

_BAD_CREDENTIALS = Refusal(
    SessionErrorCode.INVALID_CREDENTIALS, "The email or the password is wrong, or this account may not sign in."
)
_BAD_REFRESH_TOKEN = Refusal(
    SessionErrorCode.INVALID_REFRESH_TOKEN, "This refresh token is not valid any more. Sign in again."
)

_SIGN_OUT: Final = "signOut"

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
    SHUT_OUT = "customer blacklisted or archived"
    DEACTIVATED = "admin deactivated"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - a reason, no password
    EMAIL_CHANGED = "email changed by its owner"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who wishes to begin a session, by which door (`audience`), and from where."""

    email: str
    password: str = field(repr=False)
    audience: SubjectKind
    client_address: str | None = None
    idempotency_key: str | None = None


class _UsedBefore(Exception):
    """A refresh token has come a second time."""


class Sessions:
    """The use cases. Each is one transaction; `request_id` and the client's address go into the audit event."""

    def __init__(self, database: Database, passwords: Passwords, tokens: AccessTokens, settings: Settings) -> None:
        self._database = database
        self._passwords = passwords
        self._tokens = SessionTokens(tokens, settings)
        self._life = timedelta(days=settings.refresh_token_days)
        self._failures = SignInFailures(database, settings)

    async def sign_in(self, wish: SignIn, *, request_id: str | None = None) -> SignedIn:
        """Begin a session of the admin or the customer with this email and password.

        Raises Refused with INVALID_CREDENTIALS, the same after the same work, whether the account doesn't exist, has
        no password, may not sign in, or the password is wrong; the failure is counted, and nothing else written.
        Raises RateLimited after too many failures, before any password is looked at: for accounts that don't exist
        as for those that do. Under an idempotency key whose session was used since or has ended: IDEMPOTENCY_CONFLICT.
        """
        attempt = await self._failures.begin(wish.email, wish.audience, wish.client_address)
        subject_id, stored = await self._credential(wish.email, wish.audience)
        if not await self._passwords.verify(stored, wish.password) or subject_id is None:
            raise Refused(_BAD_CREDENTIALS)
        async with self._database.begin() as transaction:  # by itself: what is refused now was no failure
            await self._failures.take_back(transaction, attempt)
        async with self._database.begin() as transaction:
            if not await is_password_still(transaction, wish.audience, subject_id, stored):
                raise Refused(_BAD_CREDENTIALS)
            # The account is the actor, and the password was right: there is nothing else that the request could say.
            once = Once(transaction, subject_id, "signIn", wish.idempotency_key, SessionErrorCode)
            earlier = await once.earlier_answer(self._database.dialect, {})
            if earlier is not None:
                return await self.again(transaction, earlier, SessionErrorCode)
            actor = Actor(wish.audience, subject_id, request_id, wish.client_address)
            signed_in = await self.start(transaction, actor, subject_id)
            if signed_in is None:  # shut out while the password was being verified
                raise Refused(_BAD_CREDENTIALS)
            await once.keep(signed_in.answer)
        return signed_in

    async def start(self, transaction: AsyncSession, account: Actor, subject_id: UUID) -> SignedIn | None:
        """Begin a session of an account that has proved itself; None where it may not sign in."""
        session_id = await self._start(transaction, account, subject_id)
        return await self._tokens.issue(transaction, account.kind, subject_id, session_id)

    async def again(self, transaction: AsyncSession, answer: Mapping[str, Any], codes: type[StrEnum]) -> SignedIn:
        """The tokens of a session that began under an idempotency key, for an account that has proved itself.

        Refused with IDEMPOTENCY_CONFLICT where they were used since, or the session has ended.
        """
        signed_in = await self._tokens.again(transaction, answer)
        if signed_in is None:
            raise Refused(is_over(codes))
        return signed_in

    async def refresh(
        self,
        refresh_token: str,
        *,
        idempotency_key: str | None = None,
        request_id: str | None = None,
        address: str | None = None,
    ) -> SignedIn:
        """Exchange a refresh token for new tokens; the session lasts the full time again from now on.

        Raises Refused with INVALID_REFRESH_TOKEN. Nothing is written then, but for one case: a token that was
        exchanged before ends its session, also for whoever holds the session's newest tokens. Not so where it comes
        again under its idempotency key, and what it was exchanged for wasn't used: that is told again.
        """
        token_hash = fingerprint(refresh_token)
        try:
            async with self._database.begin() as transaction:
                return await self._exchange(transaction, token_hash, idempotency_key)
        except _UsedBefore:
            async with self._database.begin() as transaction:
                # Who sent it can't be known: the owner or a thief. So the event has no actor, and names the owner.
                await _end_if_reused(transaction, token_hash, Actor(SubjectKind.SYSTEM, None, request_id, address))
            raise Refused(_BAD_REFRESH_TOKEN) from None

    async def sign_out(
        self,
        viewer: AdminViewer | CustomerViewer,
        *,
        idempotency_key: str | None = None,
        request_id: str | None = None,
        address: str | None = None,
    ) -> bool:
        """End the viewer's session. One that has ended already stays as it is.

        Answers whether it is told again only, under an idempotency key that another request has used meanwhile.
        """
        async with self._database.begin() as transaction:
            once = Once(transaction, viewer.session_id, _SIGN_OUT, idempotency_key, SessionErrorCode)
            if await once.earlier_answer(self._database.dialect, {}) is not None:
                return True
            owner = await _revoke(transaction, viewer.session_id, End.SIGNED_OUT)
            if owner is not None:
                _record(transaction, Actor(*owner, request_id, address), "session.ended", viewer.session_id)
            await once.keep({})
        return False

    async def was_signed_out(self, session_id: UUID, idempotency_key: str) -> bool:
        """Whether a session that has ended was ended by a sign-out under this key."""
        row = (
            IdempotencyKey.actor_id == session_id,
            IdempotencyKey.operation == _SIGN_OUT,
            IdempotencyKey.key == idempotency_key,
        )
        return bool(await self._database.rows(select(IdempotencyKey.id).where(*row)))

    async def _exchange(self, transaction: AsyncSession, token_hash: str, idempotency_key: str | None) -> SignedIn:
        """Raises _UsedBefore for a token that may not come again; what is to be done then is another transaction's."""
        session_id = await session_of(transaction, token_hash)
        if session_id is None:
            raise Refused(_BAD_REFRESH_TOKEN)
        once = Once(transaction, session_id, "refreshSession", idempotency_key, SessionErrorCode)
        earlier = await once.earlier_answer(self._database.dialect, {"refresh_token": token_hash})
        if earlier is not None:
            told_again = await self._tokens.again(transaction, earlier)
            if told_again is None:
                raise _UsedBefore
            return told_again
        if not await use_up(transaction, token_hash):
            raise _UsedBefore
        signed_in = await self._tokens.prolong(transaction, session_id)
        if signed_in is None:
            raise Refused(_BAD_REFRESH_TOKEN)
        await once.keep(signed_in.answer)
        return signed_in

    async def _credential(self, email: str, audience: SubjectKind) -> tuple[UUID | None, str | None]:
        """The account that may sign in with this email, and its password's hash."""
        address = address_of(email)
        found = await self._database.rows(_WHO_SIGNS_IN[audience], {"email": address}) if address else ()
        return (found[0].id, found[0].password_hash) if found else (None, None)

    async def _start(self, transaction: AsyncSession, account: Actor, subject_id: UUID) -> UUID:
        session_id, moment = new_id(), now()
        is_admin = account.kind is SubjectKind.ADMIN
        await transaction.execute(
            insert(Session).values(
                id=session_id,
                admin_id=subject_id if is_admin else None,
                customer_id=None if is_admin else subject_id,
                created_at=moment,
                expires_at=moment + self._life,
            )
        )
        _record(transaction, account, "session.started", session_id)
        return session_id


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


async def is_password_still(
    transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, verified: str | None
) -> bool:
    """Whether the password that was verified is the account's, locked: whoever sets another waits for the session."""
    owner = Credential.admin_id if kind is SubjectKind.ADMIN else Credential.customer_id
    statement = select(Credential.password_hash).where(owner == subject_id).with_for_update(read=True)
    return await transaction.scalar(statement) == verified


async def _end_if_reused(transaction: AsyncSession, token_hash: str, sender: Actor) -> None:
    session_id = await session_of(transaction, token_hash)
    owner = await _revoke(transaction, session_id, End.REUSED) if session_id is not None else None
    if session_id is not None and owner is not None:
        kind, owner_id = owner
        audit.record(
            transaction,
            sender,
            "session.reuse_detected",
            subject_kind="session",
            subject_id=session_id,
            details={"owner_kind": kind.value, "owner_id": str(owner_id)},
            customer_id=owner_id if kind is SubjectKind.CUSTOMER else None,
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
    return owner_of(session) if session is not None else None


def _record(transaction: AsyncSession, actor: Actor, action: str, session_id: UUID) -> None:
    audit.record(transaction, actor, action, subject_kind="session", subject_id=session_id)
