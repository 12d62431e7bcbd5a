"""Throttles: how often something was tried lately, under keys such as an account and an address; exact under races.

A try is counted before its work begins and taken back by what ends well, so that of many at once no more begin than
may fail. Each key is one row, locked while it is counted; it holds the moments of the last tries, so that every
stretch of time counts and not only each full hour. Keys are keyed hashes: the table tells nobody who tried what.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Throttle
from gql.domain.errors import RateLimited
from gql.domain.time import now

_TOO_MANY = "There were too many tries. Wait a while, then try again."
"""The same whatever was tried too often: it must not tell what exists."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tries within any stretch of that length."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was let through, as it is counted under its keys."""

    keys: tuple[str, ...]
    moment: str


class Throttles:
    """The counts of one database, under keys that only holders of the secret can make."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._secret = hmac.digest(secret.encode(), b"lenddesk throttles", hashlib.sha256)

    def key(self, *parts: str) -> str:
        """The key of a purpose and what is counted by, such as an email and an address."""
        # Lengths, so that no two lists of parts make one text.
        text = "".join(f"{len(part)}:{part}" for part in parts).encode(errors="surrogatepass")
        return hmac.digest(self._secret, text, hashlib.sha256).hex()

    async def begin(self, limits: Mapping[str, Limit]) -> Try:
        """Count a try under each key. Raises RateLimited, and counts nothing, where one of them has had its most."""
        async with self._database.begin() as transaction:
            return await self.begin_within(transaction, limits)

    async def begin_within(self, transaction: AsyncSession, limits: Mapping[str, Limit]) -> Try:
        """The same in a transaction, which must not have locked anything before."""
        moment = now()
        keys = tuple(sorted(limits))  # always locked in one order, or two tries could wait for each other
        for key in keys:
            limit = limits[key]
            # Later ones than that were counted before the clock was set back: nobody is locked out until it is there.
            since, until = ((moment + sign * limit.within).isoformat() for sign in (-1, 1))
            recent = [tried for tried in await self._locked(transaction, key, moment) if since < tried <= until]
            if len(recent) >= limit.most:
                raise RateLimited(_TOO_MANY)
            await _write(transaction, key, [*recent, moment.isoformat()], moment + limit.within)
        return Try(keys, moment.isoformat())

    async def take_back(self, transaction: AsyncSession, ended_well: Try, *, forgiven: str) -> None:
        """Don't count a try any more, nor any other under the `forgiven` key; before all else in the transaction."""
        for key in ended_well.keys:
            if key == forgiven:
                await self.forget(transaction, key)
                continue
            row = (await transaction.execute(_row(key))).one_or_none()
            if row is not None and ended_well.moment in row.tries:
                tries = list(row.tries)
                tries.remove(ended_well.moment)
                await _write(transaction, key, tries, row.expires_at)

    async def forget(self, transaction: AsyncSession, key: str) -> None:
        """Don't count what was tried under the key."""
        await transaction.execute(delete(Throttle).where(Throttle.key == key))

    async def _locked(self, transaction: AsyncSession, key: str, moment: datetime) -> list[str]:
        """The moments of the tries under the key, whose row is made if need be; nobody else counts meanwhile."""
        while True:
            fresh = {"key": key, "tries": [], "expires_at": moment}
            if await self._database.dialect.insert_if_new(transaction, Throttle, fresh):
                return []
            row = (await transaction.execute(_row(key))).one_or_none()
            if row is not None:  # it was not deleted between the two statements
                return list(row.tries)


def _row(key: str) -> Select[list[str], datetime]:
    return select(Throttle.tries, Throttle.expires_at).where(Throttle.key == key).with_for_update()


async def _write(transaction: AsyncSession, key: str, tries: list[str], expires_at: datetime) -> None:
    statement = update(Throttle).where(Throttle.key == key).values(tries=tries, expires_at=expires_at)
    await transaction.execute(statement.execution_options(synchronize_session=False))
