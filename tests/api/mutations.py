"""The two mutations as a console sends them, and databases that tests share because nothing in them changes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from gql.db.engine import Database
from tests.api.client import Api, Client, gid, open_api
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World

ASSIGN = """
mutation Assign($input: AssignAccountManagerInput!) {
  assignAccountManager(input: $input) {
    changed
    customer { id version accountManager { id name } access { level } assignmentHistory { totalCount } }
    assignment {
      id reason startedAt endedAt customer { id } accountManager { id name } assignedBy { id }
      notifications { addressee status attempts deliveredAt }
    }
    userErrors { code message field }
  }
}
"""
ADD = """
mutation Add($input: AddGroupMemberInput!) {
  addGroupMember(input: $input) {
    group { id memberCount }
    membership { id since until reason addedBy { id } customer { id } group { id } }
    membershipEdge { cursor since until reason addedBy { id } node { id } }
    warnings { code message }
    userErrors { code message field currentMembers maximumMembers criterion conflictingGroup { id } }
  }
}
"""
Lender = TypeVar("Lender")


def reference(record: Any) -> Any:
    """A record's global ID; what is no record goes as it is."""
    return gid(record) if hasattr(record, "id") else record


def assign_input(customer: Any, manager: Any, **more: Any) -> dict[str, Any]:
    """The variables of ASSIGN."""
    return {"input": {"customerId": reference(customer), "accountManagerId": reference(manager), **more}}


def add_input(group: Any, customer: Any = None, **more: Any) -> dict[str, Any]:
    """The variables of ADD; without a customer, `more` identifies them."""
    named = {} if customer is None else {"customerId": reference(customer)}
    return {"input": {"groupId": reference(group), **named, **more}}


async def assign(client: Client, customer: Any, manager: Any, **more: Any) -> dict[str, Any]:
    """The payload of `assignAccountManager`."""
    data = await client.data(ASSIGN, assign_input(customer, manager, **more))
    payload: dict[str, Any] = data["assignAccountManager"]
    return payload


async def add(client: Client, group: Any, customer: Any = None, **more: Any) -> dict[str, Any]:
    """The payload of `addGroupMember`."""
    data = await client.data(ADD, add_input(group, customer, **more))
    payload: dict[str, Any] = data["addGroupMember"]
    return payload


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's `userErrors`; where there are any, nothing else may claim that something was done."""
    errors: list[dict[str, Any]] = payload["userErrors"]
    assert all(error["message"].endswith(".") and error["field"] for error in errors)
    if errors:
        assert not payload.get("changed")
        assert all(payload.get(name) is None for name in ("assignment", "group", "membership", "membershipEdge"))
    return [error["code"] for error in errors]


@contextmanager
def shared_lender(kind: DatabaseKind, build: Callable[[World], Awaitable[Lender]]) -> Iterator[tuple[str, Lender]]:
    """A database that many tests use one after the other, and what `build` made in it; for fixtures of a module."""

    async def made(url: str) -> Lender:
        database = Database(url)
        try:
            return await build(World(database))
        finally:
            await database.close()

    with fresh_database(kind) as url:
        yield url, asyncio.run(made(url))


@asynccontextmanager
async def as_admin(url: str, folder: Path, admin: Any, **settings: Any) -> AsyncIterator[tuple[Api, Client]]:
    """The application on a shared database, and a client of one of its admins."""
    async with open_api(url, folder, **settings) as api:
        yield api, await api.sign_in(admin)
