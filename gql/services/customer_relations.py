"""Relate customers to one another, and take that back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, CustomerRelation, Guarantor
from gql.domain import relations as rules
from gql.domain.errors import Refusal
from gql.domain.ids import new_id
from gql.domain.relations import INVERSE, Relation
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer, refuse
from gql.services.customer_records import access_to, visible_customers
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class RelateCustomers:
    """The wish: `relation` is what the related customer is, or was, to the customer."""

    customer_id: UUID
    related_id: UUID
    relation: Relation
    idempotency_key: str | None = None


class Link(NamedTuple):
    """A relation from the side of the employee, or of the one who is answered for. `relation` is the other's."""

    customer_id: UUID
    related_id: UUID
    relation: Relation


def _link_of(wish: RelateCustomers) -> Link:
    if wish.relation in (Relation.EMPLOYER, Relation.GUARANTOR):
        return Link(wish.customer_id, wish.related_id, wish.relation)
    return Link(wish.related_id, wish.customer_id, INVERSE[wish.relation])


async def relate_customers(database: Database, actor: Actor, viewer: AdminViewer, wish: RelateCustomers) -> Recorded:
    """Say that one customer employs another, or answers for another; `changed` is False where that is said already.

    A guarantor is among the customer's guarantors from then on. Raises Refused (UserErrorCode), with every reason at
    once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "relateCustomers", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        await lock_both(session, viewer, wish.customer_id, wish.related_id)
        link = _link_of(wish)
        changed = not await is_linked(session, link)
        if changed:
            refuse(await link_refusals(session, link))
            add_link(session, actor, link, None)
        await once.keep({"changed": changed})
        return Recorded(wish.customer_id, None, changed)


async def unrelate_customers(database: Database, actor: Actor, viewer: AdminViewer, wish: RelateCustomers) -> Recorded:
    """Take the same back; `changed` is False where it isn't so. Raises Refused, and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "unrelateCustomers", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        await lock_both(session, viewer, wish.customer_id, wish.related_id)
        link = _link_of(wish)
        changed = await is_linked(session, link)
        if changed:
            await remove_link(session, actor, link)
        await once.keep({"changed": changed})
        return Recorded(wish.customer_id, None, changed)


async def lock_both(
    session: AsyncSession, viewer: AdminViewer, customer_id: UUID, related_id: UUID, *also: Refusal
) -> Customer:
    """The customer, whom this viewer may change; the related one must be seen in full, too. Both are locked.

    In the order of their IDs, so that no two requests wait for each other. `also` as in `changeable_customer`.
    """
    if customer_id == related_id:
        return await _refused_as_self(session, viewer, customer_id, also)
    found = await visible_customers(session, viewer, customer_id, related_id)
    refusals = (*_other_refusals(viewer, found[related_id]), *also)
    return await changeable_customer(session, viewer, customer_id, Permission.CUSTOMER_WRITE, also=refusals)


async def _refused_as_self(
    session: AsyncSession, viewer: AdminViewer, customer_id: UUID, also: tuple[Refusal, ...]
) -> Customer:
    refusals = (rules.SELF, *also)
    return await changeable_customer(session, viewer, customer_id, Permission.CUSTOMER_WRITE, also=refusals)


def _other_refusals(viewer: AdminViewer, other: Customer | None) -> Iterator[Refusal]:
    """Why the related customer can't be."""
    if other is None:
        yield rules.OTHER_NOT_FOUND
    elif not access_to(viewer, other).is_full:
        yield rules.OTHER_FORBIDDEN
    else:
        yield from rules.other_refusals(other.status)


async def is_linked(session: AsyncSession, link: Link) -> bool:
    """Whether it is so already."""
    return await session.scalar(select(CustomerRelation.id).where(_is(link))) is not None


def _is(link: Link) -> Any:
    columns = (CustomerRelation.customer_id, CustomerRelation.related_id, CustomerRelation.relation)
    return tuple_(*columns) == tuple_(*link)


async def link_refusals(session: AsyncSession, link: Link) -> list[Refusal]:
    """Why a new link can't be, as the links that there are have it."""
    if link.relation is Relation.GUARANTOR:
        return list(
            rules.limit_refusals("guarantors", await count_guarantors(session, link.customer_id), rules.MOST_GUARANTORS)
        )
    of_employer = (
        CustomerRelation.customer_id == link.customer_id,
        CustomerRelation.relation == Relation.EMPLOYER,
    )
    has_one = await session.scalar(select(CustomerRelation.id).where(*of_employer)) is not None
    return [rules.HAS_EMPLOYER] if has_one else []


async def count_guarantors(session: AsyncSession, customer_id: UUID) -> int:
    """How many the customer has, customers or not."""
    count = select(func.count()).select_from(Guarantor).where(Guarantor.customer_id == customer_id)
    return await session.scalar(count) or 0


def add_link(session: AsyncSession, actor: Actor, link: Link, relationship: str | None) -> UUID | None:
    """Write a link, whose both customers are locked, from both sides; the ID of the guarantor, if it is one."""
    moment = now()
    facts = {"since": moment, "added_by_id": actor.id}
    session.add_all(
        [
            CustomerRelation(customer_id=link.customer_id, related_id=link.related_id, relation=link.relation, **facts),
            CustomerRelation(
                customer_id=link.related_id, related_id=link.customer_id, relation=INVERSE[link.relation], **facts
            ),
        ]
    )
    guarantor_id = None
    if link.relation is Relation.GUARANTOR:
        guarantor_id = new_id()
        session.add(
            Guarantor(
                id=guarantor_id,
                customer_id=link.customer_id,
                guarantor_id=link.related_id,
                relationship=relationship,
                added_by_id=actor.id,
                added_at=moment,
            )
        )
    _record(session, actor, "customer.related", link, "after")
    return guarantor_id


async def remove_link(session: AsyncSession, actor: Actor, link: Link) -> None:
    """Take a link away, whose both customers are locked, on both sides, and the guarantor with it."""
    back = Link(link.related_id, link.customer_id, INVERSE[link.relation])
    await session.execute(delete(CustomerRelation).where(_is(link) | _is(back)))
    if link.relation is Relation.GUARANTOR:
        is_theirs = (Guarantor.customer_id == link.customer_id, Guarantor.guarantor_id == link.related_id)
        await session.execute(delete(Guarantor).where(*is_theirs))
    _record(session, actor, "customer.unrelated", link, "before")


def _record(session: AsyncSession, actor: Actor, action: str, link: Link, when: str) -> None:
    """One event about each of the two."""
    back = Link(link.related_id, link.customer_id, INVERSE[link.relation])
    for one in (link, back):
        facts = {"related_id": str(one.related_id), "relation": one.relation}
        audit.record(session, actor, action, subject_kind="customer", subject_id=one.customer_id, details={when: facts})
