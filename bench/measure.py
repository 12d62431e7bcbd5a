"""Measuring: sign in, find what to ask for, check the answers, warm up, and then round after round of all operations.

The rounds take turns, so that a minute in which the machine has other work falls on every operation alike, and what
is reported is the median of the rounds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from time import process_time
from typing import Any

import httpx
import orjson
import psutil
import uvloop

from bench import BenchFailed
from bench.load import Load, Target, make_request, run_load
from bench.meter import read_meter
from bench.operations import NOTHING, Name, Operation, find_operations
from gql.demo import PASSWORD

WHO = "portfolio@lenddesk.example"
_SIGN_IN = "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { message } } }"
_COUNT = "{ customers(first: 1) { totalCount } }"


@dataclass(frozen=True, slots=True)
class Wish:
    """What to measure, and for how long."""

    names: Sequence[Name]
    rounds: int
    seconds: float
    concurrency: int


@dataclass(frozen=True, slots=True)
class Round:
    """One operation in one round. Times in seconds; what only a server with a meter tells is None from another."""

    requests_per_second: float
    p50: float
    p99: float
    cpu_per_request: float | None
    statements_per_request: float | None
    others: float
    """How many of the machine's CPUs other processes than the server and the bench kept busy."""


@dataclass(slots=True)
class Measured:
    """One operation in all rounds."""

    operation: Operation
    answer_bytes: int
    rounds: list[Round] = field(default_factory=list)

    def median(self, name: str) -> float | None:
        """The median of a figure of the rounds, or None where that is not known."""
        values = [getattr(r, name) for r in self.rounds]
        return None if None in values else median(values)


@dataclass(frozen=True, slots=True)
class Result:
    """All figures. `database` and `statements_of_sign_in_check` are None where the server has no meter."""

    url: str
    database: str | None
    customers: int
    """How many customers the bench's viewer sees."""
    statements_of_sign_in_check: int | None
    measured: list[Measured]


class Console:
    """A signed-in viewer's client, for everything but the load. Close it, or leave its block."""

    def __init__(self, url: str, who: str = WHO) -> None:
        self.url = f"{url.rstrip('/').removesuffix('/graphql')}/graphql"
        self.http = httpx.Client(base_url=self.url.removesuffix("/graphql"), timeout=60)
        self.token = ""
        signed_in = self.ask(_SIGN_IN, {"input": {"email": who, "password": PASSWORD}})["signIn"]
        if signed_in["accessToken"] is None:
            messages = " ".join(error["message"] for error in signed_in["userErrors"])
            raise BenchFailed(f"Signing in as {who} was refused: {messages} Is this the demo lender?")
        self.token = signed_in["accessToken"]

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, body: bytes) -> bytes:
        """The answer's body, which must be a 200 with data and no errors."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        response = self.http.post(self.url, content=body, headers=headers)
        answer = orjson.loads(response.content) if response.status_code == 200 else {}
        if "data" not in answer or "errors" in answer:
            raise BenchFailed(f"The server answered {response.status_code}: {response.text[:500]}")
        return response.content

    def ask(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an operation."""
        data: dict[str, Any] = orjson.loads(self.post(body_of(document, variables)))["data"]
        return data

    def target(self, operation: Operation) -> Target:
        """The operation as a load, its answer checked."""
        body = body_of(operation.document, operation.variables)
        return Target(self.url, make_request(self.url, self.token, body), len(self.post(body)))

    def statements_of(self, operation: Operation) -> int | None:
        """How many statements one such request sends."""
        body = body_of(operation.document, operation.variables)
        before = read_meter(self.http)
        self.post(body)
        after = read_meter(self.http)
        return after.statements - before.statements if before and after else None


def measure(url: str, wish: Wish, tell: Any) -> Result:
    """Run the whole bench. `tell` is called with a line on how far it is. Raises BenchFailed."""
    try:
        with Console(url) as console:
            customers = console.ask(_COUNT, {})["customers"]["totalCount"]
            operations = [found for found in find_operations(console.ask) if found.name in wish.names]
            targets = [console.target(operation) for operation in operations]
            tell("Warming up ...")
            for target in targets:
                run(target, min(wish.seconds, 1), wish.concurrency)
            of_sign_in_check = console.statements_of(NOTHING)
            measured = [
                Measured(operation, target.answer_length) for operation, target in zip(operations, targets, strict=True)
            ]
            for number in range(1, wish.rounds + 1):
                tell(f"Round {number} of {wish.rounds} ...")
                for of_operation, target in zip(measured, targets, strict=True):
                    of_operation.rounds.append(_round(console.http, target, wish))
            meter = read_meter(console.http)
    except (httpx.HTTPError, OSError) as error:
        raise BenchFailed(f"{url} can't be reached: {error}") from error
    return Result(url, meter.database if meter else None, customers, of_sign_in_check, measured)


def body_of(document: str, variables: Mapping[str, Any]) -> bytes:
    """An operation as the JSON of a GraphQL request."""
    return orjson.dumps({"query": document, "variables": variables})


def run(target: Target, seconds: float, concurrency: int) -> Load:
    """A turn of load. Raises what `run_load` raises."""
    return uvloop.run(run_load(target, seconds=seconds, concurrency=concurrency))


def _round(http: httpx.Client, target: Target, wish: Wish) -> Round:
    before, busy, ours = read_meter(http), busy_seconds(), process_time()
    load = run(target, wish.seconds, wish.concurrency)
    after, busy, ours = read_meter(http), busy_seconds() - busy, process_time() - ours
    requests, cpu, statements = len(load.latencies), None, None
    if before and after:
        cpu = after.cpu_seconds - before.cpu_seconds
        statements = (after.statements - before.statements) / requests
    return Round(
        requests_per_second=requests / load.seconds,
        p50=percentile(load.latencies, 50),
        p99=percentile(load.latencies, 99),
        cpu_per_request=None if cpu is None else cpu / requests,
        statements_per_request=statements,
        others=max(0.0, busy - ours - (cpu or 0)) / load.seconds,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of the values don't exceed."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def busy_seconds() -> float:
    """CPU time that all processes of the machine have used."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))
