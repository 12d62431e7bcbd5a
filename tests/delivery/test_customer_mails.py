"""What account managers and customers find in the mails that customers' own doings set off."""

from typing import Any

import pytest

from tests.delivery.test_mail import received, text_of

CALLBACK = {
    "manager_name": "Tunde Balogun",
    "customer_name": "Adaeze Okafor",
    "customer_number": "C-100042",
    "customer_phone": "+2348031234567",
    "note": "My second loan",
    "due": "23 November 2026, 16:00 UTC",
    "is_preferred": False,
}
CHANGED = {"name": "Adaeze Okafor", "is_new_email": True, "is_new_phone": False, "is_old_address": True}


def both(template: str, payload: dict[str, Any]) -> tuple[str, str]:
    """The plain part and the other."""
    mail = received(template, payload)
    return text_of(mail), text_of(mail, "html")


def test_the_account_manager_learns_whom_to_call_until_when_and_about_what() -> None:
    assert received("callback_requested_manager", CALLBACK)["Subject"] == "Adaeze Okafor (C-100042) asks to be called"
    for text in both("callback_requested_manager", CALLBACK):
        for fact in ("Hello Tunde Balogun,", "C-100042", "+2348031234567", "My second loan", "Until", CALLBACK["due"]):
            assert str(fact) in text
    for text in both("callback_requested_manager", CALLBACK | {"note": None, "is_preferred": True}):
        assert "Preferred" in text
        assert "Until" not in text
        assert "About" not in text
        assert "None" not in text


def test_a_note_adds_no_line_and_no_markup() -> None:
    note = "call\n\nBcc: everybody@evil.example <script>alert(1)</script>"
    plain, html = both("callback_requested_manager", CALLBACK | {"note": note})
    assert "About:       call Bcc: everybody@evil.example <script>alert(1)</script>" in plain.splitlines()
    assert "<script>" not in html


@pytest.mark.parametrize(
    ("facts", "said", "unsaid"),
    [
        ({}, "was changed. This address is not in use for it any more", "phone number"),
        ({"is_old_address": False}, "This is now the email address of your account", "phone number"),
        ({"is_new_email": False, "is_old_address": False, "is_new_phone": True}, "phone number of your", "email"),
    ],
)
def test_a_change_of_contact_is_told_and_what_to_do_if_it_was_somebody_else(
    facts: dict[str, bool], said: str, unsaid: str
) -> None:
    for text in both("contact_changed_customer", CHANGED | facts):
        assert said in text
        assert "If it was not you who did it, call or visit your branch at once." in text
        assert unsaid not in text
