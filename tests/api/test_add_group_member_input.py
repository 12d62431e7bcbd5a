"""What `addGroupMember` answers to malformed wishes: BAD_USER_INPUT with a sentence, and nothing is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer, Group
from tests.api.client import gid
from tests.api.mutations import ADD, add_input, as_admin, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import unchanged


class Lender(NamedTuple):
    """A super admin, who signs in, and a wish that would be granted."""

    boss: Admin
    customer: Customer
    group: Group


async def _build(world: World) -> Lender:
    return Lender(await world.admin("super_admin"), await world.customer(), await world.group())


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def _codes(shared: tuple[str, Lender], folder: Path, wishes: list[dict[str, Any]]) -> list[list[str]]:
    """The codes that each wish gets, which is one for the group unless it names another."""
    url, lender = shared
    async with as_admin(url, folder, lender.boss) as (api, client), unchanged(api.database):
        return [await client.codes(ADD, {"input": {"groupId": gid(lender.group), **wish}}) for wish in wishes]


@pytest.mark.parametrize(
    "given",
    [(), ("customerId", "email"), ("customerId", "number"), ("email", "number"), ("customerId", "email", "number")],
)
async def test_a_customer_is_named_by_exactly_one_identifier(
    shared: tuple[str, Lender], tmp_path: Path, given: tuple[str, ...]
) -> None:
    """Even where all name the same customer; null is as good as left out."""
    customer = shared[1].customer
    right = {"customerId": gid(customer), "email": customer.email, "number": customer.number}
    wish = {name: right[name] if name in given else None for name in right}

    assert await _codes(shared, tmp_path, [wish]) == [["BAD_USER_INPUT"]]


NO_IDS: list[Any] = ["", "1", "x" * 24, "é" * 24, "x" * 5_000, True, ["x"]]


@pytest.mark.parametrize("field", ["groupId", "customerId"])
async def test_an_id_that_is_none_is_bad_input(shared: tuple[str, Lender], tmp_path: Path, field: str) -> None:
    """Whatever it is; an ID of another type is none, too."""
    _, lender = shared
    other = gid(lender.customer if field == "groupId" else lender.group)
    wishes = [{"customerId": gid(lender.customer)} | {field: value} for value in [*NO_IDS, other]]

    assert await _codes(shared, tmp_path, wishes) == [["BAD_USER_INPUT"]] * len(wishes)


BAD: list[dict[str, Any]] = [
    {"email": ""},
    {"email": " \t"},
    {"email": "x" * 255},
    {"email": "a\0@mail.example"},
    {"number": ""},
    {"number": "  "},
    {"number": "9" * 255},
    {"number": 1},
    {"number": "C000001", "reason": ""},
    {"number": "C000001", "reason": " \n"},
    {"number": "C000001", "reason": "x" * 501},
    {"number": "C000001", "reason": "a\0b"},
    {"number": "C000001", "idempotencyKey": ""},
    {"number": "C000001", "idempotencyKey": "k" * 201},
    {"number": "C000001", "phone": "+2348030000001"},
]


async def test_text_out_of_bounds_is_bad_input(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Empty, too long, or nothing that a database could hold."""
    assert await _codes(shared, tmp_path, BAD) == [["BAD_USER_INPUT"]] * len(BAD)


async def test_the_answer_says_how_to_name_a_customer(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared

    async with as_admin(url, tmp_path, lender.boss) as (_, client):
        answer = await client.answer(ADD, add_input(lender.group))

    assert "exactly one of `customerId`, `email` and `number`" in answer["errors"][0]["message"]


async def test_text_that_looks_like_sql_is_only_text(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """It finds nobody, and does nothing."""
    url, lender = shared

    async with as_admin(url, tmp_path, lender.boss) as (api, client), unchanged(api.database):
        for text in ("' OR '1'='1", "x'; DROP TABLE memberships; --", "%", "_" * 7):
            data = await client.data(ADD, add_input(lender.group, number=text))
            assert [error["code"] for error in data["addGroupMember"]["userErrors"]] == ["CUSTOMER_NOT_FOUND"]
