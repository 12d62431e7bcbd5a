"""Any record by its global ID: the same answer as by its own field, or below its customer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from gql.context import Context
from gql.db.bank_rows import BankAccountRow, IdentifierRow
from gql.db.document_rows import DocumentRow
from gql.db.interaction_rows import InteractionRow
from gql.db.loan_rows import InstalmentRow, LoanRequestRow, PaymentRow
from gql.db.profile_rows import GuarantorRow, NextOfKinRow, NoteRow, SavingsRow
from gql.db.rows import (
    AssignmentRow,
    CoverRow,
    CustomerRow,
    LoanRow,
    MembershipRow,
    ScheduledAssignmentRow,
    StatusRow,
)
from gql.domain.cover_rights import may_see
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_global_id
from gql.domain.proposed_removals import READ_BY
from gql.domain.roles import CustomerField, Permission
from gql.resolvers.cover import parties_of
from gql.resolvers.group import readable_group

MOST_IDS = 100
_OWN = frozenset({Kind.SESSION, Kind.SAVED_VIEW, Kind.MY_NOTIFICATION})
"""No records: their owner sees them beneath `viewer` or `me`."""
_TAKE: Final[Mapping[Kind, frozenset[Permission]]] = {
    Kind.AUDIT_EVENT: frozenset({Permission.AUDIT_READ}),
    Kind.RISK_CATEGORY: frozenset({Permission.GROUP_READ}),
    Kind.PROPOSED_REMOVAL: READ_BY,
}
"""What it takes to read any of them."""
_OF_A_PROFILE = frozenset({Kind.GUARANTOR, Kind.NEXT_OF_KIN, Kind.CUSTOMER_NOTE, Kind.SAVINGS_ACCOUNT})
_KEPT_SAFE = frozenset({Kind.IDENTIFIER, Kind.BANK_ACCOUNT, Kind.DOCUMENT})
_HISTORY = frozenset(
    {Kind.ASSIGNMENT, Kind.SCHEDULED_ASSIGNMENT, Kind.MEMBERSHIP, Kind.STATUS_CHANGE, Kind.INTERACTION}
)
_MONEY = frozenset({Kind.LOAN, Kind.LOAN_INSTALMENT, Kind.LOAN_PAYMENT, Kind.LOAN_REQUEST})
_OF_A_CUSTOMER = _MONEY | _HISTORY | _OF_A_PROFILE | _KEPT_SAFE


async def node(context: Context, global_id: str) -> Any:
    """The record, or None where it isn't there for this viewer."""
    kind, key = parse_global_id(global_id)
    return await _load(context, kind, key)


async def nodes(context: Context, global_ids: Sequence[str]) -> list[Any]:
    """The records in the order of their IDs, None in the place of each that isn't there for this viewer."""
    if len(global_ids) > MOST_IDS:
        raise BadUserInput(f"`ids` has {len(global_ids)} entries; at most {MOST_IDS} are allowed.")
    keys = [parse_global_id(global_id) for global_id in global_ids]
    context.loaders.expect(len(keys))
    return list(await asyncio.gather(*(_load(context, kind, key) for kind, key in keys)))


async def _load(context: Context, kind: Kind, key: UUID) -> Any:
    if kind in _OWN:
        return None
    if kind is Kind.GROUP:
        return await readable_group(context, key)
    if not all(map(context.admin.may, _TAKE.get(kind, ()))):
        return None
    row = await context.loaders.one(kind.name.lower(), key)
    if isinstance(row, CoverRow):
        return row if may_see(context.admin, parties_of(row)) else None
    if row is None or kind not in _OF_A_CUSTOMER:
        return row
    customer = await context.loaders.one("customer", row.customer_id)
    if customer is None:
        return None
    if isinstance(row, InstalmentRow | PaymentRow):  # seen by whoever sees the loan
        loan = await context.loaders.one("loan", row.loan_id)
        return row if loan is not None and _shown_with(customer, loan, context) else None
    return row if _shown_with(customer, row, context) else None


_OfAProfile = GuarantorRow | NextOfKinRow | NoteRow | SavingsRow
_KeptSafe = IdentifierRow | BankAccountRow | DocumentRow
_History = AssignmentRow | ScheduledAssignmentRow | MembershipRow | StatusRow | InteractionRow
_OfACustomer = _History | LoanRow | LoanRequestRow | _OfAProfile | _KeptSafe


_SHOWN_BY: Final[Mapping[type, CustomerField]] = {
    AssignmentRow: CustomerField.ASSIGNMENT_HISTORY,
    ScheduledAssignmentRow: CustomerField.SCHEDULED_ASSIGNMENT,
    StatusRow: CustomerField.STATUS_HISTORY,
    InteractionRow: CustomerField.INTERACTIONS,
    LoanRequestRow: CustomerField.LOAN_REQUESTS,
    GuarantorRow: CustomerField.GUARANTORS,
    NextOfKinRow: CustomerField.NEXT_OF_KIN,
    NoteRow: CustomerField.BACK_OFFICE,
    SavingsRow: CustomerField.SAVINGS,
    IdentifierRow: CustomerField.IDENTIFIERS,
    BankAccountRow: CustomerField.BANK_ACCOUNTS,
    DocumentRow: CustomerField.DOCUMENTS,
}
"""The field of the customer that lists such records, and shows all of them or none."""


def _shown_with(customer: CustomerRow, row: _OfACustomer, context: Context) -> bool:
    """Whether the viewer, who sees the customer, also sees this record of theirs."""
    match row:
        case MembershipRow(until=None):
            lists_it = context.admin.may(Permission.GROUP_READ) and context.admin.may(Permission.GROUP_MEMBERS_READ)
            return customer.access.shows(CustomerField.GROUPS) or lists_it
        case MembershipRow():
            audits = context.admin.may(Permission.AUDIT_READ) and context.admin.may(Permission.GROUP_MEMBERS_READ)
            return customer.access.shows(CustomerField.GROUPS) or audits
        case LoanRow(overdue_minor=overdue):
            in_sight = overdue > 0 or customer.access.is_full
            return in_sight and customer.access.shows(CustomerField.LOANS)
    return customer.access.shows(_SHOWN_BY[type(row)])
