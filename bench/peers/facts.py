"""What the peers take from our rules as plain data: the bench's viewer has FULL access and may change what they see."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gql.domain.actions import customer_actions
from gql.domain.enums import CustomerStatus
from gql.domain.ids import new_id
from gql.domain.policies import access_map
from gql.domain.roles import PORTFOLIO_MANAGER, Permission


def case_of(status: str, manager_id: object) -> str:
    """What a customer's `viewerActions` depend on: the status, and whether there is an account manager."""
    return f"{status} {'free' if manager_id is None else 'held'}"


def _actions() -> dict[str, Sequence[Any]]:
    office, somebody = new_id(), new_id()
    access = access_map(new_id(), office, frozenset({office}), [PORTFOLIO_MANAGER])
    assert access.to(new_id(), None, office).is_full
    assert access.to(new_id(), somebody, office).is_full
    return {
        case_of(status.value, manager_id): [
            {"action": action.action.value, "allowed": action.allowed, "reason": action.reason}
            for action in customer_actions(
                PORTFOLIO_MANAGER.permissions, access.to(new_id(), manager_id, office), status
            )
        ]
        for status in CustomerStatus
        for manager_id in (None, somebody)
    }


ACTIONS_BY_CASE: Mapping[str, Sequence[Any]] = _actions()
"""A customer's `viewerActions`."""


def permission_names(permissions: Iterable[str]) -> list[str]:
    """As our schema's enum has them, in its order."""
    return [Permission(permission).name for permission in sorted(permissions)]
