"""A customer's profile, the people who stand by them, and what the back office keeps of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
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


class CustomerProfile(Base):
    """What is known of a borrower's life; none for a customer of whom nothing is."""

    __tablename__ = "customer_profiles"
    __table_args__ = (
        CheckConstraint("children >= 0", name="children_not_negative"),
        CheckConstraint("income_minimum_minor >= 0", name="income_not_negative"),
        CheckConstraint("income_maximum_minor >= income_minimum_minor", name="income_is_range"),
        CheckConstraint(
            "(income_minimum_minor IS NULL) = (income_currency IS NULL) "
            "AND (income_maximum_minor IS NULL OR income_minimum_minor IS NOT NULL)",
            name="income_has_currency",
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    first_name: Mapped[str | None]
    middle_name: Mapped[str | None]
    last_name: Mapped[str | None]
    gender: Mapped[Gender | None] = mapped_column(enum_text(Gender, "gender"))
    date_of_birth: Mapped[date | None]
    marital_status: Mapped[MaritalStatus | None] = mapped_column(enum_text(MaritalStatus, "marital_status"))
    children: Mapped[int | None]
    residence_type: Mapped[ResidenceType | None] = mapped_column(enum_text(ResidenceType, "residence_type"))
    education_level: Mapped[EducationLevel | None] = mapped_column(enum_text(EducationLevel, "education_level"))
    employment_status: Mapped[EmploymentStatus | None] = mapped_column(enum_text(EmploymentStatus, "employment_status"))
    sector: Mapped[str | None]
    employer_name: Mapped[str | None]
    payroll_cycle: Mapped[PayrollCycle | None] = mapped_column(enum_text(PayrollCycle, "payroll_cycle"))
    employed_since: Mapped[date | None]
    office_email: Mapped[str | None]
    income_maximum_minor: Mapped[int | None]
    income_minimum_minor: Mapped[int | None]
    income_currency: Mapped[str | None]
    facebook: Mapped[str | None]
    instagram: Mapped[str | None]
    linked_in: Mapped[str | None]
    x: Mapped[str | None]
    website: Mapped[str | None]


class CustomerAddress(Base):
    """An address of a customer's profile; `position` is its place among them, from 0."""

    __tablename__ = "customer_addresses"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AddressKind] = mapped_column(enum_text(AddressKind, "kind"))
    street: Mapped[str]
    details: Mapped[str | None]
    city: Mapped[str]
    state: Mapped[str | None]
    postal_code: Mapped[str | None]
    country: Mapped[str]


class CustomerRelation(HasId, Base):
    """What another customer is to a customer. Each is written with its inverse, and taken away with it.

    A relation of a guarantor has a row of `guarantors`, too.
    """

    __tablename__ = "customer_relations"
    __table_args__ = (
        CheckConstraint("customer_id <> related_id", name="not_to_self"),
        Index("uq_customer_relations_pair", "customer_id", "related_id", "relation", unique=True),
        Index(
            "uq_customer_relations_employer",
            "customer_id",
            unique=True,
            sqlite_where=text("relation = 'EMPLOYER'"),
            postgresql_where=text("relation = 'EMPLOYER'"),
        ),
        Index(None, "customer_id", "since", "id"),
        Index(None, "customer_id", "relation", "since", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    related_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    relation: Mapped[Relation] = mapped_column(enum_text(Relation, "relation"))
    since: Mapped[datetime]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))


class Guarantor(HasId, Base):
    """Somebody who answers for a customer: another customer, whose own record names them, or a name."""

    __tablename__ = "guarantors"
    __table_args__ = (
        CheckConstraint("(guarantor_id IS NULL) <> (name IS NULL)", name="customer_or_name"),
        CheckConstraint("customer_id <> guarantor_id", name="not_for_self"),
        Index("uq_guarantors_customer", "customer_id", "guarantor_id", unique=True),
        Index(None, "customer_id", "added_at", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    guarantor_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str | None]
    relationship: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str | None]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    added_at: Mapped[datetime]


class NextOfKin(HasId, Base):
    """Whom to turn to where the customer can't be reached."""

    __tablename__ = "next_of_kin"
    __table_args__ = (Index(None, "customer_id", "added_at", "id"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str]
    relationship: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    address: Mapped[str | None]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    added_at: Mapped[datetime]


class CustomerNote(HasId, Base):
    """What a team member wrote down about a customer. Append-only."""

    __tablename__ = "customer_notes"
    __table_args__ = (Index(None, "customer_id", "created_at", "id"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    text: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    created_at: Mapped[datetime]


class CustomerTag(Base):
    """A word that the back office finds a customer by, in the form of `gql.domain.back_office.normal_tag`."""

    __tablename__ = "customer_tags"
    __table_args__ = (Index(None, "tag", "customer_id"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(SortText, primary_key=True)


class TierDecision(Base):
    """Why a customer has the present tier, or has none any more. Earlier ones are in the audit events."""

    __tablename__ = "tier_decisions"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    reason: Mapped[str]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime]


class SavingsAccount(HasId, Base):
    """Money that a customer keeps with the lender. The balance is in minor units."""

    __tablename__ = "savings_accounts"
    __table_args__ = (
        CheckConstraint("balance_minor >= 0", name="balance_not_negative"),
        CheckConstraint("closed_at >= opened_at", name="closes_after_opening"),
        Index(None, "customer_id", "opened_at", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    number: Mapped[str] = mapped_column(SortText, unique=True)
    product: Mapped[str]
    status: Mapped[SavingsStatus] = mapped_column(enum_text(SavingsStatus, "status"))
    currency: Mapped[str]
    balance_minor: Mapped[int]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
