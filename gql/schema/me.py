"""A customer's own view of themselves, in the web and mobile app: nothing that the lender notes about them."""

from datetime import date, datetime

import strawberry

from gql.domain import own_contact as rules
from gql.domain.enums import CustomerKind
from gql.domain.ids import Kind
from gql.domain.listing import BY_CREATED_AT, BY_DISBURSED_AT, BY_SINCE
from gql.domain.money import Money as MoneyValue
from gql.domain.notification_preferences import preferences_of
from gql.domain.notifications import OwnEvent
from gql.domain.own_contact import AccountStatus, OwnLoanStatus
from gql.domain.time import today
from gql.schema.access import open_to
from gql.schema.fields import column, computed, connection, describe, global_id, loaded
from gql.schema.my_notification import MyNotificationConnection, MyNotificationPreference
from gql.schema.my_profile import MyProfile
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.scalars import Money

describe(
    AccountStatus,
    "Where a customer's account stands, in the app's words.",
    PENDING="The lender is checking the customer's details.",
    ACTIVE="The account is in order.",
    INACTIVE="The account is not in use.",
    SUSPENDED="On hold: loans can be seen and repaid, and a callback asked for.",
)
describe(
    OwnLoanStatus,
    "Where a loan stands, for who owes it.",
    "MyLoanStatus",
    ACTIVE="Something is still to be paid.",
    CLOSED="All is paid.",
)


@open_to("the customer, of their account manager")
@strawberry.type(description="Whom a customer can turn to.")
class ManagerContact:
    """Rows are `ManagerContactRow`."""

    name: str = column("The account manager's name.")
    initials: str = computed(
        lambda row: rules.initials(row.name), description="One or two capitals, to show in the place of a photo."
    )
    email: str = column("The work email.")
    phone: str | None = column("The work phone, in E.164.")
    office: str = column("The name of the account manager's office.")
    since: datetime = column("Since when they are responsible.")


@open_to("the customer, of their own loans")
@strawberry.type(description="What a customer has to pay next: an instalment, or what is left of one.")
class NextPayment:
    """Rows are `PaymentRow`."""

    loan_number: str = column("On which loan.")
    due_on: date = column("On which day; it has passed where `overdue`.")
    amount: Money = computed(
        lambda row: MoneyValue(row.amount_minor, row.currency), description="How much of it is still to be paid."
    )
    overdue: bool = computed(lambda row: row.due_on < today(), description="Whether the day has passed.")


@open_to("the customer, of their own loans")
@strawberry.type(description="Money that a customer has borrowed.")
class MyLoan:
    """Rows are `OwnLoanRow`."""

    id: strawberry.ID = global_id(Kind.LOAN)
    number: str = column("The number of the loan, to give on the phone.")
    product: str = column("What kind of loan it is.")
    status: OwnLoanStatus = computed(
        lambda row: rules.own_loan_status(row.status), description="Whether something is still to be paid."
    )
    principal: Money = computed(
        lambda row: MoneyValue(row.principal_minor, row.currency), description="What was borrowed."
    )
    outstanding: Money = computed(
        lambda row: MoneyValue(row.outstanding_minor, row.currency), description="What is still to be paid, due or not."
    )
    arrears: Money = computed(
        lambda row: MoneyValue(row.overdue_minor, row.currency),
        description="What should have been paid before today and was not.",
    )
    next_payment: NextPayment | None = column(
        "The earliest instalment that is not all paid; with arrears it is overdue. Null where all is paid."
    )
    disbursed_at: datetime = column("When the money was paid out.")


@strawberry.type(description="A loan in the list of a customer's own.")
class MyLoanEdge:
    """Rows are edges."""

    node: MyLoan = column("The loan itself.")
    cursor: str = cursor()


@strawberry.type(description="A page of a customer's own loans.")
class MyLoanConnection:
    """Rows are pages."""

    edges: list[MyLoanEdge] = column("The loans of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("All loans of the customer.")


@open_to("the customer who asked")
@strawberry.type(description="A customer's request to be called, which is still open.")
class MyCallback:
    """Rows are `CallbackRow`."""

    requested_at: datetime = column("When the customer asked.")
    due_at: datetime = column("Until when the customer is called.")


@open_to("the customer who is in it")
@strawberry.type(description="A group that the customer is in, of those that customers are told of.")
class MyGroup:
    """Rows are `OwnGroupRow`."""

    name: str = column("The name of the group.")
    since: datetime = column("Since when the customer is in it.")


@strawberry.type(description="A group in the list of a customer's own.")
class MyGroupEdge:
    """Rows are edges."""

    node: MyGroup = column("The group of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of a customer's own groups.")
class MyGroupConnection:
    """Rows are pages."""

    edges: list[MyGroupEdge] = column("The groups of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("All groups that the customer is in and told of.")


@open_to(
    "the customer, of themselves",
    "id number kind displayName email phone status statusMessage personal employment socials nextOfKin identifiers "
    "bankAccounts accountManager loans nextPayment callback groups notifications notificationPreferences",
)
@strawberry.type(description="A customer, as themselves: what the web and mobile app show.")
class Me(MyProfile):
    """Rows are `MeRow`."""

    id: strawberry.ID = global_id(Kind.CUSTOMER)
    number: str = column("The customer number, to give on the phone.")
    kind: CustomerKind = column("Person or company.")
    name: str = column("First and last name, or the company's.", name="displayName")
    email: str = column("Email address, by which the customer signs in.")
    phone: str = column("Phone number in E.164.")
    status: AccountStatus = computed(
        lambda row: rules.account_status(row.status), description="Where the account stands."
    )
    status_message: str = computed(
        lambda row: rules.account_message(row.status), description="The same as a sentence, which says what to do."
    )
    account_manager: ManagerContact | None = column("Whom to turn to; null where nobody is assigned yet.")
    loans: MyLoanConnection = connection(
        "own_loans", lambda row: row.id, BY_DISBURSED_AT, description="The customer's loans, newest first."
    )
    next_payment: NextPayment | None = loaded(
        "own_next_payment",
        lambda row: row.id,
        description="What is to be paid next, on whichever loan; null where nothing is.",
    )
    callback: MyCallback | None = loaded(
        "own_callback", lambda row: row.id, description="The request to be called that is still open, if there is one."
    )
    groups: MyGroupConnection = connection(
        "own_groups",
        lambda row: row.id,
        BY_SINCE,
        description="The groups that the customer is in, of those that customers are told of; the last joined first.",
    )
    notifications: MyNotificationConnection = connection(
        "own_notifications",
        lambda row: row.id,
        BY_CREATED_AT,
        description="What has happened, the latest first. They are kept for NOTIFICATIONS_KEPT_DAYS.",
    )
    notification_preferences: list[MyNotificationPreference] = computed(
        lambda row: preferences_of(row.muted, OwnEvent),
        description="How the customer is told of each event; by both ways, until they say otherwise.",
    )
