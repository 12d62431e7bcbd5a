"""Upkeep: what nobody needs any more is deleted, a little at a time, by whichever process runs it.
So are secrets of mails that could not be delivered while they were good.

Of several processes each deletes what the others don't hold at that moment. Audit events, history and messages are
never deleted.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Table, delete, select, update

from gql.db.engine import Database
from gql.db.models import (
    Base,
    Document,
    IdempotencyKey,
    Notification,
    OutboxMessage,
    OwnNotification,
    PasswordToken,
    RefreshToken,
    Session,
    Throttle,
)
from gql.db.models.record import EXPIRED
from gql.domain.enums import OutboxStatus
from gql.domain.time import now
from gql.services.group_reminders import GroupReminders
from gql.services.member_exports import remove_exports
from gql.services.member_imports import end_unsent
from gql.services.password_tokens import LONGEST_LIFE
from gql.settings import Settings
from gql.vault.stores import store_of

PAUSE_SECONDS: Final = 600.0
_WAITED_FOR: Final = timedelta(days=1)
"""For the bytes of a document or a file: longer than any link is good and any sending may take."""

_BATCH: Final = 500
"""Rows a transaction: few enough that nobody waits for it, on SQLite above all, where it is the only writer."""

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Leftovers:
    """Rows of one table that may go."""

    table: Table
    may_go: ColumnElement[bool]


class Upkeep:
    """Clears one database, by the settings' times."""

    def __init__(
        self, database: Database, settings: Settings, *, pause_seconds: float = PAUSE_SECONDS, batch: int = _BATCH
    ) -> None:
        self._database = database
        self._pause_seconds = pause_seconds
        self._batch = batch
        self._store = store_of(settings.document_store, settings.var_dir / "documents")
        self._sessions_kept = timedelta(days=settings.ended_sessions_kept_days)
        self._session_life = timedelta(days=settings.refresh_token_days)
        self._notifications_kept = timedelta(days=settings.notifications_kept_days)
        self._reminders = GroupReminders(database, settings.group_unused_days)
        self._answers_kept = timedelta(hours=settings.idempotency_keys_kept_hours)

    async def run(self, stop: asyncio.Event) -> None:
        """Clear at once and after each pause until `stop` is set. Goes on after any failure of the database."""
        while not stop.is_set():
            try:
                await self.clear(stop)
                await self._reminders.tell(stop)
            except Exception as error:  # it is tried again after the pause, and nothing waits for it
                _log.warning("upkeep_failed", error=type(error).__qualname__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause_seconds)

    async def clear(self, stop: asyncio.Event | None = None) -> Mapping[str, int]:
        """Delete all that may go; answers how many rows of which table. Ends early once `stop` is set."""
        deleted: dict[str, int] = {}
        await self._forget_secrets()
        deleted["documents"] = await self._delete_documents(stop)
        deleted["exports"] = await remove_exports(self._database, self._store, self._batch)
        deleted["imports"] = await end_unsent(self._database, now() - _WAITED_FOR)
        for leftovers in self._leftovers():
            name = leftovers.table.name
            while stop is None or not stop.is_set():
                count = await self._delete(leftovers)
                deleted[name] = deleted.get(name, 0) + count
                if count < self._batch:
                    break
        cleared = {name: count for name, count in deleted.items() if count}
        if cleared:
            _log.info("upkeep_cleared", **cleared)
        return cleared

    def _leftovers(self) -> Iterator[_Leftovers]:
        """In the order in which rows refer to each other."""
        moment = now()
        ended = select(Session.id).where(Session.expires_at < moment - self._sessions_kept)
        tokens, sessions = _table(RefreshToken), _table(Session)
        yield _Leftovers(tokens, tokens.c.session_id.in_(ended))
        # A used token that comes again ends its session, for as long as one that was not used would have been good.
        yield _Leftovers(tokens, tokens.c.used_at < moment - self._session_life)
        # Sessions that were revoked end by `expires_at` at the latest: one condition finds both, by its index.
        has_tokens = select(RefreshToken.id).where(RefreshToken.session_id == sessions.c.id).exists()
        yield _Leftovers(sessions, (sessions.c.expires_at < moment - self._sessions_kept) & ~has_tokens)
        throttles = _table(Throttle)
        yield _Leftovers(throttles, throttles.c.expires_at < moment)
        links = _table(PasswordToken)
        yield _Leftovers(links, links.c.expires_at < moment - self._sessions_kept)
        for told in (_table(Notification), _table(OwnNotification)):
            yield _Leftovers(told, told.c.created_at < moment - self._notifications_kept)
        answers = _table(IdempotencyKey)
        yield _Leftovers(answers, answers.c.created_at < moment - self._answers_kept)

    async def _forget_secrets(self) -> None:
        """What was not delivered in the longest life of a token is not sent any more, and its secret forgotten."""
        expired = OutboxMessage.secret.is_not(None) & (OutboxMessage.created_at < now() - LONGEST_LIFE)
        if not await self._database.rows(select(OutboxMessage.id).where(expired).limit(1)):
            return
        values = {"secret": None, "status": OutboxStatus.DEAD, "last_error": EXPIRED}
        async with self._database.begin() as transaction:
            statement = update(OutboxMessage).where(expired).values(values)
            await transaction.execute(statement.execution_options(synchronize_session=False))

    async def _delete_documents(self, stop: asyncio.Event | None) -> int:
        """Those that were removed, and those whose bytes never came: first the bytes, so that none are forgotten."""
        never_came = Document.uploaded_at.is_(None) & (Document.created_at < now() - _WAITED_FOR)
        leftovers = select(Document.id, Document.store_key).where(never_came | Document.removed_at.is_not(None))
        count = 0
        while stop is None or not stop.is_set():
            rows = await self._database.rows(leftovers.limit(self._batch))
            for row in rows:
                if row.store_key is not None:
                    await self._store.delete(row.store_key)
            if not rows:
                break  # looking takes no write lock
            async with self._database.begin() as transaction:
                of_these = self._database.dialect.is_one_of(_table(Document).c.id, "ids")
                await transaction.execute(delete(_table(Document)).where(of_these), {"ids": [row.id for row in rows]})
            count += len(rows)
        return count

    async def _delete(self, leftovers: _Leftovers) -> int:
        """Delete one batch; answers how many rows it had."""
        [key] = leftovers.table.primary_key.columns
        some = select(key).where(leftovers.may_go).limit(self._batch)
        if not await self._database.rows(some.limit(1)):
            return 0  # looking takes no write lock
        dialect = self._database.dialect
        async with self._database.begin() as transaction:
            keys = list((await transaction.scalars(dialect.skip_locked(some))).all())
            statement = delete(leftovers.table).where(dialect.is_one_of(key, "keys"))
            await transaction.execute(statement, {"keys": keys})
        return len(keys)


async def run_upkeep(settings: Settings, stop: asyncio.Event) -> None:
    """The same in a process of its own, until `stop` is set."""
    database = Database(settings.database_url, pool_size=1)
    try:
        await Upkeep(database, settings).run(stop)
    finally:
        await database.close()


def _table(model: type[Base]) -> Table:
    table: Any = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the types
    return table
