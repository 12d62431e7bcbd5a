"""A customer's profile in the sections that staff know, and what the back office keeps of them."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from gql.db.profile_rows import ProfileRow
from gql.domain.back_office import CustomerTier
from gql.domain.listing import BY_CREATED_AT, BY_OPENED_AT, BY_SINCE
from gql.domain.money import Money as MoneyValue
from gql.domain.profile import (
    AddressKind,
    EducationLevel,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    PayrollCycle,
    ResidenceType,
    months_between,
)
from gql.domain.roles import CustomerField
from gql.domain.time import today
from gql.resolvers.customer import shows
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, connection, loaded
from gql.schema.membership_list import MembershipConnection
from gql.schema.note import CustomerNoteConnection
from gql.schema.office import Office
from gql.schema.people import Guarantor, NextOfKin
from gql.schema.related import related_customers
from gql.schema.savings import SavingsAccountConnection
from gql.schema.scalars import Money

if TYPE_CHECKING:
    from gql.schema.customer import Customer, CustomerConnection

_OPEN = "whoever sees the customer's profile, and the customer themselves"


@open_to(_OPEN)
@strawberry.type(description="Where a customer can be found.")
class Address:
    """Rows are `AddressRow`."""

    kind: AddressKind = column("What the address is for.")
    street: str = column("House number and street.")
    details: str | None = column("Flat, floor, landmark.")
    city: str = column("Town or city.")
    state: str | None = column("State or region, where the country has them.")
    postal_code: str | None = column("Postal code, where it is known.")
    country: str = column("ISO 3166 code of two letters, such as NG.")


@open_to(_OPEN)
@strawberry.type(description="What is known of a person; of a company, of its contact. What is not known is null.")
class Personal:
    """Rows are `ProfileRow`."""

    first_name: str | None = column("As the identity document has it; lists show `displayName`.")
    middle_name: str | None = column("Further given names.")
    last_name: str | None = column("Family name.")
    gender: Gender | None = column("As the identity document has it.")
    date_of_birth: date | None = column("The day of birth.")
    marital_status: MaritalStatus | None = column("Whether they are, or were, married.")
    children: int | None = column("How many children they have.")
    residence_type: ResidenceType | None = column("By what right they live where they live.")
    addresses: list[Address] = loaded(
        "addresses", lambda row: row.customer_id, description="Where they can be found, the most important first."
    )


def _minimum(row: ProfileRow) -> MoneyValue:
    return MoneyValue(row.income_minimum_minor or 0, row.income_currency or "")


def _maximum(row: ProfileRow) -> MoneyValue | None:
    most = row.income_maximum_minor
    return None if most is None else MoneyValue(most, row.income_currency or "")


@open_to(_OPEN)
@strawberry.type(description="A range of amounts, in one currency.")
class MoneyRange:
    """Rows are `ProfileRow`, of those that have one."""

    minimum: Money = computed(_minimum, description="The least that it can be.")
    maximum: Money | None = computed(_maximum, description="The most that it can be; null where there is no bound.")


@strawberry.type
class EmploymentTold:
    """The fields of Employment that are the customer's own to see, too. Rows are `ProfileRow`."""

    education_level: EducationLevel | None = column("The highest level that was completed.")
    employment_status: EmploymentStatus | None = column("How they earn a living.", name="status")
    sector: str | None = column("Such as health, retail, public service.")
    employer_name: str | None = column("What the employer is called, as the customer says.")
    payroll_cycle: PayrollCycle | None = column("How often wages come.")
    employed_since: date | None = column("When the present work began.")
    office_email: str | None = column("The customer's email address at work.")
    monthly_income: MoneyRange | None = computed(
        lambda row: None if row.income_currency is None else row, description="Between what and what they earn a month."
    )


@open_to("whoever sees the customer's profile")
@strawberry.type(description="What a customer has learnt and lives by. What is not known is null.")
class Employment(EmploymentTold):
    """Rows are `ProfileRow`."""

    employer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "employer",
        lambda row: row.customer_id,
        description=(
            "The employer, where it is a customer, too, whom the viewer sees; `relateCustomers` says so. "
            "It need not be called as `employerName` is."
        ),
    )
    months_employed: int | None = computed(
        lambda row: None if row.employed_since is None else months_between(row.employed_since, today()),
        description="For how many whole months the present work has lasted, today.",
    )


@open_to(_OPEN)
@strawberry.type(description="Where a customer is on the net: handles, or addresses of pages.")
class Socials:
    """Rows are `ProfileRow`."""

    facebook: str | None = column("A handle or page of Facebook.")
    instagram: str | None = column("A handle or page of Instagram.")
    linked_in: str | None = column("A handle or page of LinkedIn.")
    x: str | None = column("A handle or page of X, formerly Twitter.")
    website: str | None = column("A site of their own.")


@open_to("whoever sees the customer in full; never the customer")
@strawberry.type(description="What the back office keeps of a customer. Nothing of it is shown to the customer.")
class BackOffice:
    """Rows are `BackOfficeRow`."""

    account_manager: Admin | None = loaded(
        "admin", lambda row: row.account_manager_id, description="Who is responsible; null where nobody is."
    )
    since: datetime | None = column("Since when the account manager is responsible.")
    assigned_by: Admin | None = loaded(
        "admin", lambda row: row.assigned_by_id, description="Who assigned the account manager, if it is known."
    )
    office: Office = loaded("office", lambda row: row.office_id, description="The branch that the customer belongs to.")
    tier: CustomerTier | None = column("How the customer is served; null for no tier.")
    tier_reason: str | None = column("Why the tier is what it is, or why there is none any more.")
    tier_set_by: Admin | None = loaded(
        "admin", lambda row: row.tier_set_by_id, description="Who set the tier, if anybody ever did."
    )
    tier_set_at: datetime | None = column("When the tier was set.")
    tags: list[str] = loaded("tags", lambda row: row.id, description="Words that staff find the customer by, sorted.")
    notes: CustomerNoteConnection = connection(
        "notes", lambda row: row.id, BY_CREATED_AT, description="What staff wrote down, newest first."
    )


@strawberry.type
class CustomerProfile:
    """The fields of Customer that are these. Rows are `CustomerRow`."""

    personal: Personal | None = loaded(
        "profile",
        lambda row: row.id,
        guard=shows(CustomerField.PERSONAL),
        description="What is known of the person; of a company, of its contact.",
    )
    employment: Employment | None = loaded(
        "profile",
        lambda row: row.id,
        guard=shows(CustomerField.EMPLOYMENT),
        description="Education and employment.",
    )
    socials: Socials | None = loaded(
        "profile",
        lambda row: row.id,
        guard=shows(CustomerField.SOCIALS),
        description="Where the customer is on the net.",
    )
    guarantors: list[Guarantor] | None = loaded(
        "guarantors",
        lambda row: row.id,
        guard=shows(CustomerField.GUARANTORS),
        description="Who answers for the customer, the first first; at most 10.",
    )
    next_of_kin: list[NextOfKin] | None = loaded(
        "next_of_kin_of",
        lambda row: row.id,
        guard=shows(CustomerField.NEXT_OF_KIN),
        description="Whom to turn to where the customer can't be reached, the first first; at most 5.",
    )
    related_customers: Annotated["CustomerConnection", strawberry.lazy("gql.schema.customer")] | None = (
        related_customers()
    )
    savings: SavingsAccountConnection | None = connection(
        "savings",
        lambda row: row.id,
        BY_OPENED_AT,
        guard=shows(CustomerField.SAVINGS),
        description="The customer's savings accounts, opened last first.",
    )
    memberships: MembershipConnection | None = connection(
        "memberships",
        lambda row: row.id,
        BY_SINCE,
        guard=shows(CustomerField.MEMBERSHIPS),
        description=(
            "Every span of the customer in a group, ended ones too, newest first. `groups` has those that last, "
            "as groups."
        ),
    )
    back_office: BackOffice | None = loaded(
        "back_office",
        lambda row: row.id,
        guard=shows(CustomerField.BACK_OFFICE),
        description="Account manager, office, tier, tags and notes, as the back office keeps them.",
    )
