"""Customers' identifiers and bank accounts: recorded, changed, told in full."""

from dataclasses import dataclass, field
from typing import Final

from gql.context import Context
from gql.db.bank_rows import BankAccountRow, IdentifierRow
from gql.db.rows import CustomerRow
from gql.domain import identifiers as rules
from gql.domain import user_errors
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_global_id, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.customer import present
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.bank_accounts import (
    AddBankAccount,
    RemoveBankAccount,
    UpdateBankAccount,
    add_bank_account,
    remove_bank_account,
    update_bank_account,
)
from gql.services.identifiers import RemoveIdentifier, SetIdentifier, remove_identifier, set_identifier
from gql.services.reveals import Reveal, reveal

_FORBIDDEN: Final = ChangePayload(user_errors=(user_errors.FORBIDDEN,))


@dataclass(frozen=True, slots=True)
class RevealPayload:
    """A number in full."""

    value: str | None = field(default=None, repr=False)
    customer: CustomerRow | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


def mask(row: IdentifierRow | BankAccountRow) -> str:
    """The number as it is shown."""
    return rules.masked(row.last_four)


async def set_one(context: Context, arguments: Arguments) -> ChangePayload:
    """Record an identifier."""
    wish = SetIdentifier(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        kind=arguments["kind"],
        value=arguments["value"],
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _FORBIDDEN
    application = context.application
    change = set_identifier(
        context.database,
        application.vault,
        application.throttles,
        context.actor,
        context.admin,
        wish,
        per_minute=application.settings.identifiers_per_minute,
    )
    return await answer(context, change, loader="identifier", customer_id=wish.customer_id)


async def remove_one(context: Context, arguments: Arguments) -> ChangePayload:
    """Delete an identifier."""
    wish = RemoveIdentifier(
        identifier_id=parse_id_of(Kind.IDENTIFIER, arguments["identifier_id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _FORBIDDEN
    return await answer(context, remove_identifier(context.database, context.actor, context.admin, wish))


async def add_account(context: Context, arguments: Arguments) -> ChangePayload:
    """Add a bank account."""
    wish = AddBankAccount(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        bank_name=arguments["bank_name"],
        bank_code=arguments["bank_code"],
        account_name=arguments["account_name"],
        account_number=arguments["account_number"],
        currency=arguments["currency"],
        primary=arguments["primary"],
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _FORBIDDEN
    change = add_bank_account(context.database, context.application.vault, context.actor, context.admin, wish)
    return await answer(context, change, loader="bank_account")


async def update_account(context: Context, arguments: Arguments) -> ChangePayload:
    """Change a bank account."""
    wish = UpdateBankAccount(
        bank_account_id=parse_id_of(Kind.BANK_ACCOUNT, arguments["bank_account_id"]),
        primary=arguments.get("primary"),
        verified=arguments.get("verified"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _FORBIDDEN
    change = update_bank_account(context.database, context.actor, context.admin, wish)
    return await answer(context, change, loader="bank_account")


async def remove_account(context: Context, arguments: Arguments) -> ChangePayload:
    """Delete a bank account."""
    wish = RemoveBankAccount(
        bank_account_id=parse_id_of(Kind.BANK_ACCOUNT, arguments["bank_account_id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _FORBIDDEN
    return await answer(context, remove_bank_account(context.database, context.actor, context.admin, wish))


async def reveal_one(context: Context, arguments: Arguments) -> RevealPayload:
    """Tell a number in full."""
    kind, key = parse_global_id(arguments["id"])
    reason = required_reason_of(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return RevealPayload(user_errors=(rules.REVEAL_FORBIDDEN,))
    viewer, most = context.admin, context.application.settings.reveals_per_minute
    wish = Reveal(kind, key, reason, idempotency_key_of(arguments))
    vault = context.application.vault
    try:
        done = await reveal(context.database, vault, context.actor, viewer, wish, per_minute=most)
    except Refused as refused:
        return RevealPayload(user_errors=refused.refusals)
    return RevealPayload(done.value, await present(context, done.customer_id), done.replayed)
