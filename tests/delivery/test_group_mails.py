"""What owners of groups find in the mails about reviews, and about groups that nobody uses."""

import pytest

from tests.delivery.test_customer_mails import both
from tests.delivery.test_mail import received

REVIEW = {
    "name": "Ada Obi",
    "group_name": "2026 SME <Loans>",
    "member_count": 1204,
    "due": "1 March 2026, 09:00 UTC",
    "last_signed": None,
    "is_owner": True,
}
UNUSED = {"name": "Ada Obi", "count": 22, "days": 365, "groups": ["2019 SME <Loans> (last used on 2 May 2024)", "Old"]}


@pytest.mark.parametrize(
    ("template", "subject"),
    [
        ("group_review_due", "The members of a group are to be reviewed: 2026 SME <Loans>"),
        ("group_review_overdue", "The review of a group is overdue: 2026 SME <Loans>"),
    ],
)
def test_who_answers_for_a_group_learns_what_is_due_and_what_to_do(template: str, subject: str) -> None:
    assert received(template, REVIEW)["Subject"] == subject
    for text in both(template, REVIEW):
        for fact in ("Hello Ada Obi,", "1204", REVIEW["due"], "You answer for this group.", "sign the review"):
            assert str(fact) in text
        assert "Last signed" not in text
    for text in both(template, REVIEW | {"is_owner": False, "last_signed": "30 January 2026, 10:00 UTC"}):
        assert "nobody answers for this group" in text
        assert "30 January 2026, 10:00 UTC" in text


def test_an_owner_learns_what_nobody_uses_and_how_many_more_there_are() -> None:
    assert received("groups_unused", UNUSED)["Subject"] == "Groups that nobody uses any more: 22"
    for text in both("groups_unused", UNUSED):
        for fact in ("Hello Ada Obi,", "365 days", "(last used on 2 May 2024)", "Old", "20 more", "Archive"):
            assert fact in text
    for text in both("groups_unused", UNUSED | {"count": 2}):
        assert "more." not in text.replace("any more.", "")
