"""What PostgreSQL does for a statement of ours: the rows that it reads, those that it reads in vain, and its time."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from gql.db.engine import Database

_IN_VAIN = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")


@dataclass(frozen=True, slots=True)
class Explained:
    """One statement's plan, as it ran. Times in milliseconds."""

    plan: dict[str, Any]
    planning: float
    execution: float

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Each node of the plan."""
        waiting = [self.plan]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", ())

    @property
    def in_vain(self) -> int:
        """Rows that were read and thrown away."""
        return int(sum(node.get(kind, 0) * node["Actual Loops"] for node in self.nodes() for kind in _IN_VAIN))

    def read_of(self, table: str) -> int:
        """Rows of a table that were read and kept."""
        scans = (node for node in self.nodes() if node.get("Relation Name") == table)
        return int(sum(scan["Actual Rows"] * scan["Actual Loops"] for scan in scans))

    def walks_through(self, table: str) -> bool:
        """Whether the whole table was read."""
        return any(n["Node Type"].endswith("Seq Scan") and n.get("Relation Name") == table for n in self.nodes())

    @property
    def pages(self) -> int:
        """Pages of 8 kB that were looked at, in memory or on disk."""
        return int(self.plan.get("Shared Hit Blocks", 0) + self.plan.get("Shared Read Blocks", 0))

    @property
    def milliseconds(self) -> float:
        """All that the database does for the statement."""
        return self.planning + self.execution


async def explained(database: Database, ask: Callable[[], Awaitable[Any]]) -> tuple[list[Explained], Any]:
    """What the database does for each statement that `ask` sends, and what `ask` answers.

    Each is planned for its values: where ours is planned once for all, the plan is the same or better.
    """
    sent: list[tuple[str, Any]] = []
    end = database.listen(lambda statement, parameters: sent.append((statement, parameters)))
    try:
        answer = await ask()
    finally:
        end()
    found = []
    async with database.writer.connect() as connection:
        for statement, parameters in sent:
            text = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}"
            [said] = _read((await connection.exec_driver_sql(text, tuple(parameters))).scalar_one())
            found.append(Explained(said["Plan"], said["Planning Time"], said["Execution Time"]))
    return found, answer


def _read(answer: Any) -> Any:
    return orjson.loads(answer) if isinstance(answer, str | bytes) else answer
