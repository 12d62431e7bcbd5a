"""What customers see of their own profile: what they told of themselves, and whom and which numbers they gave.

Not the types of the back office where those lead further: to employers and guarantors, who are customers, and to the
staff who wrote something down.
"""

import strawberry

from gql.domain.identifiers import IdentifierKind
from gql.resolvers.bank_details import mask
from gql.schema.access import open_to
from gql.schema.fields import column, computed, loaded
from gql.schema.profile import EmploymentTold, Personal, Socials

_OWN = "the customer, of themselves"


@open_to(_OWN)
@strawberry.type(description="What a customer has learnt and lives by. What is not known is null.")
class MyEmployment(EmploymentTold):
    """Rows are `ProfileRow`."""


@open_to(_OWN)
@strawberry.type(description="Whom the lender may turn to where it can't reach the customer.")
class MyNextOfKin:
    """Rows are `NextOfKinRow`."""

    name: str = column("First and last name.")
    relationship: str | None = column("What they are to the customer, such as mother.")
    phone: str | None = column("Phone number in E.164.")
    email: str | None = column("Email address.")
    address: str | None = column("Where they live.")


@open_to(_OWN)
@strawberry.type(description="A number that identifies a customer to the state or the banks, as the lender has it.")
class MyIdentifier:
    """Rows are `IdentifierRow`."""

    kind: IdentifierKind = column("What kind of number it is.")
    masked: str = computed(mask, description="The number with all but its last four characters hidden.")


@open_to(_OWN)
@strawberry.type(description="A customer's own account at a bank, as the lender has it.")
class MyBankAccount:
    """Rows are `BankAccountRow`."""

    bank_name: str = column("The bank as people call it.")
    account_name: str = column("Whose account it is, as the bank has it.")
    masked: str = computed(mask, description="The number with all but its last four characters hidden.")
    currency: str = column("ISO 4217 code.")
    is_primary: bool = column("Whether money goes here unless said otherwise.", name="primary")


@strawberry.type
class MyProfile:
    """The fields of Me that are these. Rows are `MeRow`."""

    personal: Personal = loaded(
        "profile", lambda row: row.id, description="What is known of the person; of a company, of its contact."
    )
    employment: MyEmployment = loaded("profile", lambda row: row.id, description="Education and employment.")
    socials: Socials = loaded("profile", lambda row: row.id, description="Where the customer is on the net.")
    next_of_kin: list[MyNextOfKin] = loaded(
        "next_of_kin_of",
        lambda row: row.id,
        description="Whom the lender may turn to, the first first; at most 5.",
    )
    identifiers: list[MyIdentifier] = loaded(
        "identifiers", lambda row: row.id, description="BVN, NIN and the like, masked; at most one of a kind."
    )
    bank_accounts: list[MyBankAccount] = loaded(
        "own_bank_accounts",
        lambda row: row.id,
        description="The accounts that money goes to and comes from, the primary one first; at most 10.",
    )
