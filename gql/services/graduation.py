"""Which members have graduated: they paid back what they were lent while they were in the group, and want no more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import Loan, LoanPayment, LoanRequest
from gql.domain.enums import LoanStatus
from gql.domain.loan_requests import RequestStatus

_loans: Any = Loan.__table__.c
_payments: Any = LoanPayment.__table__.c
_requests: Any = LoanRequest.__table__.c

_IS_UNPAID: Final = _loans.status != LoanStatus.CLOSED
"""One that was written off is closed for the lender, and not paid back."""
_IS_PENDING: Final = or_(
    _requests.status.in_((RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW)),
    and_(_requests.status == RequestStatus.APPROVED, _requests.loan_id.is_(None)),
)
"""Somebody may still lend them something: it isn't decided, or was approved and the money has not gone out."""


async def graduated(
    session: AsyncSession, dialect: Dialect, members: Iterable[tuple[UUID, datetime]]
) -> frozenset[UUID]:
    """Of members, with the moment since when each is one, those who have graduated. Three statements.

    All their loans are CLOSED, no request is pending, and some payment on a loan, of those that stand, came while they
    were members: who had paid back all before they joined came for something else.
    """
    since = dict(members)
    ids = {"ids": list(since)}
    paid = (_loans.status == LoanStatus.CLOSED, _payments.reversed_at.is_(None))
    last = (
        select(_loans.customer_id, func.max(_payments.received_at, type_=_payments.received_at.type).label("at"))
        .join_from(Loan, LoanPayment, _payments.loan_id == _loans.id)
        .where(dialect.is_one_of(_loans.customer_id, "ids"), *paid)
        .group_by(_loans.customer_id)
    )
    found = {row.customer_id for row in await session.execute(last, ids) if row.at >= since[row.customer_id]}
    still_owing = select(_loans.customer_id).where(dialect.is_one_of(_loans.customer_id, "ids"), _IS_UNPAID)
    still_asking = select(_requests.customer_id).where(dialect.is_one_of(_requests.customer_id, "ids"), _IS_PENDING)
    for stays in (still_owing, still_asking):
        found.difference_update(await session.scalars(stays, ids))
    return frozenset(found)
