"""One customer's account manager as a register: clients that write and read it at once, and what they saw.

A write is an assignment under an idempotency key. Where a connection breaks before the answer, it is sent again under
the same key, to any server, until there is an answer; now and then it is given up, so that nobody knows whether it was
done. An answered one is sent again now and then, as a double click would, and must be answered alike. Reads are those
of an admin who sees everybody, and those of managers, who see the customer while they look after them.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

import httpx

from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.domain.ids import Kind, to_global_id
from tests.api.client import gid
from tests.e2e.conftest import SIGN_IN
from tests.factories import PASSWORD, World
from tests.histories import Acknowledged, Link, Read, Refused, Write
from tests.records import current, history, is_chain

MANAGERS = 3
ANSWER_SECONDS = 60
_GIVEN_UP, _EXPECTING, _TWICE = 0.2, 0.3, 0.05
"""How often a broken write is given up, a write names the version that it follows, an answered one is sent again."""

ASSIGN = """
    mutation($input: AssignAccountManagerInput!) {
      assignAccountManager(input: $input) { changed replayed assignment { id } userErrors { code } }
    }
"""
READ = "query($id: ID!) { customer(id: $id) { version accountManager { id } } }"
_NOT_NOW = {503, 504}


@dataclass
class Lender:
    """One customer, somebody who may assign anybody, and the managers in the customer's office."""

    customer: Customer
    boss: Admin
    managers: list[Admin]

    @classmethod
    async def build(cls, world: World) -> "Lender":
        """The first manager looks after the customer, whose version is 1."""
        boss, *managers = [await world.admin(role) for role in ["super_admin"] + ["account_manager"] * MANAGERS]
        for admin in (boss, *managers):
            await world.password(admin)
        return cls(await world.customer(manager=managers[0]), boss, managers)

    async def chain(self, database: Database) -> tuple[list[Link], bool]:
        """The customer's assignments on record; and whether each ends as the next begins, one for each version."""
        spans = await history(database, self.customer)
        row = await current(database, self.customer)
        unbroken = is_chain(spans) and (row.version, row.account_manager_id) == (len(spans), spans[-1].admin_id)
        names = {manager.id: gid(manager) for manager in self.managers}
        links = [Link(to_global_id(Kind.ASSIGNMENT, span.id), names[span.admin_id], span.reason) for span in spans]
        return links, unbroken


@dataclass
class Clients:
    """Clients of any of the servers at these addresses, which come and go. They take part until `enough` is true."""

    urls: Sequence[str]
    lender: Lender
    http: httpx.AsyncClient
    operations: list[Write | Read] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    """Answers that no server should give, and answers to one key that differ."""
    broken: int = 0
    """Requests whose connection broke before the answer."""
    put_off: int = 0
    """Requests that were answered with "not now"."""
    _tokens: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)
    _seen_version: int = 1

    async def sign_in(self) -> None:
        """All who will ask."""
        for admin in (self.lender.boss, *self.lender.managers):
            variables = {"email": admin.email, "password": PASSWORD, "audience": "ADMIN"}
            self._tokens[gid(admin)] = (await self._ask(admin, SIGN_IN, variables))["signIn"]["accessToken"]

    async def take_part(self, enough: Callable[[], bool]) -> None:
        """One operation after the other."""
        while not enough() and not self.unexpected:
            await random.choice((self._write, self._read, self._read_as_manager))()

    async def _write(self) -> None:
        manager, token = gid(random.choice(self.lender.managers)), f"write {next(self._numbers)}"
        expected = self._seen_version if random.random() < _EXPECTING else None
        wish = {"customerId": gid(self.lender.customer), "accountManagerId": manager, "reason": token}
        variables = {"input": wish | {"idempotencyKey": token, "expectedVersion": expected}}
        begun = monotonic()
        payload = await self._assign(variables, give_up=_GIVEN_UP)
        answer = None if payload is None else self._answer(payload)
        ended = None if answer is None else monotonic()
        self.operations.append(
            Write(token=token, manager=manager, begun=begun, ended=ended, expected=expected, answer=answer)
        )
        if isinstance(answer, Acknowledged) and random.random() < _TWICE:
            again = await self._assign(variables)
            if again is not None and self._answer(again) != answer:
                self.unexpected.append(f"{token}: {answer}, then {again}")

    async def _assign(self, variables: dict[str, Any], give_up: float = 0) -> dict[str, Any] | None:
        """The payload of an assignment; None where it was given up."""
        while True:
            data = await self._ask(self.lender.boss, ASSIGN, variables, give_up)
            payload: dict[str, Any] | None = data and data["assignAccountManager"]
            if payload is None or [error["code"] for error in payload["userErrors"]] != ["IDEMPOTENCY_IN_FLIGHT"]:
                return payload
            self.put_off += 1  # the database hasn't noticed yet that the server has died that it was sent to first

    def _answer(self, payload: dict[str, Any]) -> Acknowledged | Refused | None:
        codes = [error["code"] for error in payload["userErrors"]]
        if codes == ["VERSION_CONFLICT"]:
            return Refused()
        if codes or payload["assignment"] is None:
            self.unexpected.append(str(payload))
            return None
        return Acknowledged(payload["assignment"]["id"], payload["changed"])

    async def _read(self) -> None:
        await self._read_by(self.lender.boss, None)

    async def _read_as_manager(self) -> None:
        manager = random.choice(self.lender.managers)
        await self._read_by(manager, gid(manager))

    async def _read_by(self, who: Admin, reader: str | None) -> None:
        begun = monotonic()
        data = await self._ask(who, READ, {"id": gid(self.lender.customer)}, give_up=1)
        ended = monotonic()
        if data is None:
            return
        seen = data["customer"]
        if seen is not None:
            version, manager = seen["version"], seen["accountManager"]["id"]
            self._seen_version = max(self._seen_version, version)
            self.operations.append(Read(begun=begun, ended=ended, reader=reader, version=version, manager=manager))
        elif reader is not None:
            self.operations.append(Read(begun=begun, ended=ended, reader=reader))
        else:
            self.unexpected.append("the customer was not shown to somebody who sees everybody")

    async def _ask(self, who: Admin, query: str, variables: dict[str, Any], give_up: float = 0) -> Any:
        """The data of an operation, whatever servers are killed meanwhile; None where it was given up instead."""
        token = self._tokens.get(gid(who))
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                try:
                    response = await self.http.post(f"{random.choice(self.urls)}/graphql", json=body, headers=headers)
                except httpx.ConnectError:  # nobody there: it was not sent
                    await asyncio.sleep(0.05)
                    continue
                except httpx.TransportError:
                    self.broken += 1
                else:
                    if response.status_code not in _NOT_NOW:
                        return self._data(response)
                    self.put_off += 1
                if random.random() < give_up:
                    return None

    def _data(self, response: httpx.Response) -> Any:
        answer = response.json()
        if response.status_code != 200 or answer.get("errors"):
            self.unexpected.append(response.text)
            return None
        return answer["data"]

    def figures(self) -> dict[str, int]:
        """How often what came of an operation."""
        kinds = Counter(_outcome(operation) for operation in self.operations)
        return dict(sorted(kinds.items())) | {"broken requests": self.broken, "put off": self.put_off}


def _outcome(operation: Write | Read) -> str:
    if isinstance(operation, Read):
        return "reads" if operation.reader is None else "reads by managers"
    if operation.answer is None:
        return "writes unknown"
    return "writes refused" if isinstance(operation.answer, Refused) else "writes acknowledged"
