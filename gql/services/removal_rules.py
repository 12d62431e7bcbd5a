"""Members whom a rule of their group removes: found where something changes, and removed soon after.

Whoever changes a customer writes down which memberships a rule may end, in the same transaction, and waits for no
group. Each is then looked at again behind the locks of the customer and the group, in this order, as by hand: who is
as before by then, or whose group has other rules, stays. What fails is tried again, for ever. Each night all members
are looked at (`group_checks.py`), so that nobody is missed who was changed in any other way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import many_appended
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer, DueRemoval, Group, Membership
from gql.domain.enums import CustomerStatus, GroupStatus, SubjectKind
from gql.domain.errors import Refusal
from gql.domain.groups import GroupTerms
from gql.domain.removal_rules import LOANS_WITHHELD, Leaving, RemovalRules, status_refusals
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.graduation import graduated
from gql.services.group_digests import note_to_tell
from gql.services.membership_removals import end_membership

BATCH: Final = 200
_FIRST_DELAY: Final = timedelta(seconds=5)
_LONGEST_DELAY: Final = timedelta(minutes=10)
_MOST_DOUBLED: Final = 10
_HELD_UP: Final = timedelta(seconds=2)
"""After which a customer is looked at again whom somebody else is changing."""
_SYSTEM: Final = Actor(SubjectKind.SYSTEM, None)

_c: Any = Customer.__table__.c
_d: Any = DueRemoval.__table__.c
_g: Any = Group.__table__.c
_m: Any = Membership.__table__.c


def has_rules() -> ColumnElement[bool]:
    """Whether a row of `groups` has any."""
    return or_(_g.removes_graduated, cast(_g.removal_statuses, Text()) != "[]")


def rules_of(group: Any) -> RemovalRules:
    """A group's, of its record or a row of it; none of an archived one, whose members stay as they were."""
    if group.status is GroupStatus.ARCHIVED:
        return RemovalRules(frozenset(), on_graduation=False)
    return RemovalRules(frozenset(group.removal_statuses), group.removes_graduated)


def removal_rule_refusals(viewer: AdminViewer, terms: GroupTerms, present: Group | None = None) -> Iterator[Refusal]:
    """Why a group can't have these rules. Who makes the one about loans sees those of everybody whom they see."""
    yield from status_refusals(terms.removal_statuses)
    is_new = terms.removes_graduated and not (present is not None and present.removes_graduated)
    if is_new and not all(bucket.access.is_full for bucket in viewer.access.buckets):
        yield LOANS_WITHHELD


async def status_has_changed(
    session: AsyncSession, dialect: Dialect, customer_id: UUID, status: CustomerStatus
) -> None:
    """Have the groups of a held customer ask their rules about a new status."""
    await _ask(session, dialect, customer_id, lambda rules: status.value in rules.statuses)


async def loans_have_changed(session: AsyncSession, dialect: Dialect, customer_id: UUID) -> None:
    """The same where a loan was paid back, or something that was asked for won't be lent."""
    await _ask(session, dialect, customer_id, lambda rules: rules.on_graduation)


async def _ask(
    session: AsyncSession, dialect: Dialect, customer_id: UUID, concerns: Callable[[RemovalRules], bool]
) -> None:
    columns = (_m.id, _m.group_id, _m.since, _g.status, _g.removal_statuses, _g.removes_graduated)
    within = select(*columns).join_from(Membership, Group, _g.id == _m.group_id)
    rows = await session.execute(within.where(_m.customer_id == customer_id, _m.until.is_(None), has_rules()))
    for row in rows.all():
        if concerns(rules_of(row)):
            await make_due(session, dialect, row.group_id, {row.id: customer_id})


async def make_due(session: AsyncSession, dialect: Dialect, group_id: UUID, customers: Mapping[UUID, UUID]) -> None:
    """Have memberships looked at, by the customers whose they are; those that are to be looked at already stay so."""
    moment = now()
    for membership_id, customer_id in customers.items():
        values = {"membership_id": membership_id, "group_id": group_id, "customer_id": customer_id}
        await dialect.insert_if_new(
            session, DueRemoval, {**values, "asked_at": moment, "try_at": moment, "failures": 0}
        )


async def leaving_of(
    session: AsyncSession, dialect: Dialect, group: Any, members: Sequence[Any]
) -> dict[UUID, Leaving]:
    """Why each member leaves, of those who do. A member has `id`, the customer's; `status` and `since`."""
    rules = rules_of(group)
    if not rules.remove_anybody:
        return {}
    done: frozenset[UUID] = frozenset()
    if rules.on_graduation:
        done = await graduated(session, dialect, [(one.id, one.since) for one in members])
    found = {one.id: rules.leaving(one.status, has_graduated=one.id in done) for one in members}
    return {key: leaving for key, leaving in found.items() if leaving is not None}


async def next_due(database: Database, but: Sequence[UUID]) -> tuple[UUID, list[UUID]] | None:
    """The next memberships to look at, and their group; `but` names groups to leave alone. None where there are none.

    What has failed before is tried by itself, so that it fails no others.
    """
    ready = select(_d.group_id, _d.membership_id, _d.failures).where(_d.try_at <= now()).order_by(_d.try_at)
    others = ~database.dialect.is_one_of(_d.group_id, "but")
    first = await database.rows(ready.where(others).limit(1), {"but": list(but)})
    if not first:
        return None
    [row] = first
    if row.failures:
        return row.group_id, [row.membership_id]
    alike = ready.where(_d.group_id == row.group_id, _d.failures == 0).limit(BATCH)
    return row.group_id, [one.membership_id for one in await database.rows(alike)]


async def remove_due(database: Database, group_id: UUID, membership_ids: Sequence[UUID]) -> int:
    """Look at memberships of a group that are due, and end those that a rule ends; answers how many were looked at."""
    dialect = database.dialect
    async with database.begin() as session:
        these = select(_d.membership_id, _d.customer_id).where(dialect.is_one_of(_d.membership_id, "ids"))
        due = (await session.execute(dialect.skip_locked(these), {"ids": list(membership_ids)})).all()
        wanted = select(_c.id).where(dialect.is_one_of(_c.id, "ids")).order_by(_c.id)
        ids = {"ids": sorted(row.customer_id for row in due)}
        held = set(await session.scalars(dialect.skip_locked(wanted), ids))
        mine = [row.membership_id for row in due if row.customer_id in held]
        group = await session.get_one(Group, group_id, with_for_update=True)
        if mine:
            await _end(session, dialect, group, mine)
        others = [row.membership_id for row in due if row.customer_id not in held]
        await _try_later(session, dialect, others, now() + _HELD_UP)
        return len(mine)


async def _end(session: AsyncSession, dialect: Dialect, group: Group, ids: Sequence[UUID]) -> None:
    """Those of whom a rule says so, of memberships whose customers are held; of none there is anything left to do."""
    columns = select(_m.id.label("membership_id"), _m.customer_id.label("id"), _m.since, _c.status)
    theirs = (dialect.is_one_of(_m.id, "ids"), _m.until.is_(None))
    of_these = columns.join_from(Membership, Customer, _c.id == _m.customer_id).where(*theirs)
    members = (await session.execute(of_these, {"ids": list(ids)})).all()
    leaving = await leaving_of(session, dialect, group, members)
    records = await session.scalars(select(Membership).where(*theirs), {"ids": list(ids)})
    moment = now()
    async with many_appended(session, dialect):
        for membership in records:
            why = leaving.get(membership.customer_id)
            if why is not None:
                end_membership(session, _SYSTEM, group, membership, why.reason, rule=why.rule.value)
    if leaving:
        await note_to_tell(session, dialect, group.id, moment)
    done = delete(DueRemoval).where(dialect.is_one_of(_d.membership_id, "ids"))
    await session.execute(done.execution_options(synchronize_session=False), {"ids": list(ids)})


def delay_after(failures: int) -> timedelta:
    """How long to wait with what has failed so often before."""
    doubled: int = 2 ** min(failures, _MOST_DOUBLED)
    return min(_FIRST_DELAY * doubled, _LONGEST_DELAY)


async def put_off(database: Database, membership_ids: Sequence[UUID]) -> None:
    """Memberships that could not be looked at: each is tried again by itself, after a while that becomes longer."""
    async with database.begin() as session:
        these = select(DueRemoval).where(database.dialect.is_one_of(_d.membership_id, "ids"))
        due = await session.scalars(database.dialect.skip_locked(these), {"ids": list(membership_ids)})
        for one in due:
            one.try_at = now() + delay_after(one.failures)
            one.failures += 1


async def _try_later(session: AsyncSession, dialect: Dialect, ids: Sequence[UUID], moment: datetime) -> None:
    if ids:
        later = update(DueRemoval).where(dialect.is_one_of(_d.membership_id, "ids")).values(try_at=moment)
        await session.execute(later.execution_options(synchronize_session=False), {"ids": list(ids)})
