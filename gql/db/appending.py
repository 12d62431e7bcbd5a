"""Rows that are written and not read again in their transaction: one by one, or many of a table at once."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models.base import Base
from gql.domain.ids import new_id

_WAITING: Final = "rows to append"
Rows = defaultdict[tuple[type[Base], tuple[str, ...]], list[tuple[Any, ...]]]
"""By their tables and columns."""


def append(session: AsyncSession, model: type[Base], values: dict[str, Any]) -> None:
    """Write a row with these values, all that have no default in the database; within `many_appended`, at its end.

    It gets an ID unless the values have one.
    """
    waiting: Rows | None = session.info.get(_WAITING)
    whole = values if "id" in values else {"id": new_id(), **values}
    if waiting is None:
        session.add(model(**whole))
    else:
        waiting[model, tuple(whole)].append(tuple(whole.values()))


@asynccontextmanager
async def many_appended(session: AsyncSession, dialect: Dialect) -> AsyncIterator[None]:
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
    for (model, columns), rows in waiting.items():
        await dialect.insert_many(session, Base.metadata.tables[model.__tablename__], columns, rows)
