"""Offices and admins by ID, kept between requests: names and work contacts, never what decides who sees whom.

Nearly every answer names some, and they hardly change. Triggers raise a version with each change of either table, in
its transaction; the statement that finds who makes a request reads it along. A row is good for requests of the version
that it was read under, so that no request shows less than what was committed when it began, in whatever process.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gql.db.models import ReferenceVersion

MOST_ROWS: Final = 20_000
"""Of each noun. A lender with more reads those beyond it each time."""

VERSION = select(ReferenceVersion.version).scalar_subquery().label("reference_version")
"""A column for the statement that begins a request."""

Read = Callable[[Sequence[UUID]], Awaitable[Sequence[Any]]]


class References:
    """One process's rows, of the newest version that a request has come with."""

    def __init__(self) -> None:
        self._version = 0
        self._rows: dict[str, dict[UUID, Any]] = {}

    def at_hand(self, noun: str, keys: Sequence[UUID], version: int | None) -> Sequence[Any] | None:
        """The rows of the keys, in their order, where nothing would have to be read."""
        known = self._rows.get(noun) if version == self._version else None
        try:
            return None if known is None else [known[key] for key in keys]
        except KeyError:
            return None

    async def rows(self, noun: str, keys: Sequence[UUID], version: int | None, read: Read) -> Sequence[Any]:
        """The rows of the keys, in their order, None for those not there; `read` reads what isn't known.

        Without a version everything is read.
        """
        if version is None:
            return await read(keys)
        if version > self._version:
            self._version, self._rows = version, {}
        known = self._rows.setdefault(noun, {}) if version == self._version else {}
        missing = [key for key in keys if key not in known]
        if not missing:
            return [known[key] for key in keys]
        found = dict(zip(missing, await read(missing), strict=True))
        rows = [found[key] if key in found else known[key] for key in keys]
        if version == self._version:
            self._keep(noun, found.items())
        return rows

    def _keep(self, noun: str, found: Iterable[tuple[UUID, Any]]) -> None:
        known = self._rows.setdefault(noun, {})
        if len(known) < MOST_ROWS:
            known.update((key, row) for key, row in found if row is not None)
