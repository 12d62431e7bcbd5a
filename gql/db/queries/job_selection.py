"""The customers whom a job is about: those that match and whom its creator sees in full, in the order of their IDs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, Uuid, bindparam, case, func, literal, null, select, union_all

from gql.db.dialect import Dialect
from gql.db.models import Assignment, Customer, Membership
from gql.db.queries.customer_filters import FilterShape, filter_parameters, filter_shape, matches, may_match, parts
from gql.db.visibility import BucketShape, in_bucket, is_visible, parameters, shapes_of
from gql.domain.jobs import Deal
from gql.domain.listing import CustomerCriteria
from gql.domain.policies import AccessMap

customers = Customer.__table__
assignments = Assignment.__table__
memberships = Membership.__table__
_COLUMNS = (customers.c.id, customers.c.office_id, customers.c.account_manager_id, customers.c.status)


@dataclass(frozen=True, slots=True)
class Selection:
    """A select of `id`, `office_id`, `account_manager_id` and `status`, with the values that it takes."""

    rows: Select[Any]
    bound: Mapping[str, Any]


def selection_of(
    dialect: Dialect, access: AccessMap, criteria: CustomerCriteria, *, in_full: bool = True
) -> Selection | None:
    """Those who match; None where nobody can. What a bucket withholds matches nobody, as in the list of customers.

    `in_full`: of those whom the viewer sees in full alone.
    """
    filters = filter_shape(criteria)
    seen = zip(shapes_of(access), access.buckets, strict=True)
    wanted = (shape for shape, bucket in seen if bucket.access.is_full or not in_full)
    buckets = tuple(shape for shape in wanted if may_match(filters, shape))
    if not buckets:
        return None
    return Selection(_matching(dialect, buckets, filters), {**filter_parameters(criteria), **parameters(access)})


@lru_cache(maxsize=64)
def _matching(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape) -> Select[Any]:
    return union_of(
        [
            select(*_COLUMNS).where(*in_bucket(dialect, bucket), *part, *matches(filters, bucket.withheld))
            for bucket in buckets
            for part in parts(filters)
        ]
    )


def union_of(selects: list[Select[Any]]) -> Select[Any]:
    """Disjoint selects as one."""
    if len(selects) == 1:
        return selects[0]
    rows = union_all(*selects).subquery("matching")
    return select(*rows.c)


def listed(dialect: Dialect, access: AccessMap, ids: list[UUID]) -> Selection:
    """Those of the named ones whom the viewer sees, in full or not."""
    shapes = shapes_of(access)
    rows = select(*_COLUMNS).where(dialect.is_one_of(customers.c.id, "ids"), is_visible(dialect, shapes))
    return Selection(rows, {"ids": ids, **parameters(access)})


def members_of(dialect: Dialect, access: AccessMap, group_id: UUID) -> Selection:
    """A group's members whom the viewer sees, in full or not."""
    are_members = (memberships.c.group_id == bindparam("group_id", type_=Uuid()), memberships.c.until.is_(None))
    rows = select(*_COLUMNS).join_from(memberships, customers, customers.c.id == memberships.c.customer_id)
    seen = rows.where(*are_members, is_visible(dialect, shapes_of(access)))
    return Selection(seen, {"group_id": group_id, **parameters(access)})


def counted(selection: Selection) -> Select[Any]:
    """How many they are."""
    return select(func.count()).select_from(selection.rows.subquery("selected"))


def items(selection: Selection, job_id: UUID, deal: Deal) -> Select[Any]:
    """The job's items, by the names of their columns."""
    placed = _placed(selection)
    is_open = (assignments.c.customer_id == placed.c.id) & assignments.c.ended_at.is_(None)
    return select(
        literal(job_id, Uuid()).label("job_id"),
        placed.c.place.label("position"),
        placed.c.id.label("customer_id"),
        dealt(deal, placed.c.place).label("to_admin_id"),
        assignments.c.id.label("seen_assignment_id"),
    ).select_from(placed.outerjoin(assignments, is_open))


def plain_items(selection: Selection, job_id: UUID) -> Select[Any]:
    """The items of a job that does the same to each."""
    placed = _placed(selection)
    return select(
        literal(job_id, Uuid()).label("job_id"), placed.c.place.label("position"), placed.c.id.label("customer_id")
    )


def dealt(deal: Deal, place: ColumnElement[int]) -> ColumnElement[UUID]:
    """Who gets the place: `Deal.admin_at` as SQL. The deal must have customers."""
    turn = (place * deal.stride) % deal.customers
    return case(*((turn < end, literal(admin_id, Uuid())) for end, admin_id in deal.bounds))


def shifts(selection: Selection, deal: Deal, opened: Collection[UUID]) -> Select[Any]:
    """How many customers there are of each office, account manager, state and target; with the place of the first.

    Those whom the creator has opened one by one stand for themselves, with their ID as `opened_id`.
    """
    placed = _placed(selection)
    columns = (placed.c.office_id, placed.c.account_manager_id, placed.c.status)
    opened_id = case((placed.c.id.in_(sorted(opened)), placed.c.id), else_=null()).label("opened_id")
    to_admin_id = dealt(deal, placed.c.place).label("to_admin_id")
    each = select(*columns, to_admin_id, opened_id, placed.c.place).subquery("dealt")
    keys = (each.c.office_id, each.c.account_manager_id, each.c.status, each.c.to_admin_id, each.c.opened_id)
    return select(*keys, func.count().label("customers"), func.min(each.c.place).label("first")).group_by(*keys)


def at_places(selection: Selection, places: list[int]) -> Select[Any]:
    """The customers at these places, as `place` and `id`."""
    placed = _placed(selection)
    return select(placed.c.place, placed.c.id).where(placed.c.place.in_(places))


def _placed(selection: Selection) -> Subquery:
    chosen = selection.rows.subquery("selected")
    place = (func.row_number().over(order_by=chosen.c.id) - 1).label("place")
    return select(*chosen.c, place).subquery("placed")
