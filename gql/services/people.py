"""Write down, and strike out, the people who stand by a customer: guarantors and next of kin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.db.engine import Database
from gql.db.models import Customer, Guarantor, NextOfKin
from gql.domain import relations as rules
from gql.domain import user_errors
from gql.domain.contact import normal_phone
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.relations import Person, Relation
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer, refuse
from gql.services.customer_records import access_to, visible_customer
from gql.services.customer_relations import (
    Link,
    add_link,
    count_guarantors,
    is_linked,
    link_refusals,
    lock_both,
    remove_link,
)
from gql.services.idempotency import Once

_GUARANTOR, _NEXT_OF_KIN = "guarantor", "next_of_kin"


@dataclass(frozen=True, slots=True)
class AddPerson:
    """The wish: this person stands by that customer. What is None is not known."""

    customer_id: UUID
    name: str
    relationship: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class AddLinkedGuarantor:
    """The wish: one customer answers for another."""

    customer_id: UUID
    guarantor_id: UUID
    relationship: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RemovePerson:
    """The wish: this record goes."""

    record_id: UUID
    idempotency_key: str | None = None


def _person(wish: AddPerson, region: str) -> Person:
    return Person(
        name=wish.name.strip(),
        relationship=wish.relationship,
        phone=None if wish.phone is None else normal_phone(wish.phone, region),
        email=None if wish.email is None else address_of(wish.email),
        address=wish.address,
        has_phone=wish.phone is not None,
        has_email=wish.email is not None,
    )


def _facts(person: Person) -> dict[str, str | None]:
    """What is stored of it."""
    return {name: getattr(person, name) for name in ("name", "relationship", "phone", "email", "address")}


async def add_guarantor(
    database: Database, actor: Actor, viewer: AdminViewer, wish: AddPerson | AddLinkedGuarantor, region: str
) -> Recorded:
    """Write down who answers for a customer: another customer, or anybody else.

    `region`: whose phone numbers may come without a country's prefix. Raises Refused (UserErrorCode), with every
    reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addGuarantor", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return _replayed(wish.customer_id, earlier)
        if isinstance(wish, AddLinkedGuarantor):
            done = await _add_linked(session, actor, viewer, wish)
        else:
            customer, person = await _customer_of(session, viewer, wish, region)
            present = await count_guarantors(session, customer.id)
            refuse(rules.limit_refusals("guarantors", present, rules.MOST_GUARANTORS))
            done = _add(session, actor, customer, person, Guarantor, _GUARANTOR)
        await once.keep({"record_id": None if done.record_id is None else str(done.record_id), "changed": done.changed})
        return done


async def add_next_of_kin(
    database: Database, actor: Actor, viewer: AdminViewer, wish: AddPerson, region: str
) -> Recorded:
    """Write down whom to turn to; otherwise as `add_guarantor`."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addNextOfKin", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return _replayed(wish.customer_id, earlier)
        customer, person = await _customer_of(session, viewer, wish, region)
        count = select(func.count()).select_from(NextOfKin).where(NextOfKin.customer_id == customer.id)
        refuse(rules.limit_refusals("next of kin", await session.scalar(count) or 0, rules.MOST_NEXT_OF_KIN))
        done = _add(session, actor, customer, person, NextOfKin, _NEXT_OF_KIN)
        await once.keep({"record_id": str(done.record_id), "changed": True})
        return done


def _replayed(customer_id: UUID, earlier: Mapping[str, Any]) -> Recorded:
    record_id = earlier["record_id"]
    return Recorded(customer_id, None if record_id is None else UUID(record_id), earlier["changed"], replayed=True)


async def _customer_of(
    session: AsyncSession, viewer: AdminViewer, wish: AddPerson, region: str
) -> tuple[Customer, Person]:
    person = _person(wish, region)
    customer = await changeable_customer(
        session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, also=rules.person_refusals(person)
    )
    return customer, person


def _add(
    session: AsyncSession,
    actor: Actor,
    customer: Customer,
    person: Person,
    model: type[Guarantor] | type[NextOfKin],
    noun: str,
) -> Recorded:
    facts, key = _facts(person), new_id()
    session.add(model(id=key, customer_id=customer.id, added_by_id=actor.id, added_at=now(), **facts))
    _record(session, actor, f"customer.{noun}_added", customer.id, {f"{noun}_id": str(key), "after": facts})
    return Recorded(customer.id, key)


async def _add_linked(session: AsyncSession, actor: Actor, viewer: AdminViewer, wish: AddLinkedGuarantor) -> Recorded:
    refusals = tuple(rules.relationship_refusals(wish.relationship))
    try:
        await lock_both(session, viewer, wish.customer_id, wish.guarantor_id, *refusals)
    except Refused as refused:
        raise Refused(*rules.about_guarantor(refused.refusals)) from refused
    link = Link(wish.customer_id, wish.guarantor_id, Relation.GUARANTOR)
    if await is_linked(session, link):
        is_theirs = (Guarantor.customer_id == link.customer_id, Guarantor.guarantor_id == link.related_id)
        found = await session.scalar(select(Guarantor.id).where(*is_theirs))
        return Recorded(wish.customer_id, found, changed=False)
    refuse(await link_refusals(session, link))
    return Recorded(wish.customer_id, add_link(session, actor, link, wish.relationship))


async def remove_guarantor(database: Database, actor: Actor, viewer: AdminViewer, wish: RemovePerson) -> Recorded:
    """Strike out a guarantor; one who is a customer is not related to the other any more.

    Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeGuarantor", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), None, replayed=True)
        customer_id = await _owner(session, viewer, Guarantor, wish.record_id, "guarantor", "guarantorId")
        linked = await session.scalar(select(Guarantor.guarantor_id).where(Guarantor.id == wish.record_id))
        if linked is not None:
            await _lock_linked(session, viewer, customer_id, linked)
        customer = await changeable_customer(session, viewer, customer_id, Permission.CUSTOMER_WRITE)
        record = await session.get(Guarantor, wish.record_id, populate_existing=True)
        if record is None:  # somebody else was quicker
            raise Refused(user_errors.not_found("guarantor", "guarantorId"))
        if record.guarantor_id is not None:
            await remove_link(session, actor, Link(customer.id, record.guarantor_id, Relation.GUARANTOR))
        else:
            await _remove(session, actor, customer, record, _GUARANTOR)
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, None)


async def _lock_linked(session: AsyncSession, viewer: AdminViewer, customer_id: UUID, linked: UUID) -> None:
    """Lock both, in the order of their IDs. Refused where the viewer doesn't see the guarantor in full."""
    found = {key: await visible_customer(session, viewer, key) for key in sorted((customer_id, linked))}
    other = found[linked]
    if other is None or not access_to(viewer, other).is_full:
        await changeable_customer(
            session, viewer, customer_id, Permission.CUSTOMER_WRITE, also=[rules.GUARANTOR_IS_ELSEWHERE]
        )


async def remove_next_of_kin(database: Database, actor: Actor, viewer: AdminViewer, wish: RemovePerson) -> Recorded:
    """Strike out one of the next of kin. Raises Refused, and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeNextOfKin", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), None, replayed=True)
        customer_id = await _owner(session, viewer, NextOfKin, wish.record_id, "next of kin", "nextOfKinId")
        customer = await changeable_customer(session, viewer, customer_id, Permission.CUSTOMER_WRITE)
        record = await session.get(NextOfKin, wish.record_id, populate_existing=True)
        if record is None:  # somebody else was quicker
            raise Refused(user_errors.not_found("next of kin", "nextOfKinId"))
        await _remove(session, actor, customer, record, _NEXT_OF_KIN)
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, None)


async def _owner(
    session: AsyncSession,
    viewer: AdminViewer,
    model: type[Guarantor] | type[NextOfKin],
    record_id: UUID,
    what: str,
    field: str,
) -> UUID:
    """Whose record it is. Refused alike where there is none and where the viewer doesn't see it."""
    statement = (
        select(Customer.id, Customer.account_manager_id, Customer.office_id)
        .join(model, model.customer_id == Customer.id)
        .where(model.id == record_id)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None or not access_to(viewer, row).is_full:
        forbidden = () if viewer.may(Permission.CUSTOMER_WRITE) else (user_errors.FORBIDDEN,)
        raise Refused(user_errors.not_found(what, field), *forbidden)
    customer_id: UUID = row.id
    return customer_id


async def _remove(
    session: AsyncSession, actor: Actor, customer: Customer, record: Guarantor | NextOfKin, noun: str
) -> None:
    facts = {name: getattr(record, name) for name in ("name", "relationship", "phone", "email", "address")}
    await session.delete(record)
    details = {f"{noun}_id": str(record.id), "before": facts}
    _record(session, actor, f"customer.{noun}_removed", customer.id, details)


def _record(session: AsyncSession, actor: Actor, action: str, customer_id: UUID, details: dict[str, Any]) -> None:
    audit.record(session, actor, action, subject_kind="customer", subject_id=customer_id, details=details)
