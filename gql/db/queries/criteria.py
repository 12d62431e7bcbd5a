"""The rule language of groups as a predicate of SQL about a row of `customers`.

Every predicate is true or false in SQL, never null, so that NOT means what it means in Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Text,
    and_,
    bindparam,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from gql.db.dialect import Dialect
from gql.db.models import Customer, CustomerTag, Loan, Office
from gql.domain.criteria import (
    AccountAge,
    AllOf,
    AnyOf,
    DaysPastDue,
    Expression,
    Not,
    OfficeIn,
    Outstanding,
    Predicate,
    ProductIn,
    StatusIn,
    TagIn,
    TierIn,
)
from gql.domain.enums import LoanStatus

_customers = Customer.__table__
_loans = Loan.__table__
_tags = CustomerTag.__table__
_offices = Office.__table__


@dataclass(slots=True)
class _Compiler:
    """Makes predicates, and gathers the lists that they take: these are bound by name, each under its own."""

    dialect: Dialect
    today: date
    bound: dict[str, Any] = field(default_factory=dict)

    def expression(self, expression: Expression) -> ColumnElement[bool]:
        """Whether the customer of the row fits."""
        match expression:
            case AllOf(parts):
                return and_(true(), *(self.expression(part) for part in parts))
            case AnyOf(parts):
                return or_(false(), *(self.expression(part) for part in parts))
            case Not(part):
                return not_(self.expression(part))
            case _:
                return self._predicate(expression)

    def _predicate(self, predicate: Predicate) -> ColumnElement[bool]:
        c = _customers.c
        match predicate:
            case StatusIn(statuses):
                return self._is_one_of(c.status, sorted(statuses))
            case OfficeIn(ids, include_subtree):
                return self._in_office(sorted(ids), include_subtree)
            case ProductIn(products):
                are_such = (*_of_active_loans(), self._is_one_of(_loans.c.product, sorted(products)))
                return exists(select(_loans.c.id).where(*are_such))
            case DaysPastDue(minimum, maximum):
                return self._past_due(minimum, maximum)
            case Outstanding(currency, minimum, maximum):
                return _outstanding(currency, minimum, maximum)
            case TierIn(tiers):
                named = self._is_one_of(c.tier, sorted(tier for tier in tiers if tier is not None))
                has_none = c.tier.is_(None)
                return or_(has_none, named) if None in tiers else and_(c.tier.is_not(None), named)
            case TagIn(tags):
                are_such = (_tags.c.customer_id == c.id, self._is_one_of(_tags.c.tag, sorted(tags)))
                return exists(select(_tags.c.tag).where(*are_such))
            case AccountAge(minimum, maximum):
                return self._of_age(minimum, maximum)

    def _is_one_of(self, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
        return self.dialect.is_one_of(column, self._bind(values))

    def _bind(self, values: Sequence[Any]) -> str:
        name = f"criteria_{len(self.bound)}"
        self.bound[name] = list(values)
        return name

    def _in_office(self, office_ids: Sequence[UUID], include_subtree: bool) -> ColumnElement[bool]:
        if not include_subtree:
            return self._is_one_of(_customers.c.office_id, office_ids)
        name = self._bind(office_ids)
        tree = select(_offices.c.id).where(self.dialect.is_one_of(_offices.c.id, name))
        beneath = tree.cte(f"{name}_tree", recursive=True)
        beneath = beneath.union(select(_offices.c.id).join(beneath, _offices.c.parent_id == beneath.c.id))
        return _customers.c.office_id.in_(select(beneath.c.id))

    def _past_due(self, minimum: int | None, maximum: int | None) -> ColumnElement[bool]:
        """The more days past due, the earlier the day. Who owes nothing, or nothing that is due, has none."""
        due, days = _customers.c.oldest_unpaid_due_on, []
        if minimum:
            days += [due.is_not(None), due <= self._days_ago(minimum)]
        if maximum is not None:
            days.append(or_(due.is_(None), due >= self._days_ago(maximum)))
        return and_(true(), *days)

    def _of_age(self, minimum: int | None, maximum: int | None) -> ColumnElement[bool]:
        """The older, the earlier. Ages are of days, which begin at midnight in UTC."""
        created, ages = _customers.c.created_at, []
        if minimum:
            ages.append(created < self._midnight(minimum - 1))
        if maximum is not None:
            ages.append(created >= self._midnight(maximum))
        return and_(true(), *ages)

    def _days_ago(self, days: int) -> ColumnElement[date]:
        return bindparam(None, self.today - timedelta(days=days), type_=Date())

    def _midnight(self, days_ago: int) -> ColumnElement[datetime]:
        day = self.today - timedelta(days=days_ago)
        return bindparam(None, datetime.combine(day, time(), UTC), type_=_customers.c.created_at.type)


def _of_active_loans() -> tuple[ColumnElement[bool], ...]:
    return _loans.c.customer_id == _customers.c.id, _loans.c.status == LoanStatus.ACTIVE


def _outstanding(currency: str, minimum: int | None, maximum: int | None) -> ColumnElement[bool]:
    of_currency = _loans.c.currency == bindparam(None, currency, type_=Text())
    owed = (
        select(func.coalesce(func.sum(_loans.c.outstanding_minor), 0).cast(BigInteger))
        .where(*_of_active_loans(), of_currency)
        .scalar_subquery()
    )
    least, most = (bindparam(None, end, type_=BigInteger()) for end in (minimum, maximum))
    return and_(true(), *([owed >= least] if minimum else []), *([owed <= most] if maximum is not None else []))


def fits(dialect: Dialect, expression: Expression, today: date) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Whether a row of `customers` fits, as of a day; and the values that must be bound."""
    compiler = _Compiler(dialect, today)
    return compiler.expression(expression), compiler.bound
