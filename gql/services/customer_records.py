"""Customers' records: registered, changed; and as other changes of a customer begin with them, locked."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer, Office
from gql.domain import customer_record as rules
from gql.domain.contact import normal_phone
from gql.domain.customer_record import Contact, CustomerErrorCode
from gql.domain.enums import CustomerKind, CustomerStatus
from gql.domain.errors import Refusal, Refused, Unavailable
from gql.domain.ids import new_id
from gql.domain.policies import Access, may_change
from gql.domain.roles import Permission
from gql.domain.search import reversed_search_key, search_key
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.idempotency import Once

_TRIES: Final = 5
_NUMBERS: Final = 10**8
"""A hundred times as many as the largest lender has customers: a number that is drawn is free, nearly always."""


@dataclass(frozen=True, slots=True)
class CreateCustomer:
    """The wish: this person or company, at that office."""

    kind: CustomerKind
    name: str
    email: str
    phone: str
    office_id: UUID
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateCustomer:
    """The wish: what is None stays as it is. `expected_version` is the version that the wisher saw."""

    customer_id: UUID
    expected_version: int
    kind: CustomerKind | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """Whose record, and whether anything is new in it.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    customer_id: UUID
    changed: bool
    replayed: bool = False


def access_to(viewer: AdminViewer, customer: Any) -> Access:
    """What the viewer sees of a customer: a record, or a row with `id`, `account_manager_id` and `office_id`."""
    return viewer.access.to(customer.id, customer.account_manager_id, customer.office_id)


async def visible_customer(session: AsyncSession, viewer: AdminViewer, customer_id: UUID) -> Customer | None:
    """The customer, locked; None also for one whom the viewer may not see."""
    return await visible_where(session, viewer, Customer.id == customer_id)


async def visible_customers(session: AsyncSession, viewer: AdminViewer, *ids: UUID) -> dict[UUID, Customer | None]:
    """The same of several, who are looked at all at once and locked in the order of their IDs."""
    columns = select(Customer.id, Customer.account_manager_id, Customer.office_id)
    rows = (await session.execute(columns.where(Customer.id.in_(ids)).order_by(Customer.id))).all()
    seen = [row.id for row in rows if access_to(viewer, row).is_visible]
    return dict.fromkeys(ids) | {key: await visible_customer(session, viewer, key) for key in seen}


async def visible_where(
    session: AsyncSession, viewer: AdminViewer, is_wanted: ColumnElement[bool], *, lock: bool = True
) -> Customer | None:
    """The same, of the one whom a condition names; not locked where nothing is to be written.

    Looks before it locks: who isn't visible is not waited for, and takes no longer than who isn't there. Looks again
    once the row is held, since it may have been given to somebody else meanwhile.
    """
    who_and_whose = select(Customer.id, Customer.account_manager_id, Customer.office_id).where(is_wanted)
    row = (await session.execute(who_and_whose)).one_or_none()
    if row is None or not access_to(viewer, row).is_visible:
        return None
    wanted = select(Customer).where(is_wanted)
    customer = await session.scalar(wanted.with_for_update() if lock else wanted)
    if customer is None or not access_to(viewer, customer).is_visible:
        return None
    return customer


async def create_customer(
    database: Database, actor: Actor, viewer: AdminViewer, wish: CreateCustomer, region: str
) -> Written:
    """Register a customer, PENDING and nobody's, with a number that is short enough to read out.

    `region`: whose phone numbers may come without a country's prefix. Raises Refused (CustomerErrorCode), with every
    reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createCustomer", wish.idempotency_key, CustomerErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Written(UUID(earlier["customer_id"]), changed=True, replayed=True)
        contact = Contact(wish.name.strip(), address_of(wish.email), normal_phone(wish.phone, region))
        office = await session.get(Office, wish.office_id, with_for_update={"read": True})
        may_create = viewer.may(Permission.CUSTOMER_WRITE) and viewer.access.unassigned.of(wish.office_id).is_full
        refusals = [
            *(() if may_create else (rules.MAY_NOT_CREATE,)),
            *rules.office_refusals(None if office is None else office.status),
            *rules.contact_refusals(contact),
        ]
        if refusals:
            raise Refused(*refusals)
        customer_id = await _register(session, database.dialect, wish, contact)
        facts = {"kind": wish.kind, **asdict(contact), "office_id": str(wish.office_id)}
        _record(session, actor, "customer.created", customer_id, {"after": facts})
        await once.keep({"customer_id": str(customer_id)})
        return Written(customer_id, changed=True)


async def update_customer(
    database: Database, actor: Actor, viewer: AdminViewer, wish: UpdateCustomer, region: str
) -> Written:
    """Change name, contact or kind.

    Raises Refused (CustomerErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "updateCustomer", wish.idempotency_key, CustomerErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Written(wish.customer_id, earlier["changed"], replayed=True)
        customer = await visible_customer(session, viewer, wish.customer_id)
        refusals = list(_change_refusals(viewer, customer, wish))
        if customer is None or refusals:
            raise Refused(*refusals)
        contact = Contact(
            customer.name if wish.name is None else wish.name.strip(),
            customer.email if wish.email is None else address_of(wish.email),
            customer.phone if wish.phone is None else normal_phone(wish.phone, region),
        )
        refusals = [
            *rules.contact_refusals(contact),
            *rules.change_refusals(customer.status, customer.version, wish.expected_version),
        ]
        if refusals:
            raise Refused(*refusals)
        changed = await write_record(session, actor, customer, wish.kind or customer.kind, contact)
        await once.keep({"changed": changed})
        return Written(customer.id, changed)


def _change_refusals(viewer: AdminViewer, customer: Customer | None, wish: UpdateCustomer) -> Iterator[Refusal]:
    """Why this viewer may not change this customer at all."""
    if customer is None:
        yield rules.CUSTOMER_NOT_FOUND
        if not viewer.may(Permission.CUSTOMER_WRITE):
            yield rules.MAY_NOT_CHANGE
        return
    access = access_to(viewer, customer)
    if not may_change(viewer.permissions, access, Permission.CUSTOMER_WRITE):
        yield rules.MAY_NOT_CHANGE


async def _register(session: AsyncSession, dialect: Dialect, wish: CreateCustomer, contact: Contact) -> UUID:
    """Insert the record under a number that is free. Raises Refused where email or phone are another's."""
    moment, key = now(), new_id()
    values = {
        "id": key,
        "kind": wish.kind,
        **_of_contact(contact),
        "status": CustomerStatus.PENDING,
        "status_changed_at": moment,
        "office_id": wish.office_id,
        "version": 1,
        "created_at": moment,
        "updated_at": moment,
    }
    for _ in range(_TRIES):
        number = rules.number_of(f"{secrets.randbelow(_NUMBERS):08}")
        if await dialect.insert_if_new(session, Customer, values | {"number": number}):
            return key
        await _refuse_taken(session, key, contact)  # else it was the number
    raise Unavailable


async def write_record(
    session: AsyncSession, actor: Actor, customer: Customer, kind: CustomerKind, contact: Contact
) -> bool:
    """Change the record of a customer, who is locked. Answers whether anything is new.

    Raises Refused (CustomerErrorCode) where email or phone are another's.
    """
    before = {"kind": customer.kind, "name": customer.name, "email": customer.email, "phone": customer.phone}
    after = {"kind": kind, "name": contact.name, "email": contact.email, "phone": contact.phone}
    new = sorted(name for name in before if before[name] != after[name])
    if not new:
        return False
    values = {
        "kind": kind,
        **_of_contact(contact),
        "version": customer.version + 1,
        "updated_at": max(now(), customer.updated_at),
    }
    try:
        async with session.begin_nested():
            await session.execute(update(Customer).where(Customer.id == customer.id).values(values))
    except IntegrityError:  # the indexes are what no two pass; who has it is looked up for the answer
        await _refuse_taken(session, customer.id, contact)
        raise
    details = {"before": {name: before[name] for name in new}, "after": {name: after[name] for name in new}}
    _record(session, actor, "customer.updated", customer.id, details)
    return True


def _of_contact(contact: Contact) -> dict[str, Any]:
    return {
        "name": contact.name,
        "search_name": search_key(contact.name),
        "search_name_reversed": reversed_search_key(contact.name),
        "email": contact.email,
        "phone": contact.phone,
    }


async def _refuse_taken(session: AsyncSession, but: UUID, contact: Contact) -> None:
    """Raises Refused where another customer has the email or the phone."""
    same = or_(Customer.email == contact.email, Customer.phone == contact.phone)
    found = (await session.execute(select(Customer.email, Customer.phone).where(same, Customer.id != but))).all()
    refusals = [
        *((rules.EMAIL_TAKEN,) if any(row.email == contact.email for row in found) else ()),
        *((rules.PHONE_TAKEN,) if any(row.phone == contact.phone for row in found) else ()),
    ]
    if refusals:
        raise Refused(*refusals)


def _record(session: AsyncSession, actor: Actor, action: str, customer_id: UUID, details: dict[str, Any]) -> None:
    audit.record(session, actor, action, subject_kind="customer", subject_id=customer_id, details=details)
