"""What a rule of the language of groups would let in, before anybody keeps it."""

from typing import Annotated, Any

import strawberry

from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import criteria as resolvers
from gql.schema.access import open_to
from gql.schema.criteria_inputs import CriteriaInput
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, loaded, plain
from gql.schema.roots import root


@open_to("whoever has group.read and group.members.write")
@strawberry.type(
    description=(
        "Which customers a rule fits, of those whom the viewer sees. Who sees of a customer only the outline is not "
        "told what the rule asks besides: such customers are neither counted nor shown. Loans' products and sums are "
        "told of customers seen in full."
    )
)
class CriteriaPreview:
    """Rows are `CriteriaPreview` of the resolvers."""

    description: str = column("The rule in words, as it is told to whom it refuses.")
    count: int = loaded("total", lambda row: row.total, description="How many customers fit.")
    sample: list[Customer] = loaded(
        "criteria_sample", lambda row: row.sample, description="Some of them: the first by name."
    )


@strawberry.type
class CriteriaQueries:
    """Root fields."""

    @root(
        CriteriaPreview | None,
        needs=SignedInAdmin(Permission.GROUP_READ),
        description=(
            "What a rule would let in: null only where an error says why. Takes `group.read` and `group.members.write`."
        ),
    )
    async def preview_criteria(
        self,
        info: Info,
        criteria: Annotated[CriteriaInput, argument("The rule, which need not be any group's.")],
        first: Annotated[int | None, argument("So many customers in the sample: 1 to 100.")] = 10,
    ) -> Any:
        """One preview."""
        return await resolvers.preview(info.context, plain(criteria), first)
