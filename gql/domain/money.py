"""Money: an integer of minor units and an ISO 4217 code. Never a float."""

from dataclasses import dataclass

_EXPONENTS = {"JPY": 0, "KRW": 0, "RWF": 0, "UGX": 0, "XAF": 0, "XOF": 0, "BHD": 3, "KWD": 3, "TND": 3}
_USUAL_EXPONENT = 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kobo, cents) of a currency."""

    amount_minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The exact decimal in major units, such as "1250.00"."""
        exponent = _EXPONENTS.get(self.currency, _USUAL_EXPONENT)
        digits = str(abs(self.amount_minor)).rjust(exponent + 1, "0")
        sign = "-" if self.amount_minor < 0 else ""
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"
