"""What a sealed segment of the audit trail is made of.

Each event in it is an entry of 32 bytes: its ID, and a keyed BLAKE2b of its columns. A segment's hash covers its
number, its moment, the hash of the segment before, and its entries in their order. All hashes are keyed, so that
whoever can write to the database, but has not got the key, can't make a segment that passes for one of ours
(ADR 0018 has the limits).
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gql.db.models import AuditEvent
from gql.settings import Settings

EVENT = AuditEvent.__table__
COLUMNS: Final = tuple(EVENT.c)

BEGINNING: Final = bytes(32)
"""Stands for the segment before the first."""
HEAD_FACT: Final = "audit.head"
"""The installation's fact that says how far the chain goes: what cuts off its end must reckon with it."""

ENTRY_BYTES: Final = 32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """The last segment: what to keep elsewhere, for nobody can then take back what it covers."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @staticmethod
    def parse(text: str) -> "Head":
        """What `str` wrote. Raises ValueError for anything else."""
        number, _, digest = text.partition(":")
        head = Head(int(number), bytes.fromhex(digest))
        if len(head.hash) != len(BEGINNING) or head.number < 0:
            raise ValueError("not a number and a hash")
        return head


START: Final = Head(0, BEGINNING)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One key, by which events are hashed."""

    secret: bytes

    @property
    def id(self) -> str:
        """Tells keys apart, and nothing about them."""
        return self._digest(b"key id", b"", 8).hex()

    def entry(self, event: Any) -> bytes:
        """The entry of an event, whose columns are COLUMNS."""
        event_id: UUID = event.id
        return event_id.bytes + self._digest(b"event", event_bytes(event), 16)

    def segment(self, number: int, sealed_at: datetime, previous: bytes, entries: bytes) -> bytes:
        """The hash of a segment."""
        facts = number.to_bytes(8, signed=True) + _microseconds(sealed_at).to_bytes(8, signed=True) + previous
        return self._digest(b"segment", facts + entries, 32)

    def head(self, head: Head) -> str:
        """The fact that is kept of the chain's end."""
        return f"{head}:{self._digest(b'head', str(head).encode(), 16).hex()}"

    def _digest(self, purpose: bytes, content: bytes, size: int) -> bytes:
        return hashlib.blake2b(content, key=self.secret, digest_size=size, person=purpose).digest()


class SealingKeys:
    """The keys of an installation: the first seals, all of them verify."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [SealingKey(hmac.digest(secret.encode(), b"lenddesk audit trail", hashlib.sha256)) for secret in secrets]
        self.newest = keys[0]
        self.by_id = {key.id: key for key in keys}

    @staticmethod
    def of(settings: Settings) -> "SealingKeys":
        """AUDIT_KEYS, or else the signing key."""
        return SealingKeys(settings.audit_key_list or [settings.signing_key])


def event_bytes(event: Any) -> bytes:
    """All of an event, the same on both databases; no two events have the same.

    What is null is left out, so that a column that comes to the table later changes no event that has none of it.
    """
    values = {column.name: getattr(event, column.name) for column in COLUMNS}
    return json.dumps(
        {name: _plain(value) for name, value in values.items() if value is not None},
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def entries_of(entries: bytes) -> Iterator[tuple[UUID, bytes]]:
    """The event's ID and the whole entry, one after the other. What is no entry at the end is left out."""
    for start in range(0, len(entries) - ENTRY_BYTES + 1, ENTRY_BYTES):
        entry = entries[start : start + ENTRY_BYTES]
        yield UUID(bytes=entry[:16]), entry


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return _microseconds(value) if isinstance(value, datetime) else value


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
