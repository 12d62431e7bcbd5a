"""`exportGroupMembers`: a file that the named alone can open, of whom its requester sees, fetched once a link."""

import asyncio
import csv
import html
import io
import json
import logging
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pyrage
import pytest
from sqlalchemy import delete, update

from gql.db.models import Admin, AdminRole, Customer, Group, Job, MemberExport, Office, Session
from gql.db.queries.memberships import members
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind, parse_id_of
from gql.domain.member_exports import HEADING
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from gql.services import member_export_jobs
from gql.services.job_runner import JobRunner
from gql.services.upkeep import Upkeep
from gql.vault.age import NotEncrypted, encrypt
from gql.vault.links import Links
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.api.test_jobs import cancel, undo
from tests.api.test_reassign_book import work
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, is_stored, unchanged

EXPORT = """
mutation($input: ExportGroupMembersInput!) {
  exportGroupMembers(input: $input) {
    replayed job { id kind status total export { status recipients byPassphrase } } userErrors { code message field }
  }
}
"""
FETCH = """
mutation($input: CreateExportDownloadInput!) {
  createExportDownload(input: $input) {
    replayed job { id } link { path expiresAt } userErrors { code message field }
  }
}
"""
JOB = """
query($id: ID!) {
  job(id: $id) {
    status failure total done counts { exported added refused } reason undoUntil
    export { status format recipients byPassphrase rows size sha256 readyAt expiresAt downloads downloadedAt }
  }
}
"""
MEMBERS = """
query($id: ID!) {
  group(id: $id) {
    members(first: 100) {
      edges {
        since reason addedBy { name }
        node { number displayName status kind email phone office { name } accountManager { name } }
      }
    }
  }
}
"""
PHRASE = "four unlikely words together"
KEY = pyrage.x25519.Identity.generate()


async def export(client: Client, group: Any, **given: Any) -> dict[str, Any]:
    """The payload of `exportGroupMembers`."""
    usual = {
        "groupId": gid(group) if hasattr(group, "id") else group,
        "format": "CSV",
        "purpose": "The branch's audit",
        "recipients": {"publicKeys": [str(KEY.to_public())]},
    }
    payload: dict[str, Any] = (await client.data(EXPORT, {"input": usual | given}))["exportGroupMembers"]
    return payload


async def link(client: Client, job_id: str, **given: Any) -> dict[str, Any]:
    """The payload of `createExportDownload`."""
    payload: dict[str, Any] = (await client.data(FETCH, {"input": {"jobId": job_id} | given}))["createExportDownload"]
    return payload


async def made(client: Client, job_id: str) -> dict[str, Any]:
    """The job as the client reads it."""
    found: dict[str, Any] = (await client.data(JOB, {"id": job_id}))["job"]
    return found


async def fetch(api: Api, client: Client, job_id: str) -> bytes:
    """The bytes of an export."""
    payload = await link(client, job_id)
    assert codes(payload) == []
    answer = await api.http.get(payload["link"]["path"])
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith('.age"')
    return answer.content


def opened(encrypted: bytes) -> bytes:
    """By the key's holder."""
    return bytes(pyrage.decrypt(encrypted, [KEY]))


def table(content: bytes) -> list[list[str]]:
    """The rows of a CSV, the heading among them."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def _lender(world: World, lagos: Office | None = None) -> tuple[Group, list[Customer]]:
    """A group of members whose names and reasons are awkward, here and there."""
    lagos, kano = lagos or await world.office("Lagos"), await world.office("Kano")
    manager = await world.admin("account_manager", name="Ada, the manager", office=lagos)
    adder = await world.admin("super_admin", name="Ife")
    names = ["=cmd()", 'Quote " and\nline', "Ọlá & Söhne <b>", "@SUM(A1)", "Plain"]
    people = [
        await world.customer(name=name, office=(lagos, kano)[n % 2], manager=manager if n % 3 == 0 else None)
        for n, name in enumerate(names)
    ]
    group = await world.group("2026 SME Loans")
    for one in people:
        await world.membership(group, one, added_by=adder, reason="-1+1")
    await world.membership(group, await world.customer(name="Gone before", office=lagos), until=now())
    return group, people


@pytest.mark.parametrize("role", ["super_admin", "compliance_officer", "portfolio_manager", "group_administrator"])
@pytest.mark.parametrize("format", ["CSV", "XLSX"])
async def test_a_file_has_what_its_requester_reads_in_the_api(
    role: str, format: str, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row and cell, over several pages; formulas are none; and each row says whose file it is."""
    monkeypatch.setattr(member_export_jobs, "_PAGE", 2)
    lagos = await world.office("Lagos")
    group, _ = await _lender(world, lagos)
    admin = await world.admin(role, office=lagos, name="Rita Requester")
    client = await api.sign_in(admin)
    read = (await client.data(MEMBERS, {"id": gid(group)}))["group"]["members"]["edges"]

    asked_at = now().replace(microsecond=0)
    begun = await export(client, group, format=format)

    assert (codes(begun), begun["job"]["kind"], begun["job"]["total"]) == ([], "EXPORT_GROUP_MEMBERS", len(read))
    assert begun["job"]["export"] == {"status": "PENDING", "recipients": 1, "byPassphrase": False}
    await work(api)
    done = await made(client, begun["job"]["id"])
    assert (done["status"], done["counts"]["exported"], done["undoUntil"]) == ("DONE", len(read), None)
    assert (done["export"]["status"], done["export"]["rows"]) == ("READY", len(read))
    content = opened(await fetch(api, client, begun["job"]["id"]))
    if format == "CSV":
        rows = table(content)
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        sheet = book["Members"]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        about: dict[Any, Any] = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
        assert (about["Group"], about["Purpose"]) == ("2026 SME Loans", "The branch's audit")
        assert "Rita Requester" in str(sheet.oddFooter)
    assert rows[0] == list(HEADING)
    assert [row[:11] for row in rows[1:]] == [_cells(edge) for edge in read]
    for row in rows[1:]:
        assert row[11] == f"Rita Requester ({admin.email})"
        assert asked_at <= datetime.fromisoformat(row[12]) <= datetime.fromisoformat(done["export"]["readyAt"])
        assert row[13] == str(parse_id_of(Kind.JOB, begun["job"]["id"]))
    audited = {event.subject_id for event in await events(api.database, "customer.read") if event.actor_id == admin.id}
    assert bool(audited) is (role == "compliance_officer")


def _cells(edge: dict[str, Any]) -> list[str]:
    node = edge["node"]
    apostrophe = "'" if node["displayName"][0] in "=@" else ""
    return [
        node["number"],
        apostrophe + node["displayName"],
        node["status"],
        node["office"]["name"],
        (node["accountManager"] or {"name": ""})["name"],
        node["kind"] or "",
        node["email"] or "",
        node["phone"] or "",
        edge["since"].replace("Z", "+00:00").split(".")[0].removesuffix("+00:00") + "+00:00",
        edge["addedBy"]["name"],
        f"'{edge['reason']}",
    ]


async def test_a_passphrase_opens_it_and_is_forgotten(api: Api, world: World, caplog: pytest.LogCaptureFixture) -> None:
    """It stands nowhere in plain text, and once the file is made, nowhere at all."""
    caplog.set_level(logging.DEBUG)
    group, people = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    begun = await export(client, group, recipients={"passphrase": PHRASE}, idempotencyKey="k")
    again = await export(client, group, recipients={"passphrase": PHRASE}, idempotencyKey="k")
    assert (again["replayed"], again["job"]["id"]) == (True, begun["job"]["id"])
    other = await export(client, group, recipients={"passphrase": PHRASE + "!"}, idempotencyKey="k")
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    assert begun["job"]["export"] == {"status": "PENDING", "recipients": 0, "byPassphrase": True}
    assert not await is_stored(api.database, PHRASE)
    await work(api)
    assert (await _row(api, begun)).sealed_passphrase is None
    content = await fetch(api, client, begun["job"]["id"])
    assert len(table(pyrage.passphrase.decrypt(content, PHRASE))) == len(people) + 1
    with pytest.raises(pyrage.DecryptError):
        opened(content)
    assert PHRASE not in caplog.text
    assert not any(
        PHRASE in json.dumps(event.details) for event in await events(api.database, "group.export_requested")
    )


async def _row(api: Api, begun: dict[str, Any]) -> Any:
    key = parse_id_of(Kind.JOB, begun["job"]["id"])
    table = MemberExport.__table__
    [row] = await api.database.rows(table.select().where(table.c.job_id == key))
    return row


async def test_only_whose_keys_are_named_can_open_it(api: Api, world: World) -> None:
    group, _ = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    other = pyrage.x25519.Identity.generate()
    begun = await export(client, group, recipients={"publicKeys": [str(KEY.to_public()), str(other.to_public())] * 2})
    assert begun["job"]["export"]["recipients"] == 2
    await work(api)
    content = await fetch(api, client, begun["job"]["id"])
    assert opened(content) == pyrage.decrypt(content, [other])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [pyrage.x25519.Identity.generate()])
    [asked] = await events(api.database, "group.export_requested")
    assert (asked.subject_id, asked.details["purpose"], len(asked.details["keys"])) == (
        group.id,
        "The branch's audit",
        2,
    )


async def test_a_link_is_good_once_for_who_asked_and_on_record(api: Api, world: World) -> None:
    group, _ = await _lender(world)
    admin = await world.admin("super_admin")
    client = await api.sign_in(admin)
    job_id = (await export(client, group))["job"]["id"]
    assert codes(await link(client, job_id)) == ["NOT_READY"]
    await work(api)
    first, second = [(await link(client, job_id))["link"]["path"] for _ in range(2)]
    assert first != second
    async with unchanged(api.database):
        assert (await api.http.get(first)).status_code == 404  # the newest alone is good
        assert (await api.http.head(second)).status_code == 405  # and a look at it doesn't use it up
    assert (await api.http.get(second)).status_code == 200
    async with unchanged(api.database):
        assert (await api.http.get(second)).status_code == 404
    [fetched] = await events(api.database, "group.export_downloaded")
    assert (fetched.actor_id, fetched.subject_id, len(fetched.details["sha256"])) == (admin.id, group.id, 64)
    assert len(await events(api.database, "fetchExport.denied")) == 2
    assert (await made(client, job_id))["export"]["downloads"] == 1
    for _ in range(3):  # the first time some wait for a connection, rather than for each other
        racing = (await link(client, job_id))["link"]["path"]
        answers = await asyncio.gather(*(api.http.get(racing) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404, 404]
    for other in ("auditor", "compliance_officer", "group_administrator"):
        assert "EXPORT_NOT_FOUND" in codes(await link(await api.sign_in(await world.admin(other)), job_id))


async def test_a_link_that_nobody_used_in_time_is_good_no_more(api: Api, world: World) -> None:
    """Though none was made after it."""
    group, _ = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    job_id = (await export(client, group))["job"]["id"]
    await work(api)
    folder, _, newest = (await link(client, job_id))["link"]["path"].rpartition("/")
    links = Links(api.settings.signing_key, timedelta(minutes=api.settings.document_link_minutes))
    good = links.read(newest)
    assert good is not None
    over = replace(good, expires_at=now().replace(microsecond=0))
    async with api.database.begin() as session:
        await session.execute(update(MemberExport).values(link_until=over.expires_at))
    async with unchanged(api.database):
        assert (await api.http.get(f"{folder}/{links.text_of(over)}")).status_code == 404
    assert (await made(client, job_id))["export"]["downloads"] == 0
    assert len(await events(api.database, "fetchExport.denied")) == 1


async def _lose_role(api: Api, admin: Admin) -> None:
    async with api.database.begin() as session:
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))


async def _leave(api: Api, admin: Admin) -> None:
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == admin.id).values(status=AdminStatus.INACTIVE))


async def _sign_out(api: Api, admin: Admin) -> None:
    async with api.database.begin() as session:
        await session.execute(update(Session).where(Session.admin_id == admin.id).values(revoked_at=now()))


@pytest.mark.parametrize("lose", [_lose_role, _leave, _sign_out])
async def test_who_lost_the_right_has_nothing_of_a_link(lose: Callable[..., Any], api: Api, world: World) -> None:
    group, _ = await _lender(world)
    admin = await world.admin("super_admin")
    client = await api.sign_in(admin)
    job_id = (await export(client, group))["job"]["id"]
    await work(api)
    path = (await link(client, job_id))["link"]["path"]
    await lose(api, admin)
    async with unchanged(api.database):
        assert (await api.http.get(path)).status_code == 404


@pytest.mark.parametrize("lose", [_lose_role, _leave])
async def test_who_lost_the_right_before_gets_no_file(lose: Callable[..., Any], api: Api, world: World) -> None:
    """And whatever was sealed for it is gone."""
    group, _ = await _lender(world)
    admin = await world.admin("super_admin")
    begun = await export(await api.sign_in(admin), group, recipients={"passphrase": PHRASE})
    await lose(api, admin)
    await work(api)
    auditor = await api.sign_in(await world.admin("auditor"))
    failed = await made(auditor, begun["job"]["id"])
    assert (failed["status"], failed["failure"], failed["export"]["status"]) == ("FAILED", "FORBIDDEN", "FAILED")
    assert (await Upkeep(api.database, api.settings).clear())["exports"] == 1
    row = await _row(api, begun)
    assert (row.sealed_passphrase, row.store_key, row.ready_at) == (None, None, None)


@pytest.mark.parametrize("lose", [_lose_role, _leave])
async def test_who_loses_the_right_between_two_pages_is_read_no_further_and_gets_no_file(
    lose: Callable[..., Any], api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_export_jobs, "_PAGE", 2)
    group, _ = await _lender(world)
    admin = await world.admin("compliance_officer")
    begun = await export(await api.sign_in(admin), group)

    async def and_lose(*given: Any) -> Any:
        pages = await members(*given)
        await lose(api, admin)
        return pages

    monkeypatch.setattr(member_export_jobs, "members", and_lose)
    await work(api)
    failed = await made(await api.sign_in(await world.admin("auditor")), begun["job"]["id"])
    assert (failed["status"], failed["failure"], failed["done"]) == ("FAILED", "FORBIDDEN", 2)
    assert len(await events(api.database, "customer.read")) == 2
    assert _files(api) == []


@pytest.mark.parametrize("lose", [_lose_role, _leave])
async def test_who_loses_the_right_after_the_last_page_gets_no_file(
    lose: Callable[..., Any], api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passphrases are slow: meanwhile much can happen. What stands in the store is removed."""
    group, _ = await _lender(world)
    admin = await world.admin("super_admin")
    begun = await export(await api.sign_in(admin), group, recipients={"passphrase": PHRASE})

    async def and_lose(*given: Any) -> Any:
        encrypted = await encrypt(*given)
        await lose(api, admin)
        return encrypted

    monkeypatch.setattr(member_export_jobs, "encrypt", and_lose)
    await work(api)
    failed = await made(await api.sign_in(await world.admin("auditor")), begun["job"]["id"])
    assert (failed["status"], failed["failure"], failed["export"]["status"]) == ("FAILED", "FORBIDDEN", "FAILED")
    assert failed["export"]["readyAt"] is None
    assert (await Upkeep(api.database, api.settings).clear())["exports"] == 1
    row = await _row(api, begun)
    assert (row.sealed_passphrase, row.store_key, row.ready_at) == (None, None, None)
    assert _files(api) == []


async def test_sight_is_that_of_the_moment_at_which_it_is_written(api: Api, world: World) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    admin = await world.admin("portfolio_manager", office=lagos)
    client = await api.sign_in(admin)
    stays, goes = await world.customers(2, office=lagos)
    group = await world.group(members=[stays, goes, await world.customer(office=kano)])
    begun = await export(client, group)
    assert begun["job"]["total"] == 2
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == goes.id).values(office_id=kano.id))
    await work(api)
    rows = table(opened(await fetch(api, client, begun["job"]["id"])))
    assert [row[0] for row in rows[1:]] == [stays.number]
    assert (await made(client, begun["job"]["id"]))["total"] == 1


async def test_it_expires_and_its_file_is_removed_on_record(api: Api, world: World) -> None:
    group, _ = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    job_id = (await export(client, group))["job"]["id"]
    await work(api)
    path = (await link(client, job_id))["link"]["path"]
    assert len(_files(api)) == 1
    assert "exports" not in await Upkeep(api.database, api.settings).clear()
    async with api.database.begin() as session:
        await session.execute(update(MemberExport).values(expires_at=now()))
    assert codes(await link(client, job_id)) == ["EXPIRED"]
    assert (await api.http.get(path)).status_code == 404
    assert (await made(client, job_id))["export"]["status"] == "EXPIRED"
    assert (await Upkeep(api.database, api.settings).clear())["exports"] == 1
    assert _files(api) == []
    [removed] = await events(api.database, "group.export_removed")
    assert (removed.actor_kind, removed.subject_id) == ("SYSTEM", group.id)
    assert "exports" not in await Upkeep(api.database, api.settings).clear()


def _files(api: Api) -> list[Any]:
    return [file for file in (api.settings.var_dir / "documents").rglob("*") if file.is_file()]


async def test_another_runner_begins_anew_where_one_died(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the first one's is left; and what is put off is tried again."""
    group, people = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    begun = await export(client, group)
    dead = JobRunner(api.database, api.settings)
    claimed = await dead.claim()
    assert claimed is not None

    async def fail(*_: Any) -> Any:
        raise NotEncrypted

    with monkeypatch.context() as dying:
        dying.setattr(member_export_jobs, "encrypt", fail)
        assert not await dead.step(claimed)
    first = (await _row(api, begun)).store_key
    async with api.database.begin() as session:
        await session.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))
    await work(api)
    done = await made(client, begun["job"]["id"])
    assert (done["status"], done["done"]) == ("DONE", len(people))
    assert (await _row(api, begun)).store_key != first
    assert len(_files(api)) == 1
    assert codes(await undo(client, begun["job"]["id"])) == ["NOT_ALLOWED"]


async def test_a_job_that_is_stopped_makes_no_file(api: Api, world: World) -> None:
    group, _ = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    job_id = (await export(client, group))["job"]["id"]
    assert codes(await cancel(client, job_id)) == []
    await work(api)
    assert (await made(client, job_id))["export"]["status"] == "FAILED"
    assert codes(await link(client, job_id)) == ["NOT_READY"]
    assert _files(api) == []


@pytest.mark.parametrize("way", ["CANCELLED", "FAILED"])
async def test_a_passphrase_is_forgotten_where_no_file_came_of_it(
    way: str, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by who asked, or given up after so many tries."""

    async def fail(*_: Any) -> Any:
        raise NotEncrypted

    monkeypatch.setattr(member_export_jobs, "encrypt", fail)
    group, _ = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    begun = await export(client, group, recipients={"passphrase": PHRASE})
    await work(api)
    assert (await _row(api, begun)).sealed_passphrase is not None  # the next try needs it
    if way == "CANCELLED":
        assert codes(await cancel(client, begun["job"]["id"])) == []
    for _ in range(api.settings.job_tries):
        async with api.database.begin() as session:
            await session.execute(update(Job).where(Job.status == "RUNNING").values(lease_until=now()))
        await work(api)
    assert (await made(client, begun["job"]["id"]))["status"] == way
    assert (await _row(api, begun)).sealed_passphrase is None
    assert (await Upkeep(api.database, api.settings).clear())["exports"] == 1
    row = await _row(api, begun)
    assert (row.sealed_passphrase, row.store_key, row.ready_at) == (None, None, None)


async def test_who_asked_is_told_by_a_mail_that_names_no_customer(api: Api, world: World) -> None:
    group, people = await _lender(world)
    admin = await world.admin("super_admin")
    client = await api.sign_in(admin)
    await export(client, group)
    await work(api)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    [mail] = [parse(file.read_bytes()) for file in (api.settings.var_dir / "mail").glob("*.eml")]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (mail["To"], mail["Subject"]) == (admin.email, "Your export is ready: 2026 SME Loans")
    assert "Members:     5" in text
    assert "/exports/" not in text
    assert not any(one.name in text or one.number in text for one in people)


async def test_refusals_begin_nothing(api: Api, world: World) -> None:
    """Each with its code, and none repeats a key or a passphrase."""
    group, people = await _lender(world)
    client = await api.sign_in(await world.admin("super_admin"))
    may_not, customer = await api.sign_in(await world.admin("auditor")), await api.sign_in(people[0])
    key = str(KEY.to_public())
    refused: list[tuple[Client, Any, dict[str, Any], list[str]]] = [
        (may_not, group, {}, ["FORBIDDEN"]),
        (may_not, group, {"recipients": {"passphrase": "short"}}, ["FORBIDDEN"]),
        (customer, group, {}, ["FORBIDDEN"]),
        (client, unknown(Kind.GROUP), {}, ["GROUP_NOT_FOUND"]),
        (client, unknown(Kind.GROUP), {"recipients": {"publicKeys": []}}, ["GROUP_NOT_FOUND", "INVALID"]),
        (client, group, {"recipients": {"publicKeys": [key, "age1nonsense", "ssh-ed25519 x"]}}, ["INVALID", "INVALID"]),
        (client, group, {"recipients": {"publicKeys": [f"{key[:-4]}{n:04}" for n in range(21)]}}, ["INVALID"] * 21),
        (client, group, {"recipients": {"publicKeys": ["x" * 2_000]}}, ["INVALID"]),
        (client, group, {"recipients": {"passphrase": "short"}}, ["INVALID"]),
        (client, group, {"recipients": {"passphrase": "tab\tin the phrase"}}, ["INVALID"]),
    ]
    malformed: list[dict[str, Any]] = [
        {"recipients": {}},
        {"recipients": {"publicKeys": [key], "passphrase": PHRASE}},
        {"purpose": "  "},
        {"groupId": gid(people[0])},
    ]
    usual = {"groupId": gid(group), "format": "CSV", "purpose": "p", "recipients": {"publicKeys": [key]}}
    async with unchanged(api.database):
        for who, where, given, expected in refused:
            payload = await export(who, where, **given)
            assert codes(payload) == expected, given
            assert "nonsense" not in json.dumps(payload)
        for given in malformed:
            assert await client.codes(EXPORT, {"input": usual | given}) == ["BAD_USER_INPUT"], given
        assert await api.anonymous.codes(EXPORT, {"input": usual}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(FETCH, {"input": {"jobId": unknown(Kind.JOB)}}) == ["UNAUTHENTICATED"]
        assert codes(await link(client, unknown(Kind.JOB))) == ["EXPORT_NOT_FOUND"]
        assert codes(await link(may_not, unknown(Kind.JOB))) == ["EXPORT_NOT_FOUND", "FORBIDDEN"]
        assert codes(await link(customer, unknown(Kind.JOB))) == ["FORBIDDEN"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_each_role_may_or_not_and_its_menu_says_so(role: str, api: Api, world: World) -> None:
    client, group = await api.sign_in(await world.admin(role)), await world.group()
    keeps = role in {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
    menu = "query($id: ID!) { group(id: $id) { viewerActions { action allowed } } }"
    found = (await client.data(menu, {"id": gid(group)}))["group"]["viewerActions"]
    assert {one["action"]: one["allowed"] for one in found}["EXPORT_MEMBERS"] is keeps
    assert codes(await export(client, group)) == ([] if keeps else ["FORBIDDEN"])


async def test_a_group_without_members_is_a_heading(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    begun = await export(client, await world.group())
    await work(api)
    assert table(opened(await fetch(api, client, begun["job"]["id"]))) == [list(HEADING)]
    assert (await current(api.database, Job(id=parse_id_of(Kind.JOB, begun["job"]["id"])))).status == "DONE"


async def test_a_workbooks_footer_is_never_too_long_to_open(api: Api, world: World) -> None:
    """Spreadsheets take 255 characters, and an ampersand for a command unless it stands there twice."""
    client = await api.sign_in(await world.admin("super_admin", name="A&B"))
    begun = await export(client, await world.group("&" * 100), format="XLSX", purpose="&" * 400)
    await work(api)
    content = opened(await fetch(api, client, begun["job"]["id"]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    footer = html.unescape(sheet.split("<oddFooter>")[1].split("</oddFooter>")[0])
    assert len(footer) <= 255
    assert footer.removeprefix("&L").replace("&&", "").count("&") == 0
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames == ["Members", "About"]
