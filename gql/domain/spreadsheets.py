"""Texts in files that people open with a spreadsheet, which takes some of them for formulas and runs these."""

import re
from typing import Final

_FORMULA: Final = re.compile(r"[\s\x00-\x1f'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""What makes a formula of a cell, after what spreadsheets skip; some read the wide forms of East Asian scripts, too."""
_PHONE: Final = re.compile(r"\+[0-9]{6,15}")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet runs: one that could be a formula begins with an apostrophe.

    A whole phone number stays as it is: it is no more than a number, and people copy it.
    """
    is_formula = _FORMULA.match(text) is not None and _PHONE.fullmatch(text) is None
    return f"'{text}" if is_formula or text[:1] in ("\t", "\r", "\n") else text
