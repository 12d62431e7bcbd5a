"""Have a group's members looked at now, rather than at night: `checkGroupDrift`."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gql.db.engine import Database
from gql.domain import proposed_removals as rules
from gql.domain.enums import GroupStatus
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.proposed_removals import DriftErrorCode
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.group_checks import begin_check, check_batch, leave
from gql.services.idempotency import Once
from gql.services.memberships import visible_group

PATIENCE_SECONDS: Final = 3.0
"""For the batches of one request: long enough for ten thousand members, and no longer than a person minds waiting."""


@dataclass(frozen=True, slots=True)
class CheckGroupDrift:
    """The wish: this group's members, from the first on."""

    group_id: UUID
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class DriftChecked:
    """What came of it. `finished`: all were looked at; else the rest is done by itself, beginning within seconds."""

    group_id: UUID
    finished: bool
    replayed: bool = False


async def check_group_drift(
    database: Database, actor: Actor, viewer: AdminViewer, wish: CheckGroupDrift, patience: float = PATIENCE_SECONDS
) -> DriftChecked:
    """Begin a look at all members, and do of it what can be waited for.

    Raises Refused (DriftErrorCode), with every reason at once, and writes nothing then.
    """
    holder = new_id()
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "checkGroupDrift", wish.idempotency_key, DriftErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is None:
            group = await visible_group(session, viewer, wish.group_id)
            refusals = [] if group is not None else [rules.GROUP_NOT_FOUND]
            if not viewer.may(Permission.GROUP_MEMBERS_WRITE):
                raise Refused(*refusals, rules.FORBIDDEN)
            if group is not None and group.status is GroupStatus.ARCHIVED:
                refusals.append(rules.GROUP_ARCHIVED)
            if group is not None and group.criteria is None:
                refusals.append(rules.NO_CRITERIA)
            refuse(refusals)
            assert group is not None  # noqa: S101 - refused otherwise
            await begin_check(session, database.dialect, group, holder)
            audit.record(session, actor, "group.drift_check_begun", subject_kind="group", subject_id=group.id)
            await once.keep({"group_id": str(group.id)})
    until = time.monotonic() + patience
    more = earlier is None
    while more and time.monotonic() < until:
        more = await check_batch(database, wish.group_id, holder)
    is_left = await leave(database, wish.group_id, holder)
    return DriftChecked(wish.group_id, finished=not is_left, replayed=earlier is not None)
