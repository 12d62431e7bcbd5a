"""A customer's own view: their profile, and their account manager's name and work contact. Nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from gql.db.engine import Database
from gql.db.models import Admin, Assignment, Customer, Group, Interaction, Membership, Office
from gql.db.queries.records import Records
from gql.domain.enums import CustomerKind, CustomerStatus, GroupStatus
from gql.domain.interactions import InteractionKind
from gql.domain.own_contact import account_status


@dataclass(slots=True)
class ManagerContactRow:
    """Whom the customer can turn to."""

    name: str
    email: str
    phone: str | None
    office: str
    since: datetime


@dataclass(slots=True)
class MeRow:
    """The customer, as themselves."""

    id: UUID
    number: str
    kind: CustomerKind
    name: str
    email: str
    phone: str
    status: CustomerStatus
    muted: list[str]
    account_manager: ManagerContactRow | None


@dataclass(slots=True)
class CallbackRow:
    """A customer's request to be called."""

    requested_at: datetime
    due_at: datetime


@dataclass(slots=True)
class OwnGroupRow:
    """A group that a customer is told of; `id` is the membership's."""

    id: UUID
    customer_id: UUID
    name: str
    since: datetime


_OF_GROUPS: Final[Sequence[Any]] = (Membership.id, Membership.customer_id, Group.name, Membership.since)
OWN_GROUPS: Final[Records[OwnGroupRow]] = Records(
    select(*_OF_GROUPS)
    .join(Group, Group.id == Membership.group_id)
    .where(Membership.until.is_(None), Group.visible_to_customers, Group.status == GroupStatus.ACTIVE),
    Membership.__table__.c.customer_id,
    OwnGroupRow,
)
"""Of each customer the active groups whose members are told that they are in them."""


_ME = (
    select(
        Customer.id,
        Customer.number,
        Customer.kind,
        Customer.name,
        Customer.email,
        Customer.phone,
        Customer.status,
        Customer.muted,
        Admin.name.label("manager_name"),
        Admin.email.label("manager_email"),
        Admin.phone.label("manager_phone"),
        Office.name.label("manager_office"),
        Assignment.started_at,
    )
    .outerjoin(Admin, Admin.id == Customer.account_manager_id)
    .outerjoin(Office, Office.id == Admin.office_id)
    .outerjoin(Assignment, (Assignment.customer_id == Customer.id) & Assignment.ended_at.is_(None))
    .where(Customer.id == bindparam("customer_id", type_=Uuid()))
)


async def read_me(database: Database, customer_id: UUID) -> MeRow | None:
    """The customer by ID, who must be the viewer; None for one who was shut out meanwhile."""
    for row in await database.rows(_ME, {"customer_id": customer_id}):
        if account_status(row.status) is not None:
            manager = None if row.manager_name is None else ManagerContactRow(*row[8:])
            return MeRow(*(*row[:8], manager))
    return None


async def callbacks_of(database: Database, customer_ids: Sequence[UUID]) -> list[CallbackRow | None]:
    """The request to be called of each customer who waits for it; there is one at most."""
    i = Interaction.__table__.c
    statement = select(i.customer_id, i.occurred_at, i.due_at).where(
        database.dialect.is_one_of(i.customer_id, "ids"),
        i.kind == InteractionKind.CALLBACK_REQUEST,
        i.done_at.is_(None),
    )
    found = {row.customer_id: CallbackRow(*row[1:]) for row in await database.rows(statement, {"ids": [*customer_ids]})}
    return [found.get(key) for key in customer_ids]
