"""Rows that are written and not read again in their transaction: one by one, or many of a table at once."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models.base import Base

_WAITING: Final = "rows to append"
Rows = defaultdict[type[Base], list[dict[str, Any]]]


def append(session: AsyncSession, model: type[Base], values: dict[str, Any]) -> None:
    """Write a row with these values, all but those that have defaults; within `many_appended`, at its end."""
    waiting: Rows | None = session.info.get(_WAITING)
    if waiting is None:
        session.add(model(**values))
    else:
        waiting[model].append(values)


@asynccontextmanager
async def many_appended(session: AsyncSession) -> AsyncIterator[None]:
    """Have the rows that are appended within the block written at its end, a statement a table.

    As objects of a session, a thousand rows take longer to make than the database takes for them. Tables are written in
    the order of their first rows, after all that the session itself has to write.
    """
    waiting: Rows = defaultdict(list)
    session.info[_WAITING] = waiting
    try:
        yield
    finally:
        del session.info[_WAITING]
    await session.flush()
    for model, rows in waiting.items():
        await session.execute(insert(model), rows)
