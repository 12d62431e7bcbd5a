"""Loan requests: every change from every status, for whoever submitted the request and for anybody else."""

from uuid import uuid4

import pytest

from gql.domain.enums import CustomerStatus
from gql.domain.loan_requests import (
    TRANSITIONS,
    RequestAction,
    RequestStatus,
    customer_refusals,
    lending_refusals,
    transition_refusals,
)

ALLOWED = """
           | REVIEW       | APPROVE  | DECLINE  | WITHDRAW
SUBMITTED    | UNDER_REVIEW | -        | -        | WITHDRAWN
UNDER_REVIEW | -            | APPROVED | DECLINED | WITHDRAWN
APPROVED     | -            | -        | -        | -
DECLINED     | -            | -        | -        | -
WITHDRAWN    | -            | -        | -        | -
"""
_LINES = [[cell.strip() for cell in line.split("|")] for line in ALLOWED.strip("\n").splitlines()]
CELLS = [(line[0], action, cell) for line in _LINES[1:] for action, cell in zip(_LINES[0][1:], line[1:], strict=True)]


@pytest.mark.parametrize(("status", "action", "leads_to"), CELLS)
def test_the_table_of_changes(status: str, action: str, leads_to: str) -> None:
    """And whoever submitted the request can only withdraw it."""
    of, do = RequestStatus(status), RequestAction(action)
    assert TRANSITIONS[do].get(of, "-") == leads_to
    submitter, somebody = uuid4(), uuid4()
    for submitted_by in (submitter, None):
        refusals = list(transition_refusals(do, of, submitted_by, somebody))
        assert [refusal.code for refusal in refusals] == ([] if leads_to != "-" else ["NOT_ALLOWED"])
    own = [refusal.code for refusal in transition_refusals(do, of, submitter, submitter)]
    assert ("FORBIDDEN" in own) == (do is not RequestAction.WITHDRAW)


def test_every_change_is_in_the_table() -> None:
    assert {(status, action) for status, action, _ in CELLS} == {
        (s.value, a.value) for s in RequestStatus for a in RequestAction
    }


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("PENDING", None),
        ("ACTIVE", None),
        ("INACTIVE", "NOT_ALLOWED"),
        ("SUSPENDED", "NOT_ALLOWED"),
        ("BLACKLISTED", "NOT_ALLOWED"),
        ("ARCHIVED", "CUSTOMER_ARCHIVED"),
    ],
)
def test_nobody_lends_to_whom_the_lender_stopped(status: str, code: str | None) -> None:
    """Who gets no loan can still be told so: only approving is refused."""
    of = CustomerStatus(status)
    assert [refusal.code for refusal in lending_refusals(of, "customerId")] == ([] if code is None else [code])
    assert [refusal.code for refusal in customer_refusals(RequestAction.APPROVE, of)] == (
        [] if code is None else [code]
    )
    declining = [refusal.code for refusal in customer_refusals(RequestAction.DECLINE, of)]
    assert declining == (["CUSTOMER_ARCHIVED"] if status == "ARCHIVED" else [])
