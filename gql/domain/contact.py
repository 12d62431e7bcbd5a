"""How people can be reached, in the one form in which it is stored and compared."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


def normal_email(text: str) -> str:
    """An email address as it is stored: trimmed, in lower case."""
    return text.strip().lower()


def normal_phone(text: str, region: str) -> str | None:
    """A phone number in E.164, such as "+2348031234567"; None for text that is no number.

    `region` (ISO 3166) is whose numbers may be written without a country prefix.
    """
    if sum(character.isdigit() for character in text) < 7 or any(character.isalpha() for character in text):
        return None
    import phonenumbers  # 2 MB, where nothing that could be a number is ever asked for

    parsed = _parsed(text, region)
    if text.strip().startswith("00") and (parsed is None or not phonenumbers.is_valid_number(parsed)):
        # Most of the world dials 00 before a country's prefix. Where something else is dialled, that came first.
        parsed = _parsed("+" + text.strip()[2:], region) or parsed
    return None if parsed is None else phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str, region: str) -> "PhoneNumber | None":
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
