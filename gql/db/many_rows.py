"""Statements that give many rows new values, each its own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Table, Update, bindparam, column, func, update

Names = tuple[str, ...]
"""Of columns."""


@lru_cache(maxsize=32)
def update_one(table: Table, columns: Names, keys: Names) -> Update:
    """Of the one row that the keys name; the values are bound in the order of the columns, then the keys."""
    is_row = (table.c[name] == bindparam(_bound(name), type_=table.c[name].type) for name in keys)
    # In this order, not the table's: drivers that bind by place have no other.
    return update(table).where(*is_row).ordered_values(*((table.c[name], bindparam(_bound(name))) for name in columns))


@lru_cache(maxsize=32)
def update_from_arrays(table: Table, columns: Names, keys: Names) -> Update:
    """Of all rows at once, each value taken from its column's array: see `arrays_of`. For PostgreSQL."""
    names = (*columns, *keys)
    arrays = (bindparam(_bound(name), type_=ARRAY(table.c[name].type, dimensions=1)) for name in names)
    typed = (column(name, table.c[name].type) for name in names)
    given = func.unnest(*arrays).table_valued(*typed, name="given").render_derived()
    is_row = (table.c[name] == given.c[name] for name in keys)
    return update(table).where(*is_row).values({name: given.c[name] for name in columns})


def arrays_of(columns: Names, keys: Names, rows: Sequence[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """What `update_from_arrays` binds for rows that have a value for each of the columns, then for each of the keys."""
    names = (_bound(name) for name in (*columns, *keys))
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def _bound(name: str) -> str:
    return f"given_{name}"
