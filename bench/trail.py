"""`python -m bench.trail`: what `lenddesk audit verify` takes on a long trail, sealed by the product's own sealer."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any
from uuid import uuid4

import structlog
import typer
from sqlalchemy import func, insert, select

from bench import BenchFailed
from bench.report import decimal
from gql.db.engine import Database
from gql.db.migrate import migrate
from gql.db.models import AuditEvent
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.services.sealing import Sealer
from gql.settings import Settings

_BATCH = 5_000
_VERIFY = (sys.executable, "-c", "from gql.cli import app; app(['audit', 'verify'])")


@dataclass(frozen=True, slots=True)
class Verified:
    """One run of the command, in a process of its own."""

    events: int
    seconds: float
    cpu_seconds: float
    peak_megabytes: float


def main(
    events: Annotated[int, typer.Option(min=10, help="How many events the trail has.")] = 1_000_000,
) -> None:
    """Write a trail, seal it, and verify it: when a tenth of it is written, and when all is.

    It is written to a file under var/bench, anew each time, or to DATABASE_URL, which must have no events.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))  # the sealer logs each segment
    settings = _settings(events)
    try:
        asyncio.run(migrate(settings.database_url))
        tenth = events // 10
        for present, total in ((0, tenth), (tenth, events)):
            written, sealed = asyncio.run(_extend(settings, present, total))
            added = f"{total - present:,} events written in {decimal(written)} s, sealed in {decimal(sealed)} s"
            print(added, flush=True)
            found = _verify(settings, total)
            took = f"{decimal(found.seconds)} s, {decimal(found.cpu_seconds)} s of CPU time"
            print(f"  verify of {found.events:,}: {took}, {decimal(found.peak_megabytes)} MB at most", flush=True)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None


def _settings(events: int) -> Settings:
    given = Settings()
    folder = given.var_dir / "bench"
    url = os.environ.get("DATABASE_URL")
    if url is None:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"trail-{events}.db"
        for old in folder.glob(f"{file.name}*"):
            old.unlink()
        url = f"sqlite+aiosqlite:///{file}"
    return given.model_copy(update={"database_url": url, "var_dir": folder})


async def _extend(settings: Settings, present: int, total: int) -> tuple[float, float]:
    """Write events until there are so many, and seal them; the seconds of both. Raises BenchFailed."""
    database = Database(settings.database_url, statement_timeout=0)
    try:
        begun = perf_counter()
        [[there]] = await database.rows(select(func.count()).select_from(AuditEvent))
        if there != present:
            raise BenchFailed("The database has other events. Give an empty one in DATABASE_URL.")
        events = _events(total - present)
        while batch := list(islice(events, _BATCH)):
            async with database.begin() as session:
                await session.execute(insert(AuditEvent), batch)
        written = perf_counter()
        sealed = await Sealer(database, settings).seal()
        if sealed != total - present:
            raise BenchFailed(f"{sealed} events were sealed: does a server run on this database?")
        return written - begun, perf_counter() - written
    finally:
        await database.close()


def _events(many: int) -> Iterator[dict[str, Any]]:
    """Mostly reads of customers, then changes, and now and then a denied attempt: as from 50 people in three months."""
    actors, customers = [new_id() for _ in range(50)], [new_id() for _ in range(5_000)]
    begin = now() - timedelta(days=90)
    for number in range(many):
        customer_id = customers[number * 7 % len(customers)]
        action: str = "customer.read"
        details: dict[str, Any] = {}
        if number % 10 == 0:
            action = "customer.updated"
            details = {"before": {"phone": "+2348031234567"}, "after": {"phone": f"+23480{number % 10**8:08}"}}
        if number % 100 == 1:
            action, details = "assignAccountManager.denied", {"codes": ["FORBIDDEN"]}
        yield {
            "id": new_id(),
            "at": begin + timedelta(days=90) * (number / many),
            "actor_kind": SubjectKind.ADMIN,
            "actor_id": actors[number % len(actors)],
            "action": action,
            "subject_kind": "customer",
            "subject_id": customer_id,
            "details": details,
            "request_id": uuid4().hex,
            "customer_id": customer_id,
            "address": f"192.0.2.{number % 250}",
            "denied": number % 100 == 1,
        }


def _verify(settings: Settings, events: int) -> Verified:
    """Run the command. Raises BenchFailed where it finds anything, or not all events."""
    begun = perf_counter()
    with subprocess.Popen(_VERIFY, env=_environment(settings), text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or f"with {events} events" not in said:
        raise BenchFailed(f"The trail is not as it was sealed:\n{said}")
    # ru_maxrss is in KiB, but for macOS, which has bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1_024) / 1e6
    return Verified(events, perf_counter() - begun, usage.ru_utime + usage.ru_stime, peak)


def _environment(settings: Settings) -> Mapping[str, str]:
    place = {"DATABASE_URL": settings.database_url, "VAR_DIR": str(Path(settings.var_dir).resolve())}
    return os.environ | place | {"SECRET_KEY": settings.signing_key}


if __name__ == "__main__":
    typer.run(main)
