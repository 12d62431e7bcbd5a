"""Every column of every table holds a canary, or is exempt, and why is stated."""

import asyncio
import base64
from urllib.parse import quote

import pytest

from tests.databases import fresh_database
from tests.leaks.canaries import EXEMPT, Canaries, all_columns, exemption
from tests.leaks.lender import Lender, build, seen_by


@pytest.fixture(scope="module")
def lender() -> Lender:
    """One whose database is gone."""
    with fresh_database("sqlite") as url:
        return asyncio.run(build(url))


def test_no_column_is_without_a_canary_or_a_reason(lender: Lender) -> None:
    named = {f"{column.table.name}.{column.name}" for column in all_columns() if exemption(column) is None}
    assert named == lender.canaries.columns
    assert EXEMPT.keys() <= {f"{column.table.name}.{column.name}" for column in all_columns()}


def test_who_sees_what_speaks_of_canaries_that_there_are(lender: Lender) -> None:
    assert seen_by("super_admin") | seen_by("the customer") <= set(lender.canaries.names.values())


def test_a_canary_is_found_however_it_is_written(lender: Lender) -> None:
    """In each form of the value itself, and in the usual codes of its word."""
    canaries: Canaries = lender.canaries
    for name, value in canaries.values.items():
        assert canaries.found_in(f'{{"a": "{value}"}}') == {name}, value
    word = canaries.values["customer.name"]
    raw = word.encode()
    codes = {
        "shouted": word.upper(),
        "backwards": word[::-1],
        "JSON": "".join(f"\\u{ord(character):04x}" for character in word),
        "address": "".join(f"%{byte:02X}" for byte in raw),
        "quoted": quote(f"a b {word}"),
        "hexadecimal": raw.hex(),
        "base64": base64.b64encode(b"something " + raw + b" more").decode(),
        "base64 for addresses": base64.urlsafe_b64encode(b"some" + raw + b"more").decode().rstrip("="),
        "base64 beside something": "token_" + base64.urlsafe_b64encode(raw + b" and more").decode(),
    }
    assert {code for code, text in codes.items() if canaries.found_in(text) != {"customer.name"}} == set()
    assert canaries.found_in(f'"amount": "{canaries.values["loan.principal_minor"] / 100:.2f}"') == {
        "loan.principal_minor"
    }
    assert canaries.found_in("nothing of the kind, but 731, zq, 1997 and 2026-01-05") == set()
