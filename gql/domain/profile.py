"""What the lender knows of a borrower's life, in the sections that staff know; and what can't be true of it.

Of a company, the personal section is its contact's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.texts import LONGEST_LINE, is_country, is_currency, is_line
from gql.domain.user_errors import invalid

MOST_ADDRESSES: Final = 5
MOST_CHILDREN: Final = 50
OLDEST_YEARS: Final = 120
_LARGEST_MINOR: Final = 2**63 - 1
_HANDLE: Final = re.compile(r"@?[\w.-]+|https?://[^\s\"'<>\\]+")


class Gender(StrEnum):
    """As the identity document has it."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    OTHER = "OTHER"


class MaritalStatus(StrEnum):
    """Whether somebody is, or was, married."""

    SINGLE = "SINGLE"
    MARRIED = "MARRIED"
    SEPARATED = "SEPARATED"
    DIVORCED = "DIVORCED"
    WIDOWED = "WIDOWED"


class ResidenceType(StrEnum):
    """By what right somebody lives where they live."""

    OWNED = "OWNED"
    RENTED = "RENTED"
    FAMILY = "FAMILY"
    EMPLOYER = "EMPLOYER"
    OTHER = "OTHER"


class AddressKind(StrEnum):
    """What an address is for."""

    HOME = "HOME"
    WORK = "WORK"
    POSTAL = "POSTAL"


class EducationLevel(StrEnum):
    """The highest that was completed."""

    NONE = "NONE"
    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    VOCATIONAL = "VOCATIONAL"
    DIPLOMA = "DIPLOMA"
    BACHELOR = "BACHELOR"
    MASTER = "MASTER"
    DOCTORATE = "DOCTORATE"


class EmploymentStatus(StrEnum):
    """How somebody earns a living."""

    EMPLOYED = "EMPLOYED"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    UNEMPLOYED = "UNEMPLOYED"
    STUDENT = "STUDENT"
    RETIRED = "RETIRED"


class PayrollCycle(StrEnum):
    """How often wages come."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"
    IRREGULAR = "IRREGULAR"


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody can be found. `country` is an ISO 3166 code."""

    kind: AddressKind
    street: str | None
    city: str | None
    country: str
    details: str | None = None
    state: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """The section, whole: what is None is not known."""

    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    gender: Gender | None = None
    date_of_birth: date | None = None
    marital_status: MaritalStatus | None = None
    children: int | None = None
    residence_type: ResidenceType | None = None
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Employment:
    """The section, whole. Income is a month's, in minor units; without a maximum, it is the minimum or more."""

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


@dataclass(frozen=True, slots=True)
class Socials:
    """The section, whole: handles, or addresses of pages."""

    facebook: str | None = None
    instagram: str | None = None
    linked_in: str | None = None
    x: str | None = None
    website: str | None = None


_LINE: Final = f"Write at most {LONGEST_LINE} characters, without line breaks."


def _lines(values: dict[str, str | None], *section: str) -> Iterator[Refusal]:
    for name, text in values.items():
        if not is_line(text):
            yield invalid(_LINE, *section, name)


def personal_refusals(personal: Personal, today: date) -> Iterator[Refusal]:
    """What of the section can't be."""
    names = {"firstName": personal.first_name, "middleName": personal.middle_name, "lastName": personal.last_name}
    yield from _lines(names, "personal")
    born = personal.date_of_birth
    if born is not None and not _is_birthday(born, today):
        message = (
            f"This can't be a date of birth: it is yet to come, or more than {OLDEST_YEARS} years ago. Correct it."
        )
        yield invalid(message, "personal", "dateOfBirth")
    if personal.children is not None and not 0 <= personal.children <= MOST_CHILDREN:
        yield invalid(f"Write a number of children from 0 to {MOST_CHILDREN}.", "personal", "children")
    if len(personal.addresses) > MOST_ADDRESSES:
        yield invalid(f"Keep at most {MOST_ADDRESSES} addresses.", "personal", "addresses")
    for place, address in enumerate(personal.addresses[:MOST_ADDRESSES]):
        yield from _address_refusals(address, "personal", "addresses", str(place))


def _is_birthday(born: date, today: date) -> bool:
    return born <= today and today.year - born.year <= OLDEST_YEARS


def _address_refusals(address: Address, *path: str) -> Iterator[Refusal]:
    for name, text in (("street", address.street), ("city", address.city)):
        if text is None:
            yield invalid(f"An address needs a {name}. Write it.", *path, name)
    lines = {
        "street": address.street,
        "details": address.details,
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
    }
    yield from _lines(lines, *path)
    if not is_country(address.country):
        yield invalid("Write the country's code of two capital letters, such as NG.", *path, "country")


def employment_refusals(employment: Employment, today: date, *, email_is_one: bool) -> Iterator[Refusal]:
    """What of the section can't be; `email_is_one` says whether the office's email is an email address."""
    yield from _lines({"sector": employment.sector, "employerName": employment.employer_name}, "employment")
    since = employment.employed_since
    if since is not None and not _is_birthday(since, today):
        yield invalid("The work can't have begun then. Correct the date.", "employment", "employedSince")
    if not email_is_one:
        yield invalid("This is not an email address. Correct it.", "employment", "officeEmail")
    yield from _income_refusals(employment)


def _income_refusals(employment: Employment) -> Iterator[Refusal]:
    least, most, currency = (
        employment.income_minimum_minor,
        employment.income_maximum_minor,
        employment.income_currency,
    )
    if least is None or currency is None:
        return  # no range was given: both are required of one
    path = ("employment", "monthlyIncome")
    if not is_currency(currency):
        yield invalid("Write the currency's code of three capital letters, such as NGN.", *path, "currency")
    for name, amount in (("minimumMinor", least), ("maximumMinor", most)):
        if amount is not None and not 0 <= amount <= _LARGEST_MINOR:
            yield invalid("Write an amount that is not below zero, in minor units.", *path, name)
    if most is not None and most < least:
        yield invalid("The maximum is below the minimum. Correct one of them.", *path, "maximumMinor")


def socials_refusals(socials: Socials) -> Iterator[Refusal]:
    """What of the section can't be."""
    pages = {
        "facebook": socials.facebook,
        "instagram": socials.instagram,
        "linkedIn": socials.linked_in,
        "x": socials.x,
        "website": socials.website,
    }
    for name, text in pages.items():
        if text is not None and (len(text) > LONGEST_LINE or not text.isprintable() or not _HANDLE.fullmatch(text)):
            message = "Write a handle, such as @adaeze, or the address of a page, beginning with https://."
            yield invalid(message, "socials", name)


def months_between(since: date, today: date) -> int:
    """Whole months from one day to another; 0 where the first is the later one."""
    months = (today.year - since.year) * 12 + today.month - since.month - (today.day < since.day)
    return max(months, 0)
