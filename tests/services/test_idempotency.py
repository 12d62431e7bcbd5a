"""A mutation sent again with its idempotency key is done once and answered twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, select

from gql.db.models import Admin, AdminRole, Customer, Group, IdempotencyKey
from gql.services import idempotency
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import add, assign, codes
from tests.factories import World
from tests.patience import PATIENCE
from tests.records import history, memberships, outbox, unchanged

Send = Callable[..., Awaitable[dict[str, Any]]]


class Lender(NamedTuple):
    """A portfolio manager who signs in, and enough to make and to change a wish."""

    boss: Admin
    client: Client
    customers: list[Customer]
    managers: list[Admin]
    groups: list[Group]


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with open_api(database_url, tmp_path) as api:
        yield api


@pytest.fixture
def world(api: Api) -> World:
    return World(api.database)


@pytest.fixture
async def lender(api: Api, world: World) -> Lender:
    boss = await world.admin("portfolio_manager")
    return Lender(
        boss,
        await api.sign_in(boss),
        await world.customers(2, manager=boss),
        [await world.admin("account_manager") for _ in range(2)],
        [await world.group(maximum=2) for _ in range(2)],
    )


async def _assign(
    lender: Lender, client: Client | None = None, who: int = 0, to: int = 0, **more: Any
) -> dict[str, Any]:
    return await assign(client or lender.client, lender.customers[who], lender.managers[to], **more)


async def _add(lender: Lender, client: Client | None = None, who: int = 0, to: int = 0, **more: Any) -> dict[str, Any]:
    return await add(client or lender.client, lender.groups[to], lender.customers[who], **more)


both = pytest.mark.parametrize(("send", "made"), [(_assign, "assignment"), (_add, "membership")], ids=["assign", "add"])


@both
async def test_the_same_request_again_repeats_the_answer(api: Api, lender: Lender, send: Send, made: str) -> None:
    """The very answer, warnings included; nothing new is written, and nobody gets a second mail."""
    first = await send(lender, idempotencyKey="k", reason="Since May")

    async with unchanged(api.database):
        again = await send(lender, idempotencyKey="k", reason="Since May")

    assert codes(first) == []
    assert first[made]["id"]
    assert again == first


@both
async def test_without_the_key_it_is_another_request(api: Api, lender: Lender, send: Send, made: str) -> None:
    first = await send(lender, idempotencyKey="k")

    async with unchanged(api.database):
        again = await send(lender)

    assert again != first
    assert again.get("changed") is False or codes(again) == ["ALREADY_MEMBER"]


@both
@pytest.mark.parametrize("other", [{"who": 1}, {"to": 1}, {"reason": "For another reason"}, {"reason": None}])
async def test_another_request_with_the_key_is_a_conflict(
    api: Api, lender: Lender, send: Send, made: str, other: dict[str, Any]
) -> None:
    """Whatever differs; the field to mend is the key."""
    await send(lender, idempotencyKey="k", reason="Since May")

    async with unchanged(api.database):
        payload = await send(lender, **({"idempotencyKey": "k", "reason": "Since May"} | other))

    assert codes(payload) == ["IDEMPOTENCY_CONFLICT"]
    assert payload["userErrors"][0]["field"] == ["idempotencyKey"]


async def test_another_expected_version_is_another_request(lender: Lender) -> None:
    await _assign(lender, idempotencyKey="k", expectedVersion=1)

    assert codes(await _assign(lender, idempotencyKey="k", expectedVersion=2)) == ["IDEMPOTENCY_CONFLICT"]
    assert codes(await _assign(lender, idempotencyKey="k", expectedVersion=1)) == []


async def test_an_email_in_another_case_is_the_same_request(api: Api, lender: Lender) -> None:
    """And by another identifier it is another one, though it means the same customer."""
    [customer, _], [group, _] = lender.customers, lender.groups
    first = await add(lender.client, group, email=customer.email, idempotencyKey="k")

    assert await add(lender.client, group, email=customer.email.upper(), idempotencyKey="k") == first
    assert codes(await add(lender.client, group, customer, idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]


@both
async def test_keys_are_the_actors_own(api: Api, world: World, lender: Lender, send: Send, made: str) -> None:
    """Two admins who happen to use one key don't meet."""
    other = await api.sign_in(await world.admin("super_admin"))
    await send(lender, idempotencyKey="k")

    payload = await send(lender, other, who=1, to=1, idempotencyKey="k")

    assert codes(payload) == []


async def test_keys_are_of_one_operation(lender: Lender) -> None:
    """A client that counts its requests may use a number for each mutation."""
    assert codes(await _assign(lender, idempotencyKey="1")) == []
    assert codes(await _add(lender, idempotencyKey="1")) == []


@both
async def test_a_refused_attempt_can_be_tried_again(
    api: Api, world: World, lender: Lender, send: Send, made: str
) -> None:
    """Nothing was done, so nothing is remembered: also another request may have the key."""
    auditor = await world.admin("auditor")
    client = await api.sign_in(auditor)

    async with unchanged(api.database):
        refused = await send(lender, client, idempotencyKey="k")
    async with api.database.begin() as session:
        boss_roles = select(AdminRole.role_id).where(AdminRole.admin_id == lender.boss.id)
        role_id = (await session.execute(boss_roles)).scalar_one()
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == auditor.id))
        session.add(AdminRole(admin_id=auditor.id, role_id=role_id))
    granted = await send(lender, client, idempotencyKey="k")

    assert codes(refused) == ["FORBIDDEN"]
    assert codes(granted) == []
    assert await send(lender, client, idempotencyKey="k") == granted


async def test_an_answer_is_repeated_when_the_world_has_moved_on(api: Api, lender: Lender) -> None:
    """The old assignment is not made again; the customer is shown as they are now."""
    first = await _assign(lender, to=0, idempotencyKey="k")
    second = await _assign(lender, to=1, idempotencyKey="l")

    async with unchanged(api.database):
        again = await _assign(lender, to=0, idempotencyKey="k")

    assert (again["changed"], again["assignment"]["id"]) == (True, first["assignment"]["id"])
    assert again["assignment"]["endedAt"] == second["assignment"]["startedAt"]
    assert again["customer"] == second["customer"]


async def test_a_change_that_changed_nothing_is_repeated_as_such(api: Api, lender: Lender) -> None:
    """`changed: false` stays the answer, even where the same wish would now change something."""
    standing = await _assign(lender, to=0)
    first = await _assign(lender, to=0, idempotencyKey="k")
    await _assign(lender, to=1)

    again = await _assign(lender, to=0, idempotencyKey="k")

    assert first["changed"] is again["changed"] is False
    assert first["assignment"]["id"] == again["assignment"]["id"] == standing["assignment"]["id"]
    assert again["customer"]["accountManager"]["id"] == gid(lender.managers[1])


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, nobody is told to come back."""
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", PATIENCE)


@both
@pytest.mark.usefixtures("patient")
async def test_ten_requests_at_once_with_one_key_do_it_once(api: Api, lender: Lender, send: Send, made: str) -> None:
    """A client that lost patience: all ten get the one answer."""
    answers = await asyncio.gather(*(send(lender, idempotencyKey="k") for _ in range(10)))

    assert codes(answers[0]) == []
    assert all(answer == answers[0] for answer in answers)
    spans = await history(api.database, lender.customers[0])
    joined = await memberships(api.database, lender.groups[0])
    assert (len(spans), len(joined)) == ((2, 0) if made == "assignment" else (1, 1))
    assert len(await outbox(api.database)) == (3 if made == "assignment" else 0)
    assert len(await api.database.rows(select(IdempotencyKey.id))) == 1


@both
@pytest.mark.usefixtures("patient")
async def test_ten_different_requests_at_once_with_one_key_conflict(
    api: Api, lender: Lender, send: Send, made: str
) -> None:
    """One is done; the others hear that the key was used for another."""
    answers = await asyncio.gather(*(send(lender, idempotencyKey="k", reason=f"Reason {n}") for n in range(10)))

    assert sorted(codes(answer) for answer in answers) == [[]] + [["IDEMPOTENCY_CONFLICT"]] * 9


@both
async def test_a_key_that_is_in_flight_for_long_is_told(
    api: Api, lender: Lender, send: Send, made: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One waits for somebody else's lock, the other for the first. SQLite's only writer locks all: both wait there."""
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.2)
    async with api.database.begin() as session:
        await session.execute(select(Customer.id).where(Customer.id == lender.customers[0].id).with_for_update())
        sent = [asyncio.ensure_future(send(lender, idempotencyKey="k")) for _ in range(2)]
        answered, _ = await asyncio.wait(
            sent, timeout=0.5 if api.database.is_sqlite else 1.9, return_when=asyncio.FIRST_COMPLETED
        )
    answers = [await each for each in sent]

    if api.database.is_sqlite:
        assert not answered
        assert answers[0] == answers[1]
    else:
        [told] = [each.result() for each in answered]
        assert codes(told) == ["IDEMPOTENCY_IN_FLIGHT"]
        assert told["userErrors"][0]["field"] == ["idempotencyKey"]
    done = next(answer for answer in answers if not codes(answer))
    assert await send(lender, idempotencyKey="k") == done


REPLAYED = {
    "assignAccountManager": """mutation($input: AssignAccountManagerInput!) {
        assignAccountManager(input: $input) { replayed userErrors { code } } }""",
    "addGroupMember": """mutation($input: AddGroupMemberInput!) {
        addGroupMember(input: $input) { replayed userErrors { code } } }""",
}


@pytest.mark.parametrize("mutation", REPLAYED)
async def test_an_answer_that_is_only_repeated_says_so(lender: Lender, mutation: str) -> None:
    """So that a client that lost the first answer knows that nothing was done now."""
    wish = {"customerId": gid(lender.customers[0]), "idempotencyKey": "k"}
    to_manager, to_group = {"accountManagerId": gid(lender.managers[0])}, {"groupId": gid(lender.groups[0])}
    other = to_manager if mutation == "assignAccountManager" else to_group
    told = [(await lender.client.data(REPLAYED[mutation], {"input": wish | other}))[mutation] for _ in range(3)]
    assert told == [{"replayed": again, "userErrors": []} for again in (False, True, True)]
    unkeyed = {"customerId": gid(lender.customers[1])} | other
    assert (await lender.client.data(REPLAYED[mutation], {"input": unkeyed}))[mutation]["replayed"] is False
