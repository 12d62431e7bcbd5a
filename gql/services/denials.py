"""Denied attempts on record: each an audit event in a transaction of its own, before the refusal is answered.

A flood of them fills no disk: of each account, or each address of nobody's, so many a minute are recorded one by one,
and of all together `MOST_A_MINUTE`. What is beyond is counted in memory, and the count recorded when the minute ends.
A clean stop records the counts; a crash loses those of the last minute.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import bindparam, select

from gql.auth.addresses import address_of
from gql.auth.networks import network_of
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Document
from gql.domain.enums import SubjectKind
from gql.services import audit
from gql.services.audit import Actor

MINUTE: Final = 60.0
MOST_A_MINUTE: Final = 600
COUNTED: Final = "denials.counted"
_LAST_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.25

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was asked for: its kind in words, and its ID as it was sent, whether or not there is such a record."""

    kind: str
    id: UUID | None
    customer_id: UUID | None = None


async def account_tried(database: Database, email: str, audience: SubjectKind) -> Subject | None:
    """Whose account somebody tried to sign in to, whether or not it may; None where there is none."""
    address = address_of(email)
    account = Admin if audience is SubjectKind.ADMIN else Customer
    found = await database.rows(_WITH_EMAIL[account], {"email": address}) if address else ()
    return Subject(audience.lower(), found[0].id) if found else None


async def document_tried(database: Database, document_id: UUID) -> Subject:
    """Which document somebody tried to send or fetch, and whose it is, where it is still there."""
    whose = select(Document.customer_id).where(Document.id == bindparam("id"))
    found = await database.rows(whose, {"id": document_id})
    return Subject("document", document_id, found[0].customer_id if found else None)


async def job_tried(database: Database, job_id: UUID) -> Subject:
    """For which job somebody tried to send a file, or of which to fetch the report."""
    return Subject("job", job_id)


_WITH_EMAIL: Final = {kind: select(kind.id).where(kind.email == bindparam("email")) for kind in (Admin, Customer)}


@dataclass(slots=True)
class _Minute:
    """The attempts of one stretch of a minute, by who made them."""

    ends: float
    recorded: Counter[Actor] = field(default_factory=Counter)
    beyond: dict[Actor, Counter[str]] = field(default_factory=dict)


class Denials:
    """Those of one process."""

    def __init__(self, database: Database, per_minute: int, *, minute: float = MINUTE) -> None:
        self._database = database
        self._per_minute = per_minute
        self._length = minute
        self._minute = _Minute(monotonic() + minute)
        self._over: list[_Minute] = []
        self._writing: set[asyncio.Task[None]] = set()

    async def record(self, actor: Actor, operation: str, codes: Iterable[str], subject: Subject | None) -> None:
        """Put one denied attempt on record. Raises Unavailable where that isn't possible at present.

        Whoever hangs up meanwhile is recorded all the same.
        """
        if not self._has_place(actor, operation):
            return
        details = {"codes": sorted(set(map(str, codes)))}
        task = asyncio.create_task(self._write(actor, f"{operation}.denied", details, subject))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        await asyncio.shield(task)

    async def run(self, stop: asyncio.Event) -> None:
        """Record the counts of minutes that have ended, and at the end what is left."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(1.0, self._length))
            self._turn()
            await self._try()
        await asyncio.gather(*self._writing, return_exceptions=True)
        self._minute.ends = 0
        self._turn()
        for _ in range(_LAST_TRIES):
            if await self._try():
                return
            await asyncio.sleep(_PAUSE_SECONDS)
        _log.error("denials.lost", events=sum(len(minute.beyond) for minute in self._over))

    def _has_place(self, actor: Actor, operation: str) -> bool:
        """Whether this one is recorded by itself; it is counted otherwise."""
        self._turn()
        who, minute = _who(actor), self._minute
        if minute.recorded[who] < self._per_minute and minute.recorded.total() < MOST_A_MINUTE:
            minute.recorded[who] += 1
            return True
        if who not in minute.beyond and len(minute.beyond) >= MOST_A_MINUTE:
            who = _ANYBODY
        minute.beyond.setdefault(who, Counter())[operation] += 1
        return False

    def _turn(self) -> None:
        if monotonic() < self._minute.ends:
            return
        if self._minute.beyond:
            self._over.append(self._minute)
        self._minute = _Minute(monotonic() + self._length)

    async def _try(self) -> bool:
        try:
            while self._over:
                await self._write_counts(self._over[0].beyond)
                del self._over[0]
        except Exception as error:
            _log.warning("denials.not_written", error=type(error).__qualname__)
            return False
        return True

    async def _write_counts(self, beyond: Mapping[Actor, Counter[str]]) -> None:
        async with self._database.begin() as transaction:
            for actor, operations in beyond.items():
                details = {"count": operations.total(), "operations": dict(operations.most_common(20))}
                _add(transaction, actor, COUNTED, details, None)

    async def _write(self, actor: Actor, action: str, details: dict[str, Any], subject: Subject | None) -> None:
        async with self._database.begin() as transaction:
            _add(transaction, actor, action, details, subject)


_ANYBODY: Final = Actor(SubjectKind.SYSTEM, None)


def _who(actor: Actor) -> Actor:
    """By whom attempts are counted: the account, or the network of who has none."""
    if actor.id is not None:
        return Actor(actor.kind, actor.id)
    return Actor(actor.kind, None, address=network_of(actor.address))


def _add(transaction: Any, actor: Actor, action: str, details: dict[str, Any], subject: Subject | None) -> None:
    subject = subject or Subject("request", None)
    audit.record(
        transaction,
        actor,
        action,
        subject_kind=subject.kind,
        subject_id=subject.id,
        details=details,
        customer_id=subject.customer_id,
        denied=True,
    )
