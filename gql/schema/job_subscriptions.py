"""Be told how far a job has come."""

from typing import Annotated, Any

import strawberry

from gql.permissions import SignedInAdmin
from gql.resolvers import job as resolvers
from gql.schema.fields import Info, argument
from gql.schema.job import Job
from gql.schema.roots import stream


@strawberry.type
class JobSubscriptions:
    """Root fields."""

    @stream(
        Job,
        needs=SignedInAdmin(),
        description=(
            "The job now, and after each of its batches. Ends with the job, without an error when the viewer may not "
            "read it any more, and with UNAUTHENTICATED when the session ends."
        ),
    )
    async def job_progress(self, info: Info, id: Annotated[strawberry.ID, argument("The ID of the job.")]) -> Any:
        """The stream."""
        return await resolvers.progress(info.context, id)
