"""Light rows of a customer's profile and of what goes with it. Only where the customer's own fields may be seen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gql.domain.back_office import CustomerTier, SavingsStatus
from gql.domain.paging import Edge
from gql.domain.profile import (
    AddressKind,
    EducationLevel,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    PayrollCycle,
    ResidenceType,
)
from gql.domain.relations import Relation


@dataclass(slots=True)
class ProfileRow:
    """All sections of a profile; all None but the key for a customer of whom nothing is known."""

    customer_id: UUID
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    gender: Gender | None = None
    date_of_birth: date | None = None
    marital_status: MaritalStatus | None = None
    children: int | None = None
    residence_type: ResidenceType | None = None
    education_level: EducationLevel | None = None
    employment_status: EmploymentStatus | None = None
    sector: str | None = None
    employer_name: str | None = None
    payroll_cycle: PayrollCycle | None = None
    employed_since: date | None = None
    office_email: str | None = None
    income_minimum_minor: int | None = None
    income_maximum_minor: int | None = None
    income_currency: str | None = None
    facebook: str | None = None
    instagram: str | None = None
    linked_in: str | None = None
    x: str | None = None
    website: str | None = None


@dataclass(slots=True)
class AddressRow:
    """An address of a profile."""

    customer_id: UUID
    kind: AddressKind
    street: str
    details: str | None
    city: str
    state: str | None
    postal_code: str | None
    country: str


@dataclass(slots=True)
class GuarantorRow:
    """Somebody who answers for a customer: another customer, or who has a name."""

    id: UUID
    customer_id: UUID
    guarantor_id: UUID | None
    name: str | None
    relationship: str | None
    phone: str | None
    email: str | None
    address: str | None
    added_by_id: UUID | None
    added_at: datetime


@dataclass(slots=True)
class NextOfKinRow:
    """Whom to turn to where the customer can't be reached."""

    id: UUID
    customer_id: UUID
    name: str
    relationship: str | None
    phone: str | None
    email: str | None
    address: str | None
    added_by_id: UUID | None
    added_at: datetime


@dataclass(slots=True)
class NoteRow:
    """A note about a customer."""

    id: UUID
    customer_id: UUID
    text: str
    author_id: UUID | None
    created_at: datetime


@dataclass(slots=True)
class BackOfficeRow:
    """What the back office keeps of a customer. `since` and who assigned are of the open assignment."""

    id: UUID
    office_id: UUID
    account_manager_id: UUID | None
    since: datetime | None
    assigned_by_id: UUID | None
    tier: CustomerTier | None
    tier_reason: str | None
    tier_set_by_id: UUID | None
    tier_set_at: datetime | None


@dataclass(slots=True)
class SavingsRow:
    """A savings account."""

    id: UUID
    customer_id: UUID
    number: str
    product: str
    status: SavingsStatus
    currency: str
    balance_minor: int
    opened_at: datetime
    closed_at: datetime | None


@dataclass(slots=True)
class RelatedEdge(Edge[Any]):
    """A customer in another's list of related ones, with the facts of the relation."""

    relation: Relation
    since: datetime
    added_by_id: UUID | None
