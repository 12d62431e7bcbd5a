"""Whoever has a role whose reads are audited: each customer whom they meet, on any path, is on record."""

import asyncio

import pytest
from sqlalchemy import select

from gql.db.engine import AnyRow, Database
from gql.db.models import AuditEvent
from gql.domain.enums import SubjectKind
from gql.domain.errors import Unavailable
from gql.domain.ids import new_id
from gql.services.audit import Actor
from gql.services.reads import MOST_WAITING, ReadRecorder
from tests.api.client import Api, gid, open_api
from tests.api.reading import Branch, build_branch
from tests.api.visibility_paths import PATHS
from tests.api.visibility_world import Lender
from tests.factories import World

TABLE = AuditEvent.__table__
READS = select(TABLE).where(TABLE.c.action == "customer.read").order_by(TABLE.c.id)
CUSTOMERS = "query($first: Int) { customers(first: $first) { edges { node { id displayName } } } }"
ADD = """
mutation($input: AddGroupMemberInput!) {
  addGroupMember(input: $input) { userErrors { code } membershipEdge { node { displayName } } }
}
"""
CUSTOMER = "query($id: ID!) { customer(id: $id) { displayName again: __typename } again: node(id: $id) { id } }"


async def _recorded(api: Api) -> list[AnyRow]:
    """The reads on record, once those on their way have come."""
    await api.app.state.reads.flush()
    return list(await api.database.rows(READS))


THROUGH_OTHERS = {"employees", "guarantors who are customers", "employers"}
"""Paths that read customers on their way to those whom they lead to."""


@pytest.mark.asyncio(loop_scope="session")
async def test_each_path_to_a_customer_puts_the_read_on_record(lender: Lender, lender_api: Api) -> None:
    """Exactly those whom the path leads to.

    The compliance officer sees everybody, so that each path leads to as many as it ever does.
    """
    client = await lender.sign_in(lender_api, "compliance_officer")
    names = {subject.customer.id: subject.name for subject in lender.subjects}
    for path_name, path in PATHS.items():
        before = len(await _recorded(lender_api))
        met = await path.walk(client, lender, "compliance_officer")
        events = (await _recorded(lender_api))[before:]
        recorded = {names[event.subject_id] for event in events}
        assert met.keys() <= recorded, path_name
        assert recorded == met.keys() or path_name in THROUGH_OTHERS, path_name


async def test_an_event_says_who_read_whom_when_and_in_which_request(api: Api, world: World) -> None:
    """Once in a request, however often the request asks."""
    officer, customer = await world.admin("compliance_officer"), await world.customer()
    client = await api.sign_in(officer)
    response = await client.post(CUSTOMER, {"id": gid(customer)})
    [event] = await _recorded(api)
    assert (event.actor_kind, event.actor_id) == ("ADMIN", officer.id)
    assert (event.subject_kind, event.subject_id) == ("customer", customer.id)
    assert event.request_id == response.headers["x-request-id"]
    assert event.address == "127.0.0.1"
    assert event.customer_id == customer.id
    assert event.details == {}

    await client.data(CUSTOMER, {"id": gid(customer)})
    assert len(await _recorded(api)) == 2


@pytest.mark.parametrize("viewer", ["super_admin", "portfolio", "auditor", "team", "bola", "plain"])
async def test_reads_under_other_roles_are_not_recorded(viewer: str, api: Api, world: World) -> None:
    branch: Branch = await build_branch(world)
    client = await api.sign_in(getattr(branch, viewer))
    assert (await client.data(CUSTOMERS))["customers"]["edges"]
    assert await _recorded(api) == []


async def test_a_second_role_does_not_switch_it_off(api: Api, world: World) -> None:
    customer = await world.customer()
    client = await api.sign_in(await world.admin("super_admin", "compliance_officer"))
    await client.data(CUSTOMERS)
    assert [event.subject_id for event in await _recorded(api)] == [customer.id]


async def test_a_page_records_its_rows_and_not_the_next(api: Api, world: World) -> None:
    for number in range(5):
        await world.customer(name=f"Customer {number}")
    client = await api.sign_in(await world.admin("compliance_officer"))
    edges = (await client.data(CUSTOMERS, {"first": 3}))["customers"]["edges"]
    assert len(edges) == len(await _recorded(api)) == 3


async def test_reads_are_written_by_themselves_and_at_the_latest_when_the_server_stops(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nobody flushes here but the server."""
    database = Database(database_url)
    world = World(database)
    officer = await world.admin("compliance_officer")
    await world.customer()
    async with open_api(database_url, tmp_path_factory.mktemp("server")) as api:
        client = await api.sign_in(officer)
        await client.data(CUSTOMERS)
        for _ in range(500):
            if await database.rows(READS):
                break
            await asyncio.sleep(0.02)
        await client.data(CUSTOMERS)
    assert len(await database.rows(READS)) == 2
    await database.close()


async def test_reads_wait_while_the_database_takes_none(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And the server stops only when they are written."""
    database = Database(database_url)
    world = World(database)
    officer = await world.admin("compliance_officer")
    await world.customer()
    async with open_api(database_url, tmp_path_factory.mktemp("server")) as api:
        client = await api.sign_in(officer)
        begin = Database.begin
        monkeypatch.setattr(Database, "begin", _refuses)
        for _ in range(3):
            await client.data(CUSTOMERS)
        await asyncio.sleep(0.6)
        assert await database.rows(READS) == []
        asyncio.get_running_loop().call_later(0.3, monkeypatch.setattr, Database, "begin", begin)
    assert len(await database.rows(READS)) == 3
    await database.close()


def _refuses(database: Database) -> None:
    raise Unavailable


async def test_what_cannot_be_recorded_is_not_shown(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many reads waiting, the audited viewer gets no customer, and everybody else does."""
    customer = await world.customer()
    officer = await api.sign_in(await world.admin("compliance_officer"))
    boss = await api.sign_in(await world.admin("super_admin"))
    recorder: ReadRecorder = api.app.state.reads
    monkeypatch.setattr(recorder, "_most_waiting", 0)

    for query, variables in ((CUSTOMERS, {}), (CUSTOMER, {"id": gid(customer)})):
        response = await officer.post(query, variables)
        codes = {error["extensions"]["code"] for error in response.json()["errors"]}
        assert (response.status_code, codes) == (503, {"SERVICE_UNAVAILABLE"})
        assert "data" not in response.json()
        await boss.data(query, variables)

    monkeypatch.setattr(recorder, "_most_waiting", MOST_WAITING)
    await officer.data(CUSTOMERS)


async def test_what_was_written_is_not_answered_as_refused(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With too many reads waiting, a mutation that has committed says so; its reads are recorded beyond the bound."""
    customer, group = await world.customer(), await world.group()
    officer = await api.sign_in(await world.admin("compliance_officer"))
    recorder: ReadRecorder = api.app.state.reads
    monkeypatch.setattr(recorder, "_most_waiting", 0)

    added = (await officer.data(ADD, {"input": {"groupId": gid(group), "customerId": gid(customer)}}))["addGroupMember"]
    assert added == {"userErrors": [], "membershipEdge": {"node": {"displayName": customer.name}}}
    assert [event.subject_id for event in await _recorded(api)] == [customer.id]


async def test_many_reads_are_written_in_order_and_each_once(api: Api, world: World) -> None:
    """More than one statement takes, while more come in."""
    officer = await world.admin("compliance_officer")
    recorder: ReadRecorder = api.app.state.reads
    actor = Actor(SubjectKind.ADMIN, officer.id, "a request")
    subjects = [new_id() for _ in range(2_500)]
    recorder.note(actor, dict.fromkeys(subjects[:1_500]))
    flushing = asyncio.create_task(recorder.flush())
    recorder.note(actor, dict.fromkeys(subjects[1_500:]))
    await flushing
    assert [event.subject_id for event in await _recorded(api)] == subjects
