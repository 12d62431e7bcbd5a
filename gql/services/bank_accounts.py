"""Add, change and remove customers' bank accounts."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import BankAccount, Customer
from gql.domain import bank_accounts as rules
from gql.domain.bank_accounts import ACCOUNT_NUMBER, AccountFacts, account_facts
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode, not_found
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.idempotency import Once
from gql.services.records_below import changeable_owner
from gql.vault.numbers import sealed_values
from gql.vault.sealing import Vault

NOT_FOUND: Final = not_found("bank account", "bankAccountId")


@dataclass(frozen=True, slots=True)
class AddBankAccount:
    """The wish, as it was written. A customer's first account is the primary one in any case."""

    customer_id: UUID
    bank_name: str
    bank_code: str
    account_name: str
    account_number: str = field(repr=False)
    currency: str
    primary: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateBankAccount:
    """The wish: what is None stays as it is."""

    bank_account_id: UUID
    primary: bool | None = None
    verified: bool | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveBankAccount:
    """The wish: forget it."""

    bank_account_id: UUID
    reason: str
    idempotency_key: str | None = None


async def add_bank_account(
    database: Database, vault: Vault, actor: Actor, viewer: AdminViewer, wish: AddBankAccount
) -> Recorded:
    """Add an account, its number sealed. Raises Refused (UserErrorCode), and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addBankAccount", wish.idempotency_key, UserErrorCode)
        request = asdict(wish) | {"idempotency_key": None, "account_number": vault.fingerprint(wish.account_number)}
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["id"]), replayed=True)
        facts = account_facts(wish.bank_name, wish.bank_code, wish.account_name, wish.account_number, wish.currency)
        customer = await changeable_customer(
            session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, also=rules.account_refusals(facts)
        )
        key = await _add(session, vault, actor, customer, facts, primary=wish.primary)
        await once.keep({"id": str(key)})
        return Recorded(customer.id, key)


async def update_bank_account(
    database: Database, actor: Actor, viewer: AdminViewer, wish: UpdateBankAccount
) -> Recorded:
    """Make an account the primary one, or say whether it was verified.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "updateBankAccount", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), wish.bank_account_id, earlier["changed"], replayed=True)
        customer, account = await _changeable(session, viewer, wish.bank_account_id)
        if wish.primary is False and account.is_primary:
            raise Refused(rules.NOT_WITHOUT_PRIMARY)
        changed = await _update(session, actor, account, wish)
        await once.keep({"customer_id": str(customer.id), "changed": changed})
        return Recorded(customer.id, account.id, changed)


async def remove_bank_account(
    database: Database, actor: Actor, viewer: AdminViewer, wish: RemoveBankAccount
) -> Recorded:
    """Delete an account; where it was the primary one, the newest other becomes it.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeBankAccount", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), None, replayed=True)
        customer, account = await _changeable(session, viewer, wish.bank_account_id)
        _record(session, actor, "removed", customer.id, {"before": _shown(account), "reason": wish.reason})
        await session.delete(account)
        await session.flush()
        if account.is_primary:
            newest = select(BankAccount).where(BankAccount.customer_id == customer.id)
            heir = await session.scalar(newest.order_by(BankAccount.added_at.desc(), BankAccount.id.desc()).limit(1))
            if heir is not None:
                heir.is_primary = True
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, None)


async def _changeable(session: AsyncSession, viewer: AdminViewer, key: UUID) -> tuple[Customer, BankAccount]:
    customer = await changeable_owner(session, viewer, BankAccount, key, missing=NOT_FOUND)
    account = await session.get(BankAccount, key, with_for_update=True)
    if account is None:  # it was removed while the customer was waited for
        raise Refused(NOT_FOUND)
    return customer, account


async def _add(
    session: AsyncSession, vault: Vault, actor: Actor, customer: Customer, facts: AccountFacts, *, primary: bool
) -> UUID:
    """Insert it. The customer is locked: nobody adds another one meanwhile."""
    of_customer = BankAccount.customer_id == customer.id
    count = await session.scalar(select(func.count()).select_from(BankAccount).where(of_customer)) or 0
    if count >= rules.MOST:
        raise Refused(rules.LIMIT_REACHED)
    has_it = (of_customer, BankAccount.bank_code == facts.bank_code)
    is_it = BankAccount.blind_index.in_(vault.indexes(ACCOUNT_NUMBER, facts.number))
    if await session.scalar(select(BankAccount.id).where(*has_it, is_it)) is not None:
        raise Refused(rules.HAS_IT)
    is_primary = primary or not count
    if is_primary:
        await _demote(session, customer.id)
    key = new_id()
    account = BankAccount(
        id=key,
        customer_id=customer.id,
        bank_name=facts.bank_name,
        bank_code=facts.bank_code,
        account_name=facts.account_name,
        currency=facts.currency,
        is_primary=is_primary,
        added_by_id=actor.id,
        added_at=now(),
        **sealed_values(vault, BankAccount, key, ACCOUNT_NUMBER, facts.number),
    )
    session.add(account)
    _record(session, actor, "added", customer.id, {"after": _shown(account)})
    return key


async def _update(session: AsyncSession, actor: Actor, account: BankAccount, wish: UpdateBankAccount) -> bool:
    before = _shown(account)
    if wish.primary and not account.is_primary:
        await _demote(session, account.customer_id)
        account.is_primary = True
    if wish.verified is not None and wish.verified is not (account.verified_at is not None):
        account.verified_at = now() if wish.verified else None
        account.verified_by_id = actor.id if wish.verified else None
    after = _shown(account)
    if before == after:
        return False
    _record(session, actor, "updated", account.customer_id, {"before": before, "after": after})
    return True


async def _demote(session: AsyncSession, customer_id: UUID) -> None:
    """No account of the customer's is the primary one any more."""
    primary = (BankAccount.customer_id == customer_id, BankAccount.is_primary)
    await session.execute(update(BankAccount).where(*primary).values(is_primary=False))


def _shown(account: BankAccount) -> dict[str, Any]:
    """What of it events hold."""
    return {
        "bank_account_id": str(account.id),
        "bank_code": account.bank_code,
        "account_name": account.account_name,
        "last_four": account.last_four,
        "currency": account.currency,
        "primary": account.is_primary,
        "verified": account.verified_at is not None,
    }


def _record(session: AsyncSession, actor: Actor, what: str, customer_id: UUID, details: dict[str, Any]) -> None:
    action = f"customer.bank_account_{what}"
    audit.record(session, actor, action, subject_kind="customer", subject_id=customer_id, details=details)
