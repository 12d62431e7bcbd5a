"""Bring a database's tables to the present shape (Alembic), from code: no alembic.ini to find."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from gql.db.engine import Database


def config(connection: Connection) -> Config:
    """Alembic's configuration, bound to an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


async def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the database at `url` to a revision, in one transaction; of several at once, one does the work."""
    database = Database(url, pool_size=1, statement_timeout=0)
    try:
        async with database.writer.begin() as connection:
            await database.dialect.alone(connection)
            await connection.run_sync(lambda sync: command.upgrade(config(sync), revision))
    finally:
        await database.close()
