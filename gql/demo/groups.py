"""The groups, the categories of risk, and who joined and left when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.group_reviews import INTERVAL_DAYS, GroupReviews, is_reviewed, notice
from gql.demo.group_specs import CRITERIA_REGION, HIGH_RISK, PRIME, SPECS, GroupSpec
from gql.demo.loans import Borrowing
from gql.demo.offices import DemoOffice
from gql.demo.plan import Draw, Plan, Row, Rows, Weighted
from gql.demo.removals import Drift
from gql.demo.staff import DemoAdmin, Staff
from gql.domain.criteria_json import digest_of
from gql.domain.enums import CustomerStatus, GroupPurpose, GroupSensitivity, GroupStatus, MembershipFlag
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.notifications import NotificationEvent
from gql.domain.search import search_key

_MOST_GROUPS = 500
_CUSTOMERS_PER_GROUP = 2_000
_USUAL_SIZE = 5_000
_MOST_THOUGHTS = 8
"""Groups that a customer is thought of for, at most; few of them suit."""

_REMINDERS = "SMS Repayment Reminders"
_CATEGORIES = {
    HIGH_RISK: "Customers whose repayment is in doubt.",
    PRIME: "Customers who have earned the best terms.",
}
_PLACES = (
    "Agege Ajah Alimosho Aba Asaba Bauchi Benin Calabar Epe Gombe Gusau Ikorodu Ilesa Ilorin Jalingo Karu Katsina "
    "Kubwa Lafia Lokoja Makurdi Minna Nnewi Nsukka Ogbomoso Ondo Osogbo Owerri Sagamu Sokoto Suleja Surulere Umuahia "
    "Uyo Warri Yenagoa Yola Zaria"
)
_THEMES = (
    ("Artisans", GroupPurpose.SEGMENT),
    ("Cooperative", GroupPurpose.SEGMENT),
    ("Borrowers", GroupPurpose.GEOGRAPHY),
    ("Harvest Loans", GroupPurpose.PRODUCT),
    ("Transport Loans", GroupPurpose.PRODUCT),
    ("Field Visits", GroupPurpose.COLLECTIONS),
    ("Referral Campaign", GroupPurpose.CAMPAIGN),
)
_YEARS = (2024, 2025, 2026)
_TOLD = (_REMINDERS, "2026 Founders Circle", "Customer Advisory Panel", "Women in Business")
"""Those whose members are told that they are in them."""
_STATUS_REASONS = {
    GroupStatus.ACTIVE: "Set up and checked",
    GroupStatus.SUSPENDED: "Stopped for a review",
    GroupStatus.ARCHIVED: "Over; kept for reporting",
}
_ACTIVE = {"status": {"in": ["ACTIVE"]}}
_REASONS = ("Meets the documented criteria", "Proposed by the account manager", "Asked to join", None)


_DIGEST_AGO = timedelta(days=3)
_NOT_REVIEWED: Row = dict.fromkeys(("next_review_at", "reviewed_at", "reviewed_by_id"))
_NOT_REVIEWED |= {"review_told": GroupReviewStatus.NOT_DUE}


class MembershipRow(NamedTuple):
    """A row of memberships."""

    id: UUID
    group_id: UUID
    customer_id: UUID
    since: datetime
    until: datetime | None
    added_by_id: UUID
    reason: str | None
    flag: MembershipFlag | None


@dataclass(slots=True, eq=False)
class DemoGroup:
    """A group while it fills. `open_count` and `changed_at` follow each membership made."""

    id: UUID
    spec: GroupSpec
    created_at: datetime
    closed_at: datetime
    """The last moment at which somebody could join."""
    changed_at: datetime
    reviews: GroupReviews | None = None
    open_count: int = 0

    @property
    def last_used_at(self) -> datetime:
        """When members last came or went, or it was reviewed."""
        return self.changed_at if self.reviews is None else max(self.changed_at, self.reviews.signed_at[-1])

    @property
    def has_room(self) -> bool:
        """Whether the demo adds another open membership."""
        return self.spec.filled_to is None or self.open_count < self.spec.filled_to


def _specs(plan: Plan) -> list[GroupSpec]:
    """The usual groups, and for larger lenders one more for each so many customers."""
    more = max(0, plan.customers - _USUAL_SIZE) // _CUSTOMERS_PER_GROUP
    extra = [
        GroupSpec(
            name=f"{place} {theme} {year}",
            purpose=purpose,
            weight=3,
            age_days=200 + 365 * (_YEARS[-1] - year),
            description=f"{theme} around {place}, looked after by the nearest branch.",
            criteria_text=f"Lives or trades in {place}.",
        )
        for year, (theme, purpose), place in product(reversed(_YEARS), _THEMES, _PLACES.split())
    ]
    return [*SPECS, *extra[: min(more, _MOST_GROUPS - len(SPECS))]]


class Groups:
    """All groups, and the maker of their memberships; customers must come in order."""

    def __init__(self, plan: Plan, offices: Mapping[str, DemoOffice], staff: Staff) -> None:
        self._plan, self._offices, self._staff = plan, offices, staff
        draw = plan.draw("groups")
        self.all = [_group(draw, plan, spec) for spec in _specs(plan)]
        self._keepers = [admin for admin in staff.admins if admin.roles[-1] == "group_administrator"]
        self._categories = {name: draw.id_at(plan.founded) for name in _CATEGORIES}
        self._first_come = [group for group in self.all if group.spec.first_come]
        drawn = [group for group in self.all if group.spec.weight]
        self._drawn = Weighted(drawn, [group.spec.weight for group in drawn])
        self.drift = self._drift(plan.draw("proposed removals"))
        self._reminders = next(group for group in self.all if group.spec.name == _REMINDERS)

    def rows(self) -> Rows:
        """The groups, still without members, and what they refer to."""
        smaller, larger = sorted(self._categories.values())
        return {
            "risk_categories": [
                {"id": self._categories[name], "name": name, "description": text} for name, text in _CATEGORIES.items()
            ],
            "risk_category_exclusions": [{"category_id": smaller, "other_category_id": larger}],
            "groups": [self._row(group, self._keepers[0]) for group in self.all],
            "failed_criteria": [
                {
                    "id": self.drift.criterion_id,
                    "group_id": self.drift.group_id,
                    "digest": digest_of(_ACTIVE),
                    "part": _ACTIVE,
                }
            ],
            "group_checks": [{"group_id": self.drift.group_id, "checked_at": self._plan.now, "failures": 0}],
        }

    def _drift(self, draw: Draw) -> Drift:
        looked_at = next(group for group in self.all if group.spec.wants_active)
        return Drift(looked_at.id, draw.id_at(self._plan.founded), self._keepers[0].id)

    def _row(self, group: DemoGroup, keeper: DemoAdmin) -> Row:
        spec, is_watched = group.spec, group.spec.purpose is GroupPurpose.RISK
        return {
            "id": group.id,
            "name": spec.name,
            "search_name": search_key(spec.name),
            "status": spec.status,
            "purpose": spec.purpose,
            "description": spec.description,
            "criteria_text": spec.criteria_text,
            "criteria": self._criteria(spec),
            "removal_statuses": sorted(spec.leave_by),
            "removes_graduated": False,
            "maximum_members": spec.maximum,
            "member_count": 0,
            "risk_category_id": self._categories[spec.risk] if spec.risk else None,
            "owner_id": keeper.id,
            "sensitivity": GroupSensitivity.SENSITIVE if is_watched else GroupSensitivity.NORMAL,
            "review_interval_days": INTERVAL_DAYS if is_watched else None,
            **(_NOT_REVIEWED if group.reviews is None else group.reviews.state(keeper.id)),
            "last_used_at": group.last_used_at,
            **dict.fromkeys(("kept_until", "kept_reason", "kept_by_id")),
            "visible_to_customers": spec.name in _TOLD,
            **self._status(group, keeper),
            "created_by_id": keeper.id,
            "version": 1 if spec.status is GroupStatus.INACTIVE else 2,
            "created_at": group.created_at,
            "updated_at": group.changed_at,
        }

    def _status(self, group: DemoGroup, keeper: DemoAdmin) -> Row:
        """Since when it has its status, by whom and why; nothing of a group that never had another."""
        reason = _STATUS_REASONS.get(group.spec.status)
        at = group.created_at if group.spec.status is GroupStatus.ACTIVE else group.closed_at
        return {
            "status_reason": reason,
            "status_changed_at": None if reason is None else at,
            "status_changed_by_id": None if reason is None else keeper.id,
        }

    def _criteria(self, spec: GroupSpec) -> dict[str, Any] | None:
        if spec.wants_active:
            return _ACTIVE
        if not spec.has_criteria:
            return None
        region = str(self._offices[CRITERIA_REGION].id)
        return {"all": [_ACTIVE, {"office": {"in": [region], "include_subtree": True}}]}

    def join(self, draw: Draw, customer: DemoCustomer, borrowing: Borrowing) -> list[MembershipRow]:
        """The memberships of one customer, open and past."""
        if customer.kept_free or customer.row.status is CustomerStatus.PENDING:
            return []
        stays = 0.88 if customer.row.status is CustomerStatus.ACTIVE else 0.2
        return [
            self._membership(
                draw,
                customer,
                group,
                is_open=(group.spec.first_come or draw.chance(stays))
                and customer.row.status not in group.spec.leave_by,
            )
            for group in self._chosen(draw, customer, borrowing)
        ]

    def _chosen(self, draw: Draw, customer: DemoCustomer, borrowing: Borrowing) -> list[DemoGroup]:
        """The groups that the customer is or was in; never two that stand for a risk."""
        if customer.is_customer_1:
            return [self._reminders]
        chosen: list[DemoGroup] = []
        if customer.row.status is CustomerStatus.ACTIVE:
            chosen = [group for group in self._first_come if group.has_room]
        begin, end = customer.active_span(self._plan.now)
        for _ in range(draw.randint(0, _MOST_THOUGHTS)):
            group = draw.weighted(self._drawn)
            in_time = begin < group.closed_at and group.created_at < end
            if not in_time or group in chosen or not group.has_room or not group.spec.suits(customer, borrowing):
                continue
            if not (group.spec.risk and any(other.spec.risk for other in chosen)):
                chosen.append(group)
        return chosen

    def _membership(self, draw: Draw, customer: DemoCustomer, group: DemoGroup, *, is_open: bool) -> MembershipRow:
        begin, end = customer.active_span(self._plan.now)
        since = draw.moment(max(group.created_at, begin), min(group.closed_at, end))
        until = None if is_open else draw.moment(since, self._plan.now)
        if is_open:
            group.open_count += 1
        group.changed_at = max(group.changed_at, until or since)
        if group.reviews is not None:
            group.reviews.count(since, until)
        adder = draw.pick(self._keepers) if draw.chance(0.5) else self._staff.assigner(draw, customer.office)
        is_flagged = is_open and customer.row.status is CustomerStatus.BLACKLISTED
        return MembershipRow(
            draw.id_at(since),
            group.id,
            customer.row.id,
            since,
            until,
            adder.id,
            draw.pick(_REASONS),
            MembershipFlag.CUSTOMER_BLACKLISTED if is_flagged else None,
        )

    def final_counts(self) -> list[Row]:
        """Of each group, what its row must say once all memberships are written."""
        return [
            {
                "of_group": group.id,
                "member_count": group.open_count,
                "updated_at": group.changed_at,
                "last_used_at": group.last_used_at,
            }
            for group in self.all
        ]

    def final_rows(self) -> Rows:
        """What was signed of the groups, and what their owner was told: once all memberships are made."""
        draw, owner_id = self._plan.draw("reviews of groups"), self._keepers[0].id
        told_at = self._plan.now - _DIGEST_AGO
        rows: Rows = {
            "group_reviews": [],
            "notifications": [notice(draw, told_at, NotificationEvent.GROUPS_UNUSED, owner_id, None)],
            "unused_group_digests": [{"admin_id": owner_id, "told_at": told_at}],
        }
        for group in self.all:
            if group.reviews is not None:
                for table, more in group.reviews.rows(draw, owner_id).items():
                    rows[table] += more
        return rows


def _group(draw: Draw, plan: Plan, spec: GroupSpec) -> DemoGroup:
    created = plan.now - timedelta(days=spec.age_days) + timedelta(minutes=draw.randrange(600))
    closed = plan.now
    if spec.status in (GroupStatus.SUSPENDED, GroupStatus.ARCHIVED):
        closed = created + (plan.now - created) * 0.6
    key = draw.id_at(created)
    signatures = plan.draw(f"reviews of {spec.name}")
    reviews = GroupReviews(signatures, plan, key, spec.name, created) if is_reviewed(spec.name) else None
    return DemoGroup(key, spec, created, closed, changed_at=created, reviews=reviews)
