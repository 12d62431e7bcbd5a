"""The whole lender as rows, made piece by piece so that its size doesn't matter."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from gql.demo.credentials import credential_row, hash_of_password
from gql.demo.customers import CustomerMaker
from gql.demo.groups import Groups
from gql.demo.loans import borrow
from gql.demo.offices import make_offices
from gql.demo.plan import Plan, Row, Rows
from gql.demo.staff import admin_role_rows, admin_rows, make_staff

_BATCH = 1_000
"""Customers whose rows are in memory at a time."""

_TABLES_OF_CUSTOMERS = (
    "customers",
    "assignments",
    "credentials",
    "memberships",
    "loans",
    "loan_instalments",
    "loan_payments",
)


class Lender:
    """The rows of one plan. Ask for the frame first, then for the customers, then for what became of the groups."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._offices = make_offices(plan)
        self._staff = make_staff(plan, self._offices)
        self._groups = Groups(plan, self._offices, self._staff)
        self._password_hash = hash_of_password(plan.seed)

    def frame(self, role_ids: Mapping[str, UUID]) -> Rows:
        """Offices, staff, and groups without members; `role_ids` is by the role's key."""
        draw = self._plan.draw("credentials")
        return {
            "offices": [office.row() for office in self._offices.values()],
            "admins": admin_rows(self._staff, self._offices),
            "admin_roles": admin_role_rows(self._staff, role_ids),
            "credentials": [
                credential_row(draw, self._password_hash, admin.created_at, admin_id=admin.id)
                for admin in self._staff.working
            ],
            **self._groups.rows(),
        }

    def batches(self) -> Iterator[Rows]:
        """The customers in the order in which they came, with all that is theirs."""
        maker = CustomerMaker(self._plan, self._offices, self._staff)
        for start in range(0, self._plan.customers, _BATCH):
            yield self._batch(maker, range(start, min(start + _BATCH, self._plan.customers)))

    def _batch(self, maker: CustomerMaker, indexes: range) -> Rows:
        draw = self._plan.draw(f"customers from {indexes.start}")
        rows: Rows = {table: [] for table in _TABLES_OF_CUSTOMERS}
        for index in indexes:
            customer = maker.make(draw, index)
            borrowing = borrow(draw, self._plan, customer)
            rows["customers"].append(customer.row)
            rows["assignments"] += customer.assignments
            rows["memberships"] += self._groups.join(draw, customer, borrowing)
            for table, of_customer in borrowing.rows.items():
                rows[table] += of_customer
            if customer.is_customer_1:
                rows["credentials"].append(
                    credential_row(draw, self._password_hash, customer.created_at, customer_id=customer.id)
                )
        return rows

    def group_updates(self) -> list[Row]:
        """Of each group, by `of_group`, what its row must say once all batches are written."""
        return self._groups.final_counts()
