"""Builders of what goes with a customer's profile, beside those of `tests.factories`."""

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
    row = CustomerProfile(customer_id=customer.id, **(usual | facts))
    address = CustomerAddress(
        customer_id=customer.id, position=0, kind=AddressKind.HOME, street="1 Broad Street", city="Lagos", country="NG"
    )
    await _insert(world.database, row, address)
    return row


async def guarantor(
    world: World, customer: Customer, *, as_customer: Customer | None = None, name: str = "Emeka Obi"
) -> Guarantor:
    """Somebody who answers for a customer: another customer, related then, or who has a name."""
    row = Guarantor(
        id=new_id(),
        customer_id=customer.id,
        guarantor_id=as_customer.id if as_customer else None,
        name=None if as_customer else name,
        relationship="brother",
        added_at=world.moment(),
    )
    await _insert(world.database, row, *(relation_rows(world, customer, as_customer) if as_customer else ()))
    return row


def relation_rows(
    world: World,
    customer: Customer,
    related: Customer,
    relation: Relation = Relation.GUARANTOR,
    since: datetime | None = None,
) -> tuple[CustomerRelation, CustomerRelation]:
    """A relation from both sides; the second is what the related customer's list has."""
    moment = since or world.moment()
    there = CustomerRelation(
        id=new_id(), customer_id=customer.id, related_id=related.id, relation=relation, since=moment
    )
    back = CustomerRelation(
        id=new_id(), customer_id=related.id, related_id=customer.id, relation=INVERSE[relation], since=moment
    )
    return there, back


async def employment(
    world: World, employee: Customer, employer: Customer, *, since: datetime | None = None
) -> CustomerRelation:
    """One customer employs another; answers with the employer's row."""
    rows = relation_rows(world, employee, employer, Relation.EMPLOYER, since)
    await _insert(world.database, *rows)
    return rows[1]


async def next_of_kin(world: World, customer: Customer, name: str = "Ngozi Obi") -> NextOfKin:
    """Whom to turn to."""
    row = NextOfKin(id=new_id(), customer_id=customer.id, name=name, relationship="mother", added_at=world.moment())
    await _insert(world.database, row)
    return row


async def note(
    world: World,
    customer: Customer,
    text: str = "Called back.",
    *,
    author: Admin | None = None,
    created_at: datetime | None = None,
) -> CustomerNote:
    """A note about a customer."""
    row = CustomerNote(
        id=new_id(),
        customer_id=customer.id,
        text=text,
        author_id=author.id if author else None,
        created_at=created_at or world.moment(),
    )
    await _insert(world.database, row)
    return row


async def tags(world: World, customer: Customer, *words: str) -> None:
    """Tags of a customer."""
    await _insert(world.database, *(CustomerTag(customer_id=customer.id, tag=word) for word in words))


async def savings_account(
    world: World,
    customer: Customer,
    *,
    balance: int = 25_000_00,
    currency: str = "NGN",
    opened_at: datetime | None = None,
) -> SavingsAccount:
    """An account that is in use."""
    key = new_id()
    row = SavingsAccount(
        id=key,
        customer_id=customer.id,
        number=f"SV-{key.hex[-12:]}",
        product="Target savings",
        status=SavingsStatus.ACTIVE,
        currency=currency,
        balance_minor=balance,
        opened_at=opened_at or world.moment(),
    )
    await _insert(world.database, row)
    return row
