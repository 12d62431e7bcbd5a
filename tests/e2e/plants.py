"""Bugs to be planted in a server: each takes out one thing that the register's promises rest on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db import loaders
from gql.db.engine import Database
from gql.db.models import Customer
from gql.domain.policies import Access, AccessMap
from gql.domain.viewer import AdminViewer
from gql.resolvers import assignment as resolver
from gql.services import assignments, idempotency
from tests.forks import plant

STALE_SECONDS = 0.3
LATE_SECONDS = 0.05


def no_lock() -> None:
    """Assignments don't lock the customer. The index of open assignments still refuses a second one."""

    async def unlocked(session: AsyncSession, _viewer: AdminViewer, customer_id: UUID) -> Customer | None:
        return await session.get(Customer, customer_id)

    plant(assignments, "visible_customer", unlocked)


def no_lock_and_no_index() -> None:
    """The same, and nothing stands behind the lock."""
    no_lock()
    begin = Database.begin
    dropped: list[bool] = []

    @asynccontextmanager
    async def without_index(database: Database) -> AsyncIterator[AsyncSession]:
        async with begin(database) as session:
            if not dropped:
                await session.execute(text("DROP INDEX IF EXISTS uq_assignments_open"))
                dropped.append(True)
            yield session

    plant(Database, "begin", without_index)


def answered_before_the_commit() -> None:
    """An assignment is answered while its transaction is still open, and committed a moment later."""
    assign, committing = assignments.assign_account_manager, set()

    class Late:
        """A database whose units of work are committed later."""

        def __init__(self, database: Database) -> None:
            self.dialect, self.events, self._database = database.dialect, database.events, database

        @asynccontextmanager
        async def begin(self) -> AsyncIterator[AsyncSession]:
            unit = self._database.begin()
            session = await unit.__aenter__()
            try:
                yield session
                await session.flush()
            except BaseException as error:
                await unit.__aexit__(type(error), error, error.__traceback__)
                raise
            committing.add(asyncio.create_task(self._commit(unit)))

        async def _commit(self, unit: AbstractAsyncContextManager[AsyncSession]) -> None:
            await asyncio.sleep(LATE_SECONDS)
            await unit.__aexit__(None, None, None)

    async def late(database: Database, *rest: Any) -> Any:
        return await assign(Late(database), *rest)  # type: ignore[arg-type]

    plant(resolver, "assign_account_manager", late)


def remembered_sight() -> None:
    """Customers are kept for a moment as each viewer saw them."""
    read = loaders.BATCHES["customer"]
    kept: dict[Any, tuple[float, Any]] = {}

    async def remembered(view: Any, keys: Sequence[Any], argument: Any) -> Any:
        viewer = (view.own_roles and view.own_roles[0], tuple(keys))
        if viewer not in kept or kept[viewer][0] < monotonic():
            kept[viewer] = (monotonic() + STALE_SECONDS, await read(view, keys, argument))
        return kept[viewer][1]

    loaders.BATCHES["customer"] = remembered  # type: ignore[index]


def no_filter() -> None:
    """Whoever asks sees every customer."""

    def everything(access: AccessMap, _manager_id: UUID | None, _office_id: UUID) -> Access:
        return access.own_book

    plant(AccessMap, "to", everything)


def forgotten_keys() -> None:
    """Idempotency keys are not looked at."""

    async def none(*_anything: Any) -> None:
        return None

    plant(idempotency.Once, "earlier_answer", none)
