"""Team members leave, and come back."""

from typing import Annotated, Any

import strawberry

from gql.domain.admin_changes import AdminErrorCode
from gql.permissions import SignedIn
from gql.resolvers import admin_changes as resolvers
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed, root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a team member's account was not changed.")
class AdminUserError(UserError):
    """Rows are `Refusal`."""

    code: AdminErrorCode = column("The reason, for programs.")
    book_size: int | None = computed(
        lambda refusal: refusal.facts.get("book_size"),
        description="With HAS_BOOK: how many customers they are account manager of, whoever sees them.",
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


@strawberry.type
class AdminMutations:
    """Root fields."""

    @root(
        DeactivateAdminPayload,
        needs=SignedIn(),
        description=(
            "Let a team member sign in no more: their sessions, sockets and links end at once. Refused while they are "
            "account manager of anybody, and for one's own account. Takes `admin.write`."
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
