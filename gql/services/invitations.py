"""Inviting team members: an account that waits for its password, a link by mail, and signing in by it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.password_rules import flaw_of
from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Office, Role
from gql.domain import invitations as rules
from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.invitations import InviteErrorCode
from gql.domain.password_errors import INVALID_TOKEN, PasswordErrorCode, invalid_password
from gql.domain.roles import Permission
from gql.domain.search import search_key
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit, password_tokens
from gql.services.audit import Actor
from gql.services.idempotency import Once
from gql.services.outbox import enqueue_mail
from gql.services.password_tokens import Holder, NewPassword
from gql.services.session_tokens import SignedIn
from gql.services.sessions import Sessions
from gql.settings import Settings

_PURPOSE: Final = PasswordTokenPurpose.INVITATION
_ACCEPT: Final = "acceptInvitation"


@dataclass(frozen=True, slots=True)
class InviteAdmin:
    """The wish: this person, in that office, with these roles."""

    email: str
    name: str
    office_id: UUID
    role_keys: tuple[str, ...]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was. `replayed`: it is the answer that was kept for the idempotency key; nothing was done now."""

    admin_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Invitee:
    """The wish, once it is found to be sound."""

    address: str
    name: str
    office_id: UUID
    role_ids: tuple[UUID, ...]


class Invitations:
    """The use cases. Each is one transaction."""

    def __init__(self, database: Database, passwords: Passwords, sessions: Sessions, settings: Settings) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._link = f"{settings.console_url}/invitation#token="

    async def invite(self, actor: Actor, viewer: AdminViewer, wish: InviteAdmin) -> Invited:
        """Make an INVITED admin and mail them a link.

        Somebody who was invited and has not come yet is invited anew, with what is wished now: a new link, which ends
        the older one. Raises Refused (InviteErrorCode), with every reason at once, and writes nothing then.
        """
        if not viewer.may(Permission.ADMIN_WRITE):
            raise Refused(rules.FORBIDDEN)
        async with self._database.begin() as transaction:
            once = Once(transaction, viewer.admin_id, "inviteAdmin", wish.idempotency_key, InviteErrorCode)
            request = wish
            earlier = await once.earlier_answer(self._database.dialect, request)
            if earlier is not None:
                return Invited(UUID(earlier["admin_id"]), replayed=True)
            invitee = await _sound(transaction, viewer, wish)
            admin_id = await self._account(transaction, invitee)
            await self._send_link(transaction, viewer, admin_id, invitee)
            details = {"office_id": str(invitee.office_id), "roles": sorted(set(wish.role_keys))}
            _record(transaction, actor, "admin.invited", admin_id, details)
            await once.keep({"admin_id": str(admin_id)})
        return Invited(admin_id)

    async def accept(self, wish: NewPassword, *, request_id: str | None = None) -> SignedIn:
        """Set the invited admin's password, make them ACTIVE and sign them in.

        Raises Refused (PasswordErrorCode), with every reason at once; nothing is written then.
        """
        holder = await password_tokens.holder_of(self._database, wish.token, _PURPOSE)
        known = () if holder is None else (holder.account.email, holder.account.name)
        flaw = flaw_of(wish.password, *known)
        refusals = [] if flaw is None else [invalid_password(flaw, "password")]
        if holder is None:
            return await self._accepted_before(wish, refusals)
        if refusals:
            raise Refused(*refusals)
        password_hash = await self._passwords.hash(wish.password)  # takes long, so not while locks are held
        async with self._database.begin() as transaction:
            once = Once(transaction, holder.token_id, _ACCEPT, wish.idempotency_key, PasswordErrorCode)
            if await once.earlier_answer(self._database.dialect, {}) is None:
                actor = Actor(SubjectKind.ADMIN, holder.account.id, request_id, wish.client_address)
                signed_in = await self._activate(transaction, holder, password_hash, actor)
                await once.keep(signed_in.answer)
                return signed_in
        return await self._accepted_before(wish, refusals)

    async def _accepted_before(self, wish: NewPassword, refusals: list[Refusal]) -> SignedIn:
        """The answer to the same request under the same idempotency key. Raises Refused where there was none."""
        kept = await password_tokens.answer_kept(self._database, self._passwords, wish, _ACCEPT)
        if kept is None:
            raise Refused(INVALID_TOKEN, *refusals)
        async with self._database.begin() as transaction:
            return await self._sessions.again(transaction, kept, PasswordErrorCode)

    async def _activate(self, transaction: AsyncSession, holder: Holder, password_hash: str, actor: Actor) -> SignedIn:
        account = holder.account
        # The account first, as whoever invites or deactivates locks it, then the token.
        activated = await _activate(transaction, account.id)
        if not activated or not await password_tokens.use_up(transaction, holder.token_id):
            raise Refused(INVALID_TOKEN)
        await password_tokens.set_password(transaction, self._database.dialect, account, password_hash)
        _record(transaction, actor, "invitation.accepted", account.id)
        signed_in = await self._sessions.start(transaction, actor, account.id)
        if signed_in is None:
            raise Refused(INVALID_TOKEN)
        return signed_in

    async def _account(self, transaction: AsyncSession, invitee: _Invitee) -> UUID:
        """The ID of the INVITED admin, new or from an earlier invitation. Raises Refused where the email is taken."""
        moment, admin_id = now(), new_id()
        facts = {
            "name": invitee.name,
            "search_name": search_key(invitee.name),
            "office_id": invitee.office_id,
            "updated_at": moment,
        }
        fresh = {"id": admin_id, "email": invitee.address, "status": AdminStatus.INVITED, "created_at": moment}
        if not await self._database.dialect.insert_if_new(transaction, Admin, fresh | facts):
            statement = select(Admin.id, Admin.status).where(Admin.email == invitee.address).with_for_update()
            known = (await transaction.execute(statement)).one()
            if known.status is not AdminStatus.INVITED:
                raise Refused(rules.EMAIL_TAKEN)
            admin_id = known.id
            await transaction.execute(update(Admin).where(Admin.id == admin_id).values(**facts))
            await transaction.execute(delete(AdminRole).where(AdminRole.admin_id == admin_id))
        roles = [{"admin_id": admin_id, "role_id": role_id} for role_id in invitee.role_ids]
        await transaction.execute(insert(AdminRole), roles)
        return admin_id

    async def _send_link(
        self, transaction: AsyncSession, viewer: AdminViewer, admin_id: UUID, invitee: _Invitee
    ) -> None:
        token_id, token = await password_tokens.issue(transaction, _PURPOSE, SubjectKind.ADMIN, admin_id)
        inviter = await transaction.get_one(Admin, viewer.admin_id)
        enqueue_mail(
            transaction,
            template="invitation",
            recipient=invitee.address,
            subject_id=token_id,
            payload={
                "name": invitee.name,
                "invited_by_name": inviter.name,
                "link": self._link,
                "good_until": f"{now() + password_tokens.LIVES[_PURPOSE]:%d %B %Y, %H:%M} UTC",
            },
            secret=token,
        )


async def _sound(transaction: AsyncSession, viewer: AdminViewer, wish: InviteAdmin) -> _Invitee:
    """The wish with what it names. Raises Refused with all that is wrong; the office stays locked as it is."""
    address, name = address_of(wish.email), wish.name.strip()
    office = select(Office.status).where(Office.id == wish.office_id).with_for_update(read=True)
    roles = {row.key: row for row in await transaction.execute(select(Role.key, Role.id, Role.permissions))}
    permissions = {key: frozenset(row.permissions) for key, row in roles.items()}
    refusals: list[Refusal] = [
        *rules.person_refusals(address, name),
        *rules.office_refusals(await transaction.scalar(office)),
        *rules.role_refusals(wish.role_keys, permissions, viewer.permissions),
    ]
    if refusals or address is None:
        raise Refused(*refusals)
    return _Invitee(address, name, wish.office_id, tuple({roles[key].id for key in wish.role_keys}))


async def _activate(transaction: AsyncSession, admin_id: UUID) -> bool:
    """Make an INVITED admin ACTIVE; False where they are not INVITED any more."""
    statement = (
        update(Admin)
        .where(Admin.id == admin_id, Admin.status == AdminStatus.INVITED)
        .values(status=AdminStatus.ACTIVE, updated_at=now())
        .returning(Admin.id)
    )
    return (await transaction.execute(statement)).first() is not None


def _record(
    transaction: AsyncSession, actor: Actor, action: str, admin_id: UUID, details: dict[str, Any] | None = None
) -> None:
    audit.record(transaction, actor, action, subject_kind="admin", subject_id=admin_id, details=details)
