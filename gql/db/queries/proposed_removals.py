"""Members who are proposed to be removed: a group's, of customers whom the viewer sees, and single ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Customer, FailedCriterion, GroupCheck, ProposedRemoval
from gql.db.queries import below, keyset
from gql.db.queries.records import of_visible
from gql.db.removal_rows import ProposedRemovalRow
from gql.db.visibility import BucketShape, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.proposed_removals import ProposalStatus

_p = ProposedRemoval.__table__.c
_k = GroupCheck.__table__.c
_criteria = FailedCriterion.__table__
_customers = Customer.__table__
_OF_PROPOSALS: Final = (
    _p.id,
    _p.group_id,
    _p.membership_id,
    _p.customer_id,
    _p.status,
    _p.found_at,
    _p.decided_at,
    _p.decided_by_id,
    _p.reason,
    _p.kept_until,
    _criteria.c.part,
    _customers.c.account_manager_id,
    _customers.c.office_id,
)
_WIDTH: Final = len(_OF_PROPOSALS) - 2
"""Columns of a ProposedRemovalRow: those of the customer say what the viewer sees."""
_PROPOSALS: Final = select(*_OF_PROPOSALS).join_from(
    ProposedRemoval, FailedCriterion, _criteria.c.id == _p.criterion_id
)
_WITH_CUSTOMERS: Final = _PROPOSALS.join(Customer, _customers.c.id == _p.customer_id)


@dataclass(frozen=True, slots=True)
class ProposalsRequest:
    """A page of a group's proposals, all or those of one status."""

    page: PageRequest
    status: ProposalStatus | None = None


@dataclass(frozen=True, slots=True)
class ProposalsTotal:
    """Counts a group's proposals, all or those of one status, of customers whom the viewer sees."""

    group_id: UUID
    status: ProposalStatus | None


def _rows(status: ProposalStatus | None) -> Select[Any]:
    return _WITH_CUSTOMERS if status is None else _WITH_CUSTOMERS.where(_p.status == status)


def _made(row: AnyRow, access: AccessMap) -> ProposedRemovalRow:
    facts: list[Any] = [*row[:_WIDTH], access.to(row.customer_id, row.account_manager_id, row.office_id)]
    return ProposedRemovalRow(*facts)


@lru_cache(maxsize=256)
def _pages(
    dialect: Dialect, status: ProposalStatus | None, page: keyset.PageShape, buckets: tuple[BucketShape, ...]
) -> Select[Any]:
    return below.pages(dialect, _rows(status), _p.group_id, page, buckets)


async def proposals_of(
    database: Database, access: AccessMap, group_ids: Sequence[UUID], request: ProposalsRequest
) -> list[Page[Edge[ProposedRemovalRow]]]:
    """The same page of each group's proposals, of customers whom the viewer sees. One statement."""
    page = request.page

    def edge(row: AnyRow) -> tuple[UUID, Edge[ProposedRemovalRow]]:
        return row.group_id, keyset.edge(_made(row, access), page.sort)

    return await below.read_pages(
        database,
        _pages(database.dialect, request.status, keyset.shape_of(page), shapes_of(access)),
        group_ids,
        page,
        edge=edge,
        total=lambda group_id: ProposalsTotal(group_id, request.status),
        parameters=parameters(access),
    )


@lru_cache(maxsize=64)
def _counts(dialect: Dialect, status: ProposalStatus | None, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return below.counts(dialect, _rows(status), _p.group_id, buckets)


async def count_proposals(database: Database, access: AccessMap, totals: Sequence[ProposalsTotal]) -> list[int]:
    """How many proposals each group has, of customers whom the viewer sees. One statement a status."""
    found: dict[ProposalsTotal, int] = {}
    for status in {total.status for total in totals}:
        alike = [total for total in totals if total.status is status]
        statement = _counts(database.dialect, status, shapes_of(access))
        counts = await below.read_counts(database, statement, [one.group_id for one in alike], parameters(access))
        found.update(zip(alike, counts, strict=True))
    return [found[total] for total in totals]


@lru_cache(maxsize=64)
def _by_id(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return of_visible(dialect, _PROPOSALS, _p.customer_id, buckets)


async def proposals_by_id(
    database: Database, access: AccessMap, ids: Sequence[UUID]
) -> list[ProposedRemovalRow | None]:
    """The proposals about visible customers, in the order of `ids`; None for any other, there or not."""
    statement = _by_id(database.dialect, shapes_of(access))
    rows = await database.rows(statement, {"ids": list(ids), **parameters(access)})
    found = {row.id: _made(row, access) for row in rows}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _checks(dialect: Dialect) -> Select[Any]:
    return select(_k.group_id, _k.checked_at).where(dialect.is_one_of(_k.group_id, "ids"))


async def checked_at_of(database: Database, group_ids: Sequence[UUID]) -> list[Any]:
    """When each group's members were last looked at, to the end; None where they never were."""
    rows = await database.rows(_checks(database.dialect), {"ids": list(group_ids)})
    found = {row.group_id: row.checked_at for row in rows}
    return [found.get(key) for key in group_ids]
