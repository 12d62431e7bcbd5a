"""Profiles of customers, and what the back office keeps of them, for customers whose sight was decided already."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import (
    Assignment,
    Customer,
    CustomerAddress,
    CustomerNote,
    CustomerProfile,
    CustomerTag,
    Guarantor,
    Membership,
    NextOfKin,
    SavingsAccount,
    TierDecision,
)
from gql.db.profile_rows import (
    AddressRow,
    BackOfficeRow,
    GuarantorRow,
    NextOfKinRow,
    NoteRow,
    ProfileRow,
    SavingsRow,
)
from gql.db.queries.records import Records
from gql.db.rows import MembershipRow

_customers = Customer.__table__
_assignments = Assignment.__table__
_decisions = TierDecision.__table__
_addresses = CustomerAddress.__table__
_tags = CustomerTag.__table__


def _all_of(table: Any, row: type[Any]) -> list[ColumnElement[Any]]:
    """The columns that are called as the row's fields are."""
    return [table.c[field.name] for field in fields(row)]


def _records(table: Any, row: type[Any]) -> Records[Any]:
    return Records(select(*_all_of(table, row)), table.c.customer_id, row)


GUARANTORS: Final[Records[GuarantorRow]] = _records(Guarantor.__table__, GuarantorRow)
NEXT_OF_KIN: Final[Records[NextOfKinRow]] = _records(NextOfKin.__table__, NextOfKinRow)
NOTES: Final[Records[NoteRow]] = _records(CustomerNote.__table__, NoteRow)
SAVINGS: Final[Records[SavingsRow]] = _records(SavingsAccount.__table__, SavingsRow)
MEMBERSHIPS: Final[Records[MembershipRow]] = _records(Membership.__table__, MembershipRow)
"""All spans of a customer in groups, past ones too."""

_PROFILES: Final = select(*_all_of(CustomerProfile.__table__, ProfileRow))
_ADDRESSES: Final = select(*_all_of(_addresses, AddressRow)).order_by(_addresses.c.position)
_TAGS: Final = select(_tags.c.customer_id, _tags.c.tag).order_by(_tags.c.tag)
_GUARANTORS: Final = GUARANTORS.rows.order_by(Guarantor.__table__.c.added_at, Guarantor.__table__.c.id)
_NEXT_OF_KIN: Final = NEXT_OF_KIN.rows.order_by(NextOfKin.__table__.c.added_at, NextOfKin.__table__.c.id)
_BACK_OFFICE: Final = (
    select(
        _customers.c.id,
        _customers.c.office_id,
        _customers.c.account_manager_id,
        _assignments.c.started_at,
        _assignments.c.assigned_by_id,
        _customers.c.tier,
        _decisions.c.reason,
        _decisions.c.decided_by_id,
        _decisions.c.decided_at,
    )
    .select_from(_customers)
    .outerjoin(_assignments, and_(_assignments.c.customer_id == _customers.c.id, _assignments.c.ended_at.is_(None)))
    .outerjoin(_decisions, _decisions.c.customer_id == _customers.c.id)
)


@lru_cache(maxsize=32)
def _of_customers(dialect: Dialect, rows: Select[Any], key: str) -> Select[Any]:
    return rows.where(dialect.is_one_of(rows.selected_columns[key], "customers"))


async def _read(database: Database, rows: Select[Any], customer_ids: Sequence[UUID], key: str) -> Sequence[Any]:
    return await database.rows(_of_customers(database.dialect, rows, key), {"customers": list(customer_ids)})


async def _listed(
    database: Database, rows: Select[Any], customer_ids: Sequence[UUID], make: Callable[..., Any]
) -> list[list[Any]]:
    """What each customer has of it: lists that a rule keeps short, in the select's order."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in await _read(database, rows, customer_ids, "customer_id"):
        found[row.customer_id].append(make(*row))
    return [found[key] for key in customer_ids]


async def profiles_of(database: Database, customer_ids: Sequence[UUID]) -> list[ProfileRow]:
    """The profile of each customer. One statement."""
    rows = await _read(database, _PROFILES, customer_ids, "customer_id")
    found = {row.customer_id: ProfileRow(*row) for row in rows}
    return [found.get(key) or ProfileRow(key) for key in customer_ids]


async def back_offices_of(database: Database, customer_ids: Sequence[UUID]) -> list[BackOfficeRow | None]:
    """What the back office keeps of each customer, who must be there. One statement."""
    found = {row.id: BackOfficeRow(*row) for row in await _read(database, _BACK_OFFICE, customer_ids, "id")}
    return [found.get(key) for key in customer_ids]


async def addresses_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[AddressRow]]:
    """The addresses of each customer, in their order. One statement."""
    return await _listed(database, _ADDRESSES, customer_ids, AddressRow)


async def tags_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[str]]:
    """The tags of each customer, sorted. One statement."""
    return await _listed(database, _TAGS, customer_ids, lambda _, tag: tag)


async def guarantors_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[GuarantorRow]]:
    """Who answers for each customer, the first first. One statement."""
    return await _listed(database, _GUARANTORS, customer_ids, GuarantorRow)


async def next_of_kin_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[NextOfKinRow]]:
    """The next of kin of each customer, the first first. One statement."""
    return await _listed(database, _NEXT_OF_KIN, customer_ids, NextOfKinRow)
