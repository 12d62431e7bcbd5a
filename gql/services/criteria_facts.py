"""What the rule language asks about one customer, found out with one statement for each kind of fact asked for."""

from collections import Counter
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import Customer, CustomerTag, Loan
from gql.db.queries.office_tree import office_and_above
from gql.domain.criteria import CustomerFacts, Expression, Fact, account_age, facts_asked
from gql.domain.enums import LoanStatus
from gql.domain.repayment import days_past_due


async def criteria_facts_of(
    session: AsyncSession, customer: Customer, expression: Expression, today: date
) -> CustomerFacts:
    """The facts as of a day; those that the expression doesn't ask for and that take a statement are empty."""
    asked = facts_asked(expression)
    products: set[str] = set()
    outstanding: Counter[str] = Counter()
    if Fact.LOANS in asked:
        are_active = (Loan.customer_id == customer.id) & (Loan.status == LoanStatus.ACTIVE)
        for loan in await session.execute(
            select(Loan.product, Loan.currency, Loan.outstanding_minor).where(are_active)
        ):
            products.add(loan.product)
            outstanding[loan.currency] += loan.outstanding_minor
    return CustomerFacts(
        status=customer.status,
        office_id=customer.office_id,
        offices=await _offices(session, customer) if Fact.OFFICES in asked else frozenset(),
        products=frozenset(products),
        days_past_due=days_past_due(customer.oldest_unpaid_due_on, today),
        outstanding=outstanding,
        tier=customer.tier,
        tags=await _tags(session, customer) if Fact.TAGS in asked else frozenset(),
        account_age=account_age(customer.created_at, today),
    )


async def _offices(session: AsyncSession, customer: Customer) -> frozenset[UUID]:
    return frozenset((await session.scalars(office_and_above(customer.office_id))).all())


async def _tags(session: AsyncSession, customer: Customer) -> frozenset[str]:
    return frozenset(
        (await session.scalars(select(CustomerTag.tag).where(CustomerTag.customer_id == customer.id))).all()
    )
