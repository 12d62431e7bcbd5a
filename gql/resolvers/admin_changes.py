"""Team members leave and come back, change offices and roles."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from gql.context import Context
from gql.db.engine import Database
from gql.db.rows import AdminRow
from gql.domain import admin_changes as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.services.admin_changes import AdminChanged, ChangeAdmin, activate_admin, deactivate_admin
from gql.services.admin_moves import ChangeAdminOffice, SetAdminRoles, change_admin_office, set_admin_roles
from gql.services.audit import Actor

_Wish = TypeVar("_Wish", bound=ChangeAdmin)


@dataclass(frozen=True, slots=True)
class AdminPayload:
    """The admin as they are now, or why nothing was done."""

    admin: AdminRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def deactivate(context: Context, arguments: Arguments) -> AdminPayload:
    """Let an admin sign in no more."""
    return await _change(context, ChangeAdmin(**_common(arguments)), deactivate_admin)


async def activate(context: Context, arguments: Arguments) -> AdminPayload:
    """Let an admin sign in again."""
    return await _change(context, ChangeAdmin(**_common(arguments)), activate_admin)


async def change_office(context: Context, arguments: Arguments) -> AdminPayload:
    """Move an admin to another office."""
    wish = ChangeAdminOffice(
        **_common(arguments),
        office_id=parse_id_of(Kind.OFFICE, arguments["office_id"]),
        acknowledge_warnings=bool(arguments.get("acknowledge_warnings")),
    )
    return await _change(context, wish, change_admin_office)


async def set_roles(context: Context, arguments: Arguments) -> AdminPayload:
    """Give an admin other roles."""
    wish = SetAdminRoles(**_common(arguments), role_keys=tuple(arguments["role_keys"]))
    return await _change(context, wish, set_admin_roles)


def _common(arguments: Arguments) -> dict[str, Any]:
    return {
        "admin_id": parse_id_of(Kind.ADMIN, arguments["admin_id"]),
        "reason": required_reason_of(arguments),
        "idempotency_key": idempotency_key_of(arguments),
    }


async def _change(
    context: Context,
    wish: _Wish,
    use_case: Callable[[Database, Actor, AdminViewer, _Wish], Awaitable[AdminChanged]],
) -> AdminPayload:
    if isinstance(context.viewer, CustomerViewer):
        return AdminPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await use_case(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return AdminPayload(user_errors=refused.refusals)
    context.renew()
    return AdminPayload(await context.loaders.one("admin", done.admin_id), done.changed, done.replayed)
