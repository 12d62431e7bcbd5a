"""The audit trail of the first customers' assignments and changes of status, with a denied attempt here and there."""

from collections.abc import Iterator
from typing import Any

from gql.demo.customers import AssignmentRow
from gql.demo.plan import Draw, Row
from gql.demo.statuses import StatusChangeRow
from gql.domain.enums import SubjectKind

_DENIED = 0.04


def events(draw: Draw, assignments: list[AssignmentRow], changes: list[StatusChangeRow]) -> Iterator[Row]:
    """Rows of audit_events."""
    previous: dict[Any, str] = {}
    for assignment in assignments:
        details = {
            "before": {"account_manager_id": previous.get(assignment.customer_id)},
            "after": {"account_manager_id": str(assignment.admin_id)},
            "assignment_id": str(assignment.id),
            "reason": assignment.reason,
        }
        previous[assignment.customer_id] = str(assignment.admin_id)
        action = "customer.account_manager_assigned"
        if draw.chance(_DENIED):  # the manager-to-be tried it first
            codes = {"codes": ["FORBIDDEN"]}
            denied = "assignAccountManager.denied"
            yield _event(draw, assignment, assignment.admin_id, assignment.started_at, denied, codes)
        yield _event(draw, assignment, assignment.assigned_by_id, assignment.started_at, action, details)
    for change in changes:
        details = {
            "before": {"status": change.status_before.value},
            "after": {"status": change.status_after.value},
            "reason": change.reason,
            "effects": {},
        }
        yield _event(draw, change, change.changed_by_id, change.changed_at, "customer.status_changed", details)


def _event(
    draw: Draw, of: AssignmentRow | StatusChangeRow, actor_id: Any, moment: Any, action: str, details: Row
) -> Row:
    return {
        "id": draw.id_at(moment),
        "at": moment,
        "actor_kind": SubjectKind.ADMIN,
        "actor_id": actor_id,
        "action": action,
        "subject_kind": "customer",
        "subject_id": of.customer_id,
        "details": details,
        "request_id": None,
        "customer_id": of.customer_id,
        "address": f"192.0.2.{draw.randint(1, 254)}",  # of those that are for documentation
        "denied": action.endswith(".denied"),
    }
