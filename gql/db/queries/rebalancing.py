"""What a rebalancing is worked out from: the tree of offices, who can take part, and the customers of their books."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Admin, Assignment, Customer, CustomerTag
from gql.db.queries.admins import assignable
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.policies import AccessMap

_admins = Admin.__table__
_assignments = Assignment.__table__
_customers = Customer.__table__
_tags = CustomerTag.__table__


@lru_cache(maxsize=8)
def _assignable(dialect: Dialect) -> Select[Any]:
    of_these = dialect.is_one_of(_admins.c.office_id, "offices")
    return select(_admins.c.id, _admins.c.office_id).where(of_these, *assignable()).order_by(_admins.c.id)


async def assignable_of(database: Database, office_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The admins of these offices who can be made account managers, and where each works."""
    rows = await database.rows(_assignable(database.dialect), {"offices": sorted(office_ids)})
    return {row.id: row.office_id for row in rows}


@lru_cache(maxsize=64)
def _books_in_full(dialect: Dialect, in_full: tuple[BucketShape, ...]) -> Select[Any]:
    is_open = (_assignments.c.customer_id == _customers.c.id) & _assignments.c.ended_at.is_(None)
    is_kept = select(_tags.c.tag).where(_tags.c.customer_id == _customers.c.id, dialect.is_one_of(_tags.c.tag, "tags"))
    columns = (
        _customers.c.id,
        _customers.c.office_id,
        _customers.c.account_manager_id,
        _customers.c.status,
        is_kept.exists().label("is_kept"),
    )
    of_these = dialect.is_one_of(_customers.c.account_manager_id, "managers")
    return (
        select(*columns)
        .outerjoin_from(_customers, _assignments, is_open)
        .where(of_these, is_visible(dialect, in_full))
        .order_by(_assignments.c.started_at.desc(), _customers.c.id)
    )


async def books_in_full(
    database: Database, access: AccessMap, manager_ids: Sequence[UUID], tags: Collection[str]
) -> Sequence[AnyRow]:
    """The customers of these books whom the viewer sees in full, those first who came last. `is_kept`: has such a tag.

    Rows of `id`, `office_id`, `account_manager_id`, `status` and `is_kept`. One statement.
    """
    shapes = zip(shapes_of(access), access.buckets, strict=True)
    in_full = tuple(shape for shape, bucket in shapes if bucket.access.is_full)
    bound = {"managers": list(manager_ids), "tags": sorted(tags), **parameters(access)}
    return await database.rows(_books_in_full(database.dialect, in_full), bound)
