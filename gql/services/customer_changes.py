"""What every plain change of a customer, or of a record below one, begins and ends with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import Customer
from gql.domain import user_errors
from gql.domain.errors import Refusal, Refused
from gql.domain.policies import Access, may_change
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer
from gql.services.customer_records import access_to, visible_where


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whose record, and which. `changed` is False where all was so already.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    customer_id: UUID
    record_id: UUID | None
    changed: bool = True
    replayed: bool = False


async def changeable_customer(
    session: AsyncSession,
    viewer: AdminViewer,
    customer_id: UUID,
    permission: Permission,
    *,
    forbidden: Refusal = user_errors.FORBIDDEN,
    expected_version: int | None = None,
    also: Iterable[Refusal] = (),
) -> Customer:
    """The customer, locked, whom this viewer may change now.

    `also` is why the wish itself can't be taken: told with the other reasons, but only to who may change the
    customer; who may not is told `forbidden`. Raises Refused (UserErrorCode), with every reason at once.
    """
    customer = await customer_to_change(session, viewer, customer_id, permission, forbidden=forbidden)
    refuse((*user_errors.change_refusals(customer.status, customer.version, expected_version), *also))
    return customer


async def customer_to_change(
    session: AsyncSession,
    viewer: AdminViewer,
    customer_id: UUID | ScalarSelect[UUID] | None,
    permission: Permission,
    *,
    forbidden: Refusal,
    missing: Refusal = user_errors.CUSTOMER_NOT_FOUND,
    sees: Callable[[Access], bool] = lambda access: True,
) -> Customer:
    """The customer, locked, whom this viewer may change, whatever the customer's present state.

    For a record below a customer, `missing` is told where the viewer doesn't see the record: `sees` says so of who sees
    the customer, and a `customer_id` of None is a record that isn't there; as a subquery it costs the same, there or
    not. Raises Refused.
    """
    customer = None if customer_id is None else await visible_where(session, viewer, Customer.id == customer_id)
    access = None if customer is None else access_to(viewer, customer)
    if customer is None or access is None or not sees(access):
        raise Refused(missing, *(() if viewer.may(permission) else (forbidden,)))
    if not may_change(viewer.permissions, access, permission):
        raise Refused(forbidden)
    return customer


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raise Refused where there is any reason."""
    reasons = tuple(refusals)
    if reasons:
        raise Refused(*reasons)
