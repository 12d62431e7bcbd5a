"""Light rows of identifiers and bank accounts. None has the number: reads don't select what is sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gql.domain.identifiers import IdentifierKind


@dataclass(slots=True)
class IdentifierRow:
    """An identifier of a customer whose identifiers may be seen."""

    id: UUID
    customer_id: UUID
    kind: IdentifierKind
    last_four: str
    recorded_by_id: UUID | None
    recorded_at: datetime


@dataclass(slots=True)
class BankAccountRow:
    """A bank account of a customer whose accounts may be seen."""

    id: UUID
    customer_id: UUID
    bank_name: str
    bank_code: str
    account_name: str
    last_four: str
    currency: str
    is_primary: bool
    added_by_id: UUID | None
    added_at: datetime
    verified_by_id: UUID | None
    verified_at: datetime | None
