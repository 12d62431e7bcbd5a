"""`importGroupMembers`: a file is sent to a link, each line has an outcome, and the report tells of all."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from gql.db.models import AdminRole, Customer, Job, Session
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import Kind, parse_id_of
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from gql.services.member_imports import end_file
from gql.services.upkeep import Upkeep
from gql.transport import member_files
from gql.vault.links import Links, Purpose
from tests.api.client import Api, gid, open_api
from tests.api.member_jobs import (
    IMPORT,
    REPORT,
    add_many,
    counts,
    import_members,
    member_job,
    outcomes,
    report,
    report_lines,
)
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.api.test_add_group_members import boss
from tests.api.test_jobs import cancel, undo
from tests.api.test_reassign_book import work
from tests.factories import World
from tests.records import current, events, is_stored, memberships, unchanged


@pytest.fixture
async def small(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A server that takes a thousand bytes."""
    async with open_api(database_url, tmp_path, max_import_bytes=1_000) as api:
        yield api


HEADING = ["line", "number", "name", "outcome", "codes", "remedy"]


async def send(api: Api, path: str, *lines: str) -> dict[str, Any]:
    """Send a file; answers what came of that."""
    answer = await api.http.put(path, content="\r\n".join(lines).encode())
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()["job"]
    return told


async def test_each_line_has_an_outcome_and_the_report_tells_of_all(api: Api, world: World) -> None:
    """By number, email or ID; and of the file nothing is kept but whom it named."""
    admin, client = await boss(api, world)
    ada, bola, chi = [await world.customer(name=name) for name in ("Ada", "Bola", "=Chi()")]
    suspended = await world.customer(status=CustomerStatus.SUSPENDED)
    group = await world.group("2026 SME Loans", members=[chi])
    begun = await import_members(client, group)
    assert (codes(begun), begun["job"]["status"], begun["job"]["total"]) == ([], "WAITING", 0)
    await work(api)  # nothing is to do yet
    told = await send(
        api,
        begun["link"]["path"],
        "number,email,customerId,remark",
        f"{ada.number},,,first",
        f",{bola.email.upper()},,",
        f",,{gid(chi)},",
        f"{suspended.number},{suspended.email},{gid(suspended)},",
        "",
        f"{ada.number},{bola.email},,two people",
        "C999999,,,",
        ",nobody.at.all@example.com,,",
        ",,,forgot the number",
        f",{ada.email},,the first again",
    )
    assert told == {"id": begun["job"]["id"], "total": 9}

    await work(api, batch=4)

    done = await member_job(client, begun["job"]["id"])
    assert (done["kind"], done["status"], done["counts"]) == (
        "IMPORT_GROUP_MEMBERS",
        "DONE",
        counts(added=2, unchanged=1, refused=6),
    )
    assert [edge["node"]["line"] for edge in done["items"]["edges"]] == [2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert outcomes(done) == [
        ("ADDED", []),
        ("ADDED", []),
        ("UNCHANGED", []),
        ("REFUSED", ["CUSTOMER_SUSPENDED"]),
        ("REFUSED", ["CUSTOMER_NOT_FOUND"]),
        ("REFUSED", ["CUSTOMER_NOT_FOUND"]),
        ("REFUSED", ["CUSTOMER_NOT_FOUND"]),
        ("REFUSED", ["INVALID_LINE"]),
        ("REFUSED", ["DUPLICATE_LINE"]),
    ]
    assert not await is_stored(api.database, "nobody.at.all")
    rows = await report_lines(api, client, begun["job"]["id"])
    assert rows[0] == HEADING
    assert [row[:5] for row in rows[1:5]] == [
        ["2", ada.number, "Ada", "ADDED", ""],
        ["3", bola.number, "Bola", "ADDED", ""],
        ["4", chi.number, "'=Chi()", "UNCHANGED", ""],
        ["5", suspended.number, suspended.name, "REFUSED", "CUSTOMER_SUSPENDED"],
    ]
    assert [(row[0], row[1], row[4]) for row in rows[5:]] == [
        ("7", "", "CUSTOMER_NOT_FOUND"),
        ("8", "", "CUSTOMER_NOT_FOUND"),
        ("9", "", "CUSTOMER_NOT_FOUND"),
        ("10", "", "INVALID_LINE"),
        ("11", ada.number, "DUPLICATE_LINE"),
    ]
    assert all(row[5].endswith(".") for row in rows[4:])
    [received] = await events(api.database, "group.members_file_received")
    assert (received.actor_id, received.details["count"], len(received.details["sha256"])) == (admin.id, 9, 64)
    assert len(await events(api.database, "job.report_asked_for")) == 1


async def test_a_trial_of_a_file_changes_nothing_and_says_the_same(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    wanted = await world.customers(5)
    group = await world.group(maximum=3)
    lines = ["number", *(one.number for one in [*wanted, wanted[0]])]
    found = []
    for dry_run in (True, False):
        begun = await import_members(client, group, dryRun=dry_run)
        await send(api, begun["link"]["path"], *lines)
        await work(api, batch=2)
        done = await member_job(client, begun["job"]["id"])
        found.append((done["counts"], outcomes(done)))
        assert (await current(api.database, group)).member_count == (0 if dry_run else 3)
    assert found[0] == found[1]
    assert found[0][0] == counts(added=3, refused=3)
    assert codes(await undo(client, begun["job"]["id"])) == []
    await work(api)
    assert (await current(api.database, group)).member_count == 0


async def test_whom_the_sender_does_not_see_is_not_told_from_who_is_not_there(api: Api, world: World) -> None:
    """Nor is an email that is withheld, however it may be looked up singly."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    keeper = await api.sign_in(await world.admin("group_administrator", office=lagos))
    here, hidden = await world.customer(office=lagos), await world.customer(office=kano)
    group = await world.group()
    begun = await import_members(keeper, group)
    await send(
        api, begun["link"]["path"], "number,email", f"{hidden.number},", "C999999,", f",{here.email}", f"{here.number},"
    )
    await work(api)
    done = await member_job(keeper, begun["job"]["id"])
    assert outcomes(done) == [("REFUSED", ["CUSTOMER_NOT_FOUND"])] * 3 + [("ADDED", [])]
    rows = await report_lines(api, keeper, begun["job"]["id"])
    assert [row[1:5] for row in rows[1:3]] == [["", "", "REFUSED", "CUSTOMER_NOT_FOUND"]] * 2
    # To whom all are in sight, a line that named nobody for its sender still names nobody.
    auditor = await api.sign_in(await world.admin("auditor"))
    assert [row[1:5] for row in (await report_lines(api, auditor, begun["job"]["id"]))[1:]] == [
        row[1:5] for row in rows[1:]
    ]


async def test_the_report_shows_of_each_what_is_seen_by_now(api: Api, world: World) -> None:
    """And nothing of who is out of sight since; whose reads are audited leaves a record of each."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    admin = await world.admin("portfolio_manager", office=lagos)
    client = await api.sign_in(admin)
    stays, goes = await world.customers(2, office=lagos)
    begun = await import_members(client, await world.group(maximum=1, members=await world.customers(1)), dryRun=True)
    assert codes(begun) == ["GROUP_FULL"]
    group = await world.group(maximum=1)
    begun = await import_members(client, group)
    await send(api, begun["link"]["path"], "number", stays.number, goes.number)
    await work(api)
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == goes.id).values(office_id=kano.id))
    rows = await report_lines(api, client, begun["job"]["id"])
    assert [row[1:5] for row in rows[1:]] == [
        [stays.number, stays.name, "ADDED", ""],
        ["", "", "REFUSED", ""],
    ]
    compliance = await api.sign_in(await world.admin("compliance_officer"))
    await report_lines(api, compliance, begun["job"]["id"])
    await api.app.state.reads.flush()
    read = await events(api.database, "customer.read")
    assert {event.subject_id for event in read} >= {stays.id, goes.id}


@pytest.mark.parametrize(
    ("content", "status", "told"),
    [
        (b"", 400, "name the columns"),
        (b"name,phone\r\nAda,1", 400, "name the columns"),
        (b"number\r\n", 400, "no lines"),
        (b'number\r\nC1\r\n"C2', 400, "Line 3"),
        ("number\r\nñ\r\n".encode("latin-1"), 400, "UTF-8"),
        (b"number\r\n" + b"C000001\r\n" * 200, 413, "1000 bytes"),
    ],
)
async def test_a_file_that_can_not_be_taken_is_refused_as_a_whole_and_another_can_be_sent(
    content: bytes, status: int, told: str, small: Api, world: World
) -> None:
    api = small
    _, client = await boss(api, world)
    customer, group = await world.customer(), await world.group()
    begun = await import_members(client, group)
    answer = await api.http.put(begun["link"]["path"], content=content)
    assert answer.status_code == status
    [error] = answer.json()["errors"]
    assert told in error["message"]
    assert (await current(api.database, Job(id=parse(begun)))).status == "WAITING"
    await send(api, begun["link"]["path"], "number", customer.number)
    await work(api)
    assert (await member_job(client, begun["job"]["id"]))["counts"] == counts(added=1)


def parse(begun: dict[str, Any]) -> UUID:
    """The key of the job."""
    return parse_id_of(Kind.JOB, begun["job"]["id"])


async def test_a_link_is_good_for_one_file_and_one_session(api: Api, world: World) -> None:
    """A second file, a stopped job, another purpose, a session that ended and a right that was lost: nothing of it."""
    admin, client = await boss(api, world)
    customer, group = await world.customer(), await world.group()
    lines = f"number\r\n{customer.number}".encode()

    async def begin() -> tuple[str, str]:
        begun = await import_members(client, group)
        return begun["job"]["id"], begun["link"]["path"]

    _, used = await begin()
    assert (await api.http.put(used, content=lines)).status_code == 201
    stopped_id, stopped = await begin()
    assert codes(await cancel(client, stopped_id)) == []
    other_id, other = await begin()
    about = (await report(client, other_id))["link"]["path"]
    async with unchanged(api.database):
        for path in (used, stopped, about, other[:-2], "/member-files/x"):
            assert (await api.http.put(path, content=lines)).status_code == 404
        assert (await api.http.get(other)).status_code == 404
        assert (await api.http.post(other, content=lines)).status_code == 405
        assert (await api.http.put(other, content=lines, headers={"Content-Encoding": "gzip"})).status_code == 415
    for operation in ("sendGroupMembers", "fetchJobReport"):  # a link of ours that was used for something else
        [denied] = await events(api.database, f"{operation}.denied")
        assert (denied.actor_id, denied.details["codes"]) == (admin.id, ["NOT_ALLOWED"])
    async with api.database.begin() as session:
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))
    assert (await api.http.put(other, content=lines)).status_code == 404
    async with api.database.begin() as session:
        await session.execute(update(Session).values(expires_at=now() - timedelta(minutes=1)))
    for method, path in (("PUT", other), ("GET", about)):
        assert (await api.http.request(method, path, content=lines)).status_code == 404


async def test_of_two_who_send_at_once_the_last_to_begin_is_taken(api: Api, world: World) -> None:
    """What the other one sent is nowhere."""
    _, client = await boss(api, world)
    one, two = await world.customers(2)
    group = await world.group()
    begun = await import_members(client, group)
    path, second_came = begun["link"]["path"], asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield f"number\r\n{one.number}\r\n".encode()
        await second_came.wait()

    first = asyncio.create_task(api.http.put(path, content=slowly()))
    await asyncio.sleep(0.2)
    assert (await api.http.put(path, content=f"number\r\n{two.number}".encode())).status_code == 201
    second_came.set()
    assert (await first).status_code == 404
    await work(api)
    assert [row.customer_id for row in await memberships(api.database, group)] == [two.id]


async def test_a_file_is_looked_up_no_further_once_another_has_begun(api: Api, world: World) -> None:
    """That is still on its way, and is taken whole."""
    _, client = await boss(api, world)
    one, two = await world.customers(2)
    group = await world.group()
    begun = await import_members(client, group)
    path, first, second = begun["link"]["path"], asyncio.Event(), asyncio.Event()

    async def slowly(customer: Customer, goes_on: asyncio.Event) -> AsyncIterator[bytes]:
        is_coming.set()
        yield f"number\r\n{customer.number}\r\n".encode()
        await goes_on.wait()

    sent = []
    for customer, goes_on in ((one, first), (two, second)):
        is_coming = asyncio.Event()
        sent.append(asyncio.create_task(api.http.put(path, content=slowly(customer, goes_on))))
        await is_coming.wait()
    first.set()
    assert (await sent[0]).status_code == 404
    assert (await member_job(client, begun["job"]["id"]))["items"]["totalCount"] == 0
    second.set()
    assert (await sent[1]).status_code == 201
    await work(api)
    assert [row.customer_id for row in await memberships(api.database, group)] == [two.id]


async def test_a_file_that_another_came_after_ends_nothing(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though all of its lines were looked up: the lines that are there by then are the other one's."""
    _, client = await boss(api, world)
    one, two = await world.customers(2)
    group = await world.group()
    begun = await import_members(client, group)
    path, first_is_in, second_is_in = begun["link"]["path"], asyncio.Event(), asyncio.Event()

    async def meanwhile(*given: Any) -> int:
        if first_is_in.is_set():
            second_is_in.set()
            await first
        else:
            first_is_in.set()
            await second_is_in.wait()
        return await end_file(*given)

    monkeypatch.setattr(member_files, "end_file", meanwhile)
    first = asyncio.create_task(api.http.put(path, content=f"number\r\n{one.number}".encode()))
    await first_is_in.wait()
    second = f"number\r\n{two.number}".encode()
    taken = await api.http.put(path, content=second)
    assert ((await first).status_code, taken.status_code) == (404, 201)
    [received] = await events(api.database, "group.members_file_received")
    assert received.details["sha256"] == hashlib.sha256(second).hexdigest()
    await work(api)
    assert [row.customer_id for row in await memberships(api.database, group)] == [two.id]


async def test_only_who_asked_can_send_the_file(api: Api, world: World) -> None:
    """Others who may add members can't, whatever link they have."""
    _, client = await boss(api, world)
    customer, group = await world.customer(), await world.group()
    begun = await import_members(client, group)
    other = await world.admin("super_admin")
    await api.sign_in(other)
    [session] = await api.database.rows(select(Session.id).where(Session.admin_id == other.id))
    links = Links(api.settings.signing_key, timedelta(minutes=api.settings.document_link_minutes))
    theirs = links.text_of(links.make(Purpose.IMPORT, parse(begun), other.id, session.id))
    folder = begun["link"]["path"].rpartition("/")[0]
    lines = f"number\r\n{customer.number}".encode()
    async with unchanged(api.database):
        assert (await api.http.put(f"{folder}/{theirs}", content=lines)).status_code == 404
    [denied] = await events(api.database, "sendGroupMembers.denied")
    assert denied.actor_id == other.id
    assert (await api.http.put(begun["link"]["path"], content=lines)).status_code == 201


async def test_a_job_whose_file_never_comes_ends_by_itself(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    begun, fresh = [await import_members(client, await world.group()) for _ in range(2)]
    await api.http.put(begun["link"]["path"], content=b'number\r\nC1\r\n"')
    async with api.database.begin() as session:
        await session.execute(update(Job).where(Job.id == parse(begun)).values(created_at=now() - timedelta(days=2)))
    assert (await Upkeep(api.database, api.settings).clear())["imports"] == 1
    ended = await member_job(client, begun["job"]["id"])
    assert (ended["status"], ended["items"]["totalCount"]) == ("CANCELLED", 0)
    assert (await member_job(client, fresh["job"]["id"]))["status"] == "WAITING"


async def test_it_is_begun_once(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    group, customer = await world.group(), await world.customer()
    first = await import_members(client, group, idempotencyKey="k")
    again = await import_members(client, group, idempotencyKey="k")
    assert (again["replayed"], again["job"]["id"]) == (True, first["job"]["id"])
    await send(api, again["link"]["path"], "number", customer.number)
    come = await import_members(client, group, idempotencyKey="k")
    assert (come["replayed"], come["link"]) == (True, None)
    assert codes(await import_members(client, group, idempotencyKey="k", dryRun=True)) == ["IDEMPOTENCY_CONFLICT"]
    wanted = await report(client, first["job"]["id"], idempotencyKey="r")
    asked = await report(client, first["job"]["id"], idempotencyKey="r")
    assert (wanted["replayed"], asked["replayed"]) == (False, True)


async def test_refusals_make_nothing(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    may_not, other = await api.sign_in(await world.admin("auditor")), await world.admin("group_administrator")
    keeper, customer = await api.sign_in(other), await api.sign_in(await world.customer())
    group, archived = await world.group(), await world.group(status=GroupStatus.ARCHIVED)
    full = await world.group(maximum=1, members=await world.customers(1))
    job_id = (await import_members(client, group))["job"]["id"]
    async with unchanged(api.database):
        assert codes(await import_members(may_not, group)) == ["FORBIDDEN"]
        assert codes(await import_members(customer, group)) == ["FORBIDDEN"]
        assert codes(await import_members(client, unknown(Kind.GROUP))) == ["GROUP_NOT_FOUND"]
        assert codes(await import_members(client, archived)) == ["GROUP_ARCHIVED"]
        assert codes(await import_members(client, full)) == ["GROUP_FULL"]
        assert codes(await report(keeper, job_id)) == ["NOT_FOUND"]
        assert codes(await report(customer, job_id)) == ["FORBIDDEN"]
        assert codes(await report(client, unknown(Kind.JOB))) == ["NOT_FOUND"]
        given = {"groupId": gid(group), "reason": " "}
        assert await client.codes(IMPORT, {"input": given}) == ["BAD_USER_INPUT"]
        assert await api.anonymous.codes(IMPORT, {"input": given}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(REPORT, {"input": {"jobId": job_id}}) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_each_role_may_or_not(role: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin(role))
    keeps = role in {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
    assert codes(await import_members(client, await world.group())) == ([] if keeps else ["FORBIDDEN"])


async def test_a_report_of_a_job_without_a_file_counts_its_customers(api: Api, world: World) -> None:
    """Past what is read at a time."""
    _, client = await boss(api, world)
    wanted = await world.customers(700)
    begun = await add_many(client, await world.group(), customerFilter={})
    rows = await report_lines(api, client, begun["job"]["id"])
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, 701)]
    assert {row[1] for row in rows[1:]} == {one.number for one in wanted}
    assert {tuple(row[3:]) for row in rows[1:]} == {("", "", "")}  # their turn is to come
