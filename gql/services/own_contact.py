"""Customers change their own contact, and ask to be called."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.authenticate import CUSTOMERS_SHUT_OUT
from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, Credential, Customer, Interaction
from gql.domain import customer_record, interactions
from gql.domain import own_contact as rules
from gql.domain.contact import normal_phone
from gql.domain.customer_record import Contact, CustomerErrorCode
from gql.domain.enums import AdminStatus, CustomerStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.domain.notifications import OwnEvent
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import CustomerViewer
from gql.services import password_tokens
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, refuse
from gql.services.customer_records import write_record
from gql.services.idempotency import Once
from gql.services.interactions import record
from gql.services.notifications import notify_customer, tell
from gql.services.outbox import enqueue_mail
from gql.services.sessions import End, end_sessions, is_password_still
from gql.services.throttles import Limit, Throttles
from gql.settings import Settings

_HOUR: Final = timedelta(hours=1)
_TOLD: Final = {
    CustomerErrorCode.EMAIL_TAKEN: rules.EMAIL_UNUSABLE,
    CustomerErrorCode.PHONE_TAKEN: rules.PHONE_UNUSABLE,
}
"""In words that don't say that somebody else is a customer, too."""


@dataclass(frozen=True, slots=True)
class UpdateMyContact:
    """The wish: what is None stays as it is. `current_password` proves that it is the account's owner who asks."""

    current_password: str = field(repr=False)
    email: str | None = None
    phone: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RequestCallback:
    """The wish. `preferred_time` None is by the end of the next working day."""

    note: str | None = None
    preferred_time: datetime | None = None
    idempotency_key: str | None = None


class OwnContact:
    """The use cases of customers. Each writes in one transaction."""

    def __init__(self, database: Database, passwords: Passwords, settings: Settings) -> None:
        self._database = database
        self._passwords = passwords
        self._throttles = Throttles(database, settings.signing_key)
        self._limit = Limit(settings.contact_changes_per_account, _HOUR)
        self._region = settings.default_region

    async def update(self, actor: Actor, viewer: CustomerViewer, wish: UpdateMyContact) -> Recorded:
        """Change the email by which the customer signs in, or the phone, by which the lender knows them.

        Both take the present password: whoever has got hold of a session alone can't take the account over. The old
        address is told, and with another email all other sessions and links for a new password end. Raises Refused
        (UserErrorCode), and RateLimited after too many tries, whatever came of them; writes nothing then.
        """
        await self._throttles.begin({self._throttles.key("own contact", str(viewer.customer_id)): self._limit})
        stored = await self._password_of(viewer.customer_id)
        is_owner = await self._passwords.verify(stored, wish.current_password)
        contact = Contact(
            "-",
            None if wish.email is None else address_of(wish.email),
            None if wish.phone is None else normal_phone(wish.phone, self._region),
        )
        refuse(_wish_refusals(wish, contact, is_owner=is_owner))
        async with self._database.begin() as session:
            # Not the password: its hash would be far quicker to try passwords on than the one that is stored.
            request = {"email": contact.email, "phone": contact.phone}
            once = Once(session, viewer.customer_id, "updateMyContact", wish.idempotency_key, UserErrorCode)
            earlier = await once.earlier_answer(self._database.dialect, request)
            if earlier is not None:
                return Recorded(viewer.customer_id, None, earlier["changed"], replayed=True)
            customer = await _own_record(session, viewer)
            if customer.status is CustomerStatus.SUSPENDED:
                raise Refused(rules.SUSPENDED)
            changed = await _write(session, actor, viewer, customer, contact, stored)
            await once.keep({"changed": changed})
            return Recorded(customer.id, None, changed)

    async def request_callback(self, actor: Actor, viewer: CustomerViewer, wish: RequestCallback) -> Recorded:
        """Ask to be called: an interaction that is due, and a mail to the account manager, if there is one at work.

        Without one it is due for whoever sees nobody's customers of the office in full. `changed` is False where the
        customer has asked already and was not called yet: that request stands, as it was. Raises Refused
        (UserErrorCode), and writes nothing then.
        """
        async with self._database.begin() as session:
            once = Once(session, viewer.customer_id, "requestCallback", wish.idempotency_key, UserErrorCode)
            request = {"note": wish.note, "preferred_time": wish.preferred_time}
            earlier = await once.earlier_answer(self._database.dialect, request)
            if earlier is not None:
                interaction_id = UUID(earlier["interaction_id"])
                return Recorded(viewer.customer_id, interaction_id, earlier["changed"], replayed=True)
            customer = await _own_record(session, viewer)
            interaction = await _open_callback(session, customer.id)
            changed = interaction is None
            if interaction is None:
                moment = now()
                refuse(interactions.callback_refusals(wish.preferred_time, moment))
                interaction = _callback(customer, wish, moment)
                session.add(interaction)
                record(session, actor, "customer.callback_requested", interaction)
                await _tell_manager(session, customer, interaction, wish)
            await once.keep({"interaction_id": str(interaction.id), "changed": changed})
            return Recorded(customer.id, interaction.id, changed)

    async def _password_of(self, customer_id: UUID) -> str | None:
        rows = await self._database.rows(select(Credential.password_hash).where(Credential.customer_id == customer_id))
        return rows[0].password_hash if rows else None


async def _write(
    session: AsyncSession,
    actor: Actor,
    viewer: CustomerViewer,
    customer: Customer,
    contact: Contact,
    verified: str | None,
) -> bool:
    """Whether anything is new. Locks the customer's links, then the password, as setting a new one does."""
    before = Contact(customer.name, customer.email, customer.phone)
    after = Contact(customer.name, contact.email or customer.email, contact.phone or customer.phone)
    is_new_email = after.email != before.email
    if is_new_email:
        await password_tokens.end_all(session, SubjectKind.CUSTOMER, customer.id, PasswordTokenPurpose.RESET)
    if not await is_password_still(session, SubjectKind.CUSTOMER, customer.id, verified):
        raise Refused(rules.WRONG_PASSWORD)
    try:
        changed = await write_record(session, actor, customer, customer.kind, after)
    except Refused as refused:
        raise Refused(*(_TOLD[CustomerErrorCode(refusal.code)] for refusal in refused.refusals)) from None
    if is_new_email:
        await end_sessions(session, SubjectKind.CUSTOMER, customer.id, End.EMAIL_CHANGED, but=viewer.session_id)
    if changed:
        _tell_customer(session, customer, before, after)
    return changed


def _wish_refusals(wish: UpdateMyContact, contact: Contact, *, is_owner: bool) -> Iterator[Refusal]:
    """Why nothing can be changed, whoever else is a customer."""
    if wish.email is None and wish.phone is None:
        yield rules.NOTHING_GIVEN
    for refusal in customer_record.contact_refusals(contact):
        [name] = refusal.field or ("",)
        if getattr(wish, name, None) is not None:
            yield Refusal(UserErrorCode.INVALID, refusal.message, refusal.field)
    if not is_owner:
        yield rules.WRONG_PASSWORD


async def _own_record(session: AsyncSession, viewer: CustomerViewer) -> Customer:
    """The customer's own record, locked. Raises Refused for one who was shut out meanwhile."""
    customer = await session.scalar(select(Customer).where(Customer.id == viewer.customer_id).with_for_update())
    if customer is None or customer.status in CUSTOMERS_SHUT_OUT:
        raise Refused(rules.SHUT_OUT)
    return customer


async def _open_callback(session: AsyncSession, customer_id: UUID) -> Interaction | None:
    return await session.scalar(
        select(Interaction).where(
            Interaction.customer_id == customer_id,
            Interaction.kind == InteractionKind.CALLBACK_REQUEST,
            Interaction.done_at.is_(None),
        )
    )


def _callback(customer: Customer, wish: RequestCallback, moment: datetime) -> Interaction:
    return Interaction(
        id=new_id(),
        customer_id=customer.id,
        office_id=customer.office_id,
        account_manager_id=customer.account_manager_id,
        kind=InteractionKind.CALLBACK_REQUEST,
        direction=InteractionDirection.INBOUND,
        summary=wish.note or interactions.ASKED_TO_BE_CALLED,
        occurred_at=moment,
        logged_at=moment,
        next_step=interactions.CALL_BACK,
        due_at=interactions.callback_due(wish.preferred_time, moment),
    )


async def _tell_manager(
    session: AsyncSession, customer: Customer, interaction: Interaction, wish: RequestCallback
) -> None:
    manager = None if customer.account_manager_id is None else await session.get(Admin, customer.account_manager_id)
    if manager is None or manager.status is not AdminStatus.ACTIVE or interaction.due_at is None:
        return
    tell(
        session,
        manager,
        template="callback_requested_manager",
        customer_id=customer.id,
        subject_id=interaction.id,
        payload={
            "manager_name": manager.name,
            "customer_name": customer.name,
            "customer_number": customer.number,
            "customer_phone": customer.phone,
            "note": wish.note,
            "due": f"{interaction.due_at:%d %B %Y, %H:%M} UTC",
            "is_preferred": wish.preferred_time is not None,
        },
    )


def _tell_customer(session: AsyncSession, customer: Customer, before: Contact, after: Contact) -> None:
    """At the old address, which whoever took the account over would not read; and at the new one, where it is new.

    Neither mail says what the new contact is: the old address may be somebody else's by now.
    """
    facts = {
        "name": after.name,
        "is_new_email": after.email != before.email,
        "is_new_phone": after.phone != before.phone,
    }
    for recipient in dict.fromkeys((before.email, after.email)):
        assert recipient is not None  # noqa: S101 - both are addresses that are stored
        enqueue_mail(
            session,
            template="contact_changed_customer",
            recipient=recipient,
            subject_id=customer.id,
            payload=facts | {"is_old_address": recipient != after.email},
        )
    notify_customer(session, customer, OwnEvent.CONTACT_CHANGED)
