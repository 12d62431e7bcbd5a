"""The password that everybody in the demo signs in with."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from pwdlib.hashers.argon2 import Argon2Hasher

from gql.demo.plan import Draw

PASSWORD = "lenddesk-demo-only"
"""It is public, and so is each hash of it."""


def hash_of_password(seed: int) -> str:
    """The password's argon2id hash. Its salt follows from the seed, so that a seed gives the same rows each time."""
    salt = sha256(f"lenddesk demo {seed} salt".encode()).digest()[:16]
    return Argon2Hasher().hash(PASSWORD, salt=salt)


class CredentialRow(NamedTuple):
    """The password of an admin or of a customer."""

    id: UUID
    admin_id: UUID | None
    customer_id: UUID | None
    password_hash: str
    changed_at: datetime


def credential_row(
    draw: Draw, password_hash: str, since: datetime, *, admin_id: UUID | None = None, customer_id: UUID | None = None
) -> CredentialRow:
    """The row of the password of an admin or of a customer."""
    return CredentialRow(draw.id_at(since), admin_id, customer_id, password_hash, since)
