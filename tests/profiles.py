"""Builders of what goes with a customer's profile, beside those of `tests.factories`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from gql.db.engine import Database
from gql.db.models import (
    Admin,
    Base,
    Customer,
    CustomerAddress,
    CustomerNote,
    CustomerProfile,
    CustomerRelation,
    CustomerTag,
    Guarantor,
    NextOfKin,
    SavingsAccount,
)
from gql.domain.back_office import SavingsStatus
from gql.domain.ids import new_id
from gql.domain.profile import AddressKind, EmploymentStatus, Gender
from gql.domain.relations import INVERSE, Relation
from tests.factories import World


async def _insert(database: Database, *rows: Base) -> None:
    async with database.begin() as session:
        session.add_all(rows)


async def profile(world: World, customer: Customer, **facts: Any) -> CustomerProfile:
    """What is known of a customer, with an address; some of each section unless it is given."""
    row, address = _profile(customer, **facts)
    await _insert(world.database, row, address)
    return row


def _profile(customer: Customer, **facts: Any) -> tuple[CustomerProfile, CustomerAddress]:
    usual = {
        "first_name": "Adaeze",
        "gender": Gender.FEMALE,
        "date_of_birth": date(1990, 2, 28),
        "employment_status": EmploymentStatus.EMPLOYED,
        "employer_name": f"Employer of {customer.name}",
        "income_minimum_minor": 100_000_00,
        "income_currency": "NGN",
        "website": "https://ada.example",
    }
    address = CustomerAddress(
        customer_id=customer.id, position=0, kind=AddressKind.HOME, street="1 Broad Street", city="Lagos", country="NG"
    )
    return CustomerProfile(customer_id=customer.id, **(usual | facts)), address


async def guarantor(
    world: World, customer: Customer, *, as_customer: Customer | None = None, name: str = "Emeka Obi"
) -> Guarantor:
    """Somebody who answers for a customer: another customer, related then, or who has a name."""
    row = _guarantor(world, customer, as_customer, name)
    related = () if as_customer is None else _relation(world, customer, as_customer, Relation.GUARANTOR)
    await _insert(world.database, row, *related)
    return row


def _guarantor(world: World, customer: Customer, as_customer: Customer | None, name: str) -> Guarantor:
    return Guarantor(
        id=new_id(),
        customer_id=customer.id,
        guarantor_id=as_customer.id if as_customer else None,
        name=None if as_customer else name,
        relationship="brother",
        added_at=world.moment(),
    )


async def employment(
    world: World, employee: Customer, employer: Customer, *, since: datetime | None = None
) -> CustomerRelation:
    """One customer employs another; answers with the employer's row."""
    rows = _relation(world, employee, employer, Relation.EMPLOYER, since)
    await _insert(world.database, *rows)
    return rows[1]


def _relation(
    world: World, customer: Customer, related: Customer, relation: Relation, since: datetime | None = None
) -> tuple[CustomerRelation, CustomerRelation]:
    """From both sides; the second is what the related customer's list has."""
    moment = since or world.moment()
    sides = ((customer, related, relation), (related, customer, INVERSE[relation]))
    there, back = (
        CustomerRelation(id=new_id(), customer_id=one.id, related_id=other.id, relation=what, since=moment)
        for one, other, what in sides
    )
    return there, back


async def next_of_kin(world: World, customer: Customer, name: str = "Ngozi Obi") -> NextOfKin:
    """Whom to turn to."""
    row = _next_of_kin(world, customer, name)
    await _insert(world.database, row)
    return row


def _next_of_kin(world: World, customer: Customer, name: str) -> NextOfKin:
    return NextOfKin(id=new_id(), customer_id=customer.id, name=name, relationship="mother", added_at=world.moment())


async def note(
    world: World,
    customer: Customer,
    text: str = "Called back.",
    *,
    author: Admin | None = None,
    created_at: datetime | None = None,
) -> CustomerNote:
    """A note about a customer."""
    row = _note(customer, text, author, created_at or world.moment())
    await _insert(world.database, row)
    return row


def _note(customer: Customer, text: str, author: Admin | None, created_at: datetime) -> CustomerNote:
    by = author.id if author else None
    return CustomerNote(id=new_id(), customer_id=customer.id, text=text, author_id=by, created_at=created_at)


async def tags(world: World, customer: Customer, *words: str) -> None:
    """Tags of a customer."""
    await _insert(world.database, *(CustomerTag(customer_id=customer.id, tag=word) for word in words))


async def savings_account(world: World, customer: Customer, *, opened_at: datetime | None = None) -> SavingsAccount:
    """An account that is in use, with 25,000 naira."""
    row = _savings_account(customer, opened_at or world.moment())
    await _insert(world.database, row)
    return row


def _savings_account(customer: Customer, opened_at: datetime) -> SavingsAccount:
    key = new_id()
    return SavingsAccount(
        id=key,
        customer_id=customer.id,
        number=f"SV-{key.hex[-12:]}",
        product="Target savings",
        status=SavingsStatus.ACTIVE,
        currency="NGN",
        balance_minor=25_000_00,
        opened_at=opened_at,
    )


async def crowd_of_profiles(world: World, customers: Sequence[Customer], author: Admin) -> None:
    """A record of each kind for each; each one employs the next, and answers for it."""
    rows: list[Base] = []
    for employer, customer in zip([None, *customers], customers, strict=False):
        rows += _profile(customer)
        rows += [
            CustomerTag(customer_id=customer.id, tag="vip"),
            _guarantor(world, customer, employer, "Emeka Obi"),
            _next_of_kin(world, customer, "Ngozi Obi"),
            _note(customer, "Called back.", author, world.moment()),
            _savings_account(customer, world.moment()),
        ]
        if employer is not None:
            rows += _relation(world, customer, employer, Relation.GUARANTOR)
            rows += _relation(world, customer, employer, Relation.EMPLOYER)
    await _insert(world.database, *rows)
