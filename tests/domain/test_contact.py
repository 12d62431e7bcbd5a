"""One form of an email address and of a phone number, however it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.contact import normal_email, normal_phone


@pytest.mark.parametrize("typed", ["ada@lender.example", " ADA@Lender.Example ", "Ada@LENDER.example\n"])
def test_an_email_address_has_one_form(typed: str) -> None:
    """Case and outer space don't matter."""
    assert normal_email(typed) == "ada@lender.example"


@pytest.mark.parametrize(
    "typed",
    [
        "+2348031234567",
        "08031234567",
        "0803 123 4567",
        "(0803) 123-4567",
        "+234 803 123 4567",
        "00234 803 123 4567",
        "009234 803 123 4567",
    ],
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


@pytest.mark.parametrize(("typed", "region"), [("020 7946 0958", "GB"), ("(650) 253-0000", "US")])
def test_the_region_says_whose_numbers_need_no_prefix(typed: str, region: str) -> None:
    """A lender elsewhere sets it."""
    assert normal_phone(typed, region) == {"GB": "+442079460958", "US": "+16502530000"}[region]


@given(st.from_regex(r"\+?[0-9 ()-]{0,20}", fullmatch=True), st.sampled_from(["NG", "GB", "US"]))
def test_what_is_stored_is_the_form_that_is_searched(typed: str, region: str) -> None:
    """The one form of a number is its own, in any region: typed again as it is shown, it is found."""
    stored = normal_phone(typed, region)

    assert stored is None or (stored.startswith("+") and stored[1:].isdigit())
    assert stored is None or normal_phone(stored, "NG") == normal_phone(stored, region) == stored


@given(st.text(max_size=30))
def test_an_email_address_is_normal_once_and_for_all(typed: str) -> None:
    """Also where case is more than ASCII's."""
    assert normal_email(normal_email(typed)) == normal_email(typed)


@given(st.text(max_size=30))
def test_any_text_can_be_asked_for_a_phone_number(typed: str) -> None:
    """Nothing that a person types raises."""
    assert normal_phone(typed, "NG") is None or sum(character.isdigit() for character in typed) >= 7
