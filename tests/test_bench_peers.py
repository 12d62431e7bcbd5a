"""The bench of the peers: its lender is a sound one, and the peers in Python answer as our server does.

The peers in JavaScript run in the benchmark only, which refuses to measure where any answer differs.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from bench import BenchFailed
from bench.peers.asking import Panel, check_equality, panel
from bench.peers.data import prepare
from bench.peers.equality import first_difference
from bench.peers.postgres import DatabaseServer
from bench.peers.staffing import BOOK_OF_10
from bench.peers.subjects import SUBJECTS, SubjectName
from bench.tails import ideal_ratio
from gql.domain.search import reversed_search_key, search_key
from tests.databases import fresh_database

_CUSTOMERS = 600


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the bench's lender."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the peers are compared on PostgreSQL")
    with fresh_database("postgresql") as made:
        prepare(made, _CUSTOMERS, print)
        yield made


def _rows(url: str, statement: str, *values: Any) -> list[Any]:
    async def read() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    return [tuple(row) for row in asyncio.run(read())]


def test_the_lender_has_the_size_that_was_asked_for(url: str) -> None:
    """Customers exactly; of the others enough that there is something to ask for."""
    assert _rows(url, "SELECT count(*) FROM customers") == [(_CUSTOMERS,)]
    [counts] = _rows(
        url,
        "SELECT (SELECT count(*) FROM memberships), (SELECT count(*) FROM loans), (SELECT count(*) FROM assignments)",
    )
    assert min(counts) > _CUSTOMERS // 2


@pytest.mark.parametrize(
    "wrong",
    [
        (
            "SELECT FROM groups WHERE member_count <> (SELECT count(*) FROM memberships WHERE group_id = groups.id"
            " AND until IS NULL)"
        ),
        (
            "SELECT FROM customers LEFT JOIN assignments ON customer_id = customers.id AND ended_at IS NULL"
            " WHERE admin_id IS DISTINCT FROM account_manager_id"
        ),
        (
            "SELECT FROM loans WHERE outstanding_minor <> (SELECT sum(due_minor - paid_minor) FROM loan_instalments"
            " WHERE loan_id = loans.id)"
        ),
        "SELECT FROM loans WHERE (status = 'CLOSED') <> (outstanding_minor = 0)",
        (
            "SELECT FROM assignments AS a JOIN assignments AS b USING (customer_id)"
            " WHERE a.started_at < b.started_at AND a.ended_at > b.started_at"
        ),
        "SELECT FROM customers WHERE uuid_extract_version(id) IS DISTINCT FROM 7",
        "SELECT FROM loan_instalments WHERE uuid_extract_version(id) IS DISTINCT FROM 7",
        "SELECT FROM pg_constraint WHERE NOT convalidated",
        "SELECT FROM pg_index WHERE NOT indisvalid",
    ],
)
def test_the_lender_is_sound(url: str, wrong: str) -> None:
    """No row contradicts another one, and nothing is left unchecked."""
    assert _rows(url, wrong) == []


def test_the_search_keys_are_those_of_the_names(url: str) -> None:
    """The bench's searches would find nothing otherwise."""
    rows = _rows(url, "SELECT name, search_name, search_name_reversed FROM customers")
    assert all(row[1:] == (search_key(row[0]), reversed_search_key(row[0])) for row in rows)


def test_indexes_and_keys_are_those_of_the_migrations(url: str) -> None:
    """What was laid aside while the lender grew is back."""
    shape = """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
        ORDER BY 1
    """
    with fresh_database("postgresql") as migrated:
        assert _rows(url, shape) == _rows(migrated, shape)


def test_somebody_has_a_book_of_ten_and_no_other_customers_around(url: str) -> None:
    """For the question how a list of ten bears a million."""
    held = "SELECT FROM customers JOIN admins ON admins.id = account_manager_id WHERE admins.email = $1"
    assert len(_rows(url, held, BOOK_OF_10)) == 10
    office = "SELECT office_id FROM admins WHERE email = $1"
    assert _rows(url, f"SELECT FROM customers WHERE office_id = ({office})", BOOK_OF_10) == []


def test_it_is_made_once(url: str) -> None:
    """A second run finds it; one of another size is refused."""
    told: list[str] = []
    prepare(url, _CUSTOMERS, told.append)
    assert told == []
    with pytest.raises(BenchFailed, match="holds a lender of 600 customers"):
        prepare(url, _CUSTOMERS * 2, told.append)


def test_other_data_are_left_alone() -> None:
    """The bench grows nobody else's database."""
    with fresh_database("postgresql") as other:
        _rows(
            other,
            "INSERT INTO offices (id, name, search_name, status, created_at)"
            " VALUES (uuidv7(), 'Harbour', 'harbour', 'ACTIVE', now()) RETURNING 1",
        )
        _rows(
            other,
            "INSERT INTO admins (id, email, name, search_name, office_id, status, created_at, updated_at)"
            " SELECT uuidv7(), 'a@b.example', 'A', 'a', id, 'ACTIVE', now(), now() FROM offices RETURNING 1",
        )
        with pytest.raises(BenchFailed, match="must be empty"):
            prepare(other, _CUSTOMERS, print)


@pytest.fixture(scope="module")
def subjects(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """Our server and the peers in Python, running."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VAR_DIR", str(tmp_path_factory.mktemp("var")))
        in_python = [subject for subject in SUBJECTS if not subject.needs_node]
        with panel(DatabaseServer(url, None), in_python) as running:
            yield running


def test_peers_answer_as_our_server_does(subjects: Panel) -> None:
    """All four questions, each with something in it, and not by seeing everybody."""
    assert [asked.subject.name for asked in subjects.asked] == [
        SubjectName.OURS,
        SubjectName.WITHOUT_PLANS,
        SubjectName.HANDWRITTEN,
        SubjectName.HANDWRITTEN_AUTH,
        SubjectName.PGJSON,
        SubjectName.STRAWBERRY,
    ]
    assert [operation.name for operation in subjects.operations] == ["customers", "profile", "group", "viewer"]
    assert subjects.operations[0].rows == 50
    assert 0 < subjects.operations[2].rows <= 100
    check_equality(subjects)


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ({"a": [1, {"b": "2026-01-01T10:00:00.5+00:00"}], "c": None}, None),
        ({"c": None, "a": [1, {"b": "2026-01-01T10:00:00.500000+00:00"}]}, None),
        ({"a": [1, {"b": "2026-01-01T10:00:01+00:00"}], "c": None}, "data.a[1].b"),
        ({"a": [1], "c": None}, "data.a[1]"),
        ({"a": [True, {"b": "2026-01-01T10:00:00.5+00:00"}], "c": None}, "data.a[0]"),
        ({"a": [1, {"b": "2026-01-01T10:00:00.5+00:00"}]}, "data.c"),
    ],
)
def test_the_first_difference_is_shown(found: Any, difference: str | None) -> None:
    """Where it is, or that there is none: how a moment is written is no difference."""
    shown = first_difference({"a": [1, {"b": "2026-01-01T10:00:00.5+00:00"}], "c": None}, found)
    if difference is None:
        assert shown is None
    else:
        assert shown is not None
        assert shown.startswith(f"{difference}\n")


def test_the_profile_tells_the_parts_of_each_operation(url: str, tmp_path: Path) -> None:
    """In microseconds that add up; the layers of a request are among them."""
    made = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "bench.profile", "--customers", str(_CUSTOMERS), "--seconds", "0.2"]
    done = subprocess.run(command, env=os.environ | made, capture_output=True, text=True, timeout=120, check=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    table = {name: [int(figure.replace(",", "")) for figure in figures] for name, *figures in rows[2:]}
    assert rows[0][1:] == ["customers", "profile", "group", "viewer", "nothing"]
    # It samples: in so short a time one layer or another may not be met.
    assert len({"gql.transport", "gql.execution", "gql.db", "gql.auth", "asyncpg", "uvicorn"} & set(table)) >= 3
    for number, everything in enumerate(table.pop("all")):
        assert sum(figures[number] for figures in table.values()) == pytest.approx(everything, abs=len(table))


def test_what_is_left_out_sends_no_statements(url: str, tmp_path: Path) -> None:
    """The lists of customers are read by their root field, and stay."""
    made = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
    options = ["--customers", str(_CUSTOMERS), "--seconds", "0.2", "--rounds", "1"]
    command = [sys.executable, "-m", "bench.left_out", *options]
    done = subprocess.run(command, env=os.environ | made, capture_output=True, text=True, timeout=120, check=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows[0][1:] == ["customers", "profile", "group", "viewer", "nothing"]
    assert {name: [int(cell.partition("; ")[2]) for cell in cells] for name, *cells in rows[2:]} == {
        "as it is": [4, 6, 3, 2, 1],
        "loaders answer from memory": [2, 1, 1, 1, 1],
        "and nobody looks who asks": [1, 0, 0, 0, 0],
    }


def test_the_tails_tell_what_the_slowest_requests_waited_for(url: str, tmp_path: Path) -> None:
    """In parts of their time, which come to no more than all of it."""
    made = {"DATABASE_URL": url, "VAR_DIR": str(tmp_path)}
    options = ["--customers", str(_CUSTOMERS), "--seconds", "0.2", "--rounds", "1"]
    command = [sys.executable, "-m", "bench.tails", *options]
    done = subprocess.run(command, env=os.environ | made, capture_output=True, text=True, timeout=120, check=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    table = {name: [float(figure.replace(",", "")) for figure in figures] for name, *figures in rows[2:]}
    assert rows[0] == ["customers", "profile", "group", "viewer", "nothing"]
    parts = [figures for name, figures in table.items() if name.endswith(", %")]
    assert len(parts) == 4
    assert all(0 < sum(shares) < 110 for shares in zip(*parts, strict=True))  # clocks are read one after the other


def test_an_ideal_queue_has_tails_of_its_own() -> None:
    """From the formula for one server that takes each request the same time: 1.73 and 7.5 times that at 70 %."""
    assert ideal_ratio(0.7) == pytest.approx(7.5 / 1.73, rel=0.05)
