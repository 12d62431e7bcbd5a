"""Email addresses of accounts."""

import pytest

from gql.auth.addresses import address_of


def test_case_and_space_around_do_not_matter() -> None:
    assert address_of("  Ada.Obi+desk@Lender.Example\n") == "ada.obi+desk@lender.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ada",
        "ada@",
        "@lender.example",
        "ada@lender",
        "ada@lender..example",
        "ada@lender.example.",
        "ada@@lender.example",
        "a da@lender.example",
        "Ada <ada@lender.example>",
        "ada@lender.example,bo@lender.example",
        "ada\x00@lender.example",
        "ada\ud800@lender.example",
        "a" * 250 + "@lender.example",
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert address_of(text) is None
