"""The README's table of settings, written from the settings themselves."""

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from gql.settings import Settings

BEGIN, END = "<!-- settings -->", "<!-- /settings -->"
"""The table stands between these lines."""


def settings_table() -> str:
    """A Markdown table with one line a setting: environment variable, default, meaning. Ends without a newline."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name.upper()}` | {_default(field)} | {field.description} |")
    return "\n".join(lines)


def with_settings_table(document: str) -> str:
    """The document with the table between its markers renewed. Raises ValueError where it has no such place."""
    before, begin, rest = document.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END} in the document")
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or isinstance(value, SecretStr):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
