"""One form of an email address and of a phone number, however it was typed."""

import pytest

from gql.domain.contact import normal_email, normal_phone


@pytest.mark.parametrize("typed", ["ada@lender.example", " ADA@Lender.Example ", "Ada@LENDER.example\n"])
def test_an_email_address_has_one_form(typed: str) -> None:
    """Case and outer space don't matter."""
    assert normal_email(typed) == "ada@lender.example"


@pytest.mark.parametrize(
    "typed", ["+2348031234567", "08031234567", "0803 123 4567", "(0803) 123-4567", "+234 803 123 4567"]
)
def test_a_phone_number_has_one_form(typed: str) -> None:
    """With or without the country's prefix."""
    assert normal_phone(typed, "NG") == "+2348031234567"


def test_a_prefix_says_more_than_the_region() -> None:
    """A foreign number stays foreign."""
    assert normal_phone("+44 20 7946 0958", "NG") == "+442079460958"


@pytest.mark.parametrize("typed", ["", "Ada", "123", "C000123", "ada@lender.example", "+", "1" * 300, "0803123456A"])
def test_other_text_is_no_phone_number(typed: str) -> None:
    """A search box takes names, numbers of customers and addresses, too."""
    assert normal_phone(typed, "NG") is None
