"""The lock-out: after so many failures no password is looked at, whoever they claimed to be."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, Throttle
from gql.domain.enums import SubjectKind
from gql.domain.errors import RateLimited, Refused
from gql.services.sessions import Sessions, SignIn
from gql.settings import Settings
from tests.auth.accounts import KEY, access_tokens
from tests.databases import DatabaseKind
from tests.factories import PASSWORD, World
from tests.records import unchanged

ADMIN, CUSTOMER = SubjectKind.ADMIN, SubjectKind.CUSTOMER
WRONG = "wrong"
HERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
ADA, NOBODY = "ada@lender.example", "nobody@lender.example"


class CheapPasswords(Passwords):
    """Only "correct" passwords are right; counts how many were looked at."""

    def __init__(self) -> None:
        super().__init__(concurrency=2)
        self.verified = 0

    async def verify(self, stored: str | None, password: str) -> bool:
        """As quick as tests need it."""
        self.verified += 1
        await asyncio.sleep(0)
        return stored is not None and password == PASSWORD


@pytest.fixture
async def passwords() -> AsyncIterator[CheapPasswords]:
    made = CheapPasswords()
    yield made
    made.close()


@pytest.fixture
def sessions(database: Database, passwords: CheapPasswords) -> Sessions:
    return Sessions(database, passwords, access_tokens(), Settings.model_validate({"secret_key": KEY}))


@pytest.fixture
async def ada(database: Database) -> Admin:
    world = World(database)
    admin = await world.admin("portfolio_manager", email=ADA)
    await world.password(admin)
    return admin


async def outcome(sessions: Sessions, email: str = ADA, password: str = WRONG, **where: Any) -> str:
    """What came of a sign-in."""
    audience = where.pop("audience", ADMIN)
    try:
        await sessions.sign_in(SignIn(email, password, audience, **({"client_address": HERE} | where)))
    except Refused:
        return "refused"
    except RateLimited as error:
        return error.message
    return "signed in"


async def fail(sessions: Sessions, times: int, email: str = ADA, **where: Any) -> None:
    """Sign in with wrong passwords, each of which must be looked at."""
    for _ in range(times):
        assert await outcome(sessions, email, **where) == "refused"


async def long_ago(database: Database, passed: timedelta) -> None:
    """Let time pass, as the counts see it."""
    async with database.begin() as transaction:
        for row in (await transaction.execute(select(Throttle))).scalars():
            row.tries = [_earlier(moment, passed) for moment in row.tries]
            row.expires_at -= passed


def _earlier(moment: str, passed: timedelta) -> str:
    return (datetime.fromisoformat(moment) - passed).isoformat()


@pytest.mark.parametrize("email", [ADA, NOBODY, "no address"])
async def test_after_five_failures_the_account_is_locked_whether_it_exists_or_not(
    database: Database, sessions: Sessions, passwords: CheapPasswords, ada: Admin, email: str
) -> None:
    await fail(sessions, 5, email)

    async with unchanged(database):
        told = {await outcome(sessions, email, password) for password in ("wrong", PASSWORD)}
    assert told == {"There were too many tries. Wait a while, then try again."}
    assert passwords.verified == 5


async def test_a_locked_account_is_locked_at_one_address_and_one_door_only(sessions: Sessions, ada: Admin) -> None:
    await fail(sessions, 5)

    assert await outcome(sessions, audience=CUSTOMER) == "refused"
    assert await outcome(sessions, password=PASSWORD, client_address=ELSEWHERE) == "signed in"
    assert await outcome(sessions, NOBODY) == "refused"


async def test_case_and_space_are_no_other_account(sessions: Sessions, ada: Admin) -> None:
    for email in (ADA, ADA.upper(), f" {ADA}", f"{ADA} ", ADA.title()):
        assert await outcome(sessions, email) == "refused"

    assert "too many" in await outcome(sessions, password=PASSWORD)


async def test_success_clears_the_account_and_not_the_address(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    for _ in range(4):
        await fail(sessions, 4)
        assert await outcome(sessions, password=PASSWORD) == "signed in"

    [row] = await database.rows(select(Throttle.tries))
    assert len(row.tries) == 16


async def test_after_fifty_failures_the_address_is_locked_for_all_accounts(sessions: Sessions, ada: Admin) -> None:
    for number in range(50):
        await fail(sessions, 1, f"{number}@lender.example")

    assert "too many" in await outcome(sessions, "another@lender.example")
    assert "too many" in await outcome(sessions, password=PASSWORD)
    assert await outcome(sessions, password=PASSWORD, client_address=ELSEWHERE) == "signed in"


async def test_addresses_of_one_subscriber_are_one(sessions: Sessions, ada: Admin) -> None:
    for number in range(5):
        await fail(sessions, 1, client_address=f"2001:db8::{number}")

    assert "too many" in await outcome(sessions, client_address="2001:db8::ffff:1")
    assert await outcome(sessions, client_address="2001:db8:0:1::1") == "refused"


async def test_failures_count_for_a_quarter_of_an_hour_wherever_it_begins(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    await fail(sessions, 1)
    await long_ago(database, timedelta(minutes=14))
    await fail(sessions, 4)
    assert "too many" in await outcome(sessions)

    await long_ago(database, timedelta(minutes=2))
    await fail(sessions, 1)
    assert "too many" in await outcome(sessions)

    await long_ago(database, timedelta(minutes=16))
    assert await outcome(sessions, password=PASSWORD) == "signed in"


async def test_of_thirty_wrong_passwords_at_once_five_are_looked_at(
    database: Database, database_kind: DatabaseKind, sessions: Sessions, passwords: CheapPasswords, ada: Admin
) -> None:
    if database_kind == "postgresql":
        event.listen(database.writer.sync_engine, "connect", _wait_long)

    answers = await asyncio.gather(*(outcome(sessions) for _ in range(30)))

    assert passwords.verified == 5
    assert answers.count("refused") == 5
    assert "too many" in await outcome(sessions, password=PASSWORD)


def _wait_long(connection: Any, _entry: Any) -> None:
    """Which of them wins is the question, not whether a busy machine is quick."""
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = '60s'")
    cursor.close()


async def test_an_aborted_sign_in_counts(sessions: Sessions, passwords: CheapPasswords, ada: Admin) -> None:
    """Or a client that hangs up early could go on for ever."""

    async def abort(stored: str | None, password: str) -> bool:
        raise asyncio.CancelledError

    passwords.verify = abort  # type: ignore[method-assign]
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError):
            await sessions.sign_in(SignIn(ADA, "wrong", ADMIN, client_address=HERE))

    assert "too many" in await outcome(sessions)


async def test_no_table_tells_who_tried_what(database: Database, sessions: Sessions, ada: Admin) -> None:
    await fail(sessions, 1, NOBODY)

    rows = repr(await database.rows(select(Throttle)))
    assert "nobody" not in rows
    assert HERE not in rows
    other_key = Sessions(database, Passwords(1), access_tokens(), Settings.model_validate({"secret_key": KEY[::-1]}))
    assert other_key._failures._account_key(NOBODY, ADMIN, HERE) not in rows
    assert sessions._failures._account_key(NOBODY, ADMIN, HERE) in rows


async def test_the_numbers_are_settings(database: Database, passwords: CheapPasswords, ada: Admin) -> None:
    settings = {
        "secret_key": KEY,
        "sign_in_failures_per_account": 1,
        "sign_in_failures_per_account_minutes": 2,
        "sign_in_failures_per_address": 2,
        "sign_in_failures_per_address_minutes": 4,
    }
    strict = Sessions(database, passwords, access_tokens(), Settings.model_validate(settings))

    await fail(strict, 1)
    assert "too many" in await outcome(strict)
    await fail(strict, 1, NOBODY)
    assert "too many" in await outcome(strict, "third@lender.example")
    await long_ago(database, timedelta(minutes=3))
    assert "too many" in await outcome(strict)
    await long_ago(database, timedelta(minutes=2))
    await fail(strict, 1)
