"""Jobs that are over, as rows: for tests of what is told of them."""

from collections.abc import Sequence

from gql.db.models import Admin, Assignment, Customer, Job, JobItem
from gql.domain.ids import new_id
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from tests.factories import World


async def finished_job(
    world: World, requester: Admin, moved: Sequence[Customer], to: Admin, *, batch: Sequence[Assignment] = ()
) -> Job:
    """A job that gave customers to an admin; `batch` are the assignments that it made, of the first of them."""
    moment, count = world.moment(), len(moved)
    job = Job(
        id=new_id(),
        kind=JobKind.REASSIGN_BOOK,
        status=JobStatus.DONE,
        requested_by_id=requester.id,
        reason="Reorganised",
        spec={},
        total=count,
        done=count,
        changed=count,
        created_at=moment,
        started_at=moment,
        finished_at=moment,
    )
    items = [
        JobItem(
            job_id=job.id,
            position=place,
            customer_id=customer.id,
            to_admin_id=to.id,
            outcome=ItemOutcome.MOVED,
            codes=None,
            assignment_id=batch[place].id if place < len(batch) else None,
            previous_admin_id=requester.id,
        )
        for place, customer in enumerate(moved)
    ]
    async with world.database.begin() as session:
        session.add_all([job, *items])
    return job
