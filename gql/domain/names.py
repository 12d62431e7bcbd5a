"""What people, companies and offices can be called."""

from typing import Final

LONGEST_NAME: Final = 200


def is_name(text: str) -> bool:
    """Whether somebody or an office can be called so."""
    return 1 <= len(text) <= LONGEST_NAME and text.isprintable()
