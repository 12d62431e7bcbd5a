"""When a group's review is due and how late it is, to the microsecond; and when a group counts as unused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.enums import GroupStatus
from gql.domain.group_reviews import (
    GRACE,
    IN_USE,
    GroupReviewStatus,
    due_spans,
    next_review,
    sign_refusals,
    status_at,
    to_tell,
    told_after,
)
from gql.domain.unused_groups import keep_refusals

DUE = datetime(2026, 3, 1, 9, tzinfo=UTC)
TICK, DAY = timedelta(microseconds=1), timedelta(days=1)
NOT_DUE, IS_DUE, OVERDUE = GroupReviewStatus
moments = st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given one


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (-DAY, NOT_DUE),
        (-TICK, NOT_DUE),
        (timedelta(0), IS_DUE),
        (GRACE - TICK, IS_DUE),
        (GRACE, OVERDUE),
        (timedelta(days=365), OVERDUE),
    ],
)
def test_how_late_a_review_is(after: timedelta, status: GroupReviewStatus) -> None:
    assert status_at(DUE + after, DUE) is status
    codes = [refusal.code for refusal in sign_refusals(GroupStatus.ACTIVE, 30, DUE, DUE + after)]
    assert codes == (["REVIEW_NOT_DUE"] if status is NOT_DUE else [])


@given(moment=moments, due=moments, wanted=st.sets(st.sampled_from(GroupReviewStatus)))
def test_the_spans_of_a_list_are_what_the_states_are(
    moment: datetime, due: datetime, wanted: set[GroupReviewStatus]
) -> None:
    """And as few as can be: what adjoins is one."""
    spans = due_spans(wanted, moment)
    within = [
        span for span in spans if (span.after is None or due > span.after) and (span.up_to is None or due <= span.up_to)
    ]
    assert len(within) == (status_at(moment, due) in wanted)
    assert len(spans) == (2 if wanted == {NOT_DUE, OVERDUE} else min(1, len(wanted)))


def test_an_interval_counts_from_where_the_one_before_did() -> None:
    later = DUE + timedelta(days=3)
    active = GroupStatus.ACTIVE
    assert next_review(active, 30, later, due_at=None, days_before=None) == later + timedelta(days=30)
    assert next_review(active, 40, later, due_at=DUE, days_before=30) == DUE + timedelta(days=10)
    assert next_review(active, 1, later, due_at=DUE, days_before=30) == DUE - timedelta(days=29)
    assert next_review(GroupStatus.SUSPENDED, 30, later, due_at=DUE, days_before=30) == DUE
    assert next_review(active, None, later, due_at=DUE, days_before=30) is None
    for unused in set(GroupStatus) - IN_USE:
        assert next_review(unused, 30, later, due_at=DUE, days_before=30) is None


@given(moment=moments, due=st.none() | moments, told=st.sampled_from(GroupReviewStatus))
def test_nothing_is_told_twice_of_one_due_date(moment: datetime, due: datetime | None, told: GroupReviewStatus) -> None:
    news = to_tell(told, due, moment)
    assert news is not NOT_DUE
    if news is not None:
        assert due is not None
        assert news is status_at(moment, due) is not told
        assert to_tell(news, due, moment) is None
    else:
        assert to_tell(told_after(told, due, moment), due, moment) is None, "what was told of this is not told again"


def test_of_a_review_that_nobody_was_told_of_in_time_only_the_last_news_is_told() -> None:
    assert to_tell(NOT_DUE, DUE, DUE + GRACE) is OVERDUE
    assert told_after(OVERDUE, DUE + timedelta(days=30), DUE + GRACE) is NOT_DUE
    assert told_after(OVERDUE, DUE + GRACE, DUE + GRACE) is IS_DUE, "it is not overdue any more, and can become so"


@pytest.mark.parametrize(
    ("days_ago", "kept_for", "unused"),
    [
        (timedelta(days=365), None, True),
        (timedelta(days=365) - TICK, None, False),
        (timedelta(days=700), timedelta(0), True),
        (timedelta(days=700), TICK, False),
        (timedelta(days=1), timedelta(days=-500), False),
    ],
)
def test_a_year_without_use(days_ago: timedelta, kept_for: timedelta | None, *, unused: bool) -> None:
    kept_until = None if kept_for is None else DUE + kept_for
    refusals = [*keep_refusals(GroupStatus.INACTIVE, DUE - days_ago, kept_until, DUE, 365)]
    assert [refusal.code for refusal in refusals] == ([] if unused else ["NOT_UNUSED"])
    archived = keep_refusals(GroupStatus.ARCHIVED, DUE - days_ago, kept_until, DUE, 365)
    assert [refusal.code for refusal in archived] == ["GROUP_ARCHIVED"]
