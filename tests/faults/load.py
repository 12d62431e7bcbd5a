"""Clients that change and read a small lender without a pause, and remember what they were told."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import httpx

from tests.e2e.conftest import App, Server
from tests.patience import PATIENCE

ASSIGN = """
    mutation($input: AssignAccountManagerInput!) {
      assignAccountManager(input: $input) {
        changed assignment { id accountManager { name } } customer { id version } userErrors { code }
      }
    }
"""
ADD = """
    mutation($input: AddGroupMemberInput!) {
      addGroupMember(input: $input) { membership { id } group { memberCount } userErrors { code } }
    }
"""
READ = """
    { customers(first: 20) { edges { node {
        id displayName accountManager { name } assignmentHistory(first: 2) { edges { node { reason } } } } } } }
"""


@dataclass
class Told:
    """What the clients were answered, all together."""

    assigned: list[tuple[str, str]] = field(default_factory=list)
    """Customer and reason of each assignment that was acknowledged."""
    added: list[tuple[str, str]] = field(default_factory=list)
    """Group and customer of each membership that was acknowledged."""
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    """Answers that no client should get."""
    longest: float = 0.0
    """Seconds that one answer took."""

    def note(self, response: httpx.Response, seconds: float) -> Any:
        """Count an answer; gives the payload of the one root field where there is one."""
        self.longest = max(self.longest, seconds)
        answer = response.json()
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        payload = next(iter((answer.get("data") or {}).values()), None)
        if response.status_code == 200 and not codes and payload is not None:
            self.counts["answered"] += 1
        elif response.status_code == 503 and codes == {"SERVICE_UNAVAILABLE"} and "retry-after" in response.headers:
            self.counts["refused with 503"] += 1
        elif response.status_code == 200 and codes == {"SERVICE_UNAVAILABLE"} and payload is not None:
            self.counts["answered in part"] += 1  # the write is told, and what could not be read after it
        else:
            self.wrong.append(f"{response.status_code} {sorted(codes)} {dict(response.headers)} {response.text[:500]}")
        return payload


@dataclass(frozen=True)
class Lender:
    """Global IDs of what the clients work on. Each of them has customers of its own."""

    boss_email: str
    managers: Sequence[str]
    customers: Sequence[str]
    groups: Sequence[str]


def ask(app: App, told: Told, query: str, variables: Mapping[str, Any] | None = None) -> Any:
    """The payload of one operation, with its answer on record."""
    begun = time.monotonic()
    try:
        response = app.post(query, variables)
    except httpx.HTTPError as error:
        told.wrong.append(f"no answer: {error!r}")
        return None
    return told.note(response, time.monotonic() - begun)


def assign(app: App, told: Told, customer: str, manager: str, reason: str) -> bool:
    """Assign once; answers whether that was acknowledged."""
    wish = {"customerId": customer, "accountManagerId": manager, "reason": reason}
    payload = ask(app, told, ASSIGN, {"input": wish})
    acknowledged = payload is not None and payload["changed"] is True
    if acknowledged:
        told.assigned.append((customer, reason))
    return acknowledged


def add(app: App, told: Told, group: str, customer: str) -> None:
    """Add once."""
    payload = ask(app, told, ADD, {"input": {"groupId": group, "customerId": customer}})
    if payload is not None and payload["userErrors"] == [] and payload["membership"] is not None:
        told.added.append((group, customer))


_numbers = count()


def _write(app: App, told: Told, lender: Lender, customers: Sequence[str]) -> Iterator[None]:
    """Assign and add by turns; each addition once, as it may have been done without being acknowledged."""
    places = iter([(group, customer) for group in lender.groups for customer in customers])
    managers = cycle(lender.managers)
    for customer in cycle(customers):
        assign(app, told, customer, next(managers), f"change {next(_numbers)}")
        yield
        place = next(places, None)
        if place is not None:
            add(app, told, *place)
            yield


def _read(app: App, told: Told) -> Iterator[None]:
    while True:
        ask(app, told, READ)
        yield


@contextmanager
def under_load(server: Server, lender: Lender, told: Told, token: str, *, writers: int, readers: int) -> Iterator[None]:
    """Clients at work in threads of their own while the block lasts, each over a connection of its own."""
    over = threading.Event()

    def work(http: httpx.Client, steps: Callable[[App], Iterator[None]]) -> None:
        for _ in steps(App(http, token)):
            if over.wait(0.03):
                return

    share = len(lender.customers) // writers
    parts = [lender.customers[n * share : (n + 1) * share] for n in range(writers)]
    works: list[Callable[[App], Iterator[None]]] = [
        *(lambda app, part=part: _write(app, told, lender, part) for part in parts),
        *(lambda app: _read(app, told) for _ in range(readers)),
    ]
    with ExitStack() as opened:
        clients = [opened.enter_context(httpx.Client(base_url=server.url, timeout=PATIENCE)) for _ in works]
        threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, works, strict=True)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(60)
