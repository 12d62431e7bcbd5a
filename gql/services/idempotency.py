"""Idempotency keys: a mutation sent twice with one key is done once and answered twice.

A second request with the same key waits for the first, and then repeats its answer; where that takes too long, it is
told that the key is in flight. The key's row is written first in the transaction: a unique index is what no two pass.
Only what was done is remembered: a refusal wrote nothing and can be tried again.
"""

import hashlib
import json
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import IdempotencyKey
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.time import now

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_FIELD: Final = ("idempotencyKey",)
PATIENCE_SECONDS: Final = 1.0
"""For another request with the same key: longer than nearly all take, and no longer than a person minds waiting."""


class Once:
    """One use of an idempotency key; without a key, everything passes and nothing is kept.

    `codes` is the operation's, of which IDEMPOTENCY_CONFLICT and IDEMPOTENCY_IN_FLIGHT are used.
    """

    def __init__(
        self, session: AsyncSession, actor_id: UUID, operation: str, key: str | None, codes: type[StrEnum]
    ) -> None:
        self._session = session
        self._codes = codes
        self._row = (
            IdempotencyKey.actor_id == actor_id,
            IdempotencyKey.operation == operation,
            IdempotencyKey.key == key,
        )
        self._values = {"actor_id": actor_id, "operation": operation, "key": key}
        self._used = key is not None

    async def earlier_answer(
        self, dialect: Dialect, request: "DataclassInstance | dict[str, Any]"
    ) -> dict[str, Any] | None:
        """The answer kept for this key; None where there is none yet. `request` is the wish, or its facts.

        Refused where the key had another request, and where a request with it is being worked on and doesn't end.
        """
        if not self._used:
            return None
        if not await dialect.hold(self._session, repr(sorted(self._values.items())), PATIENCE_SECONDS):
            message = (
                "A request with this idempotency key is being worked on. Send it again in a moment, with this key."
            )
            raise Refused(Refusal(self._codes["IDEMPOTENCY_IN_FLIGHT"], message, _FIELD))
        request_hash = _hash(request)
        fresh = self._values | {"id": new_id(), "request_hash": request_hash, "answer": {}, "created_at": now()}
        if await dialect.insert_if_new(self._session, IdempotencyKey, fresh):
            return None
        kept = (
            await self._session.execute(select(IdempotencyKey.request_hash, IdempotencyKey.answer).where(*self._row))
        ).one()
        if kept.request_hash != request_hash:
            raise Refused(conflict(self._codes))
        answer: dict[str, Any] = kept.answer
        return answer

    async def keep(self, answer: dict[str, Any]) -> None:
        """Remember what was done, as JSON, with the transaction."""
        if self._used:
            await self._session.execute(update(IdempotencyKey).where(*self._row).values(answer=answer))


def _hash(request: "DataclassInstance | dict[str, Any]") -> str:
    """Of all that was asked but the key itself: a wish that has secrets gives its facts without them instead."""
    facts = request if isinstance(request, dict) else asdict(request) | {"idempotency_key": None}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def is_over(codes: type[StrEnum]) -> Refusal:
    """The key stands for something that can't be told again."""
    message = "What began under this idempotency key has ended, or went on since. Use a new key for a new request."
    return Refusal(codes["IDEMPOTENCY_CONFLICT"], message, _FIELD)


def conflict(codes: type[StrEnum]) -> Refusal:
    """The key stands for something else."""
    message = "This idempotency key was used for another request. Use a new key for a new request."
    return Refusal(codes["IDEMPOTENCY_CONFLICT"], message, _FIELD)
