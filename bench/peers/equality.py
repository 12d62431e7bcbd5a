"""Whether two answers say the same, and where they first don't."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_MISSING = "(nothing)"


def first_difference(expected: Any, found: Any) -> str | None:
    """Where the answers differ, with both values; None where they say the same.

    The order of an object's keys says nothing, nor does how a moment is written: with or without trailing zeros.
    """
    return next(_differences("data", expected, found), None)


def _differences(path: str, expected: Any, found: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected | found:
            yield from _differences(f"{path}.{key}", expected.get(key, _MISSING), found.get(key, _MISSING))
    elif isinstance(expected, list) and isinstance(found, list):
        for number, (one, other) in enumerate(zip_longest(expected, found, fillvalue=_MISSING)):
            yield from _differences(f"{path}[{number}]", one, other)
    elif type(expected) is not type(found) or _value(expected) != _value(found):
        yield f"{path}\n  expected: {_shown(expected)}\n  found:    {_shown(found)}"


def _value(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) and _MOMENT.fullmatch(value) else value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]} ..."
