"""Record and remove customers' identifiers."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, Identifier
from gql.domain import identifiers as rules
from gql.domain.errors import Refused
from gql.domain.identifiers import IdentifierKind
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode, not_found
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.idempotency import Once
from gql.services.identifier_holders import holder_of
from gql.services.records_below import changeable_owner
from gql.services.throttles import Limit, Throttles
from gql.vault.numbers import sealed_values
from gql.vault.sealing import Vault

NOT_FOUND = not_found("identifier", "identifierId")
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SetIdentifier:
    """The wish: this is the customer's identifier of that kind, whatever it was before."""

    customer_id: UUID
    kind: IdentifierKind
    value: str = field(repr=False)
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveIdentifier:
    """The wish: forget it."""

    identifier_id: UUID
    reason: str
    idempotency_key: str | None = None


async def set_identifier(
    database: Database,
    vault: Vault,
    throttles: Throttles,
    actor: Actor,
    viewer: AdminViewer,
    wish: SetIdentifier,
    *,
    per_minute: int,
) -> Recorded:
    """Record a customer's identifier, sealed. Raises Refused (UserErrorCode), and writes nothing then.

    Raises RateLimited, too, after too many tries, whatever came of them: an identifier that can't be recorded is
    another customer's, whom the viewer may not see.
    """
    await throttles.begin({throttles.key("identifier", str(viewer.admin_id)): Limit(per_minute, _MINUTE)})
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "setIdentifier", wish.idempotency_key, UserErrorCode)
        request = {
            "customer_id": wish.customer_id,
            "kind": wish.kind,
            "value": vault.fingerprint(wish.value),
            "expected_version": wish.expected_version,
        }
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["id"]), earlier["changed"], replayed=True)
        normal = rules.normal_identifier(wish.kind, wish.value)
        customer = await changeable_customer(
            session,
            viewer,
            wish.customer_id,
            Permission.CUSTOMER_WRITE,
            expected_version=wish.expected_version,
            also=rules.value_refusals(wish.kind, normal),
        )
        assert normal is not None  # noqa: S101 - or it was refused
        holder = await holder_of(database, session, vault, wish.kind, normal)
        if holder is None:
            key, changed = await _write(session, vault, actor, customer, wish.kind, normal), True
        elif holder.customer_id == customer.id:
            key, changed = holder.id, False
        else:
            raise Refused(rules.TAKEN)
        await once.keep({"id": str(key), "changed": changed})
        return Recorded(customer.id, key, changed)


async def remove_identifier(database: Database, actor: Actor, viewer: AdminViewer, wish: RemoveIdentifier) -> Recorded:
    """Delete an identifier. Raises Refused (UserErrorCode), and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeIdentifier", wish.idempotency_key, UserErrorCode)
        request = {"identifier_id": wish.identifier_id, "reason": wish.reason}
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), None, replayed=True)
        customer = await changeable_owner(session, viewer, Identifier, wish.identifier_id, missing=NOT_FOUND)
        row = await session.get(Identifier, wish.identifier_id, with_for_update=True)
        if row is None:  # it was removed while the customer was waited for
            raise Refused(NOT_FOUND)
        await session.delete(row)
        _touch(customer)
        before = {"kind": row.kind, "last_four": row.last_four}
        _record(session, actor, "removed", customer.id, {"before": before, "reason": wish.reason})
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, None)


async def _write(
    session: AsyncSession, vault: Vault, actor: Actor, customer: Customer, kind: IdentifierKind, value: str
) -> UUID:
    """The record's ID: of the customer's present one of this kind, or a new one. It keeps its ID, but not its seal."""
    of_kind = (Identifier.customer_id == customer.id, Identifier.kind == kind)
    present = await session.scalar(select(Identifier).where(*of_kind))
    before = None if present is None else {"kind": kind, "last_four": present.last_four}
    key = new_id() if present is None else present.id
    values = sealed_values(vault, Identifier, key, kind, value)
    values |= {"recorded_by_id": actor.id, "recorded_at": now()}
    if present is None:
        session.add(Identifier(id=key, customer_id=customer.id, kind=kind, **values))
    else:
        await session.execute(update(Identifier).where(Identifier.id == key).values(values))
    _touch(customer)
    after = {"kind": kind, "last_four": values["last_four"]}
    _record(session, actor, "set", customer.id, {"before": before, "after": after})
    return key


def _touch(customer: Customer) -> None:
    """It is a change of who the customer is."""
    customer.version += 1
    customer.updated_at = max(now(), customer.updated_at)


def _record(session: AsyncSession, actor: Actor, what: str, customer_id: UUID, details: dict[str, Any]) -> None:
    action = f"customer.identifier_{what}"
    audit.record(session, actor, action, subject_kind="customer", subject_id=customer_id, details=details)
