"""Migrations: up, down and up again, on both databases, and the tables are then those of the models."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Inspector, delete, inspect, select

from gql.db.engine import Database
from gql.db.migrate import config, migrate
from gql.db.models import Base, Group, Job, JobItem, LoanPayment, Membership, Notification, Role
from gql.domain.enums import GroupStatus
from gql.domain.ids import new_id
from gql.domain.jobs import JobKind, JobStatus
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission
from gql.domain.roles import Role as DomainRole
from gql.domain.time import now
from tests.factories import World
from tests.jobs import finished_job
from tests.records import current


async def alembic(database: Database, run: Callable[[Config], object]) -> None:
    """Run one of Alembic's commands on the database."""
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda sync: run(config(sync)))


async def catalogue(database: Database) -> dict[str, dict[str, Any]]:
    """All that the database says of its tables, in a form that two databases can be compared by."""

    def read(connection: Connection) -> dict[str, dict[str, Any]]:
        inspector = inspect(connection)
        return {name: _table(inspector, name) for name in inspector.get_table_names() if name != "alembic_version"}

    async with database.writer.connect() as connection:
        return await connection.run_sync(read)


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (repr(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(name)
        },
        "primary key": inspector.get_pk_constraint(name),
        "foreign keys": _by_name(inspector.get_foreign_keys(name)),
        "unique": _by_name(inspector.get_unique_constraints(name)),
        "checks": _by_name(inspector.get_check_constraints(name)),
        "indexes": _by_name(inspector.get_indexes(name)),
    }


def _by_name(found: Any) -> dict[str, Any]:
    return {str(one["name"]): _plain(one) for one in found}


def _plain(value: Any) -> Any:
    """Without the objects that equal only themselves, such as the condition of a partial index."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else str(value)


async def test_downgrade_leaves_nothing_and_upgrade_brings_all_back(database_url: str, database: Database) -> None:
    """From empty to the head, twice."""
    at_first = await catalogue(database)

    await alembic(database, lambda configured: command.downgrade(configured, "base"))
    assert await catalogue(database) == {}

    await migrate(database_url)
    assert await catalogue(database) == at_first


async def test_migrating_again_keeps_the_data(database_url: str, database: Database) -> None:
    """`make run` does so at each start."""
    office = await World(database).office("Lagos")

    await migrate(database_url)

    [found] = await database.rows(select(Base.metadata.tables["offices"].c.id))
    assert found.id == office.id


async def test_alembic_finds_no_drift(database: Database) -> None:
    """`alembic check` raises where the models have something that no migration makes."""
    await alembic(database, command.check)


async def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    """CHECKs and the conditions of partial indexes too, which Alembic doesn't compare."""
    migrated = await catalogue(database)
    await alembic(database, lambda configured: command.downgrade(configured, "base"))

    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    assert migrated == await catalogue(database)


async def test_every_constraint_and_index_has_a_name_by_the_convention(database: Database) -> None:
    """So that a later migration can drop it on either database, and an error tells which one it was."""
    for table, parts in (await catalogue(database)).items():
        names = [parts["primary key"]["name"]]
        for part in ("foreign keys", "unique", "checks", "indexes"):
            names += parts[part]
        for name in names:
            assert re.fullmatch(rf"(pk|fk|uq|ck|ix)_{table}(_\w+)?", name), (table, name)
            assert len(name) <= 63


async def test_the_day_that_settled_an_instalment_is_found_in_the_payments_there_were(
    database_url: str, database: Database
) -> None:
    """Each is settled by the payment with which as much had come; what no payment explains, on the day it was due."""
    world = World(database)
    customer = await world.customer()
    paid = await world.loan(customer, principal=400, instalments=4, paid=3)
    unexplained = await world.loan(customer, principal=400, instalments=4, paid=1)
    async with database.begin() as session:
        await session.execute(delete(LoanPayment).where(LoanPayment.loan_id == unexplained.id))
    before = [one.settled_on for one in await world.schedule(paid)]
    assert None not in before[:3]

    await alembic(database, lambda configured: command.downgrade(configured, "0009"))
    await migrate(database_url)

    assert [one.settled_on for one in await world.schedule(paid)] == before
    first, *others = await world.schedule(unexplained)
    assert (first.settled_on, {one.settled_on for one in others}) == (first.due_on, {None})


async def test_the_built_in_roles_are_rows(database: Database) -> None:
    """Column by column what the domain says; a change there needs a migration."""
    columns = Role.__table__.c
    rows = await database.rows(select(*columns))

    assert all(row.built_in for row in rows)
    assert {
        row.key: DomainRole(
            key=row.key,
            name=row.name,
            description=row.description,
            permissions=frozenset(Permission(permission) for permission in row.permissions),
            assigned=Level(row.assigned_level),
            unassigned=Level(row.unassigned_level),
            scope=row.scope,
            shown_when_limited=frozenset(CustomerField(shown) for shown in row.shown_when_limited),
            never_holds_book=row.never_holds_book,
            reads_audited=row.reads_audited,
        )
        for row in rows
    } == BUILT_IN_ROLES


async def test_jobs_that_were_there_keep_who_refers_to_them(database_url: str, database: Database) -> None:
    """What they had moved they have changed; a notification and an undo still know their job."""
    world = World(database)
    admin, customer, other = await world.admin("super_admin"), await world.customer(), await world.admin()
    job = await finished_job(world, admin, [customer], other)
    waits = {"status": JobStatus.QUEUED, "reason": "By mistake", "spec": {}, "total": 1, "created_at": world.moment()}
    undo = Job(id=new_id(), kind=JobKind.UNDO, undo_of_id=job.id, requested_by_id=admin.id, **waits)
    note = Notification(id=new_id(), admin_id=admin.id, event="JOB_ENDED", job_id=job.id, created_at=world.moment())
    async with database.begin() as session:
        session.add_all([undo, note])

    await alembic(database, lambda configured: command.downgrade(configured, "0024"))
    await migrate(database_url)

    jobs = {row.id: row for row in await database.rows(select(Job.__table__))}
    assert (jobs[job.id].changed, jobs[job.id].dry_run, jobs[undo.id].undo_of_id) == (1, False, job.id)
    [kept] = await database.rows(select(Notification.__table__))
    assert kept.job_id == job.id
    [item] = await database.rows(select(JobItem.__table__))
    assert (item.customer_id, item.outcome) == (customer.id, "MOVED")


async def test_groups_that_were_there_are_reviewed_an_interval_later_and_know_their_last_use(
    database_url: str, database: Database
) -> None:
    """Nobody is late on the day of the migration; and what was told before is still there."""
    world = World(database)
    admin, customer = await world.admin("super_admin"), await world.customer()
    reviewed = await world.group(review_days=30, members=[customer])
    archived = await world.group(review_days=30, status=GroupStatus.ARCHIVED)
    left = await world.group()
    ended = world.moment()
    await world.membership(left, customer, since=world.moment() - timedelta(days=9), until=ended)
    note = await world.notification(admin, customer=customer)
    [joined] = await database.rows(select(Membership.since).where(Membership.group_id == reviewed.id))

    await alembic(database, lambda configured: command.downgrade(configured, "0025"))
    begun = now()
    await migrate(database_url)

    groups = {row.id: row for row in await database.rows(select(Group.__table__))}
    found = groups[reviewed.id]
    assert begun <= found.next_review_at - timedelta(days=30) + timedelta(seconds=1) <= now() + timedelta(seconds=1)
    assert (found.review_interval_days, found.last_used_at, found.reviewed_at) == (30, joined.since, None)
    assert (groups[archived.id].review_interval_days, groups[archived.id].next_review_at) == (30, None)
    assert groups[archived.id].last_used_at == archived.updated_at
    assert (groups[left.id].review_interval_days, groups[left.id].last_used_at) == (None, ended)
    assert (await current(database, note)).customer_id == customer.id
