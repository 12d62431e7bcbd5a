"""What a viewer can do with customers, as far as their records tell it beforehand."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Loan
from gql.domain.actions import Action, customer_actions, may_archive
from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.policies import Access
from gql.domain.roles import Permission

_loans = Loan.__table__

OfCustomer = tuple[UUID, Access, CustomerStatus, bool]
"""A customer, how much of them the viewer sees, where they stand, and whether they are nobody's."""


@lru_cache(maxsize=8)
def _debtors(dialect: Dialect) -> Select[Any]:
    of_these = dialect.is_one_of(_loans.c.customer_id, "ids")
    return select(_loans.c.customer_id).where(of_these, _loans.c.status == LoanStatus.ACTIVE).distinct()


async def actions_of(
    database: Database, permissions: frozenset[Permission], keys: Sequence[OfCustomer]
) -> list[tuple[Action, ...]]:
    """All actions on each customer. One statement at most: loans matter where nothing else is against archiving."""
    asked = [key for key, access, status, _ in keys if may_archive(permissions, access, status)]
    rows = await database.rows(_debtors(database.dialect), {"ids": asked}) if asked else ()
    debtors = {row.customer_id for row in rows}
    return [
        customer_actions(permissions, access, status, has_open_loans=key in debtors, is_nobodys=is_nobodys)
        for key, access, status, is_nobodys in keys
    ]
