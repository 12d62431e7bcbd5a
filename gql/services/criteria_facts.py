"""What the rule language asks about customers, found out with one statement for each kind of fact asked for."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import CustomerTag, Loan
from gql.db.queries.office_tree import offices_and_above
from gql.domain.criteria import CustomerFacts, Expression, Fact, account_age, facts_asked
from gql.domain.enums import LoanStatus
from gql.domain.repayment import days_past_due

_loans = Loan.__table__
_tags = CustomerTag.__table__


async def criteria_facts_of(
    session: AsyncSession, dialect: Dialect, customers: Sequence[Any], expression: Expression, today: date
) -> dict[UUID, CustomerFacts]:
    """The facts as of a day; those that the expression doesn't ask for and that take a statement are empty.

    A customer is a record, or a row with the columns that the language asks for.
    """
    asked = facts_asked(expression)
    ids = [customer.id for customer in customers]
    products: dict[UUID, set[str]] = defaultdict(set)
    outstanding: dict[UUID, Counter[str]] = defaultdict(Counter)
    if Fact.LOANS in asked:
        are_active = (dialect.is_one_of(_loans.c.customer_id, "ids"), _loans.c.status == LoanStatus.ACTIVE)
        columns = (_loans.c.customer_id, _loans.c.product, _loans.c.currency, _loans.c.outstanding_minor)
        for loan in await session.execute(select(*columns).where(*are_active), {"ids": ids}):
            products[loan.customer_id].add(loan.product)
            outstanding[loan.customer_id][loan.currency] += loan.outstanding_minor
    offices = await _offices(session, dialect, customers) if Fact.OFFICES in asked else {}
    tags = await _tags_of(session, dialect, ids) if Fact.TAGS in asked else {}
    return {
        customer.id: CustomerFacts(
            status=customer.status,
            office_id=customer.office_id,
            offices=frozenset(offices.get(customer.office_id, ())),
            products=frozenset(products.get(customer.id, ())),
            days_past_due=days_past_due(customer.oldest_unpaid_due_on, today),
            outstanding=outstanding.get(customer.id, Counter()),
            tier=customer.tier,
            tags=frozenset(tags.get(customer.id, ())),
            account_age=account_age(customer.created_at, today),
        )
        for customer in customers
    }


async def _offices(session: AsyncSession, dialect: Dialect, customers: Sequence[Any]) -> Mapping[UUID, set[UUID]]:
    """Those of the customers, each with all above it."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    ids = {customer.office_id for customer in customers}
    for row in await session.execute(offices_and_above(dialect), {"ids": [*ids]}):
        found[row.root].add(row.id)
    return found


async def _tags_of(session: AsyncSession, dialect: Dialect, ids: Sequence[UUID]) -> Mapping[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    are_theirs = dialect.is_one_of(_tags.c.customer_id, "ids")
    for row in await session.execute(select(_tags.c.customer_id, _tags.c.tag).where(are_theirs), {"ids": [*ids]}):
        found[row.customer_id].add(row.tag)
    return found
