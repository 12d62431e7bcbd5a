"""PostgreSQL goes away under load and comes back: what a server process and its clients make of it."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
from sqlalchemy import text

from gql.db.engine import Database
from tests.api.client import gid
from tests.e2e.conftest import Server, serving, wait_until
from tests.factories import PASSWORD, World
from tests.faults import ledger
from tests.faults.load import READ, Lender, Told, ask, assign, under_load
from tests.faults.postgres import OwnPostgres

POOL = 3
MOST_CONNECTIONS = 2 * POOL + 1
"""For reads, for writes, and the one that listens."""
WRITERS, READERS = 5, 2
HEALTHY_WITHIN = 5.0
DEADLINE = 10.0
"""REQUEST_SECONDS, as it is set by itself."""

_CHANGED = 'subscription {{ accountManagerChanged(customerId: "{}") {{ customer {{ id }} }} }}'
_OURS = text(
    "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'lenddesk' AND pid <> pg_backend_pid()"
)

Answer = TypeVar("Answer")


class Subscriber:
    """A client that listens for a change of one customer, by server-sent events, in a thread of its own."""

    def __init__(self, server: Server, token: str, customer: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        self._url, self._query = f"{server.url}/graphql", _CHANGED.format(customer)
        self.connected, self.told, self.ended = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self.connected.wait(10), "the subscription begins"

    def _listen(self) -> None:
        query = {"query": self._query}
        try:
            with (
                suppress(httpx.HTTPError),
                httpx.Client(timeout=60) as http,
                http.stream("POST", self._url, json=query, headers=self._headers) as answer,
            ):
                if answer.status_code == 200:
                    self.connected.set()
                for line in answer.iter_lines():
                    if line.startswith("data:") and "accountManagerChanged" in line and "errors" not in line:
                        self.told.set()
        finally:
            self.ended.set()


@dataclass
class Figures:
    """Of one outage."""

    how: str
    healthy_after: float
    connections: int

    def __str__(self) -> str:
        return f"{self.how}: healthy after {self.healthy_after:.2f} s, {self.connections} connections at rest"


class Outages:
    """One server process over a PostgreSQL of its own, and its clients."""

    def __init__(self, postgres: OwnPostgres, server: Server, lender: Lender) -> None:
        self.postgres, self.server, self.lender, self.told = postgres, server, lender, Told()
        self.app = server.sign_in(lender.boss_email, password=PASSWORD)
        self._process = psutil.Process(server.process.pid)

    def warm_up(self) -> int:
        """Load without a fault; answers how many files the process has open after it."""
        with self._load():
            time.sleep(1)
        assert self.told.counts.keys() == {"answered"}, (self.told.counts, self.told.wrong)
        return self._process.num_fds()

    def once(self, how: Callable[[OwnPostgres], None], *, away: float = 1.0) -> Figures:
        """Take PostgreSQL away under load for a while, bring it back, and look."""
        customer, token = self.lender.customers[0], self.app.token or ""
        before = Subscriber(self.server, token, customer)
        refused = self.told.counts["refused with 503"]
        with self._load():
            time.sleep(0.7)
            how(self.postgres)
            time.sleep(away)
            assert self.told.counts["refused with 503"] > refused, "somebody noticed"
            self.postgres.start()
            healthy_after = self._healthy()
        assert before.ended.wait(10), "a subscriber who may have missed something is told so"
        anew = Subscriber(self.server, token, customer)
        for manager in self.lender.managers:
            assign(self.app, self.told, customer, manager, f"after {how.__name__} {time.monotonic()}")
        assert anew.told.wait(10), "a new subscriber is told of what happens now"
        return Figures(how.__name__, healthy_after, self._connections())

    def check(self, files_before: int) -> None:
        """After the last outage."""
        assert not self.told.wrong, f"{len(self.told.wrong)} wrong answers, such as {self.told.wrong[:3]}"
        assert self.told.longest < DEADLINE, f"an answer took {self.told.longest} s"
        assert "internal error" not in self.server.log
        assert "Traceback" not in self.server.log
        wait_until(lambda: self._on_database(ledger.waiting_mails) == 0, "all mails are delivered", 90)
        self._on_database(lambda database: ledger.check_kept(database, self.told))
        wait_until(lambda: self._process.num_fds() <= files_before + 2, "as few files are open as before", 20)

    def _load(self) -> AbstractContextManager[None]:
        token = self.app.token or ""
        return under_load(self.server, self.lender, self.told, token, writers=WRITERS, readers=READERS)

    def _healthy(self) -> float:
        """Seconds until the probe, a read and a write went well."""
        begun, customer = time.monotonic(), self.lender.customers[-1]
        while True:
            ready = self.server.http.get("/readyz").status_code == 200
            answered = ready and ask(self.app, self.told, READ) is not None
            reasons = [f"{how} {time.monotonic()}" for how in ("healthy a", "healthy b")]
            pairs = zip(self.lender.managers, reasons, strict=True)
            if answered and any(assign(self.app, self.told, customer, manager, reason) for manager, reason in pairs):
                return time.monotonic() - begun
            assert time.monotonic() - begun < HEALTHY_WITHIN, f"healthy within {HEALTHY_WITHIN} s"
            time.sleep(0.05)

    def _connections(self) -> int:
        async def count(database: Database) -> int:
            [row] = await database.rows(_OURS)
            return int(row.n)

        found = self._on_database(count)
        assert found <= MOST_CONNECTIONS, f"{found} connections"
        return found

    def _on_database(self, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
        async def run() -> Answer:
            database = Database(self.server.database_url, pool_size=1)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())


@contextmanager
def outages(postgres: OwnPostgres, folder: Path, *, customers: int, groups: int) -> Iterator[Outages]:
    """A small lender, served from a database of that PostgreSQL."""
    url = postgres.create_database("lender")
    lender = asyncio.run(_lender(url, customers, groups))
    bounds = {"DATABASE_POOL_SIZE": str(POOL), "POINTS_PER_MINUTE": "0", "OUTBOX_POLL_SECONDS": "0.2"}
    with serving(url, folder, **bounds) as server:
        yield Outages(postgres, server, lender)


async def _lender(url: str, customers: int, groups: int) -> Lender:
    database = Database(url)
    try:
        world = World(database)
        boss, first, *managers = [
            await world.admin(role) for role in ("super_admin", "account_manager", "account_manager", "account_manager")
        ]
        await world.password(boss)
        theirs = await world.customers(customers, manager=first)
        places = [await world.group() for _ in range(groups)]
    finally:
        await database.close()
    return Lender(boss.email, [gid(m) for m in managers], [gid(c) for c in theirs], [gid(g) for g in places])
