"""Money is exact, whatever the amount and the currency's minor unit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (125_000, "NGN", "1250.00"),
        (5, "NGN", "0.05"),
        (0, "NGN", "0.00"),
        (-150, "NGN", "-1.50"),
        (1250, "JPY", "1250"),
        (1250, "XOF", "1250"),
        (1250, "KWD", "1.250"),
        (9_007_199_254_740_993, "NGN", "90071992547409.93"),
        (2**63 - 1, "NGN", "92233720368547758.07"),
    ],
)
def test_an_amount_is_written_in_major_units(minor: int, currency: str, amount: str) -> None:
    """With as many decimals as the currency has, beyond what a float could hold."""
    assert Money(minor, currency).amount == amount


@given(minor=st.integers(-(2**63), 2**63 - 1), currency=st.sampled_from(["NGN", "JPY", "KWD"]))
def test_no_amount_loses_anything(minor: int, currency: str) -> None:
    """A plain decimal that says the same number of minor units, never in scientific notation."""
    places = {"NGN": 2, "JPY": 0, "KWD": 3}[currency]
    amount = Money(minor, currency).amount

    assert Decimal(amount).scaleb(places) == minor
    assert set(amount) <= set("-.0123456789")
