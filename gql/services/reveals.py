"""Tell an identifier or an account number in full: to few, for a reason, on record before it is told."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import BankAccount, Identifier
from gql.domain import identifiers as rules
from gql.domain.errors import Refused
from gql.domain.ids import Kind
from gql.domain.roles import Permission
from gql.domain.user_errors import UserErrorCode, not_found
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.idempotency import Once
from gql.services.lookups import record_reveal
from gql.services.records_below import owner
from gql.vault.numbers import place_of
from gql.vault.sealing import Vault

_MODELS: Final[dict[Kind, type[Identifier] | type[BankAccount]]] = {
    Kind.IDENTIFIER: Identifier,
    Kind.BANK_ACCOUNT: BankAccount,
}
NOT_FOUND: Final = not_found("identifier or bank account", "id")


@dataclass(frozen=True, slots=True)
class Reveal:
    """The wish: the number of this identifier or bank account."""

    kind: Kind
    record_id: UUID
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Revealed:
    """Whose number, and the number. `replayed`: it was told before, under the same idempotency key."""

    customer_id: UUID
    value: str = field(repr=False)
    replayed: bool = False


async def reveal(
    database: Database, vault: Vault, actor: Actor, viewer: AdminViewer, wish: Reveal, *, per_minute: int
) -> Revealed:
    """The number, once it is on record that it is told. Under an idempotency key that was used it is told again.

    Nothing of it is kept for that: the number is read anew, and each telling is on record and counts.

    Raises Refused (UserErrorCode), RateLimited, and NotOpened where no key opens it; the event stays then.
    """
    model = _MODELS.get(wish.kind)
    if model is None:
        raise Refused(NOT_FOUND)
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "revealIdentifier", wish.idempotency_key, UserErrorCode)
        request = {"record_id": wish.record_id, "reason": wish.reason}
        replayed = await once.earlier_answer(database.dialect, request) is not None
        customer = await owner(
            session,
            viewer,
            model,
            wish.record_id,
            missing=NOT_FOUND,
            permission=Permission.CUSTOMER_REVEAL,
            forbidden=rules.REVEAL_FORBIDDEN,
        )
        sealed = await session.scalar(select(model.sealed).where(model.id == wish.record_id))
        if sealed is None:  # it was removed while the customer was waited for
            raise Refused(NOT_FOUND)
        details = {f"{wish.kind.name.lower()}_id": str(wish.record_id), "reason": wish.reason, "replayed": replayed}
        await record_reveal(session, actor, customer.id, details, per_minute=per_minute)
        customer_id = customer.id
    return Revealed(customer_id, vault.open(sealed, place_of(model, wish.record_id)), replayed)
