"""Look at all members of a group, and write down who doesn't fit its rule any more.

A batch is one transaction, which holds the group in share: nobody joins, leaves or changes the rule meanwhile, and the
customers themselves wait for nothing. Locks are taken in the order group → its check → its proposals. A batch begins
where the last one ended, whoever made that; what is proposed was true when the member was looked at, and is examined
again, behind the customer's lock, when somebody decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import append, many_appended
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer, FailedCriterion, Group, GroupCheck, Membership, ProposedRemoval
from gql.domain.criteria import Expression, failing
from gql.domain.criteria_json import digest_of, parse, to_json
from gql.domain.enums import GroupStatus
from gql.domain.ids import new_id
from gql.domain.proposed_removals import ProposalStatus
from gql.domain.time import now, today
from gql.services.criteria_facts import criteria_facts_of
from gql.services.removal_rules import leaving_of, make_due, rules_of

BATCH: Final = 500
"""Members of a transaction: others who change the group wait for a tenth of a second or so."""
LEASE: Final = timedelta(seconds=30)
RULES: Final = frozenset({"criteria", "removal_statuses", "removes_graduated"})
"""Columns of a group by which members are looked at."""

_c: Any = Customer.__table__.c
_m: Any = Membership.__table__.c
_MEMBERS: Final = (
    select(
        _m.id.label("membership_id"),
        _m.since,
        _c.id,
        _c.status,
        _c.office_id,
        _c.tier,
        _c.oldest_unpaid_due_on,
        _c.created_at,
    )
    .join_from(Membership, Customer, _m.customer_id == _c.id)
    .where(_m.until.is_(None))
    .order_by(_m.since, _m.id)
)


@dataclass(frozen=True, slots=True)
class Known:
    """A proposal that is undecided, or was decided so that it still counts."""

    id: UUID
    status: ProposalStatus
    criterion_id: UUID


@dataclass(slots=True)
class _Findings:
    """What is other than what is known, of a batch."""

    proposed: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Memberships about which nothing is undecided yet, each with the criterion."""
    obsolete: list[UUID] = field(default_factory=list)
    lapsed: list[UUID] = field(default_factory=list)
    """Proposals of members who were kept and fit again: what comes again is a reason again."""
    changed: dict[UUID, list[UUID]] = field(default_factory=dict)
    """Proposals whose member fails another criterion now, by that one."""

    def judge(self, membership_id: UUID, criterion_id: UUID | None, known: Sequence[Known]) -> None:
        """Of one member: the criterion that they fail, if any, and what counts about them."""
        kept = [one for one in known if one.status is ProposalStatus.KEPT]
        undecided = [one for one in known if one.status is ProposalStatus.PROPOSED]
        if criterion_id is None:
            self.lapsed += [one.id for one in kept]
        if criterion_id is None or any(one.criterion_id == criterion_id for one in kept):
            self.obsolete += [one.id for one in undecided]
        elif not undecided:
            self.proposed.append((membership_id, criterion_id))
        else:
            others = [one.id for one in undecided if one.criterion_id != criterion_id]
            self.changed.setdefault(criterion_id, []).extend(others)

    def changes(self) -> Iterator[tuple[Sequence[UUID], dict[str, Any]]]:
        """Which proposals get which values."""
        yield self.obsolete, {"status": ProposalStatus.OBSOLETE, "decided_at": now()}
        yield self.lapsed, {"kept_until": now()}
        for criterion_id, ids in self.changed.items():
            yield ids, {"criterion_id": criterion_id}


async def begin_check(session: AsyncSession, dialect: Dialect, group: Group, holder: UUID) -> GroupCheck:
    """Have a held group's members looked at from the first on, by who asks for it."""
    check = await _held_check(session, dialect, group.id)
    check.began_at, check.after_since, check.after_id = now(), None, None
    check.lease_by, check.lease_until, check.failures = holder, now() + LEASE, 0
    return check


async def check_batch(database: Database, group_id: UUID, holder: UUID, batch: int = BATCH) -> bool:
    """Look at the next members; tells whether there are more.

    Begins a look where none is under way and the day has had none; does nothing where somebody else is at it, or was.
    """
    async with database.begin() as session:
        group = await session.get_one(Group, group_id, with_for_update={"read": True})
        check = await _held_check(session, database.dialect, group_id)
        moment = now()
        if check.lease_by not in (None, holder) and check.lease_until is not None and check.lease_until > moment:
            return False
        if group.status is GroupStatus.ARCHIVED:
            _end(check)
            return False
        if check.began_at is None:
            if not is_due(check.checked_at, moment):
                return False
            check.began_at = moment
        check.failures = 0
        if await _look(session, database.dialect, group, check, batch):
            check.lease_by, check.lease_until = holder, moment + LEASE
            return True
        check.checked_at = check.began_at
        _end(check)
        return False


async def look_anew(session: AsyncSession, group_id: UUID) -> None:
    """Have a held group's members looked at soon, from the first on: its rules are others."""
    theirs = update(GroupCheck).where(GroupCheck.group_id == group_id)
    nothing = dict.fromkeys(("checked_at", "began_at", "after_since", "after_id"))
    await session.execute(theirs.values(nothing).execution_options(synchronize_session=False))


async def leave(database: Database, group_id: UUID, holder: UUID) -> bool:
    """Leave the rest of a look to whoever comes next; tells whether there is any."""
    async with database.begin() as session:
        check = await _held_check(session, database.dialect, group_id)
        if check.lease_by == holder:
            check.lease_by = check.lease_until = None
        return check.began_at is not None


def _end(check: GroupCheck) -> None:
    check.began_at = check.after_since = check.after_id = check.lease_by = check.lease_until = None


def is_due(checked_at: datetime | None, moment: datetime) -> bool:
    """Whether the members were not looked at on the moment's day yet; days begin at midnight in UTC."""
    return checked_at is None or checked_at < start_of_day(moment)


def start_of_day(moment: datetime) -> datetime:
    """Midnight, in UTC."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


async def _held_check(session: AsyncSession, dialect: Dialect, group_id: UUID) -> GroupCheck:
    await dialect.insert_if_new(session, GroupCheck, {"group_id": group_id, "failures": 0})
    return await session.get_one(GroupCheck, group_id, with_for_update=True)


async def _look(session: AsyncSession, dialect: Dialect, group: Group, check: GroupCheck, batch: int) -> bool:
    if group.criteria is None:
        await _forget_rule(session, group.id)
        if not rules_of(group).remove_anybody:
            return False
    members = _MEMBERS.where(_m.group_id == group.id).limit(batch)
    if check.after_id is not None:
        members = members.where(tuple_(_m.since, _m.id) > tuple_(check.after_since, check.after_id))
    rows = (await session.execute(members)).all()
    moment = now()
    if rows:
        leaving = await leaving_of(session, dialect, group, rows)
        await make_due(session, dialect, group.id, {row.membership_id: row.id for row in rows if row.id in leaving})
        staying = [row for row in rows if row.id not in leaving]
        if group.criteria is not None and await _judge(session, dialect, group, staying):
            check.tell_since = check.tell_since or moment
        check.after_since, check.after_id = rows[-1].since, rows[-1].membership_id
    return len(rows) == batch


async def _judge(session: AsyncSession, dialect: Dialect, group: Group, members: Sequence[Any]) -> bool:
    """By the criteria; tells whether anybody was proposed who was not before."""
    expression = parse(group.criteria)
    facts = await criteria_facts_of(session, dialect, members, expression, today())
    failed = {one.membership_id: failing(expression, facts[one.id]) for one in members}
    return await _write_down(session, dialect, group.id, {one.membership_id: one.id for one in members}, failed)


async def _forget_rule(session: AsyncSession, group_id: UUID) -> None:
    """Everybody fits where there is no rule."""
    undecided = (ProposedRemoval.group_id == group_id, ProposedRemoval.status == ProposalStatus.PROPOSED)
    await _change(session, *undecided, status=ProposalStatus.OBSOLETE, decided_at=now())
    still_kept = (ProposedRemoval.group_id == group_id, ProposedRemoval.kept_until > now())
    await _change(session, *still_kept, kept_until=now())


async def _write_down(
    session: AsyncSession,
    dialect: Dialect,
    group_id: UUID,
    customers: Mapping[UUID, UUID],
    failed: Mapping[UUID, Expression | None],
) -> bool:
    """Propose, or take back, what is other than what is known; tells whether anybody is new. Both are by membership."""
    criteria = await _criteria(session, dialect, group_id, {part for part in failed.values() if part is not None})
    known = await known_of(session, dialect, customers)
    found = _Findings()
    for membership_id, part in failed.items():
        found.judge(membership_id, None if part is None else criteria[part], known.get(membership_id, ()))
    async with many_appended(session, dialect):
        for membership_id, criterion_id in found.proposed:
            _propose(session, group_id, membership_id, customers[membership_id], criterion_id)
    their_ids = dialect.is_one_of(ProposedRemoval.__table__.c.id, "ids")
    for ids, values in found.changes():
        if ids:
            await _change(session, their_ids, bound=ids, **values)
    return bool(found.proposed)


def _propose(session: AsyncSession, group_id: UUID, membership_id: UUID, customer_id: UUID, criterion_id: UUID) -> None:
    references = {"group_id": group_id, "membership_id": membership_id, "customer_id": customer_id}
    undecided = {"status": ProposalStatus.PROPOSED, "found_at": now(), "criterion_id": criterion_id}
    append(session, ProposedRemoval, {**references, **undecided})


async def _change(session: AsyncSession, *which: Any, bound: Sequence[UUID] | None = None, **values: Any) -> None:
    statement = update(ProposedRemoval).where(*which).values(values)
    parameters = {} if bound is None else {"ids": list(bound)}
    await session.execute(statement.execution_options(synchronize_session=False), parameters)


async def known_of(
    session: AsyncSession, dialect: Dialect, membership_ids: Mapping[UUID, Any]
) -> Mapping[UUID, Sequence[Known]]:
    """Of each membership what counts: what is undecided, and what keeps it from being proposed again."""
    c: Any = ProposedRemoval.__table__.c
    counts = (c.status == ProposalStatus.PROPOSED) | (c.kept_until > now())
    columns = (c.membership_id, c.id, c.status, c.criterion_id)
    statement = select(*columns).where(dialect.is_one_of(c.membership_id, "ids"), counts)
    found: dict[UUID, list[Known]] = {}
    for membership_id, *facts in await session.execute(statement, {"ids": list(membership_ids)}):
        found.setdefault(membership_id, []).append(Known(*facts))
    return found


async def _criteria(
    session: AsyncSession, dialect: Dialect, group_id: UUID, parts: set[Expression]
) -> Mapping[Expression, UUID]:
    """The record of each part of a group's rule that somebody doesn't meet, made where there is none."""
    if not parts:
        return {}
    written = {part: to_json(part) for part in parts}
    digests = {part: digest_of(one) for part, one in written.items()}
    c: Any = FailedCriterion.__table__.c
    alike = select(c.digest, c.id).where(c.group_id == group_id, dialect.is_one_of(c.digest, "digests"))

    async def there() -> dict[str, UUID]:
        return {row.digest: row.id for row in await session.execute(alike, {"digests": list(digests.values())})}

    found = await there()
    missing = [part for part in parts if digests[part] not in found]
    for part in missing:
        values = {"id": new_id(), "group_id": group_id, "digest": digests[part], "part": written[part]}
        await dialect.insert_if_new(session, FailedCriterion, values)
    if missing:
        found = await there()
    return {part: found[digests[part]] for part in parts}
