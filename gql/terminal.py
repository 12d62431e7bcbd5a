"""What every command needs: settings, a database, a progress bar, and words for what went wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import OperationalError, ProgrammingError

from gql.db.engine import Database
from gql.domain.errors import Unavailable
from gql.settings import Settings

BAR: Final = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
_UNDEFINED_TABLE: Final = "42P01"
"""PostgreSQL's SQLSTATE."""

Result = TypeVar("Result")


def with_database(work: Callable[[Database], Awaitable[Result]], *, statement_timeout: float = 5) -> Result:
    """Do something with the database of the settings; a `statement_timeout` of 0 seconds is none."""

    async def working() -> Result:
        database = Database(load_settings().database_url, pool_size=1, statement_timeout=statement_timeout)
        try:
            return await work(database)
        finally:
            await database.close()

    return run_to_end(working())


def load_settings() -> Settings:
    """Those of the environment. Ends the command, in words, where one is wrong."""
    try:
        return Settings()
    except ValidationError as error:  # without what was given: it may be a secret
        fail("\n".join(map(_wrong, error.errors())))


def _wrong(wrong: ErrorDetails) -> str:
    """A setting's name, and what to do about it."""
    return f"{'.'.join(map(str, wrong['loc'])).upper()}: {wrong['msg'].removeprefix('Value error, ')}."


def run_to_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end. What an operator can mend is told in a sentence."""
    try:
        return asyncio.run(work)
    except (Unavailable, OSError):
        fail("The database can't be reached. Check DATABASE_URL.")
    except (OperationalError, ProgrammingError) as error:
        if "no such table" not in str(error.orig) and getattr(error.orig, "sqlstate", None) != _UNDEFINED_TABLE:
            raise
        fail("The database's tables are not there yet. Run `lenddesk migrate` first.")


def fail(message: str) -> NoReturn:
    """End the command, and say why."""
    Console(stderr=True).print(message, style="red", highlight=False)
    raise typer.Exit(1)
