"""Passwords: argon2id, in threads of their own, as many at a time as the settings allow."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

LONGEST_PASSWORD = 256

_Answer = TypeVar("_Answer")


class Passwords:
    """Hashes and verifies. Each takes tenths of a second and 64 MiB (pwdlib's parameters), whence the bound.

    The bound is a pool of threads and not a semaphore round `asyncio.to_thread`: a cancelled request lets go of a
    semaphore while its thread works on, so that a flood of aborted sign-ins would pass it.
    """

    def __init__(self, concurrency: int) -> None:
        self._hasher = Argon2Hasher()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="password")

    async def hash(self, password: str) -> str:
        """The hash to store. Raises ValueError for a password that `verify` would never take."""
        secret = _secret(password)
        if secret is None:
            raise ValueError(f"A password has 1 to {LONGEST_PASSWORD} characters.")
        return await self._in_thread(self._hasher.hash, secret)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one of this hash.

        Where there is no hash, or the password can't be one, the same work is done before answering False: the time
        of a refusal must not tell which accounts exist.
        """
        secret = _secret(password)
        if stored is None or secret is None:
            await self._in_thread(self._hasher.hash, b"nobody's")
            return False
        return await self._in_thread(self._hasher.verify, secret, stored)

    def close(self) -> None:
        """Let the threads end; what still waits for one is cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[..., _Answer], *arguments: bytes | str) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _secret(password: str) -> bytes | None:
    """What is hashed. The same keys give different code points on different systems, so they are made one (NFKC)."""
    if not 1 <= len(password) <= LONGEST_PASSWORD:
        return None
    try:
        return unicodedata.normalize("NFKC", password).encode()
    except UnicodeEncodeError:  # half a surrogate pair: JSON can carry it, nobody can type it
        return None
