"""Look for members who no longer fit their group's rule, and decide about them."""

from typing import Annotated, Any

import strawberry

from gql.domain.ids import Kind, to_global_id
from gql.domain.proposed_removals import SENTENCES, Decision, DriftErrorCode, ProposalOutcome
from gql.permissions import SignedIn
from gql.resolvers import proposed_removal as resolvers
from gql.schema.access import open_to
from gql.schema.fields import Info, argument, column, computed, describe, idempotency_key, loaded, plain, replayed
from gql.schema.group import Group
from gql.schema.group_mutations import GroupWarning
from gql.schema.proposed_removal import ProposedRemoval
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a group's members were not looked at, or nothing was decided about any of them.")
class GroupDriftUserError(UserError):
    """Rows are `Refusal`."""

    code: DriftErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of looking for members who don't fit any more.")
class CheckGroupDriftPayload:
    """Rows are `DriftPayload`."""

    group: Group | None = column("The group, with what is proposed now.")
    finished: bool = column(
        "Whether all members were looked at. Of a large group the rest is done by itself, which begins within seconds; "
        "`Group.membersCheckedAt` tells when it is over."
    )
    replayed: bool = replayed()
    user_errors: list[GroupDriftUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(description="Whose members to look at.")
class CheckGroupDriftInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is; one with a rule, and not archived.")
    idempotency_key: str | None = idempotency_key()


describe(
    Decision,
    "What to do with a member who is proposed to be removed.",
    "ProposedRemovalDecision",
    ACCEPT="Remove them from the group.",
    KEEP="Keep them, for a reason; for 90 days they are not proposed again for the same criterion.",
)
describe(
    ProposalOutcome,
    "What came of deciding about one proposal.",
    "ProposedRemovalOutcome",
    REMOVED="The member was removed.",
    KEPT="The member stays.",
    NOT_FOUND="The group has no such proposal, or the viewer doesn't see the customer.",
    ALREADY_DECIDED="Somebody decided before: the proposal says who and how.",
    MEMBERSHIP_ENDED="The customer had left the group before.",
    FITS_AGAIN="The customer meets the group's rule by now; the proposal is obsolete.",
)


@open_to("whoever sent the mutation", "proposalId outcome message")
@strawberry.type(description="What came of one of the proposals that were decided about.")
class DecidedProposal:
    """Rows are `Outcome`."""

    proposal_id: strawberry.ID = computed(
        lambda row: to_global_id(Kind.PROPOSED_REMOVAL, row.proposal_id), description="Which one, as it was named."
    )
    proposal: ProposedRemoval | None = loaded(
        "proposed_removal",
        lambda row: row.proposal_id,
        description="The proposal as it is now; null where the viewer doesn't see the customer, or may not read it.",
        guard=resolvers.decides,
    )
    outcome: ProposalOutcome = column("What came of it, for programs.")
    message: str = computed(lambda row: SENTENCES[row.outcome], description="The same as a sentence for a person.")


@strawberry.type(description="What came of deciding about members who are proposed to be removed.")
class DecideProposedRemovalsPayload:
    """Rows are `DecisionPayload`."""

    group: Group | None = column("The group, with its new member count.")
    outcomes: list[DecidedProposal] = column("What came of each proposal, in the order in which they were named.")
    changed: bool = column("False where there was nothing to decide about any of them.")
    warnings: list[GroupWarning] = column("What is worth knowing all the same.")
    replayed: bool = replayed()
    user_errors: list[GroupDriftUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(description="About which members of a group to decide, and how; all of them alike.")
class DecideProposedRemovalsInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group whose members they are.")
    proposal_ids: list[strawberry.ID] = strawberry.field(
        description="1 to 100 of its `proposedRemovals`, each once. What can't be decided any more is told of each."
    )
    decision: Decision = strawberry.field(description="What to do with them.")
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class ProposedRemovalMutations:
    """Root fields."""

    @root(
        CheckGroupDriftPayload,
        needs=SignedIn(),
        description=(
            "Look now, rather than at night, which members don't meet a group's rule any more, and write them down in "
            "`Group.proposedRemovals`; nobody is removed by that. Takes `group.members.write`."
        ),
    )
    async def check_group_drift(
        self, info: Info, input: Annotated[CheckGroupDriftInput, argument("Whose members.")]
    ) -> Any:
        """Check."""
        return await resolvers.check(info.context, plain(input))

    @root(
        DecideProposedRemovalsPayload,
        needs=SignedIn(),
        description=(
            "Remove members who don't meet a group's rule any more, or keep them, each as far as that is still to be "
            "decided: whether they meet the rule is examined once more. Takes `group.members.write` and at least "
            "limited access to each customer."
        ),
    )
    async def decide_proposed_removals(
        self, info: Info, input: Annotated[DecideProposedRemovalsInput, argument("About whom, and how.")]
    ) -> Any:
        """Decide."""
        return await resolvers.decide(info.context, plain(input))
