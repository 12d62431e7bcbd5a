"""The README's tables, written from what they describe: settings, roles, permissions."""

from collections.abc import Callable, Mapping

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Scope
from gql.settings import Settings

_SCOPES = {Scope.ALL: "everywhere", Scope.SUBTREE: "office and beneath", Scope.OWN_OFFICE: "own office"}
_SHOWN = {CustomerField.ARREARS: "loans in arrears"}


def settings_table() -> str:
    """One line a setting: environment variable, default, meaning."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name.upper()}` | {_default(field)} | {field.description} |")
    return "\n".join(lines)


def roles_table() -> str:
    """One line a built-in role: what it sees of customers who aren't the viewer's own, and where."""
    lines = [
        "| role | assigned to someone else | nobody's | where | shown besides when LIMITED | can hold a book |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for role in BUILT_IN_ROLES.values():
        sight = [level.name if level else "—" for level in (role.assigned, role.unassigned)]
        limited = Level.LIMITED in (role.assigned, role.unassigned)
        shown = ", ".join(sorted(_SHOWN.get(field, field.value) for field in role.shown_when_limited))
        book = "" if role.never_holds_book else "✓"
        cells = [role.name, *sight, _SCOPES[role.scope], shown if limited else "", book]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def permissions_table() -> str:
    """One line a permission, one column a built-in role."""
    roles = list(BUILT_IN_ROLES.values())
    lines = [f"| permission | {' | '.join(role.name for role in roles)} |", "| --- |" + " :-: |" * len(roles)]
    for permission in Permission:
        ticks = ["✓" if permission in role.permissions else "" for role in roles]
        lines.append(f"| `{permission.value}` | {' | '.join(ticks)} |")
    return "\n".join(lines)


TABLES: Mapping[str, Callable[[], str]] = {
    "settings": settings_table,
    "roles": roles_table,
    "permissions": permissions_table,
}


def with_tables(document: str) -> str:
    """The document with each table renewed between its markers, such as `<!-- settings -->` and `<!-- /settings -->`.

    Raises ValueError where a table has no such place.
    """
    for name, table in TABLES.items():
        before, begin, rest = document.partition(f"<!-- {name} -->")
        _old, end, after = rest.partition(f"<!-- /{name} -->")
        if not begin or not end:
            raise ValueError(f"no place for the table of {name} in the document")
        document = f"{before}{begin}\n{table()}\n{end}{after}"
    return document


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value == "" or isinstance(value, SecretStr):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
