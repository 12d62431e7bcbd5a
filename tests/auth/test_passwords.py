"""Hashing and verifying passwords."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator

import pytest

from gql.auth.passwords import Passwords
from tests.auth.accounts import count_work
from tests.cheap_hashes import hash_as_the_product_does

PASSWORD = "correct horse battery"


@pytest.fixture
async def stored(passwords: Passwords) -> str:
    """The hash of PASSWORD."""
    return await passwords.hash(PASSWORD)


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    with hash_as_the_product_does():
        made = Passwords(concurrency=2)
    yield made
    made.close()


async def test_a_hash_is_of_argon2id_with_at_least_19_mib_and_takes_its_password_only(
    passwords: Passwords, stored: str
) -> None:
    cost = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),", stored)
    assert cost
    assert int(cost[1]) >= 19 * 1024
    assert int(cost[2]) >= 2
    assert await passwords.verify(stored, PASSWORD)
    assert not await passwords.verify(stored, PASSWORD.upper())


async def test_a_password_typed_on_another_system_is_the_same(passwords: Passwords) -> None:
    stored = await passwords.hash("caf\u00e9 in Ibadan")

    assert await passwords.verify(stored, "cafe\u0301 in Ibadan")


@pytest.mark.parametrize("password", ["", "x" * 257, "half \ud800 a pair"])
async def test_what_can_not_be_a_password(passwords: Passwords, stored: str, password: str) -> None:
    assert not await passwords.verify(stored, password)
    with pytest.raises(ValueError, match="1 to 256"):
        await passwords.hash(password)


async def test_the_longest_password_is_taken(passwords: Passwords) -> None:
    assert await passwords.verify(await passwords.hash("x" * 256), "x" * 256)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$m=65536,t=3,p=4$broken"])
async def test_a_broken_hash_takes_no_password(passwords: Passwords, stored: str) -> None:
    assert not await passwords.verify(stored, PASSWORD)


async def test_the_hasher_works_although_there_is_no_hash(
    passwords: Passwords, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = count_work(passwords, monkeypatch)

    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify(None, "")
    assert not await passwords.verify(stored, "x" * 257)

    assert len(work) == 3


async def test_no_more_at_a_time_than_allowed_even_when_callers_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(concurrency=1)
    running, most, lock = 0, 0, threading.Lock()

    def slow(_secret: bytes) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return "hash"

    monkeypatch.setattr(passwords._hasher, "hash", slow)
    for _ in range(5):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(passwords.hash(PASSWORD), 0.001)
    assert await passwords.hash(PASSWORD) == "hash"
    passwords.close()

    assert most == 1
