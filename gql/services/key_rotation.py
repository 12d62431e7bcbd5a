"""Seal anew, by the newest data key, what older keys sealed; a little at a time, while servers run.

Each batch is a transaction of its own, and a row says which key it is under: a run that was killed has lost nothing,
and the next one goes on where it ended. Blind indexes are made anew along with it: of a row, seal and index are always
of one key, and servers look by all of theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import BankAccount, Identifier
from gql.domain.bank_accounts import ACCOUNT_NUMBER
from gql.vault.numbers import SEALED, place_of, sealed_values
from gql.vault.sealing import NotOpened, Vault

BATCH: Final = 200
"""Rows a transaction: few enough that nobody waits for it."""


class Progress(Protocol):
    """Is told how many rows are done, and of how many."""

    def __call__(self, *, completed: int, total: int) -> None:
        """As often as a batch is done."""


@dataclass(slots=True)
class Rotation:
    """What a run did."""

    sealed_anew: int = 0
    not_opened: list[UUID] = field(default_factory=list)
    """Rows that no key opens; they stay as they are."""


async def count_by_key(database: Database) -> Mapping[str, int]:
    """How many sealed numbers there are under each key, by the key's ID."""
    found: dict[str, int] = {}
    for model in SEALED:
        for row in await database.rows(select(model.key_id, func.count()).group_by(model.key_id)):
            found[row[0]] = found.get(row[0], 0) + row[1]
    return found


async def rotate(database: Database, vault: Vault, progress: Progress, *, batch: int = BATCH) -> Rotation:
    """Bring everything under the newest key. Others may read and write meanwhile."""
    counts = await count_by_key(database)
    rotation, total = Rotation(), sum(counts.values()) - counts.get(vault.newest, 0)
    progress(completed=0, total=total)
    for model in SEALED:
        after: UUID | None = None
        while True:
            async with database.begin() as session:
                rows = await _older(session, vault, model, after, batch)
                for row in rows:
                    await _seal_anew(session, vault, model, row, rotation)
            if not rows:
                break
            after = rows[-1].id
            progress(completed=rotation.sealed_anew + len(rotation.not_opened), total=total)
    return rotation


async def _older(
    session: AsyncSession, vault: Vault, model: type[Identifier] | type[BankAccount], after: UUID | None, batch: int
) -> list[Any]:
    """The next rows under other keys, locked, by ID: whoever changes one of them meanwhile is waited for."""
    columns = (model.id, model.sealed, *((Identifier.kind,) if model is Identifier else ()))
    statement = select(*columns).where(model.key_id != vault.newest).order_by(model.id).limit(batch).with_for_update()
    if after is not None:
        statement = statement.where(model.id > after)
    return list((await session.execute(statement)).all())


async def _seal_anew(
    session: AsyncSession, vault: Vault, model: type[Identifier] | type[BankAccount], row: Any, rotation: Rotation
) -> None:
    try:
        number = vault.open(row.sealed, place_of(model, row.id))
    except NotOpened:
        rotation.not_opened.append(row.id)
        return
    kind = row.kind if model is Identifier else ACCOUNT_NUMBER
    values = sealed_values(vault, model, row.id, kind, number)
    await session.execute(update(model).where(model.id == row.id).values(values))
    rotation.sealed_anew += 1
