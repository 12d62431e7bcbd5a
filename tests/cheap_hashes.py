"""Password hashes that cost next to nothing: one at the product's own cost takes a quarter of a second of CPU time."""

from contextlib import AbstractContextManager
from functools import partial
from typing import Final
from unittest.mock import patch

from pwdlib.hashers.argon2 import Argon2Hasher

from gql.auth import passwords

CHEAP: Final = partial(Argon2Hasher, time_cost=1, memory_cost=8, parallelism=1)


def hash_cheaply() -> None:
    """Let the product's `Passwords` of this process be cheap, for good. Server processes that tests start are not."""
    patch.object(passwords, "Argon2Hasher", CHEAP).start()


def hash_as_the_product_does() -> AbstractContextManager[object]:
    """A context in which `Passwords` are made as in production, for tests of what they cost."""
    return patch.object(passwords, "Argon2Hasher", Argon2Hasher)
