"""What assigning answers, now or from a later moment on, and ending an assignment."""

from dataclasses import dataclass

from gql.db.rows import AssignmentRow, CustomerRow, ScheduledAssignmentRow
from gql.domain.errors import Refusal
from gql.services.assignment_plans import AssignmentPlan


@dataclass(frozen=True, slots=True)
class AssignPayload:
    """The customer as the viewer sees them now (None where they have lost sight), and the assignment it is about."""

    customer: CustomerRow | None = None
    assignment: AssignmentRow | None = None
    scheduled: ScheduledAssignmentRow | None = None
    plan: AssignmentPlan | None = None
    """Of a dry run, with nothing else but refusals."""
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()
