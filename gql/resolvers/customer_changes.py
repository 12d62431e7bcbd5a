"""How every plain change of a customer, or of a record below one, is answered."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.context import Context
from gql.db.rows import CustomerRow
from gql.domain.errors import Refusal, Refused
from gql.resolvers.customer import is_stale, present, present_if_stale
from gql.services.customer_changes import Recorded


@dataclass(frozen=True, slots=True)
class ChangePayload:
    """The customer and the record as the viewer sees them now."""

    customer: CustomerRow | None = None
    record: Any = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def answer(
    context: Context,
    change: Awaitable[Recorded],
    *,
    loader: str | None = None,
    customer_id: UUID | None = None,
    record_id: UUID | None = None,
) -> ChangePayload:
    """Await the change. `loader` reads its record.

    `customer_id` is whom a stale edit is answered with, `record_id` which record of the loader's. The record is
    answered only where the customer is seen in full still: an answer may be told again much later.
    """
    try:
        done = await change
    except Refused as refused:
        customer = None if customer_id is None else await present_if_stale(context, customer_id, refused)
        record = None
        if loader is not None and record_id is not None and is_stale(refused):
            context.renew()
            record = await context.loaders.one(loader, record_id)
        return ChangePayload(customer, record, user_errors=refused.refusals)
    customer = await present(context, done.customer_id)
    record = None
    if loader is not None and done.record_id is not None and customer is not None and customer.access.is_full:
        record = await context.loaders.one(loader, done.record_id)
    return ChangePayload(customer, record, done.changed, done.replayed)
