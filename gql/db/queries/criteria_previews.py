"""Which customers fit a rule of the language of groups, as far as the viewer sees them and may be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, func, select, union_all

from gql.db.engine import Database
from gql.db.queries.criteria import fits
from gql.db.queries.customers import COLUMNS, customers, to_row
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, Seeks, in_bucket, merged, parameters, shapes_of
from gql.domain.criteria import Expression, may_be_told
from gql.domain.policies import AccessMap


@dataclass(frozen=True, slots=True)
class CriteriaTotal:
    """Counts the customers who fit, of those whom the viewer sees and may be told of."""

    expression: Expression
    today: date


@dataclass(frozen=True, slots=True)
class CriteriaSample:
    """The first so many of them, by name."""

    expression: Expression
    today: date
    size: int


def _buckets(access: AccessMap, expression: Expression) -> list[BucketShape]:
    """Those of which the viewer may be told who fits: the rows of others would tell what is withheld."""
    shapes = zip(shapes_of(access), access.buckets, strict=True)
    return [shape for shape, bucket in shapes if may_be_told(expression, bucket.access)]


async def count_fitting(database: Database, access: AccessMap, total: CriteriaTotal) -> int:
    """How many customers fit. One statement."""
    buckets = _buckets(access, total.expression)
    if not buckets:
        return 0
    do_fit, bound = fits(database.dialect, total.expression, total.today)
    counts = [
        select(func.count().label("n")).select_from(customers).where(*in_bucket(database.dialect, bucket), do_fit)
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
    do_fit, bound = fits(database.dialect, sample.expression, sample.today)

    def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
        return select(*COLUMNS).where(*predicates, do_fit)

    statement = merged(database.dialect, buckets, [build], lambda of: [of.name, of.id], "sample_size", Seeks.AT_ONCE)
    bound = {**bound, **parameters(access), "sample_size": sample.size}
    return [to_row(row, access) for row in await database.rows(statement, bound, by_values=True)]


async def samples_fitting(
    database: Database, access: AccessMap, samples: Sequence[CriteriaSample]
) -> list[list[CustomerRow]]:
    """The samples of several rules, a statement each: a loader's batch."""
    return [await sample_fitting(database, access, sample) for sample in samples]
