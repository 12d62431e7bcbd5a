"""Leaves that are over: whose book was covered by whom. None counts now: each sign-in sees what its roles say."""

from datetime import timedelta

from gql.demo.plan import Plan, Row
from gql.demo.staff import Staff
from gql.domain.covers import CoverKind


def cover_rows(plan: Plan, staff: Staff) -> list[Row]:
    """Of each office with two account managers the second covered the first; every other one came back early."""
    draw = plan.draw("covers")
    found = []
    pairs = [(of_office[0], of_office[1]) for of_office in staff.managers.values() if len(of_office) > 1]
    for number, (manager, delegate) in enumerate(pairs):
        starts_at = plan.now - timedelta(days=60 + number)
        ends_at = starts_at + timedelta(days=14)
        is_early = number % 2 == 1
        found.append(
            {
                "id": draw.id_at(starts_at),
                "kind": CoverKind.LEAVE,
                "delegate_id": delegate.id,
                "manager_id": manager.id,
                "customer_id": None,
                "granted_by_id": manager.id,
                "reason": "Annual leave",
                "starts_at": starts_at,
                "ends_at": ends_at,
                "ended_at": ends_at - timedelta(days=4) if is_early else None,
                "ended_by_id": manager.id if is_early else None,
                "end_reason": "Back early" if is_early else None,
                "created_at": starts_at,
            }
        )
    return found
