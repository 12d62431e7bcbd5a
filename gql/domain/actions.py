"""What a viewer can do with a customer or a group, for the "more" menus: the same rules, asked beforehand."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gql.domain import (
    assignments,
    customer_record,
    customer_status,
    customer_transfer,
    groups,
    loan_requests,
    member_exports,
    memberships,
    user_errors,
)
from gql.domain.customer_status import StatusAction
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.errors import Refusal
from gql.domain.groups import GroupAction
from gql.domain.memberships import GroupFacts
from gql.domain.policies import Access, AccessReason, may_change
from gql.domain.roles import Permission


class CustomerActionName(StrEnum):
    """Actions on a customer."""

    ASSIGN_ACCOUNT_MANAGER = "ASSIGN_ACCOUNT_MANAGER"
    UNASSIGN_ACCOUNT_MANAGER = "UNASSIGN_ACCOUNT_MANAGER"
    ADD_TO_GROUP = "ADD_TO_GROUP"
    UPDATE = "UPDATE"
    TRANSFER = "TRANSFER"
    LOG_INTERACTION = "LOG_INTERACTION"
    ACTIVATE = "ACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    SUSPEND = "SUSPEND"
    BLACKLIST = "BLACKLIST"
    ARCHIVE = "ARCHIVE"
    REINSTATE = "REINSTATE"
    SUBMIT_LOAN_REQUEST = "SUBMIT_LOAN_REQUEST"


class GroupActionName(StrEnum):
    """Actions on a group."""

    ADD_MEMBER = "ADD_MEMBER"
    REMOVE_MEMBER = "REMOVE_MEMBER"
    UPDATE = "UPDATE"
    EXPORT_MEMBERS = "EXPORT_MEMBERS"
    ACTIVATE = "ACTIVATE"
    SUSPEND = "SUSPEND"
    ARCHIVE = "ARCHIVE"
    REINSTATE = "REINSTATE"
    SIGN_REVIEW = "SIGN_REVIEW"
    KEEP = "KEEP"


@dataclass(frozen=True, slots=True)
class Action:
    """An action, and, where it isn't allowed, the sentence that says why."""

    action: CustomerActionName | GroupActionName
    reason: str | None

    @property
    def allowed(self) -> bool:
        """Whether the action would be refused for no reason known beforehand."""
        return self.reason is None


def may_archive(permissions: frozenset[Permission], access: Access, status: CustomerStatus) -> bool:
    """Whether a customer would be archived who owes nothing."""
    return _status_action(permissions, access, status, StatusAction.ARCHIVE, has_open_loans=False).allowed


@lru_cache(maxsize=1024)
def customer_actions(
    permissions: frozenset[Permission],
    access: Access,
    status: CustomerStatus,
    *,
    has_open_loans: bool = False,
    is_nobodys: bool = False,
) -> tuple[Action, ...]:
    """All actions on a customer whom the viewer sees. `has_open_loans` matters where they `may_archive` otherwise.

    Kept: the customers of a list are few cases, of which each is a dozen decisions.
    """
    assign = None
    if not may_change(permissions, access, Permission.CUSTOMER_ASSIGN):
        assign = assignments.FORBIDDEN
    elif status is CustomerStatus.ARCHIVED:
        assign = assignments.CUSTOMER_ARCHIVED
    unassign = assignments.NOBODYS if is_nobodys or access.reason is AccessReason.ROLE_UNASSIGNED else None
    if not may_change(permissions, access, Permission.CUSTOMER_ASSIGN):
        unassign = assignments.MAY_NOT_UNASSIGN
    change = customer_record.CUSTOMER_ARCHIVED if status is CustomerStatus.ARCHIVED else None
    if not may_change(permissions, access, Permission.CUSTOMER_WRITE):
        change = customer_record.MAY_NOT_CHANGE
    transfer = user_errors.CUSTOMER_ARCHIVED if status is CustomerStatus.ARCHIVED else None
    if not may_change(permissions, access, Permission.CUSTOMER_ASSIGN):
        transfer = customer_transfer.FORBIDDEN
    add = memberships.customer_status_refusal(status)
    if Permission.GROUP_MEMBERS_WRITE not in permissions:
        add = memberships.FORBIDDEN
    submit = loan_requests.submit_refusal(permissions, access, status)
    return (
        Action(CustomerActionName.ASSIGN_ACCOUNT_MANAGER, assign.message if assign else None),
        Action(CustomerActionName.UNASSIGN_ACCOUNT_MANAGER, unassign.message if unassign else None),
        Action(CustomerActionName.ADD_TO_GROUP, add.message if add else None),
        Action(CustomerActionName.UPDATE, change.message if change else None),
        Action(CustomerActionName.TRANSFER, transfer.message if transfer else None),
        Action(CustomerActionName.LOG_INTERACTION, change.message if change else None),
        *(
            _status_action(permissions, access, status, action, has_open_loans=has_open_loans)
            for action in StatusAction
        ),
        Action(CustomerActionName.SUBMIT_LOAN_REQUEST, submit.message if submit else None),
    )


def _status_action(
    permissions: frozenset[Permission],
    access: Access,
    status: CustomerStatus,
    action: StatusAction,
    *,
    has_open_loans: bool,
) -> Action:
    """Also not where the customer has the status already: a menu offers what would change something."""
    refusal = next(customer_status.status_refusals(action, status), None)
    if refusal is None and customer_status.after(action, status) is status:
        refusal = customer_status.has_already(status)
    if refusal is None and has_open_loans and action is StatusAction.ARCHIVE:
        refusal = customer_status.HAS_OPEN_LOANS
    if not may_change(permissions, access, Permission.CUSTOMER_STATUS):
        refusal = customer_status.FORBIDDEN
    return Action(CustomerActionName(action.value), refusal.message if refusal else None)


def group_actions(
    permissions: frozenset[Permission], group: GroupFacts, *, sign: Refusal | None, keep: Refusal | None
) -> list[Action]:
    """All actions on a group. A change of status is offered where it would change something.

    `sign` and `keep`: why its review can't be signed now, and why it needn't be kept.
    """
    add, remove = next(memberships.group_refusals(group), None), None if group.member_count else groups.NO_MEMBERS
    if Permission.GROUP_MEMBERS_WRITE not in permissions:
        add = remove = memberships.FORBIDDEN
    update = groups.GROUP_ARCHIVED if group.status is GroupStatus.ARCHIVED else None
    if Permission.GROUP_WRITE not in permissions:
        update = groups.FORBIDDEN
    reads = Permission.GROUP_EXPORT in permissions and Permission.GROUP_MEMBERS_READ in permissions
    found = {
        GroupActionName.ADD_MEMBER: add,
        GroupActionName.REMOVE_MEMBER: remove,
        GroupActionName.UPDATE: update,
        GroupActionName.EXPORT_MEMBERS: None if reads else member_exports.FORBIDDEN,
    }
    for action in GroupAction:
        refusal = next(groups.status_refusals(action, group.status), None)
        if refusal is None and groups.after(action, group.status) is group.status:
            refusal = groups.has_already(group.status)
        if Permission.GROUP_WRITE not in permissions:
            refusal = groups.FORBIDDEN
        found[GroupActionName(action.value)] = refusal
    for name, refusal in ((GroupActionName.SIGN_REVIEW, sign), (GroupActionName.KEEP, keep)):
        found[name] = refusal if Permission.GROUP_WRITE in permissions else groups.FORBIDDEN
    return [Action(name, refusal.message if refusal else None) for name, refusal in found.items()]
