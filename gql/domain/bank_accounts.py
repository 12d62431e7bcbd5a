"""Customers' bank accounts: what an account's number and names may be. No message here repeats a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.identifiers import without_separators
from gql.domain.user_errors import UserErrorCode, invalid

MOST: Final = 10
"""Bank accounts of one customer."""

ACCOUNT_NUMBER: Final = "account number"
"""The kind by which account numbers are found (`gql/vault/sealing.py`); identifiers have kinds of their own."""

NAIRA: Final = "NGN"
_LONGEST_NAME: Final = 100
_NUBAN: Final = re.compile("[0-9]{10}")
_ABROAD: Final = re.compile("[A-Z0-9]{4,34}")
_BANK_CODE: Final = re.compile("[A-Z0-9]{3,11}")
_CURRENCY: Final = re.compile("[A-Z]{3}")

LIMIT_REACHED: Final = Refusal(
    UserErrorCode.LIMIT_REACHED,
    f"A customer has {MOST} bank accounts at most. Remove one that is not used any more.",
    ("customerId",),
)
HAS_IT: Final = Refusal(
    UserErrorCode.NOT_ALLOWED,
    "This customer has this account already. Look at the list of accounts.",
    ("accountNumber",),
)
NOT_WITHOUT_PRIMARY: Final = Refusal(
    UserErrorCode.NOT_ALLOWED,
    "An account stops being the primary one when another becomes it. Choose that.",
    ("primary",),
)


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What is said of an account, in the form in which it is kept."""

    bank_name: str
    bank_code: str
    account_name: str
    number: str = field(repr=False)
    currency: str


def account_facts(bank_name: str, bank_code: str, account_name: str, number: str, currency: str) -> AccountFacts:
    """The same from what a person wrote."""
    return AccountFacts(
        bank_name=" ".join(bank_name.split()),
        bank_code=bank_code.strip().upper(),
        account_name=" ".join(account_name.split()),
        number=normal_account_number(number),
        currency=currency.strip().upper(),
    )


def normal_account_number(number: str) -> str:
    """As it is sealed and compared: without spaces and hyphens, letters in capitals."""
    return without_separators(number).upper()


def is_account_number(normal: str) -> bool:
    """Whether it can be one, of whatever currency."""
    return _ABROAD.fullmatch(normal) is not None


def account_refusals(facts: AccountFacts) -> Iterator[Refusal]:
    """Why an account can't be taken as it is said to be."""
    for name, called in ((facts.bank_name, "bankName"), (facts.account_name, "accountName")):
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            yield invalid(f"Write a name of 1 to {_LONGEST_NAME} characters.", called)
    if not _BANK_CODE.fullmatch(facts.bank_code):
        yield invalid("A bank's code has 3 to 11 letters and digits: the CBN's, or a BIC.", "bankCode")
    if not _CURRENCY.fullmatch(facts.currency):
        yield invalid("Write the currency as its three letters of ISO 4217, such as NGN.", "currency")
    if facts.currency == NAIRA and not _NUBAN.fullmatch(facts.number):
        yield invalid("A naira account's number (NUBAN) has 10 digits.", "accountNumber")
    elif not is_account_number(facts.number):
        yield invalid("An account's number has 4 to 34 letters and digits.", "accountNumber")
