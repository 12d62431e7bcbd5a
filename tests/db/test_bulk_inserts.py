"""Many rows at once, on both databases: what arrives, what is refused, and which references are checked when."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import JSON, ForeignKeyConstraint, Table, insert, select
from sqlalchemy.exc import IntegrityError

from gql.db.engine import Database
from gql.db.models import Base
from gql.domain.enums import (
    CapacityMode,
    CustomerKind,
    CustomerStatus,
    GroupPurpose,
    GroupSensitivity,
    GroupStatus,
    LoanStatus,
    OfficeStatus,
)
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.ids import new_id
from gql.domain.repayment import PaymentMethod

TABLES = Base.metadata.tables
OFFICES, GROUPS = TABLES["offices"], TABLES["groups"]
MOMENT = datetime(2026, 3, 29, 1, 30, 0, 123_456, UTC)
ELSEWHERE = datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2)))

Values = dict[str, Any]


def office(name: str, **values: Any) -> Values:
    """One without a parent."""
    there: Values = {"id": new_id(), "name": name, "search_name": name.lower(), "parent_id": None}
    return {**there, "status": OfficeStatus.ACTIVE, "created_at": MOMENT, **values}


def group(name: str, **values: Any) -> Values:
    """One that nobody made, without a limit or criteria."""
    there: Values = {"id": new_id(), "name": name, "search_name": name.lower(), "status": GroupStatus.ACTIVE}
    there |= {"purpose": GroupPurpose.RISK, "description": "", "criteria_text": "", "criteria": None}
    there |= {"maximum_members": None, "member_count": 0, "risk_category_id": None, "created_by_id": None}
    there |= dict.fromkeys(("minimum_members", "owner_id", "review_interval_days"))
    there |= dict.fromkeys(("status_reason", "status_changed_at", "status_changed_by_id"))
    there |= dict.fromkeys(
        ("next_review_at", "reviewed_at", "reviewed_by_id", "kept_until", "kept_reason", "kept_by_id")
    )
    there |= {"review_told": GroupReviewStatus.NOT_DUE, "last_used_at": MOMENT}
    there |= {"capacity_mode": CapacityMode.HARD, "sensitivity": GroupSensitivity.NORMAL, "visible_to_customers": False}
    there |= {"removal_statuses": [], "removes_graduated": False}
    return {**there, "version": 1, "created_at": MOMENT, "updated_at": MOMENT, **values}


def lending(at: UUID) -> dict[Table, list[Values]]:
    """A customer of the office with a loan, an instalment and a payment on it."""
    customer, loan = new_id(), new_id()
    person: Values = {"id": customer, "number": "LD-1", "kind": CustomerKind.PERSON, "name": "Ṣadé 'A\\B'\t\n☂"}
    person |= {"search_name": "sade", "search_name_reversed": "sade", "email": "s@x.example", "phone": "+2348400000001"}
    person |= {"status": CustomerStatus.ACTIVE, "status_reason": None, "status_changed_at": ELSEWHERE, "version": 3}
    person |= {"status_changed_by_id": None, "office_id": at, "account_manager_id": None}
    # The day is as the database makes it of the instalment below.
    person |= {"tier": None, "muted": [], "oldest_unpaid_due_on": date(2024, 2, 29)}
    lent: Values = {"id": loan, "number": "LN-1-1", "customer_id": customer, "product": "", "status": LoanStatus.CLOSED}
    lent |= {"currency": "NGN", "principal_minor": 9_007_199_254_740_993, "outstanding_minor": 0}
    due: Values = {"id": new_id(), "loan_id": loan, "sequence": 1, "due_on": date(2024, 2, 29), "due_minor": 7}
    paid: Values = {"id": new_id(), "loan_id": loan, "amount_minor": 7, "received_at": MOMENT, "reference": "A1"}
    paid |= {"method": PaymentMethod.CASH, "recorded_by_id": None}
    paid |= dict.fromkeys(("reversed_at", "reversed_by_id", "reversal_reason"))
    return {
        TABLES["customers"]: [{**person, "created_at": MOMENT, "updated_at": MOMENT, "manager_reviewed_at": MOMENT}],
        TABLES["loans"]: [{**lent, "disbursed_at": MOMENT}],
        TABLES["loan_instalments"]: [{**due, "paid_minor": 0, "settled_on": None}],
        TABLES["loan_payments"]: [paid],
    }


async def insert_many(database: Database, session: Any, table: Table, rows: Sequence[Values]) -> None:
    """The rows, which have the same columns, in the order of the first one's."""
    columns = list(rows[0])
    await database.dialect.insert_many(session, table, columns, [tuple(row[name] for name in columns) for row in rows])


async def count(database: Database, table: Table) -> int:
    """How many rows others see."""
    return len(await database.rows(select(table)))


async def test_values_of_every_type_arrive_as_an_insert_writes_them(database: Database) -> None:
    """They are read back the same, and are found by their values."""
    head = office("Head")
    criteria = {"all": [{"status": {"in": ["ACTIVE"]}}, {"näme": None}]}
    full = group("Full", criteria=criteria, maximum_members=1, status=GroupStatus.ARCHIVED)
    written = {
        OFFICES: [head, office("Branch", parent_id=head["id"], status=OfficeStatus.INACTIVE)],
        GROUPS: [full, group("Open")],
        **lending(at=head["id"]),
    }
    async with database.begin() as session:
        for table, rows in written.items():
            await insert_many(database, session, table, rows)

    for table, rows in written.items():
        for row in rows:
            by_value = [
                table.c[name] == value for name, value in row.items() if not isinstance(table.c[name].type, JSON)
            ]
            [found] = await database.rows(select(table).where(*by_value))
            assert found._asdict() == row


async def test_a_null_of_json_is_what_an_insert_writes(database: Database) -> None:
    """So that a filter treats groups without criteria alike, whoever wrote them."""
    async with database.begin() as session:
        await insert_many(database, session, GROUPS, [group("Copied")])
        await session.execute(insert(GROUPS), group("Inserted"))

    without = await database.rows(select(GROUPS.c.name).where(GROUPS.c.criteria.is_(None)))
    assert sorted(row.name for row in without) in ([], ["Copied", "Inserted"])


async def test_a_refused_row_leaves_nothing_behind(database: Database) -> None:
    """Not of its own table, nor what the transaction wrote before, though that were its first statement."""
    twins = [office("Twin"), office("Twin")]

    async def write() -> None:
        async with database.begin() as session:
            await insert_many(database, session, GROUPS, [group("Before")])
            await insert_many(database, session, OFFICES, twins)

    with pytest.raises(IntegrityError):
        await write()
    assert (await count(database, GROUPS), await count(database, OFFICES)) == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"parent_id": new_id()}, IntegrityError),
        ({"name": None}, IntegrityError),
        ({"created_at": datetime(2026, 1, 1)}, ValueError),  # noqa: DTZ001 - it is refused
    ],
    ids=["no such parent", "no name", "a time without a zone"],
)
async def test_a_row_that_an_insert_refuses_is_refused(
    database: Database, wrong: Values, error: type[Exception]
) -> None:
    """Foreign keys hold unless they are put off."""

    async def write() -> None:
        async with database.begin() as session:
            await insert_many(database, session, OFFICES, [office("Head"), {**office("Branch"), **wrong}])

    with pytest.raises(error):
        await write()
    assert await count(database, OFFICES) == 0


async def test_a_reference_that_was_put_off_is_checked_later(database: Database) -> None:
    """And its transaction undone: `check_foreign_keys` is what finds it, where the insert doesn't."""

    async def write() -> None:
        async with database.begin() as session:
            async with database.dialect.foreign_keys_unchecked(session, [OFFICES]):
                await insert_many(database, session, OFFICES, [office("Stray", parent_id=new_id())])
            await database.dialect.check_foreign_keys(session, [OFFICES])

    with pytest.raises(IntegrityError):
        await write()
    assert await count(database, OFFICES) == 0


async def test_references_of_others_are_checked_once_the_rows_are_committed(database: Database) -> None:
    """Even before the rows themselves are; and a check that finds nothing leaves the keys as they were."""

    async def stray(name: str) -> None:
        async with database.begin() as session:
            await session.execute(insert(OFFICES), office(name, parent_id=new_id()))

    async with database.begin() as session, database.dialect.foreign_keys_unchecked(session, [OFFICES, GROUPS]):
        await insert_many(database, session, OFFICES, [office("Head")])
    with pytest.raises(IntegrityError):
        await stray("Between")
    async with database.begin() as session:
        await database.dialect.check_foreign_keys(session, [OFFICES, GROUPS])
    with pytest.raises(IntegrityError):
        await stray("Afterwards")
    assert await count(database, OFFICES) == 1


def test_the_put_off_tables_have_foreign_keys() -> None:
    """Without any, the tests above would show nothing."""
    assert any(isinstance(one, ForeignKeyConstraint) for one in OFFICES.constraints)
