"""What the account managers had to do with some of their customers, and what of it is due."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.plan import Draw, Plan
from gql.domain.enums import CustomerStatus
from gql.domain.interactions import ASKED_TO_BE_CALLED, CALL_BACK, InteractionDirection, InteractionKind

_DEALT_WITH, _ASKED = 0.25, 0.03
"""The share of managed customers with interactions, and of nobody's who asked to be called."""
_STATUSES = frozenset({CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED})
_LONGEST_AGO = timedelta(days=120)
_STAGED = {CustomerStatus.ACTIVE: timedelta(days=-2), CustomerStatus.SUSPENDED: timedelta(days=3)}
"""When what is next is due of those who are kept for showing: each manager who can sign in has both."""


class _Story(NamedTuple):
    kind: InteractionKind
    direction: InteractionDirection
    summary: str
    outcome: str | None
    next_step: str | None
    came_of_it: str | None


_IN, _OUT = InteractionDirection.INBOUND, InteractionDirection.OUTBOUND
_CALLBACK = _Story(
    InteractionKind.CALLBACK_REQUEST, _IN, ASKED_TO_BE_CALLED, None, CALL_BACK, "Called; the question is settled."
)
_NO_ANSWER = _Story(InteractionKind.CALL, _OUT, "Tried to reach the customer", "No answer", "Try again", "Reached them")
_STORIES = (
    _Story(InteractionKind.CALL, _OUT, "Reminded of the next instalment", "Will pay in time", None, None),
    _Story(
        InteractionKind.CALL, _OUT, "Asked about a late instalment", "Promised to pay", "Check the payment", "It came"
    ),
    _NO_ANSWER,
    _Story(
        InteractionKind.VISIT, _OUT, "Saw the shop and the stock", "Business is steady", "Send an offer", "Offer sent"
    ),
    _Story(InteractionKind.VISIT, _IN, "Came to the branch with new papers", "Papers are complete", None, None),
    _Story(InteractionKind.MESSAGE, _IN, "Asked for a statement", None, "Send the statement", "Statement sent"),
    _Story(
        InteractionKind.COMPLAINT, _IN, "Was charged twice, they say", None, "Ask for the bank's proof", "Refund booked"
    ),
    _CALLBACK,
)


class InteractionRow(NamedTuple):
    """A row of interactions."""

    id: UUID
    customer_id: UUID
    office_id: UUID
    account_manager_id: UUID | None
    kind: InteractionKind
    direction: InteractionDirection
    summary: str
    outcome: str | None
    occurred_at: datetime
    logged_at: datetime
    author_id: UUID | None
    next_step: str | None
    due_at: datetime | None
    done_at: datetime | None
    done_by_id: UUID | None
    next_step_outcome: str | None


def interactions(draw: Draw, plan: Plan, customer: DemoCustomer) -> Iterator[InteractionRow]:
    """Those of one customer, oldest first; mostly none. Only the newest can be due still, and not customer 1's."""
    row = customer.row
    if row.account_manager_id is None:
        if row.status is CustomerStatus.ACTIVE and draw.chance(_ASKED):
            asked = draw.moment(max(row.created_at, plan.now - timedelta(days=3)), plan.now)
            yield _interaction(draw, plan, customer, _CALLBACK, asked, is_open=True)
        return
    if customer.kept_free and row.status in _STAGED:
        moment = draw.moment(max(customer.assignments[-1].started_at, plan.now - _LONGEST_AGO), plan.now)
        made = _interaction(draw, plan, customer, _NO_ANSWER, moment, is_open=True)
        yield made._replace(due_at=max(moment, plan.now + _STAGED[row.status]))
        return
    if not customer.is_customer_1 and (row.status not in _STATUSES or not draw.chance(_DEALT_WITH)):
        return
    begin = max(customer.assignments[-1].started_at, plan.now - _LONGEST_AGO)
    moments = sorted(draw.moment(begin, plan.now) for _ in range(draw.randint(1, 2)))
    for moment in moments:
        is_open = moment is moments[-1] and not customer.is_customer_1 and draw.chance(0.6)
        yield _interaction(draw, plan, customer, draw.pick(_STORIES), moment, is_open=is_open)


def _interaction(
    draw: Draw, plan: Plan, customer: DemoCustomer, story: _Story, moment: datetime, *, is_open: bool
) -> InteractionRow:
    row, manager = customer.row, customer.row.account_manager_id
    by_customer = story is _CALLBACK
    due = done = None
    if story.next_step is not None:
        due = moment + timedelta(days=draw.randint(1, 9))
        if is_open:  # from a few days late to two weeks ahead
            due = max(due, plan.now + timedelta(days=draw.randint(-5, 14), hours=draw.randint(8, 16)))
        else:
            done = draw.moment(moment, min(due, plan.now))
    return InteractionRow(
        draw.id_at(moment),
        row.id,
        row.office_id,
        manager,
        story.kind,
        story.direction,
        story.summary,
        story.outcome,
        moment,
        moment,
        None if by_customer else manager,
        story.next_step,
        due,
        done,
        manager if done else None,
        story.came_of_it if done else None,
    )
