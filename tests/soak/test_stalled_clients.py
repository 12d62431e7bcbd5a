"""Three hundred stalled clients of each kind are dropped in time, with the deadlines as they are."""

import resource
import statistics
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from tests.e2e.conftest import App, Server
from tests.transport.listening import Listening, head
from tests.transport.stalled import UNFINISHED, reading_nothing, seconds_until_dropped, stalled

EACH = 300
WITHIN = 15
MOST_P99 = 0.25
LONG = "/graphiql/any/vendor/graphiql.js"
READ = "query { customers(first: 50) { edges { node { id displayName } } } }"


def test_stalled_clients_are_dropped_while_an_honest_one_is_answered(demo: Server) -> None:
    _open_many_files()
    host, _, port = demo.url.removeprefix("http://").partition(":")
    listening = Listening(host, int(port))
    assert len(demo.http.get(LONG).content) > 1_000_000, "GraphiQL's files are not installed: run `make run` once"
    kinds = {
        "headers never finished": (UNFINISHED["headers never finished"], True),
        "body never finished": (UNFINISHED["body never finished"], True),
        "answer never read": (reading_nothing(head(method=b"GET", path=LONG.encode())), False),
    }
    honest, alone, meanwhile, over = demo.sign_in("super@lenddesk.example"), Honest(), Honest(), threading.Event()
    alone.run(honest, lambda: len(alone.latencies) < 200)
    print(f"\nan honest client alone: {alone.figures()}")

    with ExitStack() as opened, ThreadPoolExecutor() as watching:
        asking = watching.submit(meanwhile.run, honest, lambda: not over.is_set())
        running = {}
        for name, (stall, reading) in kinds.items():
            clients = opened.enter_context(stalled(listening, stall, EACH))
            running[name] = watching.submit(seconds_until_dropped, clients, reading=reading, at_most=2 * WITHIN)
        dropped = {name: seconds.result() for name, seconds in running.items()}
        over.set()
        asking.result()
    for name, seconds in dropped.items():
        print(f"{name}: {len(seconds)} dropped, the last after {max(seconds, default=0):.1f} s")
    print(f"an honest client meanwhile: {meanwhile.figures()}")
    assert {name: len(seconds) for name, seconds in dropped.items()} == dict.fromkeys(kinds, EACH)
    assert max(max(seconds) for seconds in dropped.values()) < WITHIN
    assert meanwhile.p99 < MOST_P99
    assert demo.http.get("/livez").status_code == 200


class Honest:
    """A client that asks once every few milliseconds, and how long each answer took."""

    def __init__(self) -> None:
        self.latencies: list[float] = []

    def run(self, app: App, goes_on: Callable[[], bool]) -> None:
        """Ask for as long as it goes on; every answer must be one."""
        while goes_on():
            begun = time.perf_counter()
            app.data(READ)
            self.latencies.append(time.perf_counter() - begun)
            time.sleep(0.005)

    @property
    def p99(self) -> float:
        """In seconds."""
        return statistics.quantiles(self.latencies, n=100)[98]

    def figures(self) -> str:
        """For people."""
        median = statistics.median(self.latencies)
        return (
            f"{len(self.latencies)} answers, median {median * 1e3:.1f} ms, p99 {self.p99 * 1e3:.1f} ms, "
            f"longest {max(self.latencies) * 1e3:.1f} ms"
        )


def _open_many_files() -> None:
    """As many as the system lets one process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
