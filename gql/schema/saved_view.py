"""Saved views: lists of customers that an admin comes back to."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.listing import CustomerOrderField
from gql.permissions import SignedIn
from gql.resolvers import saved_views as resolvers
from gql.schema.access import open_to
from gql.schema.customer_inputs import CustomerOrder, SavedFilterInput
from gql.schema.enums import OrderDirection
from gql.schema.fields import Info, argument, column, global_id, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_WHOSE = "whose view it is"


@open_to(_WHOSE)
@strawberry.type(description="A span of time, as `TimeRange` takes it.")
class SavedTimeRange:
    """Rows are `SavedTimeRangeRow`."""

    from_: datetime | None = column("From this moment on.", name="from")
    before: datetime | None = column("Before this moment.")


@open_to(_WHOSE)
@strawberry.type(description="A number of days, as `DayRange` takes it.")
class SavedDayRange:
    """Rows are `SavedDayRangeRow`."""

    min: int | None = column("At least so many.")
    max: int | None = column("At most so many.")


@open_to(_WHOSE)
@strawberry.type(description="A filter, field by field as `SavedFilterInput` takes it; null what was left out.")
class SavedFilter:
    """Rows are `SavedFilterRow`."""

    status: list[CustomerStatus] | None = column("Only those of these statuses.")
    office_id: strawberry.ID | None = column("Only those of this office.")
    include_subtree: bool | None = column("Also those of the offices beneath it.")
    account_manager_id: strawberry.ID | None = column("Only this admin's.")
    has_account_manager: bool | None = column("Only with an account manager, or only without.")
    group_id: strawberry.ID | None = column("Only those in this group.")
    tier: list[CustomerTier] | None = column("Only those of these tiers.")
    tag: str | None = column("Only those who have this tag.")
    created: SavedTimeRange | None = column("Only records created in this span.")
    days_past_due: SavedDayRange | None = column("Only those whose oldest unpaid instalment is due for so many days.")


@open_to(_WHOSE)
@strawberry.type(description="An order, as `CustomerOrder` takes it.")
class SavedOrder:
    """Rows are `SavedOrderRow`."""

    field: CustomerOrderField = column("By what to sort.")
    direction: OrderDirection = column("Which way to sort.")


@open_to(_WHOSE)
@strawberry.type(
    description=(
        "A list of customers under a name of the admin's own: pass its parts to `customers`. It shows what the admin "
        "may see when it is used; what it names and isn't there any more gives an empty list."
    )
)
class SavedView:
    """Rows are `SavedViewRow`."""

    id: strawberry.ID = global_id(Kind.SAVED_VIEW)
    name: str = column("Its name, which no other view of the admin has.")
    filter: SavedFilter = column("The filter; all null where there is none.")
    search: str | None = column("The text of the search box.")
    order_by: SavedOrder | None = column("The order; null for the list's own.")
    created_at: datetime = column("When a view of this name was first saved.")
    updated_at: datetime = column("When it was last changed.")


def _saved_views() -> Any:
    return column("All views of the admin as they are now, by name; null where nothing was done.")


@strawberry.type(description="What came of deleting a view.")
class DeleteSavedViewPayload:
    """Rows are `SavedViewPayload` of the resolvers."""

    saved_views: list[SavedView] | None = _saved_views()
    changed: bool = column("False where nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of saving a view.")
class SaveViewPayload:
    """Rows are `SavedViewPayload` of the resolvers."""

    saved_view: SavedView | None = column("The view as it is now; null where nothing was done.")
    saved_views: list[SavedView] | None = _saved_views()
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="A view to keep.")
class SaveViewInput:
    """The argument."""

    name: str = strawberry.field(description="Its name, up to 100 characters; a view of that name is replaced.")
    filter: SavedFilterInput | None = strawberry.field(
        default=strawberry.UNSET,
        description="The filter, as `customers` takes it; numbers that are sealed can't be saved.",
    )
    search: str | None = strawberry.field(
        default=strawberry.UNSET, description="The text of the search box, as `customers` takes it."
    )
    order_by: CustomerOrder | None = strawberry.field(
        default=strawberry.UNSET, description="The order, as `customers` takes it."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A view to delete.")
class DeleteSavedViewInput:
    """The argument."""

    name: str = strawberry.field(description="The name of the view.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class SavedViewMutations:
    """Root fields."""

    @root(
        SaveViewPayload,
        needs=SignedIn(),
        description="Keep a view of the list of customers for oneself, or change one; 50 at most.",
    )
    async def save_view(
        self, info: Info, input: Annotated[SaveViewInput, argument("What to keep, and under which name.")]
    ) -> Any:
        """Save."""
        return await resolvers.save(info.context, plain(input))

    @root(DeleteSavedViewPayload, needs=SignedIn(), description="Delete a view of one's own.")
    async def delete_saved_view(
        self, info: Info, input: Annotated[DeleteSavedViewInput, argument("Which view to delete.")]
    ) -> Any:
        """Delete."""
        return await resolvers.delete(info.context, plain(input))
