"""A served lender with a customer, and what happens to that customer while clients are subscribed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Session
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from gql.domain.time import now
from tests.api.client import KEY, gid
from tests.factories import World
from tests.patience import PATIENCE
from tests.transport.listening import Listening, listening

CHANGED = """
    subscription Changed($id: ID!) { accountManagerChanged(customerId: $id) {
        customer { displayName phone accountManager { name } } assignment { accountManager { name } reason } } }
"""
ASSIGN = """
    mutation($input: AssignAccountManagerInput!) { assignAccountManager(input: $input) { changed userErrors { code } } }
"""
UNASSIGN = """
    mutation($input: UnassignAccountManagerInput!) {
        unassignAccountManager(input: $input) { changed userErrors { code } }
    }
"""
PROTOCOL = Subprotocol("graphql-transport-ws")


@dataclass
class Served:
    """A server, its database, a customer without account manager, and two who can be theirs."""

    server: Listening
    database: Database
    boss: Admin
    watcher: Admin
    """Sees everybody, as long as they have their role."""
    one: Admin
    other: Admin
    customer: Customer

    async def token(self, who: Admin | Customer) -> str:
        """An access token of a new session."""
        kind = SubjectKind.ADMIN if isinstance(who, Admin) else SubjectKind.CUSTOMER
        of = {"admin_id": who.id} if isinstance(who, Admin) else {"customer_id": who.id}
        session = Session(id=new_id(), created_at=now(), expires_at=now() + timedelta(hours=1), **of)
        async with self.database.begin() as transaction:
            transaction.add(session)
        return AccessTokens(KEY, timedelta(minutes=10)).issue(kind, who.id, session.id).text

    async def assign(self, manager: Admin, reason: str | None = None, server: Listening | None = None) -> None:
        """Give the customer this account manager."""
        given = {"customerId": gid(self.customer), "accountManagerId": gid(manager), "reason": reason}
        await self._change(ASSIGN, given, server or self.server)

    async def unassign(self, version: int, reason: str) -> None:
        """Leave the customer, who has this version, without an account manager."""
        given = {"customerId": gid(self.customer), "expectedVersion": version, "reason": reason}
        await self._change(UNASSIGN, given, self.server)

    async def _change(self, document: str, given: dict[str, Any], server: Listening) -> None:
        token = await self.token(self.boss)
        async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as http:
            response = await http.post(
                "/graphql",
                json={"query": document, "variables": {"input": given}},
                headers={"Authorization": f"Bearer {token}"},
            )
        [payload] = response.json()["data"].values()
        assert payload == {"changed": True, "userErrors": []}

    @property
    def request(self) -> dict[str, Any]:
        """The subscription to the customer."""
        return {"query": CHANGED, "variables": {"id": gid(self.customer)}}

    def change(self, manager: Admin, reason: str | None = None) -> dict[str, Any]:
        """What who sees all of the customer is told of a new manager."""
        named = {"accountManager": {"name": manager.name}}
        customer = {"displayName": self.customer.name, "phone": self.customer.phone, **named}
        return {"accountManagerChanged": {"customer": customer, "assignment": {**named, "reason": reason}}}


@contextmanager
def serving(url: str, var_dir: Path, **settings: Any) -> Iterator[Listening]:
    """A server of this database."""
    with listening(url, var_dir, secret_key=KEY, points_per_minute=0, **settings) as server:
        yield server


@asynccontextmanager
async def served(url: str, var_dir: Path, **settings: Any) -> AsyncIterator[Served]:
    """Everything."""
    database = Database(url)
    world = World(database)
    office = await world.office()
    boss, watcher = [await world.admin("super_admin") for _ in range(2)]
    one, other = [await world.admin("account_manager", office=office) for _ in range(2)]
    customer = await world.customer(office=office)
    try:
        with serving(url, var_dir, **settings) as server:
            yield Served(server, database, boss, watcher, one, other, customer)
    finally:
        await database.close()


def too_long(customer: Customer) -> dict[str, Any]:
    """A subscription each of whose answers has more than 10,000 bytes."""
    keys = " ".join(f"{'a' * 490}{number}: __typename" for number in range(25))
    return {"query": f'subscription {{ accountManagerChanged(customerId: "{gid(customer)}") {{ {keys} }} }}'}


class Socket:
    """A client of graphql-transport-ws that knows its messages and nothing more."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, message: Any) -> None:
        """One message, as JSON unless it is text."""
        await self.connection.send(message if isinstance(message, str) else orjson.dumps(message).decode())

    async def receive(self) -> Any:
        """The next message."""
        async with asyncio.timeout(PATIENCE):
            return orjson.loads(await self.connection.recv())

    async def closed(self) -> int | None:
        """The code that the socket closes with."""
        async with asyncio.timeout(PATIENCE):
            await self.connection.wait_closed()
        return self.connection.close_code

    async def init(self, token: str | None) -> None:
        """Say who it is."""
        payload = {} if token is None else {"payload": {"Authorization": f"Bearer {token}"}}
        await self.send({"type": "connection_init", **payload})

    async def subscribe(self, request: dict[str, Any], key: str = "1") -> None:
        """Begin a subscription."""
        await self.send({"id": key, "type": "subscribe", "payload": request})


@asynccontextmanager
async def socket(server: Listening, token: str | None = None, **options: Any) -> AsyncIterator[Socket]:
    """An open socket; with a token, one that the server has acknowledged."""
    options.setdefault("subprotocols", [PROTOCOL])
    async with connect(f"ws://{server.host}:{server.port}/graphql", **options) as connection:
        client = Socket(connection)
        if token is not None:
            await client.init(token)
            assert await client.receive() == {"type": "connection_ack"}
        yield client
