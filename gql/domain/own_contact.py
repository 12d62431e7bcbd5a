"""What customers see of themselves, and what they may change themselves."""

from enum import StrEnum
from typing import Final

from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, invalid, not_allowed


class AccountStatus(StrEnum):
    """Where an account stands, for its owner. Who is blacklisted or archived has no account."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    SUSPENDED = "SUSPENDED"


class OwnLoanStatus(StrEnum):
    """Where a loan stands, for who owes it: one that the lender wrote off is owed all the same."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


_ACCOUNT: Final = {
    CustomerStatus.PENDING: (AccountStatus.PENDING, "We are checking your details and will tell you when we are done."),
    CustomerStatus.ACTIVE: (AccountStatus.ACTIVE, "Your account is in order."),
    CustomerStatus.INACTIVE: (
        AccountStatus.INACTIVE,
        "Your account is not in use. Ask for a callback to borrow again.",
    ),
    CustomerStatus.SUSPENDED: (
        AccountStatus.SUSPENDED,
        "Your account is on hold. You can still see and repay your loans. Ask for a callback to learn more.",
    ),
}

ONLY_CUSTOMERS: Final = Refusal(
    UserErrorCode.FORBIDDEN, "This is for customers, in their app. Change a customer's contact by `updateCustomer`."
)
SHUT_OUT: Final = not_allowed("This account is closed. Call or visit your branch.")
SUSPENDED: Final = not_allowed("Your account is on hold. Ask for a callback, and we change it together with you.")
NOTHING_GIVEN: Final = invalid("Write a new email address or phone number.", "email")
WRONG_PASSWORD: Final = invalid(
    "This is not your present password. Try again, or set a new one by the link that `requestPasswordReset` mails you.",
    "currentPassword",
)
EMAIL_UNUSABLE: Final = invalid(
    "This email address can't be used for your account. Use another, or ask for a callback.", "email"
)
PHONE_UNUSABLE: Final = invalid(
    "This phone number can't be used for your account. Use another, or ask for a callback.", "phone"
)


def account_status(status: CustomerStatus) -> AccountStatus | None:
    """The status in the owner's words; None for who has no account any more."""
    found = _ACCOUNT.get(status)
    return None if found is None else found[0]


def account_message(status: CustomerStatus) -> str:
    """What it means for the owner, and what they can do. Raises KeyError for who has no account any more."""
    return _ACCOUNT[status][1]


def own_loan_status(status: LoanStatus) -> OwnLoanStatus:
    """A loan's status in the words of who owes it."""
    return OwnLoanStatus.CLOSED if status is LoanStatus.CLOSED else OwnLoanStatus.ACTIVE


def initials(name: str) -> str:
    """What stands in the place of a photo: the first letters of the first and the last word, in upper case."""
    words = [word for word in ("".join(filter(str.isalnum, part)) for part in name.split()) if word]
    if not words:
        return ""
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
