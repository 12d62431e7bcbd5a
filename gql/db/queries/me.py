"""A customer's own view: their profile, and their account manager's name and work contact. Nothing else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from gql.db.engine import Database
from gql.db.models import Admin, Assignment, Customer, Office
from gql.domain.enums import CustomerStatus


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
    name: str
    email: str
    phone: str
    status: CustomerStatus
    account_manager: ManagerContactRow | None


_ME = (
    select(
        Customer.id,
        Customer.number,
        Customer.name,
        Customer.email,
        Customer.phone,
        Customer.status,
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
    """The customer by ID, who must be the viewer."""
    for row in await database.rows(_ME, {"customer_id": customer_id}):
        manager = None if row.manager_name is None else ManagerContactRow(*row[6:])
        return MeRow(*(*row[:6], manager))
    return None
