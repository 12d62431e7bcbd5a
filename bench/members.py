"""`python -m bench.members`: a file of all customers into one group, tried and then done, while others join singly."""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from time import perf_counter
from typing import Annotated, Any

import httpx
import pyrage
import structlog
import typer
from sqlalchemy import func, select

from bench import BenchFailed
from bench.own_server import prepared_database
from bench.reassign import Waits, job_row, somebody_who_may, timed
from bench.report import decimal
from gql.app import create_app
from gql.db.engine import Database
from gql.db.models import Customer, Group, Membership
from gql.domain.enums import CustomerStatus, GroupPurpose, GroupStatus, SubjectKind
from gql.domain.errors import Refused, RequestError
from gql.domain.ids import new_id
from gql.domain.member_exports import ExportFormat, Recipients
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.job_runner import BATCH, JobRunner
from gql.services.member_exports import ExportGroupMembers, export_group_members
from gql.services.member_imports import ImportGroupMembers, import_group_members
from gql.services.memberships import AddGroupMember, add_group_member
from gql.settings import Settings
from gql.vault.links import Links
from gql.vault.sealing import Vault

_PAUSE = 0.02
_PAGE = 1_000
_RULE = {"all": [{"status": {"in": ["ACTIVE"]}}, {"days_past_due": {"maximum": 90}}]}


def main(
    customers: Annotated[int, typer.Option(min=100, help="How many customers the lender has.")] = 100_000,
    batch: Annotated[int, typer.Option(min=1, help="Customers of a transaction.")] = BATCH,
) -> None:
    """Import all customers of a demo lender into a group with a rule.

    The lender is in a file under var/bench, or in DATABASE_URL, which must hold nothing but a demo.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    url = prepared_database(customers)
    try:
        asyncio.run(_measure(Settings().model_copy(update={"database_url": url}), batch))
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None


async def _measure(settings: Settings, batch: int) -> None:
    database, working = Database(settings.database_url), Database(settings.database_url, pool_size=1)
    try:
        viewer = await somebody_who_may(database)
        before = _megabytes()
        for dry_run in (True, False):
            group_id = await _group(database)
            job_id = await _sent(settings, database, viewer, group_id, dry_run=dry_run)
            waits = await _worked_on(database, working, settings, batch, viewer, group_id)
            await _report(database, job_id, batch, waits, what="tried" if dry_run else "done")
            if not dry_run:
                await _exported(database, working, settings, viewer, group_id)
        print(f"memory of the process: {before:,.0f} MB before, {_megabytes():,.0f} MB at most")
    finally:
        await database.close()
        await working.close()


def _megabytes() -> float:
    """The most memory that the process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


async def _group(database: Database) -> Any:
    """A new group that all can join who are active and not far in arrears."""
    moment, key = now(), new_id()
    values = {
        "name": f"Measured {key.hex}",
        "search_name": f"measured {key.hex}",
        "description": "m",
        "criteria": _RULE,
    }
    group = Group(
        id=key,
        status=GroupStatus.ACTIVE,
        purpose=GroupPurpose.OTHER,
        criteria_text="m",
        created_at=moment,
        updated_at=moment,
        **values,
    )
    async with database.begin() as session:
        session.add(group)
    return key


async def _sent(settings: Settings, database: Database, viewer: AdminViewer, group_id: Any, *, dry_run: bool) -> Any:
    """The file is sent over HTTP, a page of customers at a time; answers the job's ID."""
    links = Links(settings.signing_key, timedelta(minutes=60))
    wish = ImportGroupMembers(group_id, "measured", dry_run)
    begun = await import_group_members(database, links, Actor(SubjectKind.ADMIN, viewer.admin_id), viewer, wish)
    app = create_app(settings.model_copy(update={"document_link_minutes": 60}))
    if begun.link is None:
        raise BenchFailed("The job has no link.")
    path = f"http://127.0.0.1/member-files/{links.text_of(begun.link)}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=600) as http:
        answer = await timed("file received", http.put(path, content=_lines(database)))
    await app.state.database.close()
    if answer.status_code != 201:
        raise BenchFailed(f"The file was not taken: {answer.text}")
    return begun.job_id


async def _lines(database: Database) -> AsyncIterator[bytes]:
    yield b"number\r\n"
    after = ""
    while True:
        page = select(Customer.number).where(Customer.number > after).order_by(Customer.number).limit(_PAGE)
        rows = await database.rows(page)
        if not rows:
            return
        yield "".join(f"{row.number}\r\n" for row in rows).encode()
        after = rows[-1].number


async def _worked_on(
    database: Database, working: Database, settings: Settings, batch: int, viewer: AdminViewer, group_id: Any
) -> Waits:
    """The job, while somebody adds single customers of the file to the same group."""
    over, waits = asyncio.Event(), Waits("single additions to the same group")

    async def work() -> None:
        try:
            runner = JobRunner(working, settings, batch=batch)
            while await runner.work():
                pass
        finally:
            over.set()

    await asyncio.gather(work(), _join_singly(database, viewer, group_id, waits, over))
    return waits


async def _join_singly(
    database: Database, viewer: AdminViewer, group_id: Any, waits: Waits, over: asyncio.Event
) -> None:
    """Those who stand last in the file, so that the job finds some of them there already."""
    newest = select(Customer.id).where(Customer.status == CustomerStatus.ACTIVE).order_by(Customer.number.desc())
    actor = Actor(SubjectKind.ADMIN, viewer.admin_id)
    for row in await database.rows(newest.limit(5_000)):
        if over.is_set():
            return
        begun = perf_counter()
        try:
            await add_group_member(database, actor, viewer, AddGroupMember(group_id, "customerId", row.id))
        except Refused:
            continue
        except RequestError:
            waits.refused += 1
        waits.seconds.append(perf_counter() - begun)
        await asyncio.sleep(_PAUSE)


async def _report(database: Database, job_id: Any, batch: int, waits: Waits, *, what: str) -> None:
    row = await job_row(database, job_id)
    seconds = (row.finished_at - row.started_at) / timedelta(seconds=1)
    print(f"{row.total:,} lines {what} in {decimal(seconds)} s: {row.total / seconds:,.0f} a second, {batch} at a time")
    print(f"  added {row.changed:,}, members already {row.unchanged:,}, refused {row.refused:,}")
    [group] = await database.rows(select(Group.member_count).where(Group.id == row.group_id))
    if not row.dry_run and group.member_count != await _members(database, row.group_id):
        raise BenchFailed("The group's count is not that of its members.")
    print(f"  {waits}")


async def _exported(
    database: Database, working: Database, settings: Settings, viewer: AdminViewer, group_id: Any
) -> None:
    """The group's members, encrypted for one key."""
    vault, keys = Vault(settings.data_key_ring), (str(pyrage.x25519.Identity.generate().to_public()),)
    for written in ExportFormat:
        wish = ExportGroupMembers(group_id, written, "measured", Recipients(keys))
        actor = Actor(SubjectKind.ADMIN, viewer.admin_id)
        begun = await export_group_members(database, vault, actor, viewer, wish)
        await JobRunner(working, settings).work()
        row = await job_row(database, begun.job_id)
        seconds = (row.finished_at - row.started_at) / timedelta(seconds=1)
        print(f"{row.changed:,} members exported as {written.value} in {decimal(seconds)} s")


async def _members(database: Database, group_id: Any) -> int:
    counted = select(func.count()).where(Membership.group_id == group_id, Membership.until.is_(None))
    return int((await database.rows(counted))[0][0])


if __name__ == "__main__":
    os.environ.setdefault("SECRET_KEY", "only for measuring, on a database of its own")
    typer.run(main)
