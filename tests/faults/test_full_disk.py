"""The disk is full: changes are refused and nothing is half-written, reads go on, and all is well with room again."""

import asyncio
import errno
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, select, text

from gql.db.engine import Database
from gql.db.models import Assignment, AuditEvent, Group, Membership, OutboxMessage
from gql.delivery.files import FileTransport
from gql.domain.enums import OutboxStatus
from tests.api.client import Api, Client, gid, open_api
from tests.databases import DatabaseKind, fresh_database
from tests.delivery.conftest import Until, dispatcher_over, enqueue, running, stored
from tests.e2e.conftest import serving, wait_until
from tests.factories import PASSWORD, World
from tests.faults.disk import SmallDisk, small_disk
from tests.faults.load import ADD, ASSIGN, READ
from tests.faults.postgres import own_postgres

MOST_BEFORE_REFUSED = 300
"""Changes that may still find room: in what the database has on the disk already."""


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(megabytes=32) as made:
        yield made


@pytest.fixture
def url_on_disk(database_kind: DatabaseKind, disk: SmallDisk) -> Iterator[str]:
    """A database whose tables are on the small disk. PostgreSQL's log of changes is elsewhere, as is usual."""
    with _on_disk(database_kind, disk) as url:
        yield url


@contextmanager
def _on_disk(kind: DatabaseKind, disk: SmallDisk) -> Iterator[str]:
    if kind == "sqlite":
        with fresh_database("sqlite") as template:
            path = disk.folder / "lender.db"
            shutil.copyfile(make_url(template).database or "", path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    with own_postgres() as postgres:
        place = disk.folder / "tables"
        place.mkdir()
        if postgres.user is not None:
            shutil.chown(place, postgres.user)
        postgres.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        yield postgres.create_database("lender", "TABLESPACE small")


@pytest.fixture
async def api(url_on_disk: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with open_api(url_on_disk, tmp_path) as opened:
        yield opened


async def test_changes_are_refused_while_the_disk_is_full_and_reads_go_on(api: Api, disk: SmallDisk) -> None:
    world = World(api.database)
    boss = await api.sign_in(await world.admin("super_admin"))
    managers = [await world.admin("account_manager") for _ in range(2)]
    group, customers = await world.group(), await world.customers(40, manager=managers[0])
    wishes = [(ADD, {"groupId": gid(group), "customerId": gid(customer)}) for customer in customers]
    by_turns = [managers[1], managers[0]] * MOST_BEFORE_REFUSED
    reason = "Because the disk is full. " * 18
    wishes += [
        (ASSIGN, {"customerId": gid(customers[n % 40]), "accountManagerId": gid(manager), "reason": reason})
        for n, manager in enumerate(manager for manager in by_turns for _ in range(40))
    ]

    disk.fill()
    done = 0
    for query, wish in wishes[40 : 40 + MOST_BEFORE_REFUSED]:
        answer = await boss.post(query, {"input": wish})
        if answer.status_code != 200:
            break
        assert "errors" not in answer.json(), answer.text
        done += 1
    assert done < MOST_BEFORE_REFUSED, "the disk is full"
    for query, wish in (wishes[0], wishes[40 + done]):
        await _refused_or_done(boss, query, wish)
    await _refused(answer)
    found = await boss.data(READ)
    assert len(found["customers"]["edges"]) == 20
    await _check_whole(api.database)

    disk.make_room()
    payload = (await boss.data(*_as_input(wishes[40 + done + 1])))["assignAccountManager"]
    assert payload["userErrors"] == []
    assert (await boss.data(*_as_input(wishes[39])))["addGroupMember"]["userErrors"] == []
    await _check_whole(api.database)


def _as_input(wish: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    return wish[0], {"input": wish[1]}


async def _refused(answer: Any) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    assert answer.headers["retry-after"] == "1"


async def _refused_or_done(client: Client, query: str, wish: dict[str, Any]) -> None:
    """A small change may fit where a larger one did not: never anything between the two."""
    answer = await client.post(query, {"input": wish})
    if answer.status_code != 200:
        await _refused(answer)


async def _check_whole(database: Database) -> None:
    """A change and its audit event, mails and count are there together, or none of them."""
    begun = await database.rows(select(Assignment.id).where(Assignment.assigned_by_id.is_not(None)))
    mails = Counter(row.subject_id for row in await database.rows(select(OutboxMessage.subject_id)))
    assert dict(mails) == {row.id: 3 for row in begun}
    members = await database.rows(select(Membership.id))
    [counted] = await database.rows(select(Group.member_count))
    assert counted.member_count == len(members)
    audited = await database.rows(select(AuditEvent.id))
    assert len(audited) == len(begun) + len(members)
    if database.is_sqlite:
        [row] = await database.rows(text("PRAGMA integrity_check"))
        assert row[0] == "ok"


async def test_mails_wait_while_their_folder_is_full(database: Database, disk: SmallDisk, until: Until) -> None:
    """Each comes once there is room, and no half of one lies in the folder."""
    keys = await enqueue(database, 3)
    disk.fill()

    async def delayed() -> bool:
        return [(await stored(database, key)).last_error for key in keys] == ["OSError ENOSPC"] * 3

    async def delivered() -> bool:
        return {(await stored(database, key)).status for key in keys} == {OutboxStatus.DELIVERED}

    folder = disk.folder / "mail"
    folder.mkdir()
    async with running(dispatcher_over(database, FileTransport(folder))):
        await until(delayed)
        assert [path for path in folder.iterdir() if path.stat().st_size] == []
        disk.make_room()
        await until(delivered)
    assert len(list(folder.iterdir())) == len(list(folder.glob("*.eml"))) == 3


def test_a_server_whose_log_and_mails_have_no_room_goes_on() -> None:
    """It answers and changes what its database has room for; once there is room, the mails come."""
    with fresh_database("sqlite") as url, small_disk(megabytes=2) as disk:
        boss, wish, other = asyncio.run(_small_lender(url))
        with serving(url, disk.folder, OUTBOX_POLL_SECONDS="0.05") as server:
            console = server.sign_in(boss, password=PASSWORD)
            disk.fill()
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                (disk.folder / "more").write_bytes(bytes(100_000))
            for manager in (wish["accountManagerId"], other) * 7:  # more lines than the log's last block takes
                changed = console.data(ASSIGN, {"input": wish | {"accountManagerId": manager}})
                assert changed["assignAccountManager"]["changed"]
            wait_until(lambda: asyncio.run(_last_errors(url)) == {"OSError ENOSPC"}, "mails are tried and delayed")
            assert server.mails() == []
            (disk.folder / "more").unlink(missing_ok=True)
            disk.make_room()
            wait_until(lambda: len(server.mails()) == 2 + 13 * 3, "the mails come")


async def _small_lender(url: str) -> tuple[str, dict[str, str], str]:
    database = Database(url)
    try:
        world = World(database)
        boss, first, second = [
            await world.admin(role) for role in ("super_admin", "account_manager", "account_manager")
        ]
        await world.password(boss)
        customer = await world.customer()
    finally:
        await database.close()
    return boss.email, {"customerId": gid(customer), "accountManagerId": gid(first)}, gid(second)


async def _last_errors(url: str) -> set[str | None]:
    database = Database(url)
    try:
        return {row.last_error for row in await database.rows(select(OutboxMessage.last_error))}
    finally:
        await database.close()
