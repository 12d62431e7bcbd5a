"""The lock-out: how often signing in may fail, by account and client address, and by address alone.

Failures are counted by the email as it was typed, whether or not there is such an account: that one is locked tells
nobody that it exists. They are counted by address as well, so that nobody locks others out of their accounts from
afar. A sign-in under way counts as a failure until it has succeeded.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.networks import network_of
from gql.db.engine import Database
from gql.domain.contact import normal_email
from gql.domain.enums import SubjectKind
from gql.services.throttles import Limit, Throttles, Try
from gql.settings import Settings


@dataclass(frozen=True, slots=True)
class SignInAttempt:
    """A sign-in that was let through; `account_key` is what its failures are counted under."""

    account_key: str
    counted: Try


class SignInFailures:
    """The counts, with the limits of the settings."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._throttles = Throttles(database, settings.signing_key)
        self._per_account = Limit(
            settings.sign_in_failures_per_account, timedelta(minutes=settings.sign_in_failures_per_account_minutes)
        )
        self._per_address = Limit(
            settings.sign_in_failures_per_address, timedelta(minutes=settings.sign_in_failures_per_address_minutes)
        )

    async def begin(self, email: str, audience: SubjectKind, client_address: str | None) -> SignInAttempt:
        """Count an attempt as failed, until it is taken back. Raises RateLimited, and counts nothing, when locked."""
        account_key = self._account_key(email, audience, client_address)
        address_key = self._throttles.key("sign-in address", network_of(client_address))
        limits = {account_key: self._per_account, address_key: self._per_address}
        return SignInAttempt(account_key, await self._throttles.begin(limits))

    async def take_back(self, transaction: AsyncSession, attempt: SignInAttempt) -> None:
        """The attempt succeeded: neither it nor the account's failures at this address count any more."""
        await self._throttles.take_back(transaction, attempt.counted, forgiven=attempt.account_key)

    async def forget(
        self, transaction: AsyncSession, email: str, audience: SubjectKind, client_address: str | None
    ) -> None:
        """Let whoever has a new password try it at once."""
        await self._throttles.forget(transaction, self._account_key(email, audience, client_address))

    def _account_key(self, email: str, audience: SubjectKind, client_address: str | None) -> str:
        return self._throttles.key("sign-in account", audience, normal_email(email), network_of(client_address))
