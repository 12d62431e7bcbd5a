"""How our server's list of customers bears growth: a hundred times the customers, for several roles; and far pages."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from bench import BenchFailed
from bench.load import Target
from bench.measure import WHO, Console, Wish, run
from bench.operations import Name, Operation, find_operations
from bench.own_server import OWN_SERVER, Running, running
from bench.peers.asking import environment_for
from bench.peers.data import prepare
from bench.peers.measuring import Figures, Tell, measure_turn
from bench.peers.postgres import DatabaseServer, embedded_server, folder_of_peers
from bench.peers.staffing import BOOK_OF_10
from bench.report import decimal

SMALL = 10_000
ROLES: Mapping[str, str] = {
    "account manager with a book of 10": BOOK_OF_10,
    "auditor": "auditor@lenddesk.example",
    "portfolio manager": WHO,
    "super admin": "super@lenddesk.example",
}
_FAR = 1_000
_WALK = "query Walk($after: String) { customers(first: 50, after: $after) { pageInfo { endCursor } } }"
_APPLICATION_NAME = "lenddesk"


@dataclass(slots=True)
class Case:
    """A request of which growth is watched: on which lender, and what it has seen."""

    label: str
    customers: int
    database: DatabaseServer
    server: Running
    target: Target
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = Figures(self.target.answer_length, statements=None)


def measure_growth(large: int, wish: Wish, tell: Tell) -> list[tuple[Case, Case]]:
    """Pairs of cases: the smaller or nearer first, then what is a hundred times larger, or far. Raises BenchFailed."""
    with ExitStack() as stack:
        lenders = [stack.enter_context(embedded_server(folder_of_peers() / f"customers-{n}")) for n in (SMALL, large)]
        servers = []
        for customers, database in zip((SMALL, large), lenders, strict=True):
            prepare(database.url, customers, tell)
            servers.append(stack.enter_context(running(OWN_SERVER, environment_for(database))))
        pairs = [_of_role(role, who, large, lenders, servers) for role, who in ROLES.items()]
        tell(f"Walking to page {_FAR:,} ...")
        pairs.append(_pages(large, lenders[1], servers[1]))
        cases = [case for pair in pairs for case in pair]
        tell("Warming up ...")
        for case in cases:
            run(case.target, min(wish.seconds, 1), wish.concurrency)
        for number in range(1, wish.rounds + 1):
            tell(f"Growth, round {number} of {wish.rounds} ...")
            for case in cases:
                turn = measure_turn(case.server, _APPLICATION_NAME, case.database, case.target, wish)
                case.figures.turns.append(turn)
    return pairs


def _list_of(console: Console) -> Operation:
    return next(found for found in find_operations(console.ask) if found.name is Name.CUSTOMERS)


def _of_role(
    role: str, who: str, large: int, lenders: Sequence[DatabaseServer], servers: Sequence[Running]
) -> tuple[Case, Case]:
    with Console(servers[0].url) as console:
        document = _list_of(console)
    cases = []
    for customers, database, server in zip((SMALL, large), lenders, servers, strict=True):
        with Console(server.url, who) as console:
            cases.append(Case(role, customers, database, server, console.target(document)))
    small, grown = cases
    return small, grown


def _pages(large: int, database: DatabaseServer, server: Running) -> tuple[Case, Case]:
    """Page 1 and page 1,000 of the portfolio manager's list."""
    with Console(server.url) as console:
        listed = _list_of(console)
        document = listed.document.replace("query Customers", "query Customers($after: String)", 1)
        document = document.replace("first: 50", "first: 50, after: $after", 1)
        after = None
        for _ in range(_FAR - 1):
            after = console.ask(_WALK, {"after": after})["customers"]["pageInfo"]["endCursor"]
            if after is None:
                raise BenchFailed(f"{WHO} has no page {_FAR:,}: ask for more customers.")
        first, far = (
            Case(label, large, database, server, console.target(Operation(Name.CUSTOMERS, document, {"after": cursor})))
            for label, cursor in (("page 1", None), (f"page {_FAR:,}", after))
        )
    return first, far


def rows_of(pairs: Sequence[tuple[Case, Case]]) -> list[list[str]]:
    """As a table with a heading: each pair's lines, the second with its time as a multiple of the first's."""
    rows = [["list of 50 customers", "customers", "requests/s", "p50 ms", "CPU ms", "DB CPU ms", "p50 is"]]
    for pair in pairs:
        for case in pair:
            figures = case.figures
            rows.append(
                [
                    case.label,
                    f"{case.customers:,}",
                    decimal(figures.median("requests_per_second")),
                    decimal(figures.median("p50"), 1_000),
                    decimal(figures.cpu_per_request, 1_000, digits=2),
                    decimal(figures.database_cpu_per_request, 1_000, digits=2),
                    f"{figures.median('p50') / pair[0].figures.median('p50'):.2f}",
                ]
            )
    return rows


def as_json(pairs: Sequence[tuple[Case, Case]]) -> list[dict[str, Any]]:
    """All figures. Times in seconds."""
    return [
        {
            "list": case.label,
            "customers": case.customers,
            "requests_per_second": case.figures.median("requests_per_second"),
            "p50": case.figures.median("p50"),
            "p99": case.figures.median("p99"),
            "cpu_per_request": case.figures.cpu_per_request,
            "database_cpu_per_request": case.figures.database_cpu_per_request,
        }
        for pair in pairs
        for case in pair
    ]
