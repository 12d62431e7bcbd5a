"""The rows of what goes with a demo customer's profile."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from gql.domain.back_office import SavingsStatus
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


class ProfileRow(NamedTuple):
    """A row of customer_profiles."""

    customer_id: UUID
    first_name: str | None
    last_name: str | None
    gender: Gender | None
    date_of_birth: date | None
    marital_status: MaritalStatus | None
    children: int | None
    residence_type: ResidenceType | None
    education_level: EducationLevel | None
    employment_status: EmploymentStatus | None
    sector: str
    employer_name: str | None
    payroll_cycle: PayrollCycle | None
    employed_since: date | None
    income_minimum_minor: int
    income_maximum_minor: int | None
    income_currency: str
    website: str | None


class AddressRow(NamedTuple):
    """A row of customer_addresses."""

    customer_id: UUID
    position: int
    kind: AddressKind
    street: str
    city: str
    state: str
    country: str


class RelationRow(NamedTuple):
    """A row of customer_relations."""

    id: UUID
    customer_id: UUID
    related_id: UUID
    relation: Relation
    since: datetime
    added_by_id: UUID


class GuarantorRow(NamedTuple):
    """A row of guarantors."""

    id: UUID
    customer_id: UUID
    guarantor_id: UUID | None
    name: str | None
    relationship: str
    phone: str | None
    added_by_id: UUID
    added_at: datetime


class NextOfKinRow(NamedTuple):
    """A row of next_of_kin."""

    id: UUID
    customer_id: UUID
    name: str
    relationship: str
    phone: str
    added_by_id: UUID
    added_at: datetime


class NoteRow(NamedTuple):
    """A row of customer_notes."""

    id: UUID
    customer_id: UUID
    text: str
    author_id: UUID
    created_at: datetime


class TagRow(NamedTuple):
    """A row of customer_tags."""

    customer_id: UUID
    tag: str


class DecisionRow(NamedTuple):
    """A row of tier_decisions."""

    customer_id: UUID
    reason: str
    decided_by_id: UUID
    decided_at: datetime


class SavingsRow(NamedTuple):
    """A row of savings_accounts."""

    id: UUID
    customer_id: UUID
    number: str
    product: str
    status: SavingsStatus
    currency: str
    balance_minor: int
    opened_at: datetime
    closed_at: datetime | None
