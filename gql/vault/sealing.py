"""Texts sealed for the database: nobody who reads its tables reads them, and none can be moved to another place.

A sealed text is a byte of version, the ID of its key, a nonce, and XChaCha20-Poly1305 (IETF) over the text. What is
bound to it besides, and must be named to open it, is its place: table, column and the row's ID. Nonces are random: of
192 bits, no two are the same.

A blind index is a keyed hash of a kind and a value, by which a value is found without being opened. Whoever has no key
can't try out values.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from gql.domain.data_keys import ID_BYTES, DataKey, of_ids

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 24
_HEAD: Final = len(_VERSION) + ID_BYTES + _NONCE_BYTES
INDEX_BYTES: Final = 32


class NotOpened(Exception):
    """A sealed text that can't be opened: its key isn't there, or it was altered or moved. Never holds the text."""


class KeyMissing(NotOpened):
    """The key that sealed it is not among DATA_KEYS."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text stands: the table and column, as `bank_accounts.sealed`, and the row."""

    column: str
    row_id: UUID

    @property
    def name(self) -> bytes:
        """As it is bound to the text."""
        return b"lenddesk\0" + self.column.encode() + b"\0" + self.row_id.bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text, and the ID of the key that opens it."""

    key_id: str
    text: bytes = field(repr=False)


class Vault:
    """Seals and opens with a ring of keys, the newest first: that one seals, all of them open and find."""

    def __init__(self, keys: Sequence[DataKey]) -> None:
        self._keys = of_ids(keys)
        self.newest = keys[0].id

    @property
    def key_ids(self) -> list[str]:
        """Of all keys, the newest first."""
        return list(self._keys)

    def seal(self, text: str, place: Place) -> Sealed:
        """Seal a text for its place, by the newest key."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt
        from nacl.utils import random

        head, nonce = _VERSION + bytes.fromhex(self.newest), random(_NONCE_BYTES)
        sealed = encrypt(text.encode(), head + place.name, nonce, self._keys[self.newest].sealing)
        return Sealed(self.newest, head + nonce + sealed)

    def open(self, sealed: bytes, place: Place) -> str:
        """The text. Raises NotOpened."""
        from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
        from nacl.exceptions import CryptoError

        head, nonce, closed = sealed[: 1 + ID_BYTES], sealed[1 + ID_BYTES : _HEAD], sealed[_HEAD:]
        if len(sealed) <= _HEAD or not head.startswith(_VERSION):
            raise NotOpened("This is no sealed text.")
        key = self._keys.get(head[1:].hex())
        if key is None:
            raise KeyMissing(f"The key {head[1:].hex()} is not among DATA_KEYS.")
        try:
            return bytes(decrypt(closed, head + place.name, nonce, key.sealing)).decode()
        except (CryptoError, UnicodeDecodeError):
            raise NotOpened("The sealed text was altered, or is another row's.") from None

    def index(self, kind: str, value: str) -> bytes:
        """What a value of a kind is found by, by the newest key."""
        return _index(self._keys[self.newest], kind, value)

    def indexes(self, kind: str, value: str) -> list[bytes]:
        """The same by each key: a row that is not sealed anew yet is found by its own key's."""
        return [_index(key, kind, value) for key in self._keys.values()]

    def fingerprint(self, value: str) -> str:
        """What stands for a value where requests are compared, such as under an idempotency key."""
        return _index(self._keys[self.newest], "request", value).hex()


def _index(key: DataKey, kind: str, value: str) -> bytes:
    text = kind.encode() + b"\0" + value.encode(errors="surrogatepass")
    return hashlib.blake2b(text, key=key.indexing, digest_size=INDEX_BYTES, person=b"lenddesk find").digest()
