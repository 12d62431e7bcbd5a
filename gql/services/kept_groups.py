"""Keep a group that nobody uses, rather than have it suggested for archive."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from gql.db.engine import Database
from gql.domain import unused_groups as rules
from gql.domain.groups import VERSION_CONFLICT, GroupErrorCode
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.group_changes import GroupChanged, kept, locked_group, replayed
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class KeepGroup:
    """The wish. `expected_version` is the version that the wisher saw."""

    group_id: UUID
    reason: str
    expected_version: int | None = None
    idempotency_key: str | None = None


async def keep_group(
    database: Database, actor: Actor, viewer: AdminViewer, wish: KeepGroup, *, unused_days: int
) -> GroupChanged:
    """Have the group suggested again after as long as it takes a group to be suggested at all.

    It is neither a change of the group, whose version stays, nor a use. Raises Refused (GroupErrorCode), with every
    reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "keepGroup", wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return replayed(wish.group_id, earlier)
        group, moment = await locked_group(session, viewer, wish.group_id), now()
        refusals = [*rules.keep_refusals(group.status, group.last_used_at, group.kept_until, moment, unused_days)]
        if wish.expected_version is not None and wish.expected_version != group.version:
            refusals.append(VERSION_CONFLICT)
        refuse(refusals)
        group.kept_until = moment + timedelta(days=unused_days)
        group.kept_reason, group.kept_by_id = wish.reason, viewer.admin_id
        audit.record(
            session,
            actor,
            "group.kept",
            subject_kind="group",
            subject_id=group.id,
            details={"until": group.kept_until.isoformat(), "reason": wish.reason},
        )
        return await kept(once, group, changed=True)
