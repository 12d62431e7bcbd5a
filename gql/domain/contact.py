"""How people can be reached, in the one form in which it is stored and compared."""

import phonenumbers


def normal_email(text: str) -> str:
    """An email address as it is stored: trimmed, in lower case."""
    return text.strip().lower()


def normal_phone(text: str, region: str) -> str | None:
    """A phone number in E.164, such as "+2348031234567"; None for text that is no number.

    `region` (ISO 3166) is whose numbers may be written without a country prefix.
    """
    if sum(character.isdigit() for character in text) < 7 or any(character.isalpha() for character in text):
        return None
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
