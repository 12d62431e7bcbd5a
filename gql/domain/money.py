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
        digits = str(self.amount_minor)
        if not exponent:
            return digits
        least = exponent + 1 if self.amount_minor >= 0 else exponent + 2  # a digit before the point, and a sign
        if len(digits) < least:
            digits = digits.zfill(least)
        return f"{digits[:-exponent]}.{digits[-exponent:]}"
