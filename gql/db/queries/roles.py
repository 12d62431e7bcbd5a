"""Roles as rows: their columns, and what a row means."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import orjson
import structlog
from sqlalchemy import JSON, Text, cast

from gql.db.engine import AnyRow
from gql.db.models import Role as RoleRow
from gql.domain.roles import CustomerField, Level, Permission, Role, Scope

_log = structlog.get_logger(__name__)
_Name = TypeVar("_Name", bound=StrEnum)
_LEVELS = {level.value: level for level in Level}

ROLE_COLUMNS = tuple(
    (cast(column, Text()) if isinstance(column.type, JSON) else column).label(f"role_{column.key}")
    for column in (
        RoleRow.key,
        RoleRow.name,
        RoleRow.description,
        RoleRow.permissions,
        RoleRow.assigned_level,
        RoleRow.unassigned_level,
        RoleRow.scope,
        RoleRow.shown_when_limited,
        RoleRow.never_holds_book,
        RoleRow.reads_audited,
    )
)
"""What `role_of` reads, each labelled `role_…` so that it can stand beside the columns of an admin.

Lists as the JSON that is stored: most rows have been read before, and are not parsed again.
"""


def role_of(row: AnyRow) -> Role:
    """The role of a row that has ROLE_COLUMNS.

    A row can be older or newer than this code, so a permission or field that isn't known grants nothing, and a
    level that isn't known is NONE. Rows alike give one and the same object.
    """
    return _role(
        row.role_key,
        row.role_name,
        row.role_description,
        row.role_permissions,
        row.role_assigned_level,
        row.role_unassigned_level,
        row.role_scope,
        row.role_shown_when_limited,
        row.role_never_holds_book,
        row.role_reads_audited,
    )


@lru_cache(maxsize=512)
def _role(
    key: str,
    name: str,
    description: str,
    permissions: str,
    assigned: int,
    unassigned: int,
    scope: Scope,
    shown_when_limited: str,
    never_holds_book: bool,
    reads_audited: bool,
) -> Role:
    """Made once for each distinct row, so that what is wrong with it is logged once too, not with every request."""
    return Role(
        key=key,
        name=name,
        description=description,
        permissions=_known(Permission, _texts(permissions), key),
        assigned=_level(assigned, key),
        unassigned=_level(unassigned, key),
        scope=scope,
        shown_when_limited=_known(CustomerField, _texts(shown_when_limited), key),
        never_holds_book=never_holds_book,
        reads_audited=reads_audited,
    )


def _texts(stored: str) -> list[str]:
    value = orjson.loads(stored)
    return [str(item) for item in value] if isinstance(value, list) else []


def _known(kind: type[_Name], names: Iterable[str], role_key: str) -> frozenset[_Name]:
    members = {member.value: member for member in kind}
    unknown = [name for name in names if name not in members]
    if unknown:
        _log.warning("role.names_unknown", role=role_key, kind=kind.__name__, names=unknown)
    return frozenset(members[name] for name in names if name in members)


def _level(value: int, role_key: str) -> Level:
    if value not in _LEVELS:
        _log.warning("role.level_unknown", role=role_key, level=value)
    return _LEVELS.get(value, Level.NONE)
