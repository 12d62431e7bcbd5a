"""What of an audit event a viewer may read, and by what events can be looked for."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gql.domain.ids import Kind, to_global_id
from gql.domain.paging import Sort
from gql.domain.policies import Access
from gql.domain.roles import CustomerField

BY_AT: Final = Sort("at", datetime, descending=True)

OF_NO_CUSTOMER: Final = ("admin", "group", "job", "office", "request", "risk_category", "role", "saved_view", "session")
"""Kinds of subjects that are no customer's: events about these are for whoever has `audit.read`. Any other kind is a
customer's, and an event about one that names no customer is only for viewers who see them all."""

_ALWAYS: Final = frozenset(
    {
        "name",
        "number",
        "status",
        "officeId",
        "accountManagerId",
        "adminId",  # whose access was explained: nothing of the customer's
        "coverId",
        "codes",
        "by",
        "foundBy",
        "count",
        "operations",
    }
)
_IF_SHOWN: Final = {
    "email": CustomerField.EMAIL,
    "phone": CustomerField.PHONE,
    "kind": CustomerField.KIND,
    "version": CustomerField.VERSION,
}
_ALIASES: Final = {"accountManagerId": Kind.ADMIN, "delegateId": Kind.ADMIN, "managerId": Kind.ADMIN}
_BY_FIELD: Final = {f"{''.join((kind.type_name[0].lower(), kind.type_name[1:]))}Id": kind for kind in Kind} | _ALIASES


@dataclass(frozen=True, slots=True)
class AuditCriteria:
    """Which events; every given part must hold. An empty `actions` matches none."""

    actor_id: UUID | None = None
    subject_id: UUID | None = None
    customer_id: UUID | None = None
    actions: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    denied_only: bool = False


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """One fact of an event, before and after, as text."""

    field: str
    before: str | None
    after: str | None
    withheld: bool = False


def details_of(details: Mapping[str, Any], access: Access | None) -> list[AuditDetail]:
    """The facts of an event about a customer whom the viewer sees by this access; None for one about no customer.

    With limited access, only what such a view of the customer shows has its values: whatever isn't known to be shown
    is withheld.
    """
    return [
        AuditDetail(name, _text(name, before), _text(name, after))
        if _is_shown(name, access)
        else AuditDetail(name, None, None, withheld=True)
        for name, before, after in _facts(details)
    ]


def shows_subject(subject_kind: str, access: Access | None) -> bool:
    """Whether the viewer may know which record it is: with limited access, no other than the customer."""
    return access is None or access.is_full or subject_kind in ("customer", "session", "admin")


def subject_global_id(subject_kind: str, subject_id: UUID) -> str | None:
    """The global ID of a subject, where its kind has such IDs."""
    kind = Kind.__members__.get(subject_kind.upper())
    return None if kind is None else to_global_id(kind, subject_id)


def _is_shown(name: str, access: Access | None) -> bool:
    if access is None or access.is_full or name in _ALWAYS:
        return True
    return name in _IF_SHOWN and access.shows(_IF_SHOWN[name])


def _facts(details: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """(name, before, after) of each; a fact that has no before is all after."""
    before, after = details.get("before") or {}, details.get("after") or {}
    for name in dict.fromkeys((*before, *after)):
        yield _camel(name), before.get(name), after.get(name)
    for name, value in details.items():
        if name not in ("before", "after"):
            yield _camel(name), None, value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return _global_id(name, value) if value and name in _BY_FIELD else value
    return json.dumps(value, ensure_ascii=False)


def _global_id(name: str, value: str) -> str:
    try:
        return to_global_id(_BY_FIELD[name], UUID(value))
    except ValueError:
        return value
