"""Alembic's entry: runs on the connection that `gql.db.migrate` hands over."""

from typing import Any

from alembic import context

from gql.db.models import Base

connection = context.config.attributes["connection"]


def _is_of_this_database(part: Any, _name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    """Alembic takes what models have on one of the databases only (`ddl_if`) for missing on the other."""
    if kind != "index" or reflected or part._ddl_if is None:
        return True
    return bool(part._ddl_if.dialect == connection.dialect.name)


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=_is_of_this_database,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
