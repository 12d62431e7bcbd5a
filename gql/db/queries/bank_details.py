"""Customers' identifiers and bank accounts, as they are shown: masked."""

from collections.abc import Sequence
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


@lru_cache(maxsize=8)
def _of_customers(dialect: Dialect) -> Select[Any]:
    of_these = dialect.is_one_of(_identifiers.c.customer_id, "ids")
    return IDENTIFIERS.rows.where(of_these).order_by(_identifiers.c.kind)


async def identifiers_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[IdentifierRow]]:
    """Each customer's identifiers, at most one of a kind. One statement."""
    found: dict[UUID, list[IdentifierRow]] = {key: [] for key in customer_ids}
    for row in await database.rows(_of_customers(database.dialect), {"ids": list(customer_ids)}):
        found[row.customer_id].append(IdentifierRow(*row))
    return [found[key] for key in customer_ids]
