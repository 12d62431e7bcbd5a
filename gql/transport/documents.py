"""Documents that are sent by their SHA-256: registered ones, and those that clients have sent before.

A hash that isn't known is answered with PERSISTED_QUERY_NOT_FOUND, upon which a client sends text and hash together
(automatic persisted queries). Where only registered documents are taken, nothing else is executed for anybody.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from gql.db.engine import Database
from gql.domain.errors import BadUserInput, PersistedQueryNotFound
from gql.services.documents import sha256_of, text_of
from gql.transport.request_body import Sent

Value = TypeVar("Value")

_MOST_KEPT: Final = 500
_GOOD_FOR_SECONDS: Final = 30
"""How long a process goes on taking a document that is registered no more."""


class Documents:
    """One process's: registered ones as they were lately, and the newest of the automatic ones."""

    def __init__(
        self, database: Database, *, only_registered: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._only_registered = only_registered
        self._clock = clock
        self._registered: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._automatic: OrderedDict[str, str] = OrderedDict()

    async def find(self, sent: Sent, *, remember: bool) -> tuple[str, bool]:
        """The text of what was sent, and whether it is registered. `remember` a text that came with its hash.

        Raises PersistedQueryNotFound, and BadUserInput for a hash of another text.
        """
        if sent.query is None:
            return await self._by_hash(sent.sha256 or "")
        if sent.sha256 is None and not self._only_registered:
            return sent.query, False
        sha256 = sha256_of(sent.query)
        if sent.sha256 not in (None, sha256):
            raise BadUserInput("The hash is not the SHA-256 of `query`.")
        if self._only_registered:
            if await self._registered_text(sha256) is None:
                raise PersistedQueryNotFound("This server runs registered documents only.")
            return sent.query, True
        if remember:
            _keep(self._automatic, sha256, sent.query)
        return sent.query, False

    async def _by_hash(self, sha256: str) -> tuple[str, bool]:
        text = await self._registered_text(sha256)
        if text is not None:
            return text, True
        automatic = self._automatic.get(sha256)  # none where registered documents alone are taken
        if automatic is None:
            raise PersistedQueryNotFound
        self._automatic.move_to_end(sha256)
        return automatic, False

    async def _registered_text(self, sha256: str) -> str | None:
        moment = self._clock()
        known = self._registered.get(sha256)
        if known is not None and moment - known[1] < _GOOD_FOR_SECONDS:
            return known[0]
        text = await text_of(self._database, sha256)
        if text is None:
            self._registered.pop(sha256, None)
        else:
            _keep(self._registered, sha256, (text, moment))
        return text


def _keep(kept: OrderedDict[str, Value], key: str, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _MOST_KEPT:
        kept.popitem(last=False)
