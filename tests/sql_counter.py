"""Count the SQL statements that a piece of work sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from gql.db.engine import Database


@dataclass
class StatementRecorder:
    """The statements sent so far, in order, as the driver got them: without their parameters."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)

    def __str__(self) -> str:
        return "\n".join(self.statements)

    def _record(self, statement: str, _parameters: Any) -> None:
        self.statements.append(statement)


@contextmanager
def count_statements(database: Database) -> Iterator[StatementRecorder]:
    """Record what is sent, reads and writes, while the block runs.

    Every statement counts, SQLite's BEGIN IMMEDIATE too; the drivers' own BEGIN, COMMIT and connection set-up don't.
    """
    recorder = StatementRecorder()
    end = database.listen(recorder._record)
    try:
        yield recorder
    finally:
        end()
