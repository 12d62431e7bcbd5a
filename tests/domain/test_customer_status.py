"""The table of changes of a customer's status, written out once more."""

import pytest

from gql.domain.customer_status import Effect, StatusAction, StatusEffect, after, status_refusals
from gql.domain.enums import CustomerStatus

TABLE = """
from        | ACTIVATE | DEACTIVATE | SUSPEND   | BLACKLIST   | ARCHIVE  | REINSTATE
PENDING     | ACTIVE   | no         | SUSPENDED | BLACKLISTED | ARCHIVED | no
ACTIVE      | =        | INACTIVE   | SUSPENDED | BLACKLISTED | no       | =
INACTIVE    | ACTIVE   | =          | SUSPENDED | BLACKLISTED | ARCHIVED | =
SUSPENDED   | no       | no         | =         | BLACKLISTED | ARCHIVED | ACTIVE
BLACKLISTED | no       | no         | no        | =           | ARCHIVED | INACTIVE
ARCHIVED    | no       | no         | no        | no          | =        | INACTIVE
"""
"""To which status each action leads; `=`: nothing is to do."""

_HEAD, *_LINES = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]
CASES = [(action, line[0], to) for line in _LINES for action, to in zip(_HEAD[1:], line[1:], strict=True)]


@pytest.mark.parametrize(("action", "status", "to"), CASES)
def test_each_change_leads_where_it_should(action: str, status: str, to: str) -> None:
    present = CustomerStatus(status)
    found = after(StatusAction(action), present)
    refusals = list(status_refusals(StatusAction(action), present))
    if to == "no":
        assert found is None
        assert [refusal.code for refusal in refusals] == ["STATUS_NOT_ALLOWED"]
        assert status.lower() in refusals[0].message
    else:
        assert found is (present if to == "=" else CustomerStatus(to))
        assert refusals == []


def test_the_table_has_every_action_and_status() -> None:
    assert (_HEAD[1:], [line[0] for line in _LINES]) == (list(StatusAction), list(CustomerStatus))


@pytest.mark.parametrize("effect", StatusEffect)
def test_an_effect_says_how_much_it_touched(effect: StatusEffect) -> None:
    assert "17" in Effect(effect, 17).message
