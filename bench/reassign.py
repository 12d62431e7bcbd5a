"""`python -m bench.reassign`: a job over many customers, and how long others who change one of them wait meanwhile."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy import func, select

from bench import BenchFailed
from bench.own_server import prepared_database
from bench.report import decimal
from gql.auth.authenticate import viewer_of_session
from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Customer, Job, Role, Session
from gql.domain.enums import AdminStatus, CustomerStatus, SubjectKind
from gql.domain.errors import RequestError
from gql.domain.ids import new_id
from gql.domain.jobs import Share
from gql.domain.listing import CustomerCriteria
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.assignments import AssignAccountManager, assign_account_manager
from gql.services.audit import Actor
from gql.services.job_runner import BATCH, JobRunner
from gql.services.reassignment_plans import plan_reassignment
from gql.services.reassignments import ReassignBook, reassign_book
from gql.settings import Settings

_PAUSE = 0.02


@dataclass(slots=True)
class Waits:
    """How long the changes of one customer after the other took."""

    name: str
    seconds: list[float] = field(default_factory=list)
    refused: int = 0

    def __str__(self) -> str:
        if not self.seconds:
            return f"{self.name}: none"
        ordered = sorted(self.seconds)
        figures = (ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], ordered[-1])
        half, nearly_all, longest = (decimal(one * 1_000) for one in figures)
        waited = f"{half} ms in the middle, {nearly_all} ms at 99 %, {longest} ms at most"
        return f"{self.name}: {len(ordered):,}, {waited}; {self.refused} gave up"


def main(
    customers: Annotated[int, typer.Option(min=100, help="How many customers the lender has.")] = 100_000,
    batch: Annotated[int, typer.Option(min=1, help="Customers of a transaction.")] = BATCH,
) -> None:
    """Give all customers of a demo lender other account managers, while somebody assigns single ones.

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
        managers = await managers_of_demo(database)
        actor = Actor(SubjectKind.ADMIN, viewer.admin_id)
        shares = tuple(Share(one, weight=1) for one in managers[2:])
        wish = ReassignBook("measured", criteria=CustomerCriteria(), shares=shares)
        await timed("dry run", plan_reassignment(database, viewer, wish, "any"))
        begun = await timed("job created", reassign_book(database, actor, viewer, wish))
        total = await _total(database, begun.job_id)
        waits = await _with_others(database, working, settings, batch, viewer, actor, managers)
        row = await job_row(database, begun.job_id)
        seconds = (row.finished_at - row.started_at) / timedelta(seconds=1)
        print(f"{total:,} customers in {decimal(seconds)} s: {total / seconds:,.0f} a second, {batch} a transaction")
        print(f"  moved {row.changed:,}, unchanged {row.unchanged:,}, refused {row.refused:,}, skipped {row.skipped:,}")
        for one in waits:
            print(f"  {one}")
    finally:
        await database.close()
        await working.close()


async def timed(what: str, work: Awaitable[Any]) -> Any:
    """The result, and a line that says how long it took."""
    begun = perf_counter()
    result = await work
    print(f"{what} in {decimal(perf_counter() - begun)} s", flush=True)
    return result


async def _with_others(
    database: Database,
    working: Database,
    settings: Settings,
    batch: int,
    viewer: AdminViewer,
    actor: Actor,
    managers: list[Any],
) -> list[Waits]:
    """Work on the job, while one assigns customers whom it is about, and one a customer of whom it is over."""
    ids = [row.id for row in await database.rows(_active().order_by(Customer.id))]
    over = asyncio.Event()
    in_job, elsewhere = Waits("single assignments of its customers"), Waits("single assignments of one it is over with")
    ahead = iter(ids[:: max(1, len(ids) // 5_000)])

    async def work() -> None:
        try:
            runner = JobRunner(working, settings, batch=batch)
            while await runner.work():
                pass
        finally:
            over.set()

    def same() -> Any:
        return ids[0]

    others = (
        _assign_one_after_another(database, viewer, actor, managers[0], in_job, lambda: next(ahead, None), over),
        _assign_one_after_another(database, viewer, actor, managers[1], elsewhere, same, over, managers[0]),
    )
    await asyncio.gather(work(), *others)
    return [in_job, elsewhere]


async def _assign_one_after_another(
    database: Database,
    viewer: AdminViewer,
    actor: Actor,
    manager: Any,
    waits: Waits,
    whom: Callable[[], Any],
    over: asyncio.Event,
    other: Any = None,
) -> None:
    while not over.is_set():
        customer_id = whom()
        if customer_id is None:
            return
        begun = perf_counter()
        try:
            wish = AssignAccountManager(customer_id, manager)
            await assign_account_manager(database, actor, viewer, wish, "any")
        except RequestError:
            waits.refused += 1
        waits.seconds.append(perf_counter() - begun)
        manager, other = (manager, other) if other is None else (other, manager)
        await asyncio.sleep(_PAUSE)


def _active() -> Any:
    return select(Customer.id).where(Customer.status == CustomerStatus.ACTIVE)


async def _total(database: Database, job_id: Any) -> int:
    return int((await job_row(database, job_id)).total)


async def job_row(database: Database, job_id: Any) -> Any:
    """A job as it is now."""
    [row] = await database.rows(select(*Job.__table__.c).where(Job.id == job_id))
    return row


async def managers_of_demo(database: Database) -> list[Any]:
    """Who can have customers: twelve of them."""
    holders = select(AdminRole.admin_id).join(Role, Role.id == AdminRole.role_id).where(Role.key == "account_manager")
    wanted = select(Admin.id).where(Admin.id.in_(holders), Admin.status == AdminStatus.ACTIVE).order_by(Admin.id)
    rows = await database.rows(wanted.limit(12))
    if len(rows) < 3:
        raise BenchFailed("The lender has no account managers. Give a database that holds a demo in DATABASE_URL.")
    return [row.id for row in rows]


async def somebody_who_may(database: Database) -> AdminViewer:
    """A super admin, with a session."""
    holders = select(AdminRole.admin_id).join(Role, Role.id == AdminRole.role_id).where(Role.key == "super_admin")
    found = await database.rows(select(func.min(Admin.email)).where(Admin.id.in_(holders)))
    [row] = await database.rows(select(Admin.id).where(Admin.email == found[0][0]))
    session = Session(id=new_id(), admin_id=row.id, created_at=now(), expires_at=now() + timedelta(hours=2))
    async with database.begin() as transaction:
        transaction.add(session)
    viewer = await viewer_of_session(database.rows, SubjectKind.ADMIN, row.id, session.id)
    if not isinstance(viewer, AdminViewer):
        raise BenchFailed("The demo's super admin can't sign in.")
    return viewer


if __name__ == "__main__":
    os.environ.setdefault("SECRET_KEY", "only for measuring, on a database of its own")
    typer.run(main)
