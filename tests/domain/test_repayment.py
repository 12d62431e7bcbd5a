"""How loans are repaid, by cases worked out by hand.

The loan of most of them: 10,000 kobo on each first of a month, from February to May 2026.
"""

from datetime import date

import pytest

from gql.domain.repayment import (
    AT_RISK_DAYS,
    Allocated,
    Instalment,
    InstalmentStatus,
    NextDue,
    Overdue,
    Punctuality,
    Received,
    allocate,
    collected,
    days_past_due,
    expected,
    is_at_risk,
    next_due,
    overdue,
    punctuality,
    ratio,
    status_of,
)

FEB, MAR, APR, MAY = (date(2026, month, 1) for month in (2, 3, 4, 5))
DUES = (10_000, 10_000, 10_000, 10_000)


def paid(*payments: tuple[date, int]) -> list[Instalment]:
    """The schedule once these have come."""
    allocated = allocate(DUES, [Received(*payment) for payment in payments])
    return [Instalment(day, due, *one) for day, due, one in zip((FEB, MAR, APR, MAY), DUES, allocated, strict=True)]


NOTHING = (0, None)


@pytest.mark.parametrize(
    ("payments", "expected_allocation"),
    [
        pytest.param([], [NOTHING] * 4, id="nothing came"),
        pytest.param([(FEB, 1)], [(1, None), *[NOTHING] * 3], id="a kobo"),
        pytest.param([(FEB, 9_999)], [(9_999, None), *[NOTHING] * 3], id="a kobo less than an instalment"),
        pytest.param([(FEB, 10_000)], [(10_000, FEB), *[NOTHING] * 3], id="an instalment"),
        pytest.param([(FEB, 10_001)], [(10_000, FEB), (1, None), *[NOTHING] * 2], id="a kobo more"),
        pytest.param(
            [(FEB, 4_000), (MAR, 6_000), (MAR, 5_000)],
            [(10_000, MAR), (5_000, None), *[NOTHING] * 2],
            id="in parts: settled with the last of them",
        ),
        pytest.param([(FEB, 4_000), (APR, 36_000)], [(10_000, APR)] * 4, id="all at once, at the end"),
        pytest.param([(FEB, 40_000)], [(10_000, FEB)] * 4, id="all at once, at the beginning"),
    ],
)
def test_payments_pay_the_oldest_instalments_first(
    payments: list[tuple[date, int]], expected_allocation: list[tuple[int, date | None]]
) -> None:
    found = allocate(DUES, [Received(*payment) for payment in payments])
    assert found == [Allocated(*one) for one in expected_allocation]


def test_more_than_the_schedule_wants_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 more"):
        allocate(DUES, [Received(FEB, 40_001)])


@pytest.mark.parametrize(
    ("today", "payments", "late", "days", "coming"),
    [
        pytest.param(date(2026, 1, 31), [], (0, None), 0, (FEB, 10_000), id="before the first"),
        pytest.param(FEB, [], (0, None), 0, (FEB, 10_000), id="on the day itself nothing is overdue"),
        pytest.param(date(2026, 2, 2), [], (10_000, FEB), 1, (MAR, 10_000), id="the day after"),
        pytest.param(date(2026, 2, 2), [(FEB, 9_999)], (1, FEB), 1, (MAR, 10_000), id="a kobo is missing"),
        pytest.param(date(2026, 2, 2), [(FEB, 10_000)], (0, None), 0, (MAR, 10_000), id="paid"),
        pytest.param(date(2026, 2, 2), [(FEB, 12_500)], (0, None), 0, (MAR, 7_500), id="paid ahead, in part"),
        pytest.param(date(2026, 2, 2), [(FEB, 20_000)], (0, None), 0, (APR, 10_000), id="paid ahead"),
        pytest.param(date(2026, 4, 2), [(APR, 15_000)], (15_000, MAR), 32, (MAY, 10_000), id="the oldest counts"),
        pytest.param(date(2026, 5, 2), [], (40_000, FEB), 90, None, id="everything is late"),
        pytest.param(date(2026, 5, 2), [(FEB, 40_000)], (0, None), 0, None, id="everything is paid"),
    ],
)
def test_what_is_late_and_what_is_next(
    today: date,
    payments: list[tuple[date, int]],
    late: tuple[int, date | None],
    days: int,
    coming: tuple[date, int] | None,
) -> None:
    loan = paid(*payments)
    found = overdue(loan, today)
    assert found == Overdue(*late)
    assert days_past_due(found.since, today) == days
    assert next_due(loan, today) == (None if coming is None else NextDue(*coming))


def test_what_is_next_is_all_of_that_day() -> None:
    loan = [Instalment(MAR, 100, 40, None), Instalment(MAR, 50, 0, None), Instalment(APR, 70, 0, None)]
    assert next_due(loan, FEB) == NextDue(MAR, 110)


@pytest.mark.parametrize(
    ("days", "at_risk"),
    [
        (0, (0, 0, 0, 0)),
        (1, (1, 0, 0, 0)),
        (29, (1, 0, 0, 0)),
        (30, (1, 1, 0, 0)),
        (59, (1, 1, 0, 0)),
        (60, (1, 1, 1, 0)),
        (89, (1, 1, 1, 0)),
        (90, (1, 1, 1, 1)),
        (400, (1, 1, 1, 1)),
    ],
)
def test_a_loan_is_at_risk_from_1_30_60_and_90_days_past_due_on(days: int, at_risk: tuple[int, ...]) -> None:
    today = date(2026, 12, 31)
    since = None if days == 0 else date.fromordinal(today.toordinal() - days)
    assert AT_RISK_DAYS == (1, 30, 60, 90)
    assert [is_at_risk(since, today, threshold) for threshold in AT_RISK_DAYS] == list(at_risk)


@pytest.mark.parametrize(
    ("rest", "due_on", "status"),
    [(0, FEB, "PAID"), (0, APR, "PAID"), (1, FEB, "OVERDUE"), (1, MAR, "PENDING"), (1, APR, "PENDING")],
)
def test_how_far_an_instalment_has_come_on_the_first_of_march(rest: int, due_on: date, status: str) -> None:
    assert status_of(rest, due_on, MAR) is InstalmentStatus(status)


@pytest.mark.parametrize(
    ("since", "today", "due", "on_time"),
    [
        pytest.param(FEB, date(2026, 5, 2), 4, 2, id="of four: on the day, ahead, a day late, not at all"),
        pytest.param(MAR, date(2026, 5, 2), 3, 1, id="from the second on"),
        pytest.param(date(2026, 3, 2), date(2026, 5, 2), 2, 0, id="the day after the second"),
        pytest.param(FEB, MAY, 3, 2, id="who may pay today still is not late"),
        pytest.param(date(2026, 5, 2), date(2026, 5, 2), 0, 0, id="none was due"),
    ],
)
def test_on_time_is_in_full_on_the_day_or_before(since: date, today: date, due: int, on_time: int) -> None:
    loan = paid((FEB, 15_000), (date(2026, 2, 20), 5_000), (date(2026, 4, 2), 10_000), (MAY, 9_999))
    assert punctuality(loan, since, today) == Punctuality(due, on_time)


def test_collected_against_expected() -> None:
    """February's came in January, March's with April's, of May's a part."""
    received = [Received(date(2026, 1, 28), 10_000), Received(APR, 20_000), Received(date(2026, 5, 3), 2_500)]
    loan = paid(*((one.on, one.amount_minor) for one in received))
    for since, today, due, came in (
        (FEB, APR, 30_000, 20_000),  # both ends included
        (date(2026, 1, 1), date(2026, 5, 31), 40_000, 32_500),
        (date(2026, 2, 2), date(2026, 3, 31), 10_000, 0),
        (date(2026, 4, 2), date(2026, 5, 3), 10_000, 2_500),
        (date(2026, 5, 3), date(2026, 5, 3), 0, 2_500),
    ):
        assert (expected(loan, since, today), collected(received, since, today)) == (due, came)


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [
        (0, 0, None),
        (5, 0, None),
        (0, 7, 0.0),
        (1, 3, 0.3333),
        (2, 3, 0.6667),
        (1, 20_000, 0.0001),
        (1, 20_001, 0.0),
        (3, 2, 1.5),
        (9_007_199_254_740_993, 9_007_199_254_740_993, 1.0),
    ],
)
def test_a_share_has_four_decimals_half_up(part: int, whole: int, share: float | None) -> None:
    assert ratio(part, whole) == share
