"""The whole lender as rows, made piece by piece so that its size doesn't matter."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from gql.demo.covers import cover_rows
from gql.demo.credentials import credential_row, hash_of_password
from gql.demo.customers import CustomerMaker
from gql.demo.groups import Groups
from gql.demo.interactions import interactions
from gql.demo.loan_requests import requests
from gql.demo.loans import borrow
from gql.demo.notifications import notification_rows, own_rows
from gql.demo.numbers import Numbers
from gql.demo.offices import make_offices
from gql.demo.plan import Batch, Plan, Row, Rows
from gql.demo.profiles import Profiles
from gql.demo.scheduled import scheduled
from gql.demo.staff import admin_role_rows, admin_rows, make_staff
from gql.demo.statuses import status_changes
from gql.demo.trail import events
from gql.vault.sealing import Vault

_STRETCH = 1_000
"""Customers made from one source of chance."""

_TABLES_OF_CUSTOMERS = (
    "customers",
    "assignments",
    "scheduled_assignments",
    "customer_status_changes",
    "interactions",
    "customer_identifiers",
    "bank_accounts",
    "credentials",
    "memberships",
    "proposed_removals",
    "loans",
    "loan_instalments",
    "loan_payments",
    *Profiles.TABLES,
    "loan_requests",
)


def _no_rows() -> Batch:
    return {table: [] for table in _TABLES_OF_CUSTOMERS}


class Lender:
    """The rows of one plan. Ask for the frame first, then for the customers, then for what became of the groups."""

    def __init__(self, plan: Plan, vault: Vault | None = None) -> None:
        self._plan = plan
        self._numbers = None if vault is None else Numbers(plan, vault)
        self._offices = make_offices(plan)
        self._staff = make_staff(plan, self._offices)
        self._groups = Groups(plan, self._offices, self._staff)
        self._events: list[Row] = []
        self._told: dict[str, list[Row]] = {"notifications": [], "own_notifications": []}
        self._password_hash = hash_of_password(plan.seed)

    def frame(self, role_ids: Mapping[str, UUID]) -> Rows:
        """Offices, staff, and groups without members; `role_ids` is by the role's key."""
        draw = self._plan.draw("credentials")
        return {
            "offices": [office.row() for office in self._offices.values()],
            "admins": admin_rows(self._staff, self._offices),
            "admin_roles": admin_role_rows(self._staff, role_ids),
            "covers": cover_rows(self._plan, self._staff),
            "credentials": [
                credential_row(draw, self._password_hash, admin.created_at, admin_id=admin.id)._asdict()
                for admin in self._staff.working
            ],
            **self._groups.rows(),
        }

    def batches(self, batch: int) -> Iterator[Batch]:
        """The customers in the order in which they came, with all that is theirs; `batch` customers or more at a time.

        The rows don't depend on `batch`.
        """
        maker, profiles = CustomerMaker(self._plan, self._offices, self._staff), Profiles(self._plan, self._staff)
        rows = _no_rows()
        for start in range(0, self._plan.customers, _STRETCH):
            self._add(rows, maker, profiles, range(start, min(start + _STRETCH, self._plan.customers)))
            if len(rows["customers"]) >= batch:
                yield rows
                rows = _no_rows()
        if rows["customers"]:
            yield rows

    def _add(self, rows: Batch, maker: CustomerMaker, profiles: Profiles, indexes: range) -> None:
        draw = self._plan.draw(f"customers from {indexes.start}")
        changes = self._plan.draw(f"changes of status from {indexes.start}")
        lives = self._plan.draw(f"profiles from {indexes.start}")
        dealings = self._plan.draw(f"interactions from {indexes.start}")
        trail = self._plan.draw("audit trail")
        notices = self._plan.draw(f"notifications from {indexes.start}")
        numbers = self._plan.draw(f"numbers from {indexes.start}")
        to_come = self._plan.draw(f"scheduled assignments from {indexes.start}")
        drifted = self._plan.draw(f"proposed removals from {indexes.start}")
        asked = self._plan.draw(f"loan requests from {indexes.start}")
        for index in indexes:
            customer = maker.make(draw, index)
            borrowing = borrow(draw, self._plan, customer)
            profiles.add(rows, lives, index, customer)
            rows["customers"].append(customer.row._replace(oldest_unpaid_due_on=borrowing.oldest_unpaid_due_on))
            rows["assignments"] += customer.assignments
            changed = list(status_changes(changes, customer.row))
            rows["customer_status_changes"] += changed
            if indexes.start == 0:
                self._events += events(trail, customer.assignments, changed)
            self._told["notifications"] += notification_rows(notices, self._plan, self._staff, customer)
            rows["scheduled_assignments"] += scheduled(to_come, self._plan, self._staff, customer)
            rows["interactions"] += interactions(dealings, self._plan, customer)
            joined = self._groups.join(draw, customer, borrowing)
            rows["memberships"] += joined
            still_in = [(one.id, one.group_id, one.since) for one in joined if one.until is None]
            rows["proposed_removals"] += self._groups.drift.proposals(drifted, self._plan, customer, still_in)
            rows["loans"] += borrowing.loans
            rows["loan_instalments"] += borrowing.instalments
            rows["loan_payments"] += borrowing.payments
            if self._numbers is not None:
                rows["customer_identifiers"] += self._numbers.identifiers(numbers, index, customer.row)
                rows["bank_accounts"] += self._numbers.accounts(numbers, index, customer.row)
            rows["loan_requests"] += requests(asked, self._plan, self._staff, customer, borrowing, index)
            if customer.is_customer_1:
                row = customer.row
                rows["credentials"].append(
                    credential_row(draw, self._password_hash, row.created_at, customer_id=row.id)
                )
                self._told["own_notifications"] += own_rows(notices, self._plan, row.id)

    def notifications(self) -> Rows:
        """What manager1 and manager2 were told, customer1, and whoever keeps groups, and what these have signed.

        Once all customers are written.
        """
        found = self._groups.final_rows()
        return {**found, **{table: [*rows, *found.get(table, [])] for table, rows in self._told.items()}}

    def audit_events(self) -> list[Row]:
        """What was done about the first customers: to be written last of all, for these rows can't be deleted."""
        return self._events

    def group_updates(self) -> list[Row]:
        """Of each group, by `of_group`, what its row must say once all batches are written."""
        return self._groups.final_counts()
