"""Changing a record below a customer by the record's own ID."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import BankAccount, Customer, Document, Identifier
from gql.domain import user_errors
from gql.domain.errors import Refusal, Refused
from gql.domain.policies import may_change
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer
from gql.services.customer_changes import refuse
from gql.services.customer_records import access_to, visible_where

Below = type[Identifier] | type[BankAccount] | type[Document]


async def changeable_owner(
    session: AsyncSession,
    viewer: AdminViewer,
    model: Below,
    record_id: UUID,
    *,
    missing: Refusal,
    permission: Permission = Permission.CUSTOMER_WRITE,
    forbidden: Refusal = user_errors.FORBIDDEN,
    also: Iterable[Refusal] = (),
) -> Customer:
    """The customer, locked, whose record it is and whom the viewer may change now.

    Without full access the record isn't there, as it is in no list: `missing`. Raises Refused (UserErrorCode), with
    every reason at once.
    """
    customer = await owner(
        session, viewer, model, record_id, missing=missing, permission=permission, forbidden=forbidden
    )
    refuse((*user_errors.change_refusals(customer.status, customer.version, None), *also))
    return customer


async def owner(
    session: AsyncSession,
    viewer: AdminViewer,
    model: Below,
    record_id: UUID,
    *,
    missing: Refusal,
    permission: Permission | None = None,
    forbidden: Refusal = user_errors.FORBIDDEN,
) -> Customer:
    """The same, whatever the customer's status. Without a permission, full access is enough."""
    whose = select(model.customer_id).where(model.id == record_id).scalar_subquery()
    customer = await visible_where(session, viewer, Customer.id == whose)
    access = None if customer is None else access_to(viewer, customer)
    if customer is None or access is None or not access.is_full:
        raise Refused(missing)
    if permission is not None and not may_change(viewer.permissions, access, permission):
        raise Refused(forbidden)
    return customer
