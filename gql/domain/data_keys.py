"""The data keys: those that seal what is stored, and those that values are found by.

Of each data key two keys are made, which tell nothing of each other. A key's ID is made of the key, too, so that no
two servers mean different keys by one ID.
"""

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

KEY_BYTES: Final = 32
ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class DataKey:
    """One key, as it is used."""

    id: str
    sealing: bytes = field(repr=False)
    indexing: bytes = field(repr=False)


def new_key() -> str:
    """A fresh key, as DATA_KEYS takes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).rstrip(b"=").decode()


def parse_keys(text: str) -> tuple[DataKey, ...]:
    """The keys of DATA_KEYS, newest first. Raises ValueError, without what was given, where one is no key."""
    keys = [_key(part.strip()) for part in text.split(",") if part.strip()]
    if not keys:
        raise ValueError("Write at least one key; `lenddesk keys new` makes one")
    if len({key.id for key in keys}) < len(keys):
        raise ValueError("Write each key once")
    return tuple(keys)


def of_ids(keys: Sequence[DataKey]) -> dict[str, DataKey]:
    """The keys by ID."""
    return {key.id: key for key in keys}


def _key(text: str) -> DataKey:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError(
            f"Write keys of {KEY_BYTES} random bytes in base64, newest first, with commas between; "
            "`lenddesk keys new` makes one"
        )
    return DataKey(
        id=_derived(raw, b"lenddesk id", ID_BYTES).hex(),
        sealing=_derived(raw, b"lenddesk seal", KEY_BYTES),
        indexing=_derived(raw, b"lenddesk index", KEY_BYTES),
    )


def _derived(key: bytes, purpose: bytes, length: int) -> bytes:
    return hashlib.blake2b(key=key, person=purpose, digest_size=length).digest()
