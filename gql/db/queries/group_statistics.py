"""Figures of a group's members: how many, who came and went, what they owe and how they repay, by office and manager.

Members count whom the viewer sees; money only those of whom the viewer may read it one by one; memberships that are
over, those that the viewer may read (ADR 0036). Everything is summed by office and account manager at once, and added
up here: as many rows as there are pairs of them, whatever the number of members.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, FromClause, Select, Subquery, bindparam, func, literal, select, true, union_all

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.group_rows import GroupStatisticsRow, ManagerFiguresRow, MembershipChangesRow, OfficeFiguresRow
from gql.db.models import Customer, Loan, LoanInstalment, LoanPayment, Membership
from gql.db.models.base import UTCDateTime
from gql.db.queries.group_cells import Cell, by, table, told, whole
from gql.db.queries.repayment import days, figures, risks, start_of, until_today
from gql.db.queries.tenures import shown
from gql.db.visibility import BucketShape, in_bucket, parameters, shapes_of
from gql.domain.periods import Period
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField, Permission

_memberships = Membership.__table__.c
_customers = Customer.__table__.c
_loans = Loan.__table__
_due_on = LoanInstalment.__table__.c.due_on
_received_at = LoanPayment.__table__.c.received_at
_SINCE: Final = bindparam("since", type_=Date())
_UNTIL: Final = bindparam("until", type_=Date())
_BEGIN: Final = bindparam("begin", type_=UTCDateTime())
_OVER: Final = bindparam("over", type_=UTCDateTime())

Shapes = tuple[BucketShape, ...]
_Cells = dict[UUID, dict[tuple[UUID, UUID | None], Cell]]
"""By group, then by office and account manager."""


def _members(dialect: Dialect, shapes: Shapes, shown_of: Shapes = ()) -> Subquery:
    """The members in some buckets, each bucket a select of its own, so that a small one is sought and not filtered for.

    `counted` is 1 where the bucket is one of `shown_of`.
    """

    def of_bucket(shape: BucketShape) -> Select[Any]:
        is_member = (dialect.is_one_of(_memberships.group_id, "ids"), _memberships.until.is_(None))
        return (
            select(
                _memberships.group_id,
                _customers.id.label("customer_id"),
                _customers.office_id,
                _customers.account_manager_id,
                _customers.oldest_unpaid_due_on,
                literal(int(shape in shown_of)).label("counted"),
            )
            .join_from(Membership.__table__, Customer.__table__, _customers.id == _memberships.customer_id)
            .where(*is_member, *in_bucket(dialect, shape))
        )

    members: Subquery = _together([of_bucket(shape) for shape in shapes]).subquery("members")
    return members


def _together(selects: Sequence[Select[Any]]) -> Any:
    return selects[0] if len(selects) == 1 else union_all(*selects)


def _keys(members: Subquery) -> tuple[Any, Any, Any]:
    """In an order in which they are quick to sort: what differs most comes first."""
    return members.c.account_manager_id, members.c.office_id, members.c.group_id


@lru_cache(maxsize=256)
def _counts(dialect: Dialect, shapes: Shapes, shown_of: Shapes) -> Select[Any]:
    members = _members(dialect, shapes, shown_of)
    return select(*_keys(members), func.count(), func.sum(members.c.counted)).group_by(*_keys(members))


def _loans_of(dialect: Dialect, shapes: Shapes) -> tuple[Subquery, FromClause]:
    members = _members(dialect, shapes)
    return members, members.join(_loans, _loans.c.customer_id == members.c.customer_id)


@lru_cache(maxsize=256)
def _owed(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    members, source = _loans_of(dialect, shapes)
    is_behind = members.c.oldest_unpaid_due_on < bindparam("today", type_=Date())
    return risks(source, true(), *_keys(members), may_be_late=is_behind, counted=True)


@lru_cache(maxsize=256)
def _repaid(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    members, source = _loans_of(dialect, shapes)
    due_in = _due_on.between(_SINCE, _UNTIL)
    return figures(source, due_in, (_received_at >= _BEGIN) & (_received_at < _OVER), *_keys(members))


@lru_cache(maxsize=256)
def _changes(dialect: Dialect, shapes: Shapes, shapes_of_past: Shapes) -> Select[Any]:
    """By group and day: how many joined, and how many left. Three seeks for each bucket, in an index each."""

    def changed(shape: BucketShape, moment: Any, is_open: bool, joined: int) -> Select[Any]:
        until = _memberships.until
        is_wanted = (
            dialect.is_one_of(_memberships.group_id, "ids"),
            until.is_(None) if is_open else until.is_not(None),
            moment >= _BEGIN,
            moment < _OVER,
        )
        return (
            select(
                _memberships.group_id,
                dialect.day_of(moment).label("day"),
                literal(joined).label("joined"),
                literal(1 - joined).label("gone"),
            )
            .join_from(Membership.__table__, Customer.__table__, _customers.id == _memberships.customer_id)
            .where(*is_wanted, *in_bucket(dialect, shape))
        )

    parts = [changed(shape, _memberships.since, True, 1) for shape in shapes]
    for shape in shapes_of_past:
        parts += [changed(shape, _memberships.since, False, 1), changed(shape, _memberships.until, False, 0)]
    each = _together(parts).subquery("changes")
    of = (each.c.group_id, each.c.day)
    return select(*of, func.sum(each.c.joined), func.sum(each.c.gone)).group_by(*of)


async def group_statistics(
    database: Database, access: AccessMap, permissions: frozenset[Permission], group_ids: Sequence[UUID], period: Period
) -> list[GroupStatisticsRow]:
    """Figures of each group. Four statements, however many groups and members there are.

    Memberships that are over count of all customers whom the viewer sees where `permissions` have `audit.read`, and
    otherwise of those of whom the view shows them.
    """
    shapes, of_money, dialect = shapes_of(access), shown(access), database.dialect
    reads_all_past = Permission.AUDIT_READ in permissions
    of_past = tuple(one for one in shapes if reads_all_past or CustomerField.MEMBERSHIPS not in one.withheld)
    bound = {
        **parameters(access),
        "ids": list(group_ids),
        "since": period.since,
        "until": period.until,
        "begin": start_of(period.since),
        "over": start_of(period.until + timedelta(days=1)),
    }

    async def read(statement: Select[Any], more: Mapping[str, Any] | None = None) -> Sequence[AnyRow]:
        # A group has a few members or all customers: it depends on the values what is quick.
        return await database.rows(statement, bound | dict(more or {}), by_values=True)

    cells: _Cells = {key: defaultdict(Cell) for key in group_ids}
    for manager_id, office_id, group_id, members, counted in await read(_counts(dialect, shapes, of_money)):
        cell = cells[group_id][office_id, manager_id]
        cell.members, cell.counted = members, counted
    _count_owed(cells, await read(_owed(dialect, of_money), days()))
    _count_repaid(cells, await read(_repaid(dialect, of_money), until_today()))
    changes: dict[UUID, list[tuple[date, int, int]]] = defaultdict(list)
    for group_id, day, joined, gone in await read(_changes(dialect, shapes, of_past)):
        changes[group_id].append((day, joined, gone))
    return [_statistics(period, cells[key], changes[key]) for key in group_ids]


def _count_owed(cells: _Cells, rows: Sequence[AnyRow]) -> None:
    for manager_id, office_id, group_id, currency, since, minor, *rest in rows:
        *at_risk, customers, owing, active, late = rest
        cell = cells[group_id][office_id, manager_id]
        cell.active_loans += active
        cell.active_loans_in_arrears += late
        sums = cell.currencies[currency]
        sums.customers, sums.owing = customers, owing
        sums.overdue_since, sums.outstanding_minor, sums.at_risk_minor = since, minor, tuple(at_risk)


def _count_repaid(cells: _Cells, rows: Sequence[AnyRow]) -> None:
    for manager_id, office_id, group_id, currency, expected, collected, due, on_time in rows:
        sums = cells[group_id][office_id, manager_id].currencies[currency]
        sums.expected_minor, sums.collected_minor = expected, collected
        sums.instalments_due, sums.instalments_on_time = due, on_time


def _statistics(
    period: Period, cells: Mapping[tuple[UUID, UUID | None], Cell], changes: Sequence[tuple[date, int, int]]
) -> GroupStatisticsRow:
    offices, other_offices = table(by((office_id, cell) for (office_id, _), cell in cells.items()))
    managers, other_managers = table(by((manager_id, cell) for (_, manager_id), cell in cells.items()))
    return GroupStatisticsRow(
        period.since,
        period.until,
        _by_part(period, changes),
        told(whole(cells.values())),
        [OfficeFiguresRow(*one) for one in offices],
        other_offices,
        [ManagerFiguresRow(*one) for one in managers],
        other_managers,
    )


def _by_part(period: Period, changes: Sequence[tuple[date, int, int]]) -> list[MembershipChangesRow]:
    rows = [MembershipChangesRow(part.since, part.until, 0, 0) for part in period.parts()]
    for day, joined, gone in changes:
        row = rows[period.place_of(day)]
        row.joined += joined
        row.left += gone
    return rows
