"""Reads of customers on record: by roles whose reads are audited, and by covers; and who had access explained.

Events are handed over before the answer leaves and written in batches off the read path, within a fraction of a
second; a clean stop writes all of them. A crash can lose those of the last `PAUSE_SECONDS`. While the database takes
none they wait in memory, and once `MOST_WAITING` do, audited reads are refused: nothing is shown unrecorded.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import insert

from gql.db.engine import Database
from gql.db.models import AuditEvent
from gql.domain.errors import Unavailable
from gql.domain.ids import new_id
from gql.domain.policies import Access
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor

ACTION: Final = "customer.read"
UNDER_COVER: Final = "customer.read_under_cover"
EXPLAINED: Final = "customer.access_explained"
PAUSE_SECONDS: Final = 0.25
MOST_WAITING: Final = 20_000
_BATCH: Final = 1_000
_LAST_TRIES: Final = 20
"""How often a stopping server tries, a pause apart, to write what is left."""

_log = structlog.stdlib.get_logger(__name__)


class ReadRecorder:
    """The events of one process that are still to be written."""

    def __init__(self, database: Database, *, most_waiting: int = MOST_WAITING) -> None:
        self._database = database
        self._most_waiting = most_waiting
        self._waiting: list[dict[str, Any]] = []
        self._writing = asyncio.Lock()

    def note(self, actor: Actor, customers: Mapping[UUID, UUID | None], *, after_write: bool = False) -> None:
        """One event for each customer, whose value is the cover by which they are seen, if any.

        Raises Unavailable, and notes nothing, when too many wait already.

        Not `after_write`: what was written can't be refused any more, and its answer must not say that it was.
        """
        if not after_write:
            self._hold_back()
        moment = now()
        for customer_id, cover_id in customers.items():
            action, details = (ACTION, {}) if cover_id is None else (UNDER_COVER, {"cover_id": str(cover_id)})
            self._waiting.append(_event(actor, action, customer_id, moment, details))

    def note_explained(self, actor: Actor, customer_id: UUID, admin_id: UUID) -> None:
        """One event: the actor asked why that admin sees the customer as they do. Raises Unavailable likewise."""
        self._hold_back()
        self._waiting.append(_event(actor, EXPLAINED, customer_id, now(), {"admin_id": str(admin_id)}))

    def _hold_back(self) -> None:
        if len(self._waiting) >= self._most_waiting:
            raise Unavailable

    async def flush(self) -> None:
        """Write what waits. Raises what the database does, and keeps the events then."""
        async with self._writing:
            while self._waiting:
                batch = self._waiting[:_BATCH]
                async with self._database.begin() as session:
                    await session.execute(insert(AuditEvent), batch)
                del self._waiting[: len(batch)]

    async def run(self, stop: asyncio.Event) -> None:
        """Write what comes until `stop` is set, and then the rest. Goes on after any failure of the database."""
        while not stop.is_set():
            await self._try()
            try:
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
            except TimeoutError:
                continue
        for _ in range(_LAST_TRIES):
            if await self._try():
                return
            await asyncio.sleep(PAUSE_SECONDS)
        _log.error("reads.lost", events=len(self._waiting))

    async def _try(self) -> bool:
        try:
            await self.flush()
        except Exception as error:
            _log.warning("reads.not_written", events=len(self._waiting), error=type(error).__qualname__)
            return False
        return True


def to_note(viewer: AdminViewer, seen: Mapping[UUID, Access]) -> dict[UUID, UUID | None]:
    """Of customers whom the viewer is shown: those to put on record, with the cover by which they are seen, if any."""
    if viewer.reads_audited:
        return {key: access.cover_id for key, access in seen.items()}
    if viewer.access.has_covers:
        return {key: access.cover_id for key, access in seen.items() if access.cover_id is not None}
    return {}


def _event(actor: Actor, action: str, customer_id: UUID, moment: datetime, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": moment,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "subject_kind": "customer",
        "subject_id": customer_id,
        "details": details,
        "request_id": actor.request_id,
        "customer_id": customer_id,
        "address": actor.address,
        "denied": False,
    }
