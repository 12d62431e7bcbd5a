"""Which passwords may be set."""

import pytest

from gql import demo
from gql.auth.password_rules import flaw_of

OWN = ("ngozi.adeyemi@savanna.example", "Ngozi Adéyemi")


@pytest.mark.parametrize(
    "password", ["", "eleven char", "x" * 257, "twelve and \0", "twelve and \ud800", "two\nlines here"]
)
def test_a_password_is_long_enough_and_can_be_typed(password: str) -> None:
    assert "12 to 256" in (flaw_of(password) or "")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234",
        "P@ssw0rd2026!",
        "WELCOME123456",
        "Welcome-2026-!!",
        "qwertyuiop[]",
        "1qaz2wsx3edc",
        "1Q2w3e4r5t6y",
        "123456789012",
        "098765432109",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "iloveyou!!!!",
        "ilove youforever",
        "correct horse battery staple",
        "thisismypassword1",
        "Administrator1",
        "adminadmin123",
        "changeme2024!",
        "Manchester United 1",
        "".join(chr(ord(character) + 0xFEE0) for character in "password1234"),  # full-width
        demo.PASSWORD,
    ],
)
def test_what_is_guessed_first_is_refused_in_any_disguise(password: str) -> None:
    assert "guessed first" in (flaw_of(password) or "")


@pytest.mark.parametrize(
    "password",
    [
        "ngozi.adeyemi",
        "Ngozi-Adeyemi-1!",
        "ADEYEMI ngozi 77",
        "savannasavanna1",
        "LendDesk2026!",
        "lenddesk.ngozi.1",
        "ngozi.adeyemi@savanna.example",
        "Adéyemi12345",
    ],
)
def test_a_password_is_more_than_the_names_that_everybody_knows(password: str) -> None:
    assert "a name that others know" in (flaw_of(password, *OWN) or "")


@pytest.mark.parametrize(
    "password",
    [
        "a dozen or more",
        "a long enough password",
        "my goat reads Achebe",
        "ngozi likes rainy mornings",
        "Xk7#qLw9!tRz2",
        "lenddesk but with a long tail",
        "ọmọ mi kekere ni",
        "730184926501",
        "monkey 730184926501",
    ],
)
def test_any_other_is_taken_whatever_its_characters(password: str) -> None:
    assert flaw_of(password, *OWN) is None


def test_short_words_of_a_name_forbid_nothing() -> None:
    assert flaw_of("go to the old market", "go@x.example", "To Go") is None
