"""Counts of whole lists, asked for by what is counted: a key of its own kind for each kind of list."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from gql.db.engine import Database
from gql.db.queries import (
    admins,
    assignment_reviews,
    audit_events,
    covers,
    customers,
    group_reviews,
    groups,
    interactions,
    jobs,
    loan_requests,
    memberships,
    notifications,
    offices,
    proposed_removals,
    records,
    related,
    scheduled_assignments,
    unused_groups,
)
from gql.db.queries.criteria_previews import CriteriaTotal, count_fitting
from gql.db.queries.customer_lists import CustomersTotal, count_customers
from gql.db.queries.customer_relevance import RelevantTotal, count_relevant
from gql.domain.policies import AccessMap

Counter = Callable[[Database, AccessMap, Sequence[Any]], Awaitable[Sequence[int]]]


def _for_all(count: Callable[[Database, Sequence[Any]], Awaitable[Sequence[int]]]) -> Counter:
    """A counter whose answer is the same for every viewer."""
    return lambda database, access, keys: count(database, keys)


async def _each(keys: Sequence[Any], read: Callable[[Any], Awaitable[int]]) -> list[int]:
    return [await read(key) for key in keys]


_COUNTERS: Mapping[type, Counter] = {
    CustomersTotal: lambda db, access, keys: _each(keys, lambda k: count_customers(db, access, k)),
    CriteriaTotal: lambda db, access, keys: _each(keys, lambda k: count_fitting(db, access, k)),
    RelevantTotal: lambda db, access, keys: _each(keys, lambda k: count_relevant(db, access, k)),
    customers.BookTotal: customers.count_books,
    groups.GroupListTotal: lambda db, access, keys: _each(keys, lambda k: groups.count_groups(db, k.criteria)),
    group_reviews.DueReviewsTotal: lambda db, access, keys: _each(keys, lambda k: group_reviews.count_due(db, k)),
    group_reviews.ChangesTotal: lambda db, access, keys: _each(
        keys, lambda k: group_reviews.count_changes(db, access, k)
    ),
    unused_groups.UnusedTotal: lambda db, access, keys: _each(keys, lambda k: unused_groups.count_unused(db, k)),
    offices.OfficesTotal: lambda db, access, keys: _each(keys, lambda k: offices.count_offices(db, k.criteria)),
    offices.ChildrenTotal: _for_all(offices.count_children),
    admins.AdminsTotal: lambda db, access, keys: _each(keys, lambda k: admins.count_admins(db, k.criteria)),
    admins.StaffTotal: _for_all(admins.count_staff),
    memberships.MembersTotal: memberships.count_members,
    memberships.FormerTotal: memberships.count_former,
    proposed_removals.ProposalsTotal: proposed_removals.count_proposals,
    memberships.GroupsTotal: _for_all(memberships.count_groups_of),
    interactions.DueTotal: lambda db, access, keys: _each(keys, lambda k: interactions.count_due(db, access, k)),
    audit_events.AuditTotal: lambda db, access, keys: _each(
        keys, lambda k: audit_events.count_events(db, access, k.criteria)
    ),
    covers.HeldTotal: covers.count_held,
    covers.GivenTotal: covers.count_given,
    audit_events.TrailTotal: _for_all(audit_events.count_trails),
    jobs.JobsTotal: lambda db, access, keys: _each(keys, lambda k: jobs.count_jobs(db, k)),
    jobs.ItemsTotal: _for_all(jobs.count_items),
    records.RecordsTotal: _for_all(records.count_records),
    related.RelatedTotal: related.count_related,
    loan_requests.QueueTotal: lambda db, access, keys: _each(
        keys, lambda k: loan_requests.count_requests(db, access, k.criteria)
    ),
    notifications.NotificationsTotal: lambda db, access, keys: _each(
        keys, lambda k: notifications.count_notifications(db, k)
    ),
    assignment_reviews.ReviewsTotal: lambda db, access, keys: _each(
        keys, lambda k: assignment_reviews.count_reviews(db, access, k)
    ),
    scheduled_assignments.ScheduleTotal: lambda db, access, keys: _each(
        keys, lambda k: scheduled_assignments.count_scheduled(db, access, k.criteria)
    ),
}


async def totals(database: Database, access: AccessMap, keys: Sequence[Any]) -> Sequence[Any]:
    """The counts of whole lists: one statement per kind of list, or per root list.

    The kinds are dataclasses: equal tuples of two kinds would be one key, and one list's count another's.
    """
    found: dict[Any, int] = {}
    for kind in {type(key) for key in keys}:
        alike = [key for key in keys if type(key) is kind]
        found.update(zip(alike, await _COUNTERS[kind](database, access, alike), strict=True))
    return [found[key] for key in keys]
