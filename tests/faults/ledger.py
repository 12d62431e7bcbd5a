"""What the database holds after a fault, held against what clients were told."""

from collections import Counter
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from gql.db.engine import Database
from gql.db.models import Assignment, Customer, Group, Membership, OutboxMessage
from gql.domain.enums import OutboxStatus
from gql.domain.ids import Kind, to_global_id
from tests.faults.load import Told

MAILS_OF_ASSIGNMENT = 3
"""To the customer, to the new manager, to the old one."""


async def check_kept(database: Database, told: Told) -> None:
    """Every acknowledged change is there, once; nothing is half-written."""
    spans = await database.rows(select(*Assignment.__table__.c).order_by(Assignment.started_at, Assignment.id))
    changes = Counter((to_global_id(Kind.CUSTOMER, row.customer_id), row.reason) for row in spans if row.reason)
    assert [change for change in told.assigned if changes[change] == 0] == [], "acknowledged and lost"
    assert {change: n for change, n in changes.items() if n > 1} == {}, "done twice"
    await _check_chains(database, spans)
    await _check_members(database, told)
    await _check_mails(database, [row.id for row in spans if row.reason])


async def _check_chains(database: Database, spans: Any) -> None:
    """Each history has no gap, and its open end is what the customer's own row says."""
    managers = {row.id: row.account_manager_id for row in await database.rows(select(*Customer.__table__.c))}
    chains: dict[Any, list[Any]] = {}
    for span in spans:
        chains.setdefault(span.customer_id, []).append(span)
    for customer_id, chain in chains.items():
        assert all(earlier.ended_at == later.started_at for earlier, later in pairwise(chain))
        assert (chain[-1].ended_at, chain[-1].admin_id) == (None, managers[customer_id])


async def _check_members(database: Database, told: Told) -> None:
    rows = await database.rows(select(Membership.group_id, Membership.customer_id))
    held = Counter((to_global_id(Kind.GROUP, g), to_global_id(Kind.CUSTOMER, c)) for g, c in rows)
    assert [place for place in told.added if held[place] == 0] == [], "acknowledged and lost"
    assert {place: n for place, n in held.items() if n > 1} == {}, "done twice"
    counted = await database.rows(select(Group.id, Group.member_count))
    members = Counter(row.group_id for row in rows)
    assert {row.id: row.member_count for row in counted} == {row.id: members[row.id] for row in counted}


async def _check_mails(database: Database, assignment_ids: list[Any]) -> None:
    """Each change has all its mails, as they were written with it."""
    rows = await database.rows(select(OutboxMessage.subject_id, func.count()).group_by(OutboxMessage.subject_id))
    assert {row[0]: row[1] for row in rows} == dict.fromkeys(assignment_ids, MAILS_OF_ASSIGNMENT)


async def waiting_mails(database: Database) -> int:
    """How many mails are still to be delivered."""
    waits = OutboxMessage.status != OutboxStatus.DELIVERED
    [row] = await database.rows(select(func.count().label("n")).select_from(OutboxMessage).where(waits))
    return int(row.n)
