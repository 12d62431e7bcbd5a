"""Change where a customer stands with the lender."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from gql.domain.customer_status import StatusAction, StatusEffect, StatusErrorCode
from gql.permissions import SignedIn
from gql.resolvers import customer_status as resolvers
from gql.schema.access import open_to
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a customer's status was not changed.")
class CustomerStatusUserError(UserError):
    """Rows are `Refusal`."""

    code: StatusErrorCode = column("The reason, for programs.")


@open_to("whoever changed the status")
@strawberry.type(description="Something else that a change of status has done.")
class CustomerStatusEffect:
    """Rows are `Effect`."""

    effect: StatusEffect = column("What, for programs.")
    count: int = column("How many records it touched.")
    message: str = column("A sentence for a person.")


@strawberry.type
class _Payload:
    """What the payloads have in common. Rows are `StatusPayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now; after a VERSION_CONFLICT, the present state."
    )
    changed: bool = column("False where the customer had the status already, or nothing was done.")
    effects: list[CustomerStatusEffect] = column("What else was done.")
    replayed: bool = replayed()
    user_errors: list[CustomerStatusUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input
class _Input:
    """What the arguments have in common."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    reason: str = strawberry.field(description="Why, for the history. At most 500 characters.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of activating a customer.")
class ActivateCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to activate, and why.")
class ActivateCustomerInput(_Input):
    """As above."""


@strawberry.type(description="What came of deactivating a customer.")
class DeactivateCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to deactivate, and why.")
class DeactivateCustomerInput(_Input):
    """As above."""


@strawberry.type(description="What came of suspending a customer.")
class SuspendCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to suspend, and why.")
class SuspendCustomerInput(_Input):
    """As above."""


@strawberry.type(description="What came of blacklisting a customer.")
class BlacklistCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to blacklist, and why.")
class BlacklistCustomerInput(_Input):
    """As above."""


@strawberry.type(description="What came of archiving a customer.")
class ArchiveCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to archive, and why.")
class ArchiveCustomerInput(_Input):
    """As above."""


@strawberry.type(description="What came of reinstating a customer.")
class ReinstateCustomerPayload(_Payload):
    """As above."""


@strawberry.input(description="Whom to reinstate, and why.")
class ReinstateCustomerInput(_Input):
    """As above."""


_WHOSE = argument("Whose status, and why.")
_TAKES = "Takes `customer.status` and full access."


def _changes(payload: type[_Payload], description: str) -> Callable[[Callable[..., Any]], Any]:
    return root(payload, needs=SignedIn(), description=f"{description} {_TAKES}")


@strawberry.type
class CustomerStatusMutations:
    """Root fields, one for each change."""

    @_changes(ActivateCustomerPayload, "Let a pending or inactive customer do business with the lender.")
    async def activate_customer(self, info: Info, input: Annotated[ActivateCustomerInput, _WHOSE]) -> Any:
        """Activate."""
        return await resolvers.change(info.context, StatusAction.ACTIVATE, plain(input))

    @_changes(DeactivateCustomerPayload, "Let an active customer rest: nothing new is lent, nothing else changes.")
    async def deactivate_customer(self, info: Info, input: Annotated[DeactivateCustomerInput, _WHOSE]) -> Any:
        """Deactivate."""
        return await resolvers.change(info.context, StatusAction.DEACTIVATE, plain(input))

    @_changes(SuspendCustomerPayload, "Stop all business with a customer for now, until they are reinstated.")
    async def suspend_customer(self, info: Info, input: Annotated[SuspendCustomerInput, _WHOSE]) -> Any:
        """Suspend."""
        return await resolvers.change(info.context, StatusAction.SUSPEND, plain(input))

    @_changes(
        BlacklistCustomerPayload,
        "Stop all business with a customer for good. Their memberships of groups are flagged, their sessions in the "
        "app end, and they can't sign in.",
    )
    async def blacklist_customer(self, info: Info, input: Annotated[BlacklistCustomerInput, _WHOSE]) -> Any:
        """Blacklist."""
        return await resolvers.change(info.context, StatusAction.BLACKLIST, plain(input))

    @_changes(
        ArchiveCustomerPayload,
        "Put the record of a customer without open loans away. Their sessions end, and they can't sign in.",
    )
    async def archive_customer(self, info: Info, input: Annotated[ArchiveCustomerInput, _WHOSE]) -> Any:
        """Archive."""
        return await resolvers.change(info.context, StatusAction.ARCHIVE, plain(input))

    @_changes(
        ReinstateCustomerPayload,
        "Take a suspension back, which makes the customer active; or a blacklisting or archiving: inactive.",
    )
    async def reinstate_customer(self, info: Info, input: Annotated[ReinstateCustomerInput, _WHOSE]) -> Any:
        """Reinstate."""
        return await resolvers.change(info.context, StatusAction.REINSTATE, plain(input))
