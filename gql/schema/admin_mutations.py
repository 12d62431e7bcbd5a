"""Team members leave and come back, change offices and roles."""

from typing import Annotated, Any

import strawberry

from gql.domain.admin_changes import AdminErrorCode
from gql.permissions import SignedIn
from gql.resolvers import admin_changes as resolvers
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a team member's account was not changed.")
class AdminUserError(UserError):
    """Rows are `Refusal`."""

    code: AdminErrorCode = column("The reason, for programs.")
    book_size: int | None = computed(
        lambda refusal: refusal.facts.get("book_size"),
        description="With HAS_BOOK: how many customers they are account manager of, whoever sees them.",
    )
    scheduled: int | None = computed(
        lambda refusal: refusal.facts.get("scheduled"),
        description="With HAS_SCHEDULED: how many assignments are scheduled to or by them.",
    )
    customers_outside: int | None = computed(
        lambda refusal: refusal.facts.get("customers_outside"),
        description="With BOOK_OUTSIDE_OFFICE: how many of these are neither the new office's nor of one beneath it.",
    )


@strawberry.type
class _Payload:
    """What the payloads have in common. Rows are `AdminPayload`."""

    admin: Admin | None = column("The team member as they are now; null where nothing was done.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[AdminUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input
class _Input:
    """What the arguments have in common."""

    admin_id: strawberry.ID = strawberry.field(description="The team member.")
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of deactivating a team member.")
class DeactivateAdminPayload(_Payload):
    """As above."""


@strawberry.input(description="Who leaves, and why.")
class DeactivateAdminInput(_Input):
    """As above."""


@strawberry.type(description="What came of letting a team member back in.")
class ActivateAdminPayload(_Payload):
    """As above."""


@strawberry.input(description="Who comes back, and why.")
class ActivateAdminInput(_Input):
    """As above."""


@strawberry.type(description="What came of moving a team member to another office.")
class ChangeAdminOfficePayload(_Payload):
    """As above."""


@strawberry.input(description="Who moves where, and why.")
class ChangeAdminOfficeInput(_Input):
    """As above, and where to."""

    office_id: strawberry.ID = strawberry.field(description="Where they will work: an active office.")
    acknowledge_warnings: bool = strawberry.field(
        default=False, description="Move them even where customers of their book are outside the new office."
    )


@strawberry.type(description="What came of giving a team member other roles.")
class SetAdminRolesPayload(_Payload):
    """As above."""


@strawberry.input(description="Who gets which roles, and why.")
class SetAdminRolesInput(_Input):
    """As above, and which."""

    role_keys: list[str] = strawberry.field(
        description="The keys of all their roles from now on, at least one; none may permit more than the viewer's own."
    )


@strawberry.type
class AdminMutations:
    """Root fields."""

    @root(
        DeactivateAdminPayload,
        needs=SignedIn(),
        description=(
            "Let a team member sign in no more: their sessions, sockets, links and covers end at once. Refused while "
            "they are account manager of anybody or assignments are scheduled to or by them (`handOverAndDeactivate` "
            "sees to both), and for one's own account. Takes `admin.write`."
        ),
    )
    async def deactivate_admin(
        self, info: Info, input: Annotated[DeactivateAdminInput, argument("Who, and why.")]
    ) -> Any:
        """Deactivate."""
        return await resolvers.deactivate(info.context, plain(input))

    @root(
        ActivateAdminPayload,
        needs=SignedIn(),
        description=(
            "Let a team member who was deactivated sign in again, with the roles and the password that they had. Who "
            "never set a password is INVITED again: send a new link by `inviteAdmin`. Takes `admin.write`, and all "
            "that their roles permit."
        ),
    )
    async def activate_admin(self, info: Info, input: Annotated[ActivateAdminInput, argument("Who, and why.")]) -> Any:
        """Activate."""
        return await resolvers.activate(info.context, plain(input))

    @root(
        ChangeAdminOfficePayload,
        needs=SignedIn(),
        description=(
            "Move a team member to another office: what they see obeys it at once. Where customers of their book would "
            "be outside that office and those beneath it, that is said first: BOOK_OUTSIDE_OFFICE. Not for one's own "
            "account. Takes `admin.write`, and all that their roles permit."
        ),
    )
    async def change_admin_office(
        self, info: Info, input: Annotated[ChangeAdminOfficeInput, argument("Who, where to, and why.")]
    ) -> Any:
        """Move."""
        return await resolvers.change_office(info.context, plain(input))

    @root(
        SetAdminRolesPayload,
        needs=SignedIn(),
        description=(
            "Give a team member these roles instead of all others: what they may do and see obeys it at once. A role "
            "that never holds a book is refused while they have one. Not for one's own account. Takes `admin.write`, "
            "and all that the roles permit, those of before and the new ones."
        ),
    )
    async def set_admin_roles(
        self, info: Info, input: Annotated[SetAdminRolesInput, argument("Who, which roles, and why.")]
    ) -> Any:
        """Give."""
        return await resolvers.set_roles(info.context, plain(input))
