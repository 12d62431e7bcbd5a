"""A batch of a job that adds customers to a group, or takes that back.

Locks are taken in the order job → customers (by ID) → group → risk category, as single additions take them. A dry run
takes none: nobody waits for it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from gql.db.appending import many_appended
from gql.db.models import Customer, Group, Membership
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.jobs import TOUCHED_SINCE, ItemOutcome
from gql.domain.memberships import customer_not_found, group_refusals
from gql.services.customer_records import access_to
from gql.services.job_items import Batch
from gql.services.joining import customer_refusals, facts_of, joining_of
from gql.services.membership_removals import end_membership
from gql.services.memberships import begin_membership

_customers = Customer.__table__
_IDENTIFIER: Final = "customerId"


class HeldCustomer(NamedTuple):
    """A customer as far as the rules ask: many are read faster so than as records."""

    id: UUID
    status: CustomerStatus
    office_id: UUID
    account_manager_id: UUID | None
    tier: CustomerTier | None
    oldest_unpaid_due_on: date | None
    created_at: datetime


async def change_members(batch: Batch, items: Sequence[Any]) -> None:
    """Decide on each, and add or remove those who are to be."""
    ids = sorted({item.customer_id for item in items} - {None})
    customers = await _held(batch, ids)
    group = await batch.session.get_one(Group, batch.job.group_id, with_for_update=not batch.job.dry_run or None)
    async with many_appended(batch.session, batch.database.dialect):
        if batch.job.undo_of_id is None:
            await _add(batch, items, customers, group)
        else:
            await _remove(batch, items, customers, group)


async def _held(batch: Batch, ids: Sequence[UUID]) -> dict[UUID, HeldCustomer]:
    """The customers whom the viewer sees; locked, unless nothing is to be written."""
    columns = [_customers.c[name] for name in HeldCustomer._fields]
    chosen = select(*columns).where(batch.database.dialect.is_one_of(_customers.c.id, "ids")).order_by(_customers.c.id)
    statement = chosen if batch.job.dry_run else chosen.with_for_update()
    rows = (HeldCustomer._make(row) for row in await batch.session.execute(statement, {"ids": [*ids]}))
    return {one.id: one for one in rows if access_to(batch.viewer, one).is_visible}


async def _add(batch: Batch, items: Sequence[Any], customers: dict[UUID, HeldCustomer], group: Group) -> None:
    """By the rules of `addGroupMember`, one after another: the group fills up as it goes."""
    job = batch.job
    joining = await joining_of(batch.session, batch.database.dialect, [*customers.values()], group)
    members = set(joining.members)
    tried = job.changed if job.dry_run else 0
    for item in items:
        customer = customers.get(item.customer_id)
        if item.codes:
            batch.note(item, ItemOutcome.REFUSED, codes=item.codes)
        elif customer is None:
            batch.refuse(item, [customer_not_found(_IDENTIFIER)])
        elif customer.id in members:
            batch.note(item, ItemOutcome.UNCHANGED)
        else:
            facts = replace(facts_of(group), member_count=group.member_count + tried)
            refusals = [
                *customer_refusals(customer, _IDENTIFIER),
                *group_refusals(facts),
                *joining.refusals(batch.viewer, customer, _IDENTIFIER),
            ]
            if refusals:
                batch.refuse(item, refusals)
                continue
            members.add(customer.id)
            if job.dry_run:
                tried += 1
                batch.note(item, ItemOutcome.ADDED)
            else:
                began = begin_membership(
                    batch.session, batch.actor, group, customer.id, job.reason, found_by=_IDENTIFIER, job_id=str(job.id)
                )
                batch.note(item, ItemOutcome.ADDED, membership_id=began)


async def _remove(batch: Batch, items: Sequence[Any], customers: dict[UUID, HeldCustomer], group: Group) -> None:
    """End the memberships that another job began, but those that somebody has ended since."""
    are_those = (Membership.id.in_([item.membership_id for item in items]), Membership.until.is_(None))
    still_open = {one.id: one for one in await batch.session.scalars(select(Membership).where(*are_those))}
    for item in items:
        membership = still_open.get(item.membership_id)
        if item.customer_id not in customers:
            batch.refuse(item, [customer_not_found(_IDENTIFIER)])
        elif membership is None:
            batch.note(item, ItemOutcome.SKIPPED, codes=[TOUCHED_SINCE])
        else:
            end_membership(batch.session, batch.actor, group, membership, batch.job.reason, job_id=str(batch.job.id))
            batch.note(item, ItemOutcome.REMOVED, membership_id=membership.id)
