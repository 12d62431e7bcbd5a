"""`python -m bench.hand_over`: a book of 2,000 customers is handed over at once, and what somebody waits for one."""

import asyncio
import sys
from time import perf_counter
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy import select

from bench import BenchFailed
from bench.own_server import prepared_database
from bench.reassign import managers_of_demo, somebody_who_may, timed
from bench.report import decimal
from gql.db.engine import Database
from gql.db.models import Customer
from gql.domain.enums import CustomerStatus, SubjectKind
from gql.domain.errors import RequestError
from gql.domain.hand_overs import MOST_CUSTOMERS
from gql.domain.jobs import Share
from gql.domain.listing import CustomerCriteria
from gql.domain.viewer import AdminViewer
from gql.services.assignments import AssignAccountManager, assign_account_manager
from gql.services.audit import Actor
from gql.services.hand_over_plans import HandOver
from gql.services.hand_overs import hand_over, plan_hand_over
from gql.services.job_runner import JobRunner
from gql.services.reassignments import ReassignBook, reassign_book
from gql.settings import Settings


def main(
    customers: Annotated[int, typer.Option(min=1_000, help="How many customers the lender has.")] = 10_000,
    book: Annotated[int, typer.Option(min=10, max=MOST_CUSTOMERS, help="How many of them are the leaver's.")] = 2_000,
) -> None:
    """Have an account manager of a demo lender leave, by office.

    The lender is in a file under var/bench, or in DATABASE_URL, which must hold nothing but a demo.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    url = prepared_database(customers)
    try:
        asyncio.run(_measure(Settings().model_copy(update={"database_url": url}), book))
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None


async def _measure(settings: Settings, book: int) -> None:
    database = Database(settings.database_url)
    try:
        viewer = await somebody_who_may(database)
        leaver, *others = await managers_of_demo(database)
        actor = Actor(SubjectKind.ADMIN, viewer.admin_id)
        of_leaver = await _book_of(database, settings, viewer, actor, leaver, book, others[0])
        wish = HandOver(admin_id=leaver, reason="measured")
        await timed("dry run", plan_hand_over(database, viewer, wish, "any"))
        begun = perf_counter()
        waiting = asyncio.create_task(_wait_for(database, viewer, actor, of_leaver[-1], others[0]))
        done = await hand_over(database, actor, viewer, wish, "any")
        seconds = perf_counter() - begun
        total = done.counts.moved + done.counts.unassigned
        print(f"{total:,} customers in {decimal(seconds)} s: {total / seconds:,.0f} a second, all in one transaction")
        print(f"a single assignment of one of them waited {decimal(await waiting)} s")
    finally:
        await database.close()


async def _book_of(
    database: Database, settings: Settings, viewer: AdminViewer, actor: Actor, leaver: Any, book: int, other: Any
) -> list[Any]:
    """Give the leaver just so many customers, and the other manager all the rest."""
    is_active = Customer.status == CustomerStatus.ACTIVE
    of_archived = select(Customer.id).where(Customer.account_manager_id == leaver, ~is_active)
    kept = len(await database.rows(of_archived))
    total = len(await database.rows(select(Customer.id).where(is_active)))
    if total <= book or kept >= book:
        raise BenchFailed("The lender has too few customers for this book.")
    shares = (Share(leaver, count=book - kept), Share(other, count=total - book + kept))
    active = CustomerCriteria(statuses=frozenset({CustomerStatus.ACTIVE}))
    await reassign_book(database, actor, viewer, ReassignBook("prepared", criteria=active, shares=shares))
    runner = JobRunner(database, settings)
    while await runner.work():
        pass
    rows = await database.rows(select(Customer.id).where(Customer.account_manager_id == leaver).order_by(Customer.id))
    return [row.id for row in rows]


async def _wait_for(database: Database, viewer: AdminViewer, actor: Actor, customer_id: Any, manager_id: Any) -> float:
    """How long somebody waits who assigns one of the book's customers meanwhile; seconds."""
    await asyncio.sleep(0.1)
    begun = perf_counter()
    try:
        await assign_account_manager(database, actor, viewer, AssignAccountManager(customer_id, manager_id), "any")
    except RequestError as error:
        print(f"it was given up: {type(error).__name__}")
    return perf_counter() - begun


if __name__ == "__main__":
    typer.run(main)
