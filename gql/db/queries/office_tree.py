"""The office tree, downwards and upwards, by recursion in the database.

UNION and not UNION ALL: offices that some fault made a ring would otherwise never end.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, FromClause, Select, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Office

offices = Office.__table__


_PARENTS: Final = select(offices.c.id, offices.c.parent_id)


async def office_parents(database: Database) -> dict[UUID, UUID | None]:
    """Each office, and the one above it."""
    return {row.id: row.parent_id for row in await database.rows(_PARENTS)}


def office_and_beneath(root: ColumnElement[Any], name: str, outer: FromClause | None = None) -> CTE:
    """The IDs of an office and all beneath it, as a common table expression of that name.

    Where the root is a column of an outer row, the expression stands in the subquery that uses it.
    """
    top = select(offices.c.id).where(offices.c.id == root)
    tree = (top if outer is None else top.correlate(outer)).cte(name, recursive=True, nesting=outer is not None)
    # Joined, not only compared: within a LATERAL, SQLAlchemy takes the comparison for a cartesian product and warns.
    return tree.union(select(offices.c.id).join(tree, offices.c.parent_id == tree.c.id))


def office_and_above(office_id: UUID) -> Select[Any]:
    """The IDs of an office and all those above it, up to the head office."""
    above = select(offices.c.id, offices.c.parent_id).where(offices.c.id == office_id).cte("above", recursive=True)
    above = above.union(select(offices.c.id, offices.c.parent_id).where(offices.c.id == above.c.parent_id))
    return select(above.c.id)


def offices_and_above(dialect: Dialect) -> Select[Any]:
    """For each office in the list bound as `ids` (`root`) the IDs of itself and of all those above it (`id`)."""
    c = offices.c
    above = select(c.id.label("root"), c.id, c.parent_id).where(dialect.is_one_of(c.id, "ids"))
    tree = above.cte("above", recursive=True)
    tree = tree.union(select(tree.c.root, c.id, c.parent_id).where(c.id == tree.c.parent_id))
    return select(tree.c.root, tree.c.id)
