"""Rows of long lists, with what lists show most: the rest of a row costs as much again to read and to make.

`gql/schema/brief.py` says which fields they serve.
"""

from dataclasses import dataclass
from uuid import UUID

from gql.domain.enums import CustomerStatus, GroupPurpose, GroupStatus
from gql.domain.policies import Access


@dataclass(slots=True)
class BriefCustomerRow:
    """A customer whom the viewer may see, for a list. `access` is how much: computed once, when the row is made."""

    id: UUID
    number: str
    name: str
    email: str
    phone: str
    status: CustomerStatus
    office_id: UUID
    account_manager_id: UUID | None
    access: Access


@dataclass(slots=True)
class BriefGroupRow:
    """A group in a customer's list."""

    id: UUID
    name: str
    status: GroupStatus
    purpose: GroupPurpose
    member_count: int
    maximum_members: int | None
