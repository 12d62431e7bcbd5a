"""What `assignAccountManager` answers to malformed wishes: BAD_USER_INPUT with a sentence, and nothing is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer
from tests.api.client import gid
from tests.api.mutations import ASSIGN, as_admin, assign_input, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import unchanged


class Lender(NamedTuple):
    """A super admin, who signs in, and a wish that would be granted."""

    boss: Admin
    customer: Customer
    manager: Admin


async def _build(world: World) -> Lender:
    return Lender(await world.admin("super_admin"), await world.customer(), await world.admin("account_manager"))


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def _codes(shared: tuple[str, Lender], folder: Path, changes: list[dict[str, Any]]) -> list[list[str]]:
    """The codes that the wish gets with each of the changes."""
    url, lender = shared
    wish = assign_input(lender.customer, lender.manager)["input"]
    async with as_admin(url, folder, lender.boss) as (api, client), unchanged(api.database):
        return [await client.codes(ASSIGN, {"input": wish | change}) for change in changes]


NO_IDS: list[Any] = ["", "1", "no id at all, really", "x" * 24, "é" * 24, "x" * 5_000, None, True, ["x"], {}]


@pytest.mark.parametrize("field", ["customerId", "accountManagerId"])
async def test_an_id_that_is_none_is_bad_input(shared: tuple[str, Lender], tmp_path: Path, field: str) -> None:
    """Whatever it is; an ID of another type is none, too."""
    _, lender = shared
    other = gid(lender.manager if field == "customerId" else lender.customer)
    changes = [{field: value} for value in [*NO_IDS, other]]

    assert await _codes(shared, tmp_path, changes) == [["BAD_USER_INPUT"]] * len(changes)


BAD: list[dict[str, Any]] = [
    {"reason": ""},
    {"reason": " \n\t"},
    {"reason": "x" * 501},
    {"reason": "a\0b"},
    {"reason": 5},
    {"idempotencyKey": ""},
    {"idempotencyKey": "  "},
    {"idempotencyKey": "k" * 201},
    {"idempotencyKey": "k\0"},
    {"expectedVersion": "1"},
    {"expectedVersion": 1.5},
    {"expectedVersion": 2**31},
    {"managerId": "x"},
]


async def test_text_and_numbers_out_of_bounds_are_bad_input(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Empty, too long, of another type, or nothing that a database could hold."""
    assert await _codes(shared, tmp_path, BAD) == [["BAD_USER_INPUT"]] * len(BAD)


async def test_bad_input_is_told_in_a_sentence(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Which names the argument, and doesn't repeat what was sent."""
    url, lender = shared
    async with as_admin(url, tmp_path, lender.boss) as (_, client):
        long = await client.answer(ASSIGN, assign_input(lender.customer, lender.manager, reason="secret" * 100))
        malformed = await client.answer(ASSIGN, assign_input("secret", lender.manager))

    assert "`reason` has 600 characters; at most 500" in long["errors"][0]["message"]
    assert "secret" not in str(long) + str(malformed)
    assert long["data"] is None
