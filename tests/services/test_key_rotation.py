"""Data keys are changed while the lender works: nothing is lost, nothing out of sight, and a cut-short run goes on."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gql.cli import app
from gql.db.engine import Database
from gql.db.models import BankAccount, Identifier
from gql.domain.bank_accounts import ACCOUNT_NUMBER
from gql.domain.data_keys import new_key, parse_keys
from gql.services.key_rotation import count_by_key, rotate
from gql.vault.numbers import place_of
from gql.vault.sealing import Vault
from tests.api.client import gid, open_api
from tests.api.mutations import codes
from tests.api.test_identifiers import found, record, reveal
from tests.command import environment
from tests.factories import World
from tests.vaults import DATA_KEY, VAULT, number_of

NEW_KEY = new_key()
RING = f"{NEW_KEY},{DATA_KEY}"
ROWS = 30


def nobody(*, completed: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def lender(world: World) -> list[Identifier | BankAccount]:
    """Numbers under the old key."""
    customers = await world.customers(ROWS)
    return [
        *[await world.identifier(customer) for customer in customers],
        *[await world.bank_account(customer) for customer in customers],
    ]


async def opened(database: Database, vault: Vault) -> dict[Any, str]:
    """All numbers as the vault opens them; their blind indexes must be of the same key."""
    numbers = {}
    for model in (Identifier, BankAccount):
        for row in await database.rows(select(model.__table__)):
            numbers[row.id] = vault.open(row.sealed, place_of(model, row.id))
            kind = row.kind if model is Identifier else ACCOUNT_NUMBER
            assert row.blind_index == Vault(parse_keys(key_of(row.key_id))).index(kind, numbers[row.id])
    return numbers


def key_of(key_id: str) -> str:
    """The key of that ID."""
    [key] = [key for key in (NEW_KEY, DATA_KEY) if parse_keys(key)[0].id == key_id]
    return key


async def test_everything_comes_under_the_newest_key_and_the_old_one_can_go(
    database: Database, lender: list[Identifier | BankAccount]
) -> None:
    vault, told = Vault(parse_keys(RING)), list[tuple[int, int]]()
    before = {record.id: number_of(record) for record in lender}
    assert await count_by_key(database) == {VAULT.newest: 2 * ROWS}

    done = await rotate(database, vault, lambda completed, total: told.append((completed, total)), batch=7)

    assert (done.sealed_anew, done.not_opened) == (2 * ROWS, [])
    assert (told[0], told[-1], len(told)) == ((0, 60), (60, 60), 11)
    assert await count_by_key(database) == {vault.newest: 2 * ROWS}
    assert await opened(database, Vault(parse_keys(NEW_KEY))) == before
    again = await rotate(database, vault, nobody)
    assert again.sealed_anew == 0


async def test_what_no_key_opens_stays_as_it_is_and_is_told(
    database: Database, lender: list[Identifier | BankAccount]
) -> None:
    other = Vault(parse_keys(new_key()))
    done = await rotate(database, other, nobody, batch=7)
    assert (done.sealed_anew, set(done.not_opened)) == (0, {record.id for record in lender})
    assert await count_by_key(database) == {VAULT.newest: 2 * ROWS}


async def test_servers_of_either_order_of_keys_work_on_meanwhile(
    database_url: str, world: World, lender: list[Identifier | BankAccount], tmp_path: Path
) -> None:
    """Reads, look-ups and writes go on; a number that is taken under one key can't be had under another."""
    database, vault = world.database, Vault(parse_keys(RING))
    boss, customers = await world.admin("super_admin"), await world.customers(6)
    settings = {"reveals_per_minute": 10_000, "identifiers_per_minute": 10_000}
    async with (
        open_api(database_url, tmp_path, data_keys=f"{DATA_KEY},{NEW_KEY}", **settings) as old,
        open_api(database_url, tmp_path, data_keys=RING, **settings) as new,
    ):
        clients = [await old.sign_in(boss), await new.sign_in(boss)]
        rotating = asyncio.create_task(rotate(database, vault, nobody, batch=2))
        for turn in range(len(customers)):
            number, pair = f"223{turn:08}", (customers[turn], customers[turn - 1])
            answers = await asyncio.gather(*(record(c, who, number) for c, who in zip(clients, pair, strict=True)))
            assert sorted(map(codes, answers)) == [[], ["IDENTIFIER_TAKEN"]]
            for client in clients:
                assert len(await found(client, number)) == 1
                assert (await reveal(client, gid(lender[turn])))["value"] == number_of(lender[turn])
                assert len(await found(client, number_of(lender[turn]))) == 1
        await rotating
    await rotate(database, vault, nobody)  # what the server with the old key first has written meanwhile
    assert set(await count_by_key(database)) == {vault.newest}
    assert await opened(database, Vault(parse_keys(NEW_KEY)))


_DIES = """
import asyncio, os, signal, sys
from gql.cli import app
from gql.db.engine import Database
from gql.services.key_rotation import rotate
from gql.settings import Settings
from gql.vault.sealing import Vault

def progress(completed, total):
    if completed >= 20:
        os.kill(os.getpid(), signal.SIGKILL)

settings = Settings()
asyncio.run(rotate(Database(settings.database_url), Vault(settings.data_key_ring), progress, batch=5))
"""


async def test_a_run_that_was_killed_is_gone_on_with(
    database_url: str, database: Database, lender: list[Identifier | BankAccount], tmp_path: Path
) -> None:
    """By the command, which says how far each key has come."""
    variables = environment(database_url, tmp_path)

    async def command(*arguments: str, keys: str = RING) -> tuple[int, str]:
        given = variables | {"DATA_KEYS": keys}
        done = await asyncio.to_thread(CliRunner().invoke, app, ["keys", *arguments], env=given)
        return done.exit_code, done.output

    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", _DIES, env=variables | {"DATA_KEYS": RING})
    assert await dying.wait() == -signal.SIGKILL
    newest = Vault(parse_keys(RING)).newest
    assert await command("show") == (0, f"{newest}  20\n{VAULT.newest}  40\n")
    assert await opened(database, Vault(parse_keys(RING))) == {record.id: number_of(record) for record in lender}
    status, told = await command("rotate")
    assert (status, f"40 numbers sealed anew by {newest}." in told) == (0, True), told
    assert await command("show") == (0, f"{newest}  60\n{VAULT.newest}  0\n")
    status, told = await command("rotate", keys=(await command("new"))[1].strip())
    assert (status, "60 were not opened" in told) == (1, True), told
    assert f"{newest}  60  not in DATA_KEYS" in (await command("show", keys=DATA_KEY))[1]
