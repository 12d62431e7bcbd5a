"""Which customers fit a rule of the language of groups, as far as the viewer sees them and may be told; and which
members of a group do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, and_, bindparam, func, not_, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Membership
from gql.db.queries.criteria import fits
from gql.db.queries.customers import COLUMNS, customers, to_row
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, Seeks, in_bucket, merged, parameters, shapes_of
from gql.domain.criteria import Expression, may_be_told
from gql.domain.policies import AccessMap

_memberships = Membership.__table__.c


@dataclass(frozen=True, slots=True)
class CriteriaTotal:
    """Counts the customers who fit, of those whom the viewer sees and may be told of.

    With `misfits_of`, the members of that group who don't.
    """

    expression: Expression
    today: date
    misfits_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class CriteriaSample:
    """The first so many of them, by name."""

    expression: Expression
    today: date
    size: int
    misfits_of: UUID | None = None


def _buckets(access: AccessMap, expression: Expression) -> list[BucketShape]:
    """Those of which the viewer may be told who fits: the rows of others would tell what is withheld."""
    shapes = zip(shapes_of(access), access.buckets, strict=True)
    return [shape for shape, bucket in shapes if may_be_told(expression, bucket.access)]


def _meant(dialect: Dialect, wanted: CriteriaTotal | CriteriaSample) -> tuple[ColumnElement[bool], dict[str, Any]]:
    do_fit, bound = fits(dialect, wanted.expression, wanted.today)
    if wanted.misfits_of is None:
        return do_fit, bound
    of_group = (_memberships.group_id == bindparam(None, wanted.misfits_of, type_=Uuid()), _memberships.until.is_(None))
    members = select(_memberships.customer_id).where(*of_group)
    return and_(customers.c.id.in_(members), not_(do_fit)), bound


async def count_fitting(database: Database, access: AccessMap, total: CriteriaTotal) -> int:
    """How many customers fit. One statement."""
    buckets = _buckets(access, total.expression)
    if not buckets:
        return 0
    are_meant, bound = _meant(database.dialect, total)
    counts = [
        select(func.count().label("n")).select_from(customers).where(*in_bucket(database.dialect, bucket), are_meant)
        for bucket in buckets
    ]
    statement = select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))
    rows = await database.rows(statement, {**bound, **parameters(access)}, by_values=True)
    return int(rows[0][0])


async def sample_fitting(database: Database, access: AccessMap, sample: CriteriaSample) -> list[CustomerRow]:
    """Some of the customers who fit: the first by name. One statement."""
    buckets = _buckets(access, sample.expression)
    if not buckets:
        return []
    are_meant, bound = _meant(database.dialect, sample)

    def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
        return select(*COLUMNS).where(*predicates, are_meant)

    statement = merged(database.dialect, buckets, [build], lambda of: [of.name, of.id], "sample_size", Seeks.AT_ONCE)
    bound = {**bound, **parameters(access), "sample_size": sample.size}
    return [to_row(row, access) for row in await database.rows(statement, bound, by_values=True)]


async def samples_fitting(
    database: Database, access: AccessMap, samples: Sequence[CriteriaSample]
) -> list[list[CustomerRow]]:
    """The samples of several rules, a statement each: a loader's batch."""
    return [await sample_fitting(database, access, sample) for sample in samples]
