"""Admins' saved views."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import SavedView
from gql.db.view_rows import SavedViewRow, to_saved_view

views = SavedView.__table__


@lru_cache(maxsize=8)
def _of_admins(dialect: Dialect) -> Select[Any]:
    return select(*views.c).where(dialect.is_one_of(views.c.admin_id, "admin_ids")).order_by(views.c.name)


async def saved_views_of(database: Database, admin_ids: Sequence[UUID]) -> list[list[SavedViewRow]]:
    """The views of each admin, by name. One statement."""
    found: dict[UUID, list[SavedViewRow]] = {key: [] for key in admin_ids}
    for row in await database.rows(_of_admins(database.dialect), {"admin_ids": list(admin_ids)}):
        found[row.admin_id].append(to_saved_view(row))
    return [found[key] for key in admin_ids]
