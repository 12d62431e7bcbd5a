"""Rounds over all subjects and questions in turn: what each turn saw, and what the subject used meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import process_time

from bench.load import Target
from bench.measure import Wish, busy_seconds, percentile, run
from bench.operations import Name
from bench.own_server import Running
from bench.peers.asking import Panel
from bench.peers.postgres import DatabaseServer
from bench.peers.statements import counting
from bench.peers.subjects import SubjectName
from bench.peers.usage import cpu_of_backends, cpu_of_process, memory_of_process, used_between

Tell = Callable[[str], None]

_WARM_UP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Turn:
    """One subject and question in one round. Times in seconds, memory in bytes."""

    requests: int
    requests_per_second: float
    p50: float
    p99: float
    cpu: float
    """Of the subject's process, in the whole turn."""
    database_cpu: float | None
    """Of PostgreSQL's processes that serve the subject, in the whole turn; None where they are elsewhere."""
    memory: int
    others: float
    """How many of the machine's CPUs were kept busy by others than the subject, the database and the bench."""


@dataclass(slots=True)
class Figures:
    """One subject and question in all rounds."""

    answer_bytes: int
    statements: int | None
    turns: list[Turn] = field(default_factory=list)

    def median(self, name: str) -> float:
        """The median of a figure of the turns that is always known."""
        return float(median(getattr(turn, name) for turn in self.turns))

    @property
    def cpu_per_request(self) -> float:
        """Seconds of the subject's process, over all turns."""
        return sum(turn.cpu for turn in self.turns) / self._requests

    @property
    def database_cpu_per_request(self) -> float | None:
        """Seconds of PostgreSQL's processes, over all turns."""
        used = [turn.database_cpu for turn in self.turns if turn.database_cpu is not None]
        return sum(used) / self._requests if len(used) == len(self.turns) else None

    @property
    def _requests(self) -> int:
        return sum(turn.requests for turn in self.turns)


Measured = Mapping[SubjectName, Mapping[Name, Figures]]
"""All figures, by subject and question."""


def measure_panel(panel: Panel, database: DatabaseServer, wish: Wish, tell: Tell) -> Measured:
    """Warm up, count statements, and run the rounds. Raises BenchFailed."""
    measured: dict[SubjectName, dict[Name, Figures]] = {}
    targets: dict[tuple[SubjectName, Name], Target] = {}
    tell("Warming up ...")
    for asked in panel.asked:
        for operation in panel.operations:
            target = targets[asked.subject.name, operation.name] = asked.target(operation)
            run(target, min(wish.seconds, _WARM_UP_SECONDS), wish.concurrency)
    with counting(database) as count:
        for asked in panel.asked:
            application = asked.subject.application_name
            measured[asked.subject.name] = {
                operation.name: Figures(
                    targets[asked.subject.name, operation.name].answer_length,
                    count(application, lambda asked=asked, operation=operation: asked.answer(operation)),  # type: ignore[misc]
                )
                for operation in panel.operations
            }
    for number in range(1, wish.rounds + 1):
        tell(f"Round {number} of {wish.rounds} ...")
        for operation in panel.operations:
            for asked in panel.asked:
                target = targets[asked.subject.name, operation.name]
                turn = measure_turn(asked.server, asked.subject.application_name, database, target, wish)
                measured[asked.subject.name][operation.name].turns.append(turn)
    return measured


def measure_turn(server: Running, application_name: str, database: DatabaseServer, target: Target, wish: Wish) -> Turn:
    """One turn of load on a server whose connections to the database bear that name."""
    pid = server.pid
    backends = cpu_of_backends(database.url, application_name)
    busy, bench, cpu = busy_seconds(), process_time(), cpu_of_process(pid)
    load = run(target, wish.seconds, wish.concurrency)
    busy, bench, cpu = busy_seconds() - busy, process_time() - bench, cpu_of_process(pid) - cpu
    of_database = used_between(backends, cpu_of_backends(database.url, application_name))
    return Turn(
        requests=len(load.latencies),
        requests_per_second=len(load.latencies) / load.seconds,
        p50=percentile(load.latencies, 50),
        p99=percentile(load.latencies, 99),
        cpu=cpu,
        database_cpu=of_database,
        memory=memory_of_process(pid),
        others=max(0.0, busy - bench - cpu - (of_database or 0)) / load.seconds,
    )
