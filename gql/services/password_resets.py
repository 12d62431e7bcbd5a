"""Forgotten passwords: a link by mail, and a new password by the link."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.authenticate import CUSTOMERS_SHUT_OUT
from gql.auth.networks import network_of
from gql.auth.password_rules import flaw_of
from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.domain.contact import normal_email
from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.password_errors import INVALID_TOKEN, PasswordErrorCode, invalid_password
from gql.domain.time import now
from gql.services import audit, password_tokens
from gql.services.audit import Actor
from gql.services.idempotency import Once
from gql.services.outbox import enqueue_mail
from gql.services.password_tokens import Account, Holder, NewPassword
from gql.services.sessions import End, end_sessions
from gql.services.sign_in_failures import SignInFailures
from gql.services.throttles import Limit, Throttles
from gql.settings import Settings

_PURPOSE: Final = PasswordTokenPurpose.RESET
_HOUR: Final = timedelta(hours=1)
_REQUEST: Final = "requestPasswordReset"
_RESET: Final = "resetPassword"


class PasswordResets:
    """The use cases. Each is one transaction; `request_id` and the client's address go into the audit event."""

    def __init__(self, database: Database, passwords: Passwords, settings: Settings) -> None:
        self._database = database
        self._passwords = passwords
        self._throttles = Throttles(database, settings.signing_key)
        self._failures = SignInFailures(database, settings)
        self._per_account = Limit(settings.password_resets_per_account, _HOUR)
        self._per_address = Limit(settings.password_resets_per_address, _HOUR)
        self._sites = {SubjectKind.ADMIN: settings.console_url, SubjectKind.CUSTOMER: settings.customer_app_url}

    async def request(
        self,
        email: str,
        audience: SubjectKind,
        *,
        client_address: str | None,
        idempotency_key: str | None = None,
        request_id: str | None = None,
    ) -> bool:
        """Send the account with this email a link, if there is one that may sign in.

        Says nothing either way, and does the same work: what is written for nobody is taken back at the end. Raises
        RateLimited, whether or not there is such an account, when it was asked for too often. Answers whether it was
        done before under the idempotency key, which belongs to the email, an account's or not.
        """
        account_key = self._throttles.key("reset account", audience, normal_email(email))
        address_key = self._throttles.key("reset address", network_of(client_address))
        async with self._database.begin() as transaction:
            once = Once(transaction, UUID(account_key[:32]), _REQUEST, idempotency_key, PasswordErrorCode)
            if await once.earlier_answer(self._database.dialect, {}) is not None:
                return True
            await self._throttles.begin_within(
                transaction, {account_key: self._per_account, address_key: self._per_address}
            )
            account = await _account(transaction, address_of(email) or "", audience)
            async with transaction.begin_nested() as savepoint:
                sender = Actor(SubjectKind.SYSTEM, None, request_id, client_address)
                await self._send_link(transaction, audience, account, sender)
                if account is None:
                    await savepoint.rollback()
        return False

    async def reset(self, wish: NewPassword, *, request_id: str | None = None) -> bool:
        """Set the password of the account whose link this is, and end all its sessions and other links.

        Raises Refused (PasswordErrorCode), with every reason at once; nothing is written then. Answers whether it was
        done before by the same token, under the same idempotency key.
        """
        holder = await password_tokens.holder_of(self._database, wish.token, _PURPOSE)
        known = () if holder is None else (holder.account.email, holder.account.name)
        flaw = flaw_of(wish.password, *known)
        refusals = [] if flaw is None else [invalid_password(flaw, "newPassword")]
        if holder is None:
            if await self._was_done(wish):
                return True
            raise Refused(INVALID_TOKEN, *refusals)
        if refusals:
            raise Refused(*refusals)
        password_hash = await self._passwords.hash(wish.password)  # takes long, so not while locks are held
        async with self._database.begin() as transaction:
            once = Once(transaction, holder.token_id, _RESET, wish.idempotency_key, PasswordErrorCode)
            done_meanwhile = await once.earlier_answer(self._database.dialect, {}) is not None
            if not done_meanwhile:
                await self._set(transaction, holder, password_hash, wish, request_id)
                await once.keep({})
        return done_meanwhile and await self._was_done(wish)

    async def _was_done(self, wish: NewPassword) -> bool:
        """Raises Refused where it was another password."""
        return await password_tokens.answer_kept(self._database, self._passwords, wish, _RESET) is not None

    async def _set(
        self,
        transaction: AsyncSession,
        holder: Holder,
        password_hash: str,
        wish: NewPassword,
        request_id: str | None,
    ) -> None:
        account = holder.account
        await self._failures.forget(transaction, account.email, account.kind, wish.client_address)
        if not await password_tokens.use_up(transaction, holder.token_id):
            raise Refused(INVALID_TOKEN)
        await password_tokens.end_all(transaction, account.kind, account.id, _PURPOSE)
        await password_tokens.set_password(transaction, self._database.dialect, account, password_hash)
        # After the password: a sign-in with the old one has either begun its session by now, or is refused.
        await end_sessions(transaction, account.kind, account.id, End.PASSWORD_CHANGED)
        actor = Actor(account.kind, account.id, request_id, wish.client_address)
        _record(transaction, actor, "password.reset", account)

    async def _send_link(
        self, transaction: AsyncSession, audience: SubjectKind, account: Account | None, sender: Actor
    ) -> None:
        """Write the link's token, its mail and the event; also for nobody, so that it takes as long."""
        token_id, token = await password_tokens.issue(
            transaction, _PURPOSE, audience, None if account is None else account.id
        )
        someone = account or Account(audience, new_id(), "", "")
        enqueue_mail(
            transaction,
            template="password_reset",
            recipient=someone.email,
            subject_id=token_id,
            payload={
                "name": someone.name,
                "link": f"{self._sites[audience]}/reset-password#token=",
                "good_until": f"{now() + password_tokens.LIVES[_PURPOSE]:%H:%M} UTC",
            },
            secret=token,
        )
        _record(transaction, sender, "password.reset_requested", someone)
        await transaction.flush()


async def _account(transaction: AsyncSession, address: str, audience: SubjectKind) -> Account | None:
    """The account that may sign in with this email, which stays its email until the link is written."""
    statement = select(Admin.id, Admin.name).where(Admin.email == address, Admin.status == AdminStatus.ACTIVE)
    if audience is SubjectKind.CUSTOMER:
        may_sign_in = Customer.status.not_in(sorted(CUSTOMERS_SHUT_OUT))
        statement = select(Customer.id, Customer.name).where(Customer.email == address, may_sign_in)
    row = (await transaction.execute(statement.with_for_update(read=True, key_share=True))).one_or_none()
    return None if row is None else Account(audience, row.id, address, row.name)


def _record(transaction: AsyncSession, actor: Actor, action: str, account: Account) -> None:
    audit.record(transaction, actor, action, subject_kind=account.kind.lower(), subject_id=account.id)
