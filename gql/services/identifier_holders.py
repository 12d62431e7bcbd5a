"""Who has an identifier already: no two customers have the same."""

from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Identifier
from gql.domain.errors import Unavailable
from gql.domain.identifiers import IdentifierKind
from gql.services.idempotency import PATIENCE_SECONDS
from gql.vault.sealing import Vault


async def holder_of(
    database: Database, session: AsyncSession, vault: Vault, kind: IdentifierKind, value: str
) -> Row[UUID, UUID] | None:
    """Which record has the identifier (`id`), and whose it is (`customer_id`).

    Until the transaction ends nobody else gets it. Rows that are not sealed anew yet are found by an older key, which
    a unique index can't compare: so whoever wants the identifier holds it by each of the keys, in one order.
    """
    indexes = vault.indexes(kind, value)
    for index in sorted(indexes):
        if not await database.dialect.hold(session, f"identifier {index.hex()}", PATIENCE_SECONDS):
            raise Unavailable
    is_it = (Identifier.kind == kind, Identifier.blind_index.in_(indexes))
    found = await session.execute(select(Identifier.id, Identifier.customer_id).where(*is_it))
    return found.one_or_none()
