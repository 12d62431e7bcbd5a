"""Registered documents: the texts that clients of the lender's own send, known to the server by their SHA-256."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from gql.db.engine import AnyRow, Database
from gql.db.models import RegisteredDocument
from gql.domain.time import now

_TEXT = select(RegisteredDocument.text).where(RegisteredDocument.sha256 == bindparam("sha256"))
_ALL = select(RegisteredDocument.sha256, RegisteredDocument.name, RegisteredDocument.registered_at).order_by(
    RegisteredDocument.name, RegisteredDocument.sha256
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text, and the names of its operations for people."""

    text: str
    name: str

    @property
    def sha256(self) -> str:
        """By which clients send it: the SHA-256 of its text, in hex."""
        return sha256_of(self.text)


def sha256_of(text: str) -> str:
    """In hex. Half a surrogate pair, which JSON can carry, counts as its three bytes."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


async def register(database: Database, documents: Sequence[Document]) -> int:
    """Register all of them, in one transaction; answers how many were not there before."""
    added = 0
    async with database.begin() as session:
        for document in documents:
            values = {"sha256": document.sha256, "text": document.text, "name": document.name, "registered_at": now()}
            added += await database.dialect.insert_if_new(session, RegisteredDocument, values)
    return added


async def remove(database: Database, sha256: str) -> bool:
    """Whether there was such a document; now there is none."""
    async with database.begin() as session:
        gone = (
            delete(RegisteredDocument).where(RegisteredDocument.sha256 == sha256).returning(RegisteredDocument.sha256)
        )
        return (await session.execute(gone)).one_or_none() is not None


async def registered_documents(database: Database) -> Sequence[AnyRow]:
    """All of them, by name: rows of sha256, name and registered_at."""
    return await database.rows(_ALL)


async def text_of(database: Database, sha256: str) -> str | None:
    """A registered document's text."""
    rows = await database.rows(_TEXT, {"sha256": sha256})
    return rows[0].text if rows else None
