"""A customer's record, as changes begin with it: locked, and only where the viewer sees it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import Customer
from gql.domain.viewer import AdminViewer


async def visible_customer(session: AsyncSession, viewer: AdminViewer, customer_id: UUID) -> Customer | None:
    """The customer, locked; None also for one whom the viewer may not see."""
    customer = await session.get(Customer, customer_id, with_for_update=True)
    if customer is None or not viewer.access.to(customer.account_manager_id, customer.office_id).is_visible:
        return None
    return customer
