"""A proposal of who should hand which customers to whom, so that books are alike."""

from typing import Annotated, Any

import strawberry

from gql.domain.ids import Kind, to_global_id
from gql.domain.rebalancing import BalanceBy
from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import rebalancing as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, computed, describe, loaded, plain
from gql.schema.roots import root
from gql.schema.scalars import Money

_ASKER = "whoever has customer.assign and workload.read"

describe(
    BalanceBy,
    "What account managers should have alike of.",
    COUNT="Customers: the whole book, as `bookSize`.",
    OUTSTANDING="What is still to come of loans, in one currency, of the customers whom the viewer sees in full.",
    ARREARS="What is overdue of loans, in one currency, of the customers whom the viewer sees in full.",
)


@open_to(_ASKER)
@strawberry.type(description="How much somebody has, or how far it is: customers, money, or both.")
class BookLoad:
    """Rows are `Load`."""

    customers: int | None = column("So many customers; null where only the money is meant.")
    amount: Money | None = column("So much money; null by COUNT, and where nobody has loans.")


@open_to(_ASKER)
@strawberry.type(description="An account manager's load, before and after the moves.")
class ManagerLoad:
    """Rows are `ManagerLoad` of the resolvers."""

    admin: Admin = loaded("admin", lambda row: row.admin_id, description="Whose book.")
    before: BookLoad = column("Now. The customers are the whole book; money is of `seenCustomers`.")
    after: BookLoad = column("When all moves are made.")
    seen_customers: int = column("How many of the book the viewer sees in full; nobody else's money is counted.")
    movable_customers: int = column("How many of them could have been moved.")
    in_band: bool = column("Whether the load is then between `lowest` and `highest`, and the cap is kept.")


@open_to(_ASKER)
@strawberry.type(description="A customer who should change hands: an entry for `reassignBook`.")
class RebalanceMove:
    """Rows are `ProposedMove`."""

    customer_id: strawberry.ID = computed(
        lambda row: to_global_id(Kind.CUSTOMER, row.move.customer_id), description="The customer, for `nodes`."
    )
    number: str | None = column("Their number; null where the viewer has lost sight of them at this moment.")
    display_name: str | None = column("Their name; null as the number.")
    from_admin_id: strawberry.ID = computed(
        lambda row: to_global_id(Kind.ADMIN, row.move.from_admin_id), description="Whose they are; see `loads`."
    )
    to_admin_id: strawberry.ID = computed(
        lambda row: to_global_id(Kind.ADMIN, row.move.to_admin_id), description="Whose they should be; see `loads`."
    )
    amount: Money | None = column("What moves with them; null by COUNT.")


@open_to(_ASKER)
@strawberry.type(
    description=(
        "Moves that bring every account manager's load near the mean: first as near as possible, then with few moves. "
        "Nothing was written. Edit it, and send it to `reassignBook`, whose dry run says who gains and loses sight."
    )
)
class RebalanceProposal:
    """Rows are `RebalanceProposal` of the resolvers."""

    balance_by: BalanceBy = computed(lambda row: row.proposal.balance_by, description="What was balanced.")
    moves: list[RebalanceMove] = column("The moves, the most useful first: a beginning of the list is a plan, too.")
    loads: list[ManagerLoad] = column("Everybody who takes part.")
    lowest: BookLoad = column("What nobody should have less than: the mean, less the tolerance.")
    highest: BookLoad = column("What nobody should have more than: the mean and the tolerance, or the cap by COUNT.")
    is_balanced: bool = column("Whether everybody is then in the band and within the cap.")
    imbalance_before: BookLoad = column("How much lies outside the band now, of all together.")
    imbalance_after: BookLoad = column("How much lies outside it when all moves are made.")
    limit_reached: bool = column("Whether it ends at `maximumMoves`: make these, and ask again.")
    lower_bound_on_moves: int = computed(
        lambda row: row.proposal.lower_bound,
        description="No plan that leaves as little outside the band has fewer moves than this.",
    )
    is_proven_fewest: bool = column(
        "Whether there are no more moves than that. Always so by COUNT with `ASSIGNMENT_SCOPE` any or assigner."
    )
    method: str = computed(
        lambda row: "greedy moves, exchanges, and needless moves dropped",
        description="How it was found; docs/rebalancing.md has it in full.",
    )


@strawberry.input(description="Who takes part, who stays, and what is enough.")
class RebalanceConstraints:
    """The argument."""

    include_subtree: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Also account managers and customers of the offices beneath."
    )
    admin_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only these account managers: up to 100. Left out, all of the office who could be assigned now.",
    )
    do_not_move: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Customers who stay with whom they have: up to 1,000."
    )
    do_not_move_tags: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description='Customers with one of these tags stay, too: up to 20. Left out, the tag "do not move".',
    )
    maximum_customers: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many customers nobody should have more than."
    )
    maximum_moves: int | None = strawberry.field(
        default=strawberry.UNSET, description="How many moves there are at most: 1 to 1,000, which is the default."
    )
    tolerance_percent: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How far from the mean a load may be: 0 to 100 per cent; 5 is the default.",
    )
    currency: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="By money: in which currency. Needed where the customers' loans are in several.",
    )


@strawberry.type
class RebalanceQueries:
    """Root fields."""

    @root(
        RebalanceProposal | None,
        needs=SignedInAdmin(Permission.CUSTOMER_ASSIGN),
        description=(
            "Which customers should change hands so that the account managers of an office have alike loads. Only "
            "customers of the office move whom the viewer sees in full and who aren't archived; only to who can be "
            "assigned now. Null where there is no such office. Up to 100 account managers with 20,000 customers. "
            "Takes `customer.assign` and `workload.read`."
        ),
    )
    async def propose_rebalance(
        self,
        info: Info,
        office_id: Annotated[strawberry.ID, argument("The office's ID.")],
        balance_by: Annotated[BalanceBy, argument("What they should have alike of.")],
        constraints: Annotated[
            RebalanceConstraints | None, argument("Who takes part, who stays, and what is enough.")
        ] = strawberry.UNSET,
    ) -> Any:
        """One proposal."""
        return await resolvers.propose(info.context, office_id, balance_by, plain(constraints))
