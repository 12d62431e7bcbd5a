"""Customers' identifiers and bank accounts, as they are shown: masked."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.bank_rows import BankAccountRow, IdentifierRow
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import BankAccount, Identifier
from gql.db.queries.records import Records

_identifiers = Identifier.__table__
_accounts = BankAccount.__table__

IDENTIFIERS: Final = Records(
    select(
        _identifiers.c.id,
        _identifiers.c.customer_id,
        _identifiers.c.kind,
        _identifiers.c.last_four,
        _identifiers.c.recorded_by_id,
        _identifiers.c.recorded_at,
    ),
    _identifiers.c.customer_id,
    IdentifierRow,
)
BANK_ACCOUNTS: Final = Records(
    select(
        _accounts.c.id,
        _accounts.c.customer_id,
        _accounts.c.bank_name,
        _accounts.c.bank_code,
        _accounts.c.account_name,
        _accounts.c.last_four,
        _accounts.c.currency,
        _accounts.c.is_primary,
        _accounts.c.added_by_id,
        _accounts.c.added_at,
        _accounts.c.verified_by_id,
        _accounts.c.verified_at,
    ),
    _accounts.c.customer_id,
    BankAccountRow,
)


_BY_KIND: Final = IDENTIFIERS.rows.order_by(_identifiers.c.kind)
_PRIMARY_FIRST: Final = BANK_ACCOUNTS.rows.order_by(
    _accounts.c.is_primary.desc(), _accounts.c.added_at.desc(), _accounts.c.id
)


@lru_cache(maxsize=8)
def _of_customers(dialect: Dialect, rows: Select[Any]) -> Select[Any]:
    return rows.where(dialect.is_one_of(rows.selected_columns["customer_id"], "ids"))


async def _listed(
    database: Database, rows: Select[Any], make: Callable[..., Any], customer_ids: Sequence[UUID]
) -> list[list[Any]]:
    """What each customer has of it, in the select's order: lists that a rule keeps short."""
    found: dict[UUID, list[Any]] = {key: [] for key in customer_ids}
    for row in await database.rows(_of_customers(database.dialect, rows), {"ids": list(customer_ids)}):
        found[row.customer_id].append(make(*row))
    return [found[key] for key in customer_ids]


async def identifiers_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[IdentifierRow]]:
    """Each customer's identifiers, at most one of a kind. One statement."""
    return await _listed(database, _BY_KIND, IdentifierRow, customer_ids)


async def bank_accounts_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[BankAccountRow]]:
    """All of each customer's bank accounts, the primary one first, then the newest. One statement."""
    return await _listed(database, _PRIMARY_FIRST, BankAccountRow, customer_ids)
