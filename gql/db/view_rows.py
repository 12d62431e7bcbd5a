"""Saved views as the API shows them: the arguments of the list of customers, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.listing import CustomerOrderField

_STATUSES = frozenset(CustomerStatus)
_TIERS = frozenset(CustomerTier)
_ORDERS = frozenset(CustomerOrderField)


@dataclass(frozen=True, slots=True)
class SavedTimeRangeRow:
    """A span of time."""

    from_: datetime | None
    before: datetime | None


@dataclass(frozen=True, slots=True)
class SavedDayRangeRow:
    """A number of days."""

    min: int | None
    max: int | None


@dataclass(frozen=True, slots=True)
class SavedFilterRow:
    """What `CustomerFilter` was; IDs are the global ones that were given."""

    status: list[CustomerStatus] | None
    office_id: str | None
    include_subtree: bool | None
    account_manager_id: str | None
    has_account_manager: bool | None
    group_id: str | None
    tier: list[CustomerTier] | None
    tag: str | None
    created: SavedTimeRangeRow | None
    days_past_due: SavedDayRangeRow | None


@dataclass(frozen=True, slots=True)
class SavedOrderRow:
    """What `CustomerOrder` was."""

    field: CustomerOrderField
    direction: str


@dataclass(slots=True)
class SavedViewRow:
    """One saved view."""

    id: UUID
    name: str
    search: str | None
    filter: SavedFilterRow
    order_by: SavedOrderRow | None
    created_at: datetime
    updated_at: datetime


def to_saved_view(row: Any) -> SavedViewRow:
    """From a row of the table. What an older or newer release wrote and this one doesn't know is left out."""
    arguments: Mapping[str, Any] = row.arguments
    order = arguments.get("order_by") or {}
    known = order.get("field") in _ORDERS
    return SavedViewRow(
        row.id,
        row.name,
        arguments.get("search"),
        _filter(arguments.get("filter") or {}),
        SavedOrderRow(CustomerOrderField(order["field"]), order["direction"]) if known else None,
        row.created_at,
        row.updated_at,
    )


def _filter(given: Mapping[str, Any]) -> SavedFilterRow:
    statuses, tiers = given.get("status"), given.get("tier")
    created, days = given.get("created"), given.get("days_past_due")
    return SavedFilterRow(
        status=None if statuses is None else [CustomerStatus(one) for one in statuses if one in _STATUSES],
        office_id=given.get("office_id"),
        include_subtree=given.get("include_subtree"),
        account_manager_id=given.get("account_manager_id"),
        has_account_manager=given.get("has_account_manager"),
        group_id=given.get("group_id"),
        tier=None if tiers is None else [CustomerTier(one) for one in tiers if one in _TIERS],
        tag=given.get("tag"),
        created=None if created is None else SavedTimeRangeRow(_moment(created, "from_"), _moment(created, "before")),
        days_past_due=None if days is None else SavedDayRangeRow(days.get("min"), days.get("max")),
    )


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    text = given.get(name)
    return None if text is None else datetime.fromisoformat(text)
