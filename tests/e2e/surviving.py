"""A register under kill -9: how long, on which servers, and what is wrong with what its clients saw."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import httpx

from gql.db.engine import Database
from tests.databases import DatabaseKind
from tests.e2e.killing import Plant, Restarted, killed_again_and_again
from tests.e2e.register import Clients, Lender
from tests.factories import World
from tests.histories import Fault, faults
from tests.patience import PATIENCE

SETTINGS = {
    "OUTBOX_IN_SERVER": "false",
    "POINTS_PER_MINUTE": "0",
    "ACCESS_TOKEN_MINUTES": "600",
}
SERVERS: dict[DatabaseKind, int] = {"sqlite": 1, "postgresql": 2}


@dataclass(frozen=True)
class Extent:
    """At least so many operations; each server is killed so many times (None: to the end), so many seconds apart."""

    operations: int
    kills: int | None
    pause: tuple[float, float]
    clients: int = 6


@dataclass
class Survived:
    """What came of it."""

    unbroken: bool
    """Whether the customer's history is a chain without gaps and overlaps, one assignment a version."""
    faults: list[Fault]
    clients: Clients
    kills: int
    seconds: float

    @property
    def wrong(self) -> list[str]:
        """All that should not have been, the record's and the history's faults first."""
        record = [] if self.unbroken else ["the record is no chain"]
        return record + [f"{fault.kind}: {fault.about}" for fault in self.faults] + self.clients.unexpected

    @property
    def figures(self) -> str:
        """For people."""
        counts = ", ".join(f"{name} {number:,}" for name, number in self.clients.figures().items())
        return f"{len(self.clients.operations):,} operations, {self.kills} kills, {self.seconds:.0f} s: {counts}"


async def survive(
    kind: DatabaseKind, database_url: str, folder: Path, extent: Extent, plant: Plant | None = None
) -> Survived:
    """Let clients write and read one customer's account manager while their servers are killed, and look for faults."""
    database = Database(database_url)
    try:
        lender = await Lender.build(World(database))
        servers = [Restarted(database_url, folder, SETTINGS, plant) for _ in range(SERVERS[kind])]
        clients, seconds = await _take_part(servers, lender, extent)
        chain, unbroken = await lender.chain(database)
    finally:
        await database.close()
    kills = sum(server.kills for server in servers)
    return Survived(unbroken, faults(chain, clients.operations), clients, kills, seconds)


async def _take_part(servers: list[Restarted], lender: Lender, extent: Extent) -> tuple[Clients, float]:
    """The clients, when they have done enough, and how long it took them."""
    async with httpx.AsyncClient(timeout=PATIENCE) as http:
        clients = Clients([server.url for server in servers], lender, http)

        def enough() -> bool:
            killed = extent.kills is None or all(server.kills == extent.kills for server in servers)
            return bool(clients.unexpected) or (killed and len(clients.operations) >= extent.operations)

        async with killed_again_and_again(servers, extent.pause, extent.kills):
            await clients.sign_in()
            begun = monotonic()
            await asyncio.gather(*(clients.take_part(enough) for _ in range(extent.clients)))
            return clients, monotonic() - begun
