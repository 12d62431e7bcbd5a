"""What the peers take from our rules as plain data: the bench's viewer has FULL access and may change what they see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gql.domain.actions import customer_actions
from gql.domain.enums import CustomerStatus
from gql.domain.ids import new_id
from gql.domain.policies import AccessReason, access_map
from gql.domain.roles import PORTFOLIO_MANAGER


def _actions() -> dict[str, Sequence[Any]]:
    office = new_id()
    access = access_map(new_id(), office, frozenset({office}), [PORTFOLIO_MANAGER]).to(None, office)
    assert access.is_full
    assert access.reason is AccessReason.ROLE_UNASSIGNED
    return {
        status.value: [
            {"action": action.action.value, "allowed": action.allowed, "reason": action.reason}
            for action in customer_actions(PORTFOLIO_MANAGER.permissions, access, status)
        ]
        for status in CustomerStatus
    }


ACTIONS_BY_STATUS: Mapping[str, Sequence[Any]] = _actions()
"""A customer's `viewerActions`, by the customer's status."""


def permission_names(permissions: Iterable[str]) -> list[str]:
    """As our schema's enum has them, in its order."""
    return [permission.replace(".", "_").upper() for permission in sorted(permissions)]
