"""What lists can be asked for: filters, searches and orders of each noun, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from uuid import UUID

from gql.domain.back_office import CustomerTier
from gql.domain.enums import AdminStatus, CustomerStatus, GroupPurpose, GroupStatus, OfficeStatus
from gql.domain.identifiers import IdentifierKind
from gql.domain.paging import Sort


class CustomerOrderField(StrEnum):
    """By what customers can be sorted."""

    NAME = "NAME"
    NUMBER = "NUMBER"
    STATUS = "STATUS"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    OFFICE = "OFFICE"
    ACCOUNT_MANAGER = "ACCOUNT_MANAGER"
    DAYS_PAST_DUE = "DAYS_PAST_DUE"
    TIER = "TIER"


class GroupOrderField(StrEnum):
    """By what groups can be sorted."""

    NAME = "NAME"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    MEMBER_COUNT = "MEMBER_COUNT"
    STATUS = "STATUS"


CUSTOMER_SORTS = {
    CustomerOrderField.NAME: Sort("name", str),
    CustomerOrderField.NUMBER: Sort("number", str),
    CustomerOrderField.STATUS: Sort("status", str, then="name"),
    CustomerOrderField.CREATED_AT: Sort("created_at", datetime),
    CustomerOrderField.UPDATED_AT: Sort("updated_at", datetime),
    CustomerOrderField.EMAIL: Sort("email", str),
    CustomerOrderField.PHONE: Sort("phone", str),
    CustomerOrderField.OFFICE: Sort("office_name", str, then="name"),
    CustomerOrderField.ACCOUNT_MANAGER: Sort("account_manager", str, then="name"),
    CustomerOrderField.DAYS_PAST_DUE: Sort("days_past_due", str, then="name"),
    CustomerOrderField.TIER: Sort("tier", str, then="name"),
}
"""Of customers. Those by account manager, days past due and tier are read in sections."""
BY_RELEVANCE = Sort("relevance", str)
"""Of a search for a name: those whose name begins so, those whose last name does, those whose name is similar."""
GROUP_SORTS = {
    GroupOrderField.NAME: Sort("name", str),
    GroupOrderField.CREATED_AT: Sort("created_at", datetime),
    GroupOrderField.UPDATED_AT: Sort("updated_at", datetime),
    GroupOrderField.MEMBER_COUNT: Sort("member_count", int),
    GroupOrderField.STATUS: Sort("status", str, then="name"),
}
BY_NAME = Sort("name", str)
BY_SINCE = Sort("since", datetime, descending=True)
BY_UNTIL = Sort("until", datetime, descending=True)
BY_CHANGED_AT = Sort("changed_at", datetime, descending=True)
BY_CREATED_AT = Sort("created_at", datetime, descending=True)
BY_OPENED_AT = Sort("opened_at", datetime, descending=True)
BY_ADDED_AT = Sort("added_at", datetime, descending=True)
BY_UPLOADED_AT = Sort("uploaded_at", datetime, descending=True)
BY_STARTED_AT = Sort("started_at", datetime, descending=True)
BY_OCCURRED_AT = Sort("occurred_at", datetime, descending=True)
BY_DUE_AT = Sort("due_at", datetime)
BY_EFFECTIVE_AT = Sort("effective_at", datetime)
BY_SEQUENCE = Sort("sequence", int)
BY_RECEIVED_AT = Sort("received_at", datetime, descending=True)
BY_SUBMITTED_AT = Sort("submitted_at", datetime, descending=True)
BY_DISBURSED_AT = Sort("disbursed_at", datetime, descending=True)


class NameReading(Enum):
    """Which of the names must begin so."""

    BOTH = "the name, or the name with its last word first"
    AS_WRITTEN = "the name"
    LAST_WORD_FIRST = "the name with its last word first, and not the name"


@dataclass(frozen=True, slots=True)
class CustomerSearch:
    """What a search box's text may mean; a customer matches when one of these does.

    `lookup`: email and phone match on rows that withhold them too; such a search is audited and rate-limited.
    """

    name_prefix: str | None = None
    number: str | None = None
    email: str | None = None
    phone: str | None = None
    lookup: bool = False
    reading: NameReading = NameReading.BOTH

    @property
    def is_of_a_name(self) -> bool:
        """Whether it can mean nothing but a name."""
        return self.name_prefix is not None and self.number is None


@dataclass(frozen=True, slots=True)
class NumberSearch:
    """A sealed number that a customer must have, by what it is found by under each data key.

    `kind` is an identifier's; None for an account number. `lookup`: rows that withhold it match, too.
    """

    kind: IdentifierKind | None
    indexes: tuple[bytes, ...]
    lookup: bool = False


@dataclass(frozen=True, slots=True)
class CustomerCriteria:
    """Which customers; every given part must hold. An empty `statuses` matches none.

    Days past due are those since the oldest instalment that isn't paid in full was due; none are 0.
    """

    statuses: frozenset[CustomerStatus] | None = None
    office_id: UUID | None = None
    include_subtree: bool = False
    account_manager_id: UUID | None = None
    has_account_manager: bool | None = None
    group_id: UUID | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    days_past_due_min: int | None = None
    days_past_due_max: int | None = None
    tiers: frozenset[CustomerTier] | None = None
    without_tier: bool = False
    tag: str | None = None
    """In its normal form."""
    identifier: NumberSearch | None = None
    account_number: NumberSearch | None = None
    search: CustomerSearch | None = None
    member_of: UUID | None = None
    """Of a group whose members the viewer may list: that tells nothing of their groups that isn't seen anyway."""


@dataclass(frozen=True, slots=True)
class GroupCriteria:
    """Which groups; every given part must hold."""

    statuses: frozenset[GroupStatus] | None = None
    purposes: frozenset[GroupPurpose] | None = None
    owner_id: UUID | None = None
    search_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class AdminCriteria:
    """Which admins; every given part must hold. `statuses` is for those who may see an admin's status."""

    office_id: UUID | None = None
    statuses: frozenset[AdminStatus] | None = None
    search: str | None = None
    assignable: bool = False
    """Only those who can be made an account manager; see `gql.domain.assignments`."""


@dataclass(frozen=True, slots=True)
class OfficeCriteria:
    """Which offices; every given part must hold."""

    parent_id: UUID | None = None
    statuses: frozenset[OfficeStatus] | None = None
    search_prefix: str | None = None
