"""Money: an integer of minor units and an ISO 4217 code. Never a float."""

from typing import NamedTuple

_EXPONENTS = {"JPY": 0, "KRW": 0, "RWF": 0, "UGX": 0, "XAF": 0, "XOF": 0, "BHD": 3, "KWD": 3, "TND": 3}
_USUAL_EXPONENT = 2


class Money(NamedTuple):
    """An amount in minor units (kobo, cents) of a currency."""

    amount_minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The exact decimal in major units, such as "1250.00"."""
        exponent = _EXPONENTS.get(self.currency, _USUAL_EXPONENT)
        sign = "-" if self.amount_minor < 0 else ""
        major, minor = divmod(abs(self.amount_minor), 10**exponent)
        return f"{sign}{major}.{minor:0{exponent}}" if exponent else f"{sign}{major}"
