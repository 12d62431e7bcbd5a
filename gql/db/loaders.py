"""Loaders: batched reads by key, one set for each operation, keyed by what its viewer may see.

`batch` answers many keys of one loader with as few statements as there are kinds of them; `load` is the same for
one key, through aiodataloader. Nothing but offices and admins (`gql/db/references.py`) is kept beyond the operation,
and a mutation renews the set after its commit.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from aiodataloader import DataLoader

from gql.db.engine import Database
from gql.db.job_rows import JobRow
from gql.db.loaded_customers import CUSTOMERS_OF
from gql.db.queries import (
    admins,
    assignment_reviews,
    assignments,
    audit_events,
    books,
    covers,
    criteria_previews,
    customer_actions,
    customers,
    groups,
    interactions,
    jobs,
    loan_requests,
    loans,
    me,
    member_lists,
    memberships,
    notifications,
    offices,
    own_loans,
    profiles,
    proposed_removals,
    related,
    repayment,
    saved_views,
    scheduled_assignments,
    sessions,
    tenures,
)
from gql.db.queries.assignments import ASSIGNMENTS
from gql.db.queries.bank_details import BANK_ACCOUNTS, IDENTIFIERS, bank_accounts_of, identifiers_of
from gql.db.queries.criteria_words import rules_in_words
from gql.db.queries.customer_documents import DOCUMENTS
from gql.db.queries.customer_status import STATUS_CHANGES
from gql.db.queries.group_reviews import GROUP_REVIEWS
from gql.db.queries.group_statistics import group_statistics
from gql.db.queries.loan_requests import LOAN_REQUESTS
from gql.db.queries.member_exports import exports_of_jobs
from gql.db.queries.notifications import OWN_NOTIFICATIONS
from gql.db.queries.repayment import INSTALMENTS, PAYMENTS
from gql.db.rows import CustomerRow
from gql.db.totals import totals
from gql.db.turns import Turns
from gql.domain.policies import AccessMap
from gql.domain.roles import Permission, Role


class View(NamedTuple):
    """What batches read, and for whom."""

    database: Database
    access: AccessMap
    permissions: frozenset[Permission] = frozenset()
    """An admin's; none of anybody else."""
    as_of: int | None = None
    """The version of offices and admins that is recent enough; None where they must be read anew."""
    own_roles: tuple[UUID, Sequence[Role]] | None = None
    """An admin whose roles this request has read already, and these."""


Batch = Callable[[View, Sequence[Any], Any], Awaitable[Sequence[Any]]]
"""(view, distinct keys, argument) → values in the order of the keys."""


Keyed = Callable[[Database, Sequence[Any]], Awaitable[Sequence[Any]]]
"""Reads what is the same for every viewer, by key."""


def _visible(read: Callable[[Database, AccessMap, Sequence[Any]], Awaitable[Sequence[Any]]]) -> Batch:
    """A batch whose answer depends on what the viewer sees."""
    return lambda view, keys, argument: read(view.database, view.access, keys)


def _whoever(read: Keyed) -> Batch:
    """A batch whose answer is the same for every viewer."""
    return lambda view, keys, argument: read(view.database, keys)


def _reference(noun: str, read: Keyed) -> Batch:
    """A batch of rows that are kept between requests."""

    async def batch(view: View, keys: Sequence[Any], argument: Any) -> Sequence[Any]:
        database = view.database
        return await database.references.rows(noun, keys, view.as_of, lambda missing: read(database, missing))

    return batch


def _pages_visible(read: Callable[[Database, AccessMap, Sequence[Any], Any], Awaitable[Sequence[Any]]]) -> Batch:
    """A batch of the same page for each parent, as far as the viewer sees its rows."""
    return lambda view, parents, request: read(view.database, view.access, parents, request)


def _pages_whoever(read: Callable[[Database, Sequence[Any], Any], Awaitable[Sequence[Any]]]) -> Batch:
    """A batch of the same page for each parent, or of what else takes an argument, for every viewer the same."""
    return lambda view, parents, request: read(view.database, parents, request)


def _own_roles(view: View, admin_ids: Sequence[UUID]) -> Sequence[Any] | None:
    """The roles of the viewer, which have been read to know who it is; None where anybody else's are asked for."""
    if view.own_roles is None:
        return None
    admin_id, own = view.own_roles
    return [admins.by_name(own)] if list(admin_ids) == [admin_id] else None


async def _roles_of(view: View, admin_ids: Sequence[UUID], argument: Any) -> Sequence[Any]:
    return _own_roles(view, admin_ids) or await admins.roles_of(view.database, admin_ids)


async def _actions_of(view: View, keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    return await customer_actions.actions_of(view.database, view.permissions, keys)


def _reads(view: View, row: JobRow) -> bool:
    """Whether the viewer asked for the job; with audit.read, everybody's."""
    return row.requested_by_id == view.access.admin_id or Permission.AUDIT_READ in view.permissions


async def _jobs(view: View, keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    found = await jobs.jobs_by_id(view.database, keys)
    return [row if row is not None and _reads(view, row) else None for row in found]


async def _batches(view: View, keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    """The jobs that made assignments, for whoever sees these: of others' jobs no more than that."""
    found = await jobs.jobs_by_id(view.database, keys)
    return [row if row is None or _reads(view, row) else jobs.in_part(row) for row in found]


REFERENCES: Final[Mapping[str, Keyed]] = {"admin": admins.admins_by_id, "office": offices.offices_by_id}
"""What is kept between requests."""

BATCHES: Final[Mapping[str, Batch]] = {
    "customer": _visible(customers.customers_by_id),
    **{noun: _reference(noun, read) for noun, read in REFERENCES.items()},
    "group": _whoever(groups.groups_by_id),
    "job": _jobs,
    "member_export": _whoever(exports_of_jobs),
    "batch": _batches,
    "job_items": _pages_visible(jobs.items_of),
    "customer_actions": _actions_of,
    "assignment": _visible(ASSIGNMENTS.by_id),
    "assignment_made": _whoever(ASSIGNMENTS.by_id_for_anybody),
    "scheduled_assignment": _visible(scheduled_assignments.SCHEDULED.by_id),
    "scheduled_of_customer": _whoever(scheduled_assignments.pending_of),
    "status_change": _visible(STATUS_CHANGES.by_id),
    "interaction": _visible(interactions.INTERACTIONS.by_id),
    "audit_event": _visible(audit_events.events_by_id),
    "audit_trail": _pages_visible(audit_events.trails),
    "cover": _visible(covers.covers_by_id),
    "covers_held": _pages_visible(covers.covers_held),
    "covers_given": _pages_visible(covers.covers_given),
    "identifier": _visible(IDENTIFIERS.by_id),
    "document": _visible(DOCUMENTS.by_id),
    "bank_account": _visible(BANK_ACCOUNTS.by_id),
    "membership": _visible(memberships.memberships_by_id),
    "loan": _visible(loans.LOANS.by_id),
    "guarantor": _visible(profiles.GUARANTORS.by_id),
    "next_of_kin": _visible(profiles.NEXT_OF_KIN.by_id),
    "customer_note": _visible(profiles.NOTES.by_id),
    "savings_account": _visible(profiles.SAVINGS.by_id),
    "profile": _whoever(profiles.profiles_of),
    "addresses": _whoever(profiles.addresses_of),
    "employer": _visible(related.employers_of),
    "guarantors": _whoever(profiles.guarantors_of),
    "next_of_kin_of": _whoever(profiles.next_of_kin_of),
    "back_office": _whoever(profiles.back_offices_of),
    "tags": _whoever(profiles.tags_of),
    "notes": _pages_whoever(profiles.NOTES.pages),
    "savings": _pages_whoever(profiles.SAVINGS.pages),
    "memberships": _pages_whoever(profiles.MEMBERSHIPS.pages),
    "related": _pages_visible(related.related),
    "loan_instalment": _visible(INSTALMENTS.by_id),
    "loan_payment": _visible(PAYMENTS.by_id),
    "loan_request": _visible(LOAN_REQUESTS.by_id),
    "loan_request_of_loan": _visible(loan_requests.requests_of_loans),
    "group_statistics": lambda v, ids, period: group_statistics(v.database, v.access, v.permissions, ids, period),
    "group_review": _whoever(GROUP_REVIEWS.by_id_for_anybody),
    "group_reviews": _pages_whoever(GROUP_REVIEWS.pages),
    "risk_category": _whoever(groups.risk_categories_by_id),
    "excluded_groups": _whoever(groups.excluded_groups),
    "excluded_categories": _whoever(groups.excluded_categories),
    "risk_category_name": _whoever(groups.risk_category_names),
    "roles": _roles_of,
    "book_size": _whoever(customers.book_sizes),
    "balances": _whoever(loans.balances_of),
    "next_due": _whoever(repayment.next_due_of_loans),
    "balance_next_due": _whoever(repayment.next_due_of_balances),
    "balance_risk": _whoever(repayment.risks_of_balances),
    "repayment_performance": _pages_whoever(repayment.performances_of),
    "tenure_performance": _visible(tenures.performances_of_tenures),
    "book_statistics": _pages_visible(books.book_statistics),
    "manager_as_of": _pages_whoever(assignments.managers_as_of),
    "notifications": _whoever(assignments.notifications_of),
    "notification": _visible(notifications.notifications_by_id),
    "unread_notifications": _whoever(notifications.unread_counts),
    "confirmations": _whoever(assignment_reviews.confirmations_of),
    "book": _pages_visible(customers.books),
    "members": _pages_visible(member_lists.members),
    "former_members": _pages_visible(memberships.former_members),
    "proposed_removals": _pages_visible(proposed_removals.proposals_of),
    "proposed_removal": _visible(proposed_removals.proposals_by_id),
    "members_checked_at": _whoever(proposed_removals.checked_at_of),
    "customer_groups": _pages_whoever(memberships.groups_of),
    "assignment_history": _pages_whoever(ASSIGNMENTS.pages),
    "status_history": _pages_whoever(STATUS_CHANGES.pages),
    "interactions": _pages_whoever(interactions.INTERACTIONS.pages),
    "own_loans": _pages_whoever(own_loans.OWN_LOANS.pages),
    "own_next_payment": _whoever(own_loans.next_payments_of),
    "own_callback": _whoever(me.callbacks_of),
    "own_groups": _pages_whoever(me.OWN_GROUPS.pages),
    "own_notifications": _pages_whoever(OWN_NOTIFICATIONS.pages),
    "own_notification": _whoever(OWN_NOTIFICATIONS.by_id_for_anybody),
    "own_bank_accounts": _whoever(bank_accounts_of),
    "identifiers": _whoever(identifiers_of),
    "documents": _pages_whoever(DOCUMENTS.pages),
    "bank_accounts": _pages_whoever(BANK_ACCOUNTS.pages),
    "loans": _pages_whoever(loans.loans_of),
    "saved_views": _whoever(saved_views.saved_views_of),
    "instalments": _pages_whoever(INSTALMENTS.pages),
    "payments": _pages_whoever(PAYMENTS.pages),
    "loan_requests": _pages_whoever(LOAN_REQUESTS.pages),
    "sessions": _whoever(sessions.sessions_of),
    "children": _pages_whoever(offices.children),
    "staff": _pages_whoever(admins.staff),
    "criteria_in_words": _whoever(rules_in_words),
    "criteria_sample": _visible(criteria_previews.samples_fitting),
    "total": _visible(totals),
}


class Loaders:
    """One operation's loaders. `batch` and `load` answer None for what isn't there, or not for this viewer.

    `on_read` is told of all customers that they answer.
    """

    def __init__(self, view: View, on_read: Callable[[Iterable[CustomerRow]], None] | None = None) -> None:
        self._view = view
        self._on_read = on_read
        self._loaders: dict[tuple[str, Hashable], DataLoader[Any, Any]] = {}
        self._turns = Turns(lambda name, keys: self.batch(name, None, keys))

    def expect(self, askers: int) -> None:
        """So many are about to ask for single keys (`one`) side by side: one alone isn't kept waiting for others."""
        self._turns.is_alone = askers == 1

    def at_hand(self, name: str, keys: Sequence[Any]) -> Sequence[Any] | None:
        """The values of distinct keys, in their order, where all of them are known without a statement."""
        if name in REFERENCES:
            return self._view.database.references.at_hand(name, keys, self._view.as_of)
        return _own_roles(self._view, keys) if name == "roles" else None

    async def batch(self, name: str, argument: Any, keys: Sequence[Any]) -> Sequence[Any]:
        """The values of distinct keys, in their order, not remembered. `argument` is what the loader takes besides."""
        values = await BATCHES[name](self._view, keys, argument)
        if self._on_read is not None and name in CUSTOMERS_OF:
            self._on_read(CUSTOMERS_OF[name](values))
        return values

    async def one(self, name: str, key: Hashable) -> Any:
        """The value of one key, read with those that others ask for in the same turn of the loop; not remembered."""
        known = self.at_hand(name, [key])
        return await self._turns.one(name, key) if known is None else known[0]

    def load(self, name: str, key: Hashable, argument: Hashable = None) -> "asyncio.Future[Any]":
        """The value of one key, batched with the others that are asked for in the same turn of the loop.

        Shielded: when a non-null field fails, the executor cancels its siblings, and must not thereby cancel the
        future that other branches of the response wait for too.
        """
        loader = self._loaders.get((name, argument))
        if loader is None:
            loader = self._loaders[name, argument] = DataLoader(functools.partial(self._batch_list, name, argument))
        return asyncio.shield(loader.load(key))

    async def _batch_list(self, name: str, argument: Any, keys: list[Any]) -> list[Any]:
        return list(await self.batch(name, argument, keys))
