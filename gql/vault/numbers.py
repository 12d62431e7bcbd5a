"""The rows that hold a sealed number: where it stands in them, and what else of it they keep."""

from typing import Any
from uuid import UUID

from gql.db.models import BankAccount, Identifier
from gql.domain.identifiers import SHOWN
from gql.vault.sealing import Place, Vault

SEALED: tuple[type[Identifier] | type[BankAccount], ...] = (Identifier, BankAccount)


def place_of(model: type[Identifier] | type[BankAccount], row_id: UUID) -> Place:
    """Where the row's sealed number stands."""
    return Place(f"{model.__tablename__}.sealed", row_id)


def sealed_values(
    vault: Vault, model: type[Identifier] | type[BankAccount], row_id: UUID, kind: str, number: str
) -> dict[str, Any]:
    """The row's columns that come of its number."""
    sealed = vault.seal(number, place_of(model, row_id))
    return {
        "sealed": sealed.text,
        "key_id": sealed.key_id,
        "blind_index": vault.index(kind, number),
        "last_four": number[-SHOWN:],
    }
