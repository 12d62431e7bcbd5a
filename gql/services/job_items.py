"""What a batch of a job has at hand, and what comes of its items."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Job, JobItem
from gql.domain.errors import Refusal
from gql.domain.jobs import ItemOutcome
from gql.domain.viewer import AdminViewer
from gql.services.assignments import AssignmentScope
from gql.services.audit import Actor

_items: Any = JobItem.__table__
_NOTED: Final = ("outcome", "codes", "assignment_id", "previous_admin_id", "membership_id")


@dataclass(slots=True)
class Batch:
    """A locked job, for whom it is done as they are now, and in whose name."""

    session: AsyncSession
    database: Database
    job: Job
    viewer: AdminViewer
    actor: Actor
    scope: AssignmentScope
    """Where those are who may become account managers."""
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    """New values of _NOTED for an item, with its place."""

    def note(
        self,
        item: Any,
        outcome: ItemOutcome,
        *,
        codes: list[str] | None = None,
        assignment_id: Any = None,
        previous_id: Any = None,
        membership_id: Any = None,
    ) -> None:
        """This came of it."""
        facts = (codes, assignment_id, previous_id, membership_id)
        self.outcomes.append((outcome, *facts, item.job_id, item.position))

    def refuse(self, item: Any, refusals: Iterable[Refusal]) -> None:
        """These rules are against it."""
        self.note(item, ItemOutcome.REFUSED, codes=[str(refusal.code) for refusal in refusals])


async def keep_outcomes(batch: Batch) -> None:
    """Write them down, a statement for all."""
    await batch.database.dialect.update_many(batch.session, _items, _NOTED, ("job_id", "position"), batch.outcomes)
