"""The bench runs as its users run it, and its figures are there. How good they are is no business of a test."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import BenchFailed
from bench.load import Target, make_request, run_load
from tests.databases import DatabaseKind

_FEW = ("--customers", "200", "--rounds", "1", "--seconds", "0.2", "--concurrency", "2")
_FIGURES = {"requests_per_second", "p50", "p99", "cpu_per_request", "statements_per_request"}


def _bench(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the bench with a few requests, writing nowhere but in the folder."""
    return _run(folder, "bench", *_FEW, *options, **environment)


def _run(folder: Path, module: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    without = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", module, *options],
        env=without | {"VAR_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def environment(database_kind: DatabaseKind, request: pytest.FixtureRequest) -> Mapping[str, str]:
    """On SQLite the bench makes a file of its own; a PostgreSQL database must be given to it."""
    if database_kind == "sqlite":
        return {}
    return {"DATABASE_URL": request.getfixturevalue("database_url")}


def test_it_measures_a_server_of_its_own(
    tmp_path: Path, database_kind: DatabaseKind, environment: Mapping[str, str]
) -> None:
    """Every operation has every figure, and a request sends a few statements for all of its rows."""
    file = tmp_path / "figures.json"
    done = _bench(tmp_path, "--json", str(file), **environment)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(file.read_text())
    operations = figures["operations"]

    assert list(operations) == ["customers", "profile", "group", "viewer", "nothing"]
    assert all(name in done.stdout for name in operations)
    assert "unknown" not in done.stdout
    assert figures["database"] == database_kind
    for operation in operations.values():
        assert set(operation["median"]) == _FIGURES
        assert all(value > 0 for value in operation["median"].values())
    assert operations["customers"]["rows"] == 50
    assert operations["group"]["rows"] > 10
    sent = {name: operation["median"]["statements_per_request"] for name, operation in operations.items()}
    assert sent["nothing"] == figures["statements_of_sign_in_check"] == 1
    assert all(1 < sent[name] <= 8 for name in sent if name != "nothing")  # some per kind of row, not some per row


def test_it_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    """Nobody listens there."""
    done = _bench(tmp_path, "--url", "http://127.0.0.1:9")
    assert done.returncode == 1
    assert "http://127.0.0.1:9 can't be reached" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_trail_is_written_sealed_and_verified_to_a_tenth_and_to_its_end(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    """On PostgreSQL in the database that is given."""
    done = _run(tmp_path, "bench.trail", "--events", "1000", **environment)
    assert done.returncode == 0, done.stderr
    written, some, more, everything = done.stdout.splitlines()
    assert written.startswith("100 events written in ")
    assert more.startswith("900 events written in ")
    assert some.startswith("  verify of 100: ")
    assert everything.startswith("  verify of 1,000: ")
    assert everything.endswith(" MB at most")


def test_groups_are_measured_twice_by_who_sees_what(
    database_kind: DatabaseKind, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """The second time on what the first one made; on PostgreSQL, whose plans are the question."""
    if database_kind == "sqlite":
        pytest.skip("groups are measured on PostgreSQL")
    for _ in range(2):
        done = _run(tmp_path, "bench.groups", "--customers", "2000", "--times", "1", **environment)
        assert done.returncode == 0, done.stderr
        heading, _, *lines = [
            [cell.strip() for cell in line.strip("| ").split("|")] for line in done.stdout.splitlines()
        ]
        assert heading[0] == "who asks"
        assert [line[0] for line in lines] == ["super", "portfolio", "auditor"]
        for who, members, seen, _, of_page, _, of_statistics in lines:
            assert (of_page, of_statistics) == ("3", "6"), who
            assert (seen == members) is (who != "portfolio")


_GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"


class _Scripted(asyncio.Protocol):
    """A connection's server that gives some answers in turn, the last one again and again; it hangs up for b""."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._left = list(answers)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        answer = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        if not answer:
            self._transport.close()
            return
        self._transport.write(answer[:30])  # answers come in pieces
        asyncio.get_running_loop().call_later(0.001, self._transport.write, answer[30:])


async def _load_with(*answers: bytes) -> int:
    """Put a load on a server that answers so; tells how many answers came."""
    loop = asyncio.get_running_loop()
    async with await loop.create_server(lambda: _Scripted(answers), "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        target = Target(url, make_request(url, "token", b"{}"), answer_length=4)
        try:
            load = await run_load(target, seconds=0.3, concurrency=3)
        finally:
            await asyncio.sleep(0.01)  # the server's ends of the connections notice that they are closed
        return len(load.latencies)


async def test_each_connection_asks_again_and_again() -> None:
    """More answers than connections."""
    assert await _load_with(_GOOD) > 3


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\noops", "500"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother", "another length"),
        (b"", "closed"),
    ],
    ids=["error", "other answer", "hung up"],
)
async def test_answers_that_change_under_load_are_no_figures(bad: bytes, complaint: str) -> None:
    """A fast error must not look like a fast server."""
    with pytest.raises(BenchFailed, match=complaint):
        await _load_with(_GOOD, bad)
