"""What delegates, account managers and those in charge find in the mails about covers."""

from tests.delivery.test_customer_mails import both
from tests.delivery.test_mail import received

COVER = {
    "recipient_name": "Ada Obi",
    "is_delegate": False,
    "is_book": True,
    "manager_name": "Ada Obi",
    "delegate_name": "Bola Ige",
    "starts_at": "23 November 2026, 08:00 UTC",
    "ends_at": "30 November 2026, 08:00 UTC",
    "by_name": "Chief Eze",
    "reason": "Annual leave",
}
OPENED = {
    "recipient_name": "Ada Obi",
    "customer_name": "Adaeze Okafor",
    "customer_number": "C-100042",
    "by_name": "Collins Udo",
    "ends_at": "23 November 2026, 16:00 UTC",
    "reason": "Fraud alert",
}


def test_manager_and_delegate_learn_who_covers_whom_from_when_to_when_and_why() -> None:
    subjects = {
        ("cover_granted", False): "Bola Ige covers your book",
        ("cover_granted", True): "You cover the book of Ada Obi",
        ("cover_ended", False): "A cover by Bola Ige has been ended",
        ("cover_ended", True): "Your cover has been ended",
    }
    for (template, is_delegate), subject in subjects.items():
        facts = COVER | {"is_delegate": is_delegate}
        assert received(template, facts)["Subject"] == subject
        for text in both(template, facts):
            for fact in ("Hello Ada Obi,", "30 November 2026, 08:00 UTC", "Chief Eze", "Annual leave"):
                assert fact in text
            assert ("23 November 2026, 08:00 UTC" in text) is (template == "cover_granted")


def test_who_is_above_learns_who_was_opened_by_whom_until_when_and_why() -> None:
    assert received("glass_broken", OPENED)["Subject"] == "Collins Udo has opened Adaeze Okafor (C-100042)"
    for text in both("glass_broken", OPENED):
        for fact in ("Hello Ada Obi,", "C-100042", "Collins Udo", OPENED["ends_at"], "Fraud alert"):
            assert fact in text
