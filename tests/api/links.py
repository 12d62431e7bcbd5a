"""Links in mails, and signing in, as tests of passwords and invitations need them."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from gql.db.engine import Database
from gql.db.models import OutboxMessage, PasswordToken
from gql.delivery.worker import make_dispatcher
from gql.domain.time import now
from tests.api.client import Api, Client
from tests.factories import PASSWORD
from tests.records import outbox

SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken viewer { admin { name } } userErrors { code } }
}
"""
REFRESH = """
mutation($token: String!) {
  refreshSession(input: {refreshToken: $token}) { accessToken refreshToken userErrors { code } }
}
"""
WHO = "{ viewer { admin { name } customer { displayName } } }"
NEW_PASSWORD = "four words of my own"


async def try_to_sign_in(api: Api, email: str, password: str = PASSWORD, audience: str = "ADMIN") -> dict[str, Any]:
    """The payload of `signIn`."""
    given = {"input": {"email": email, "password": password, "audience": audience}}
    payload: dict[str, Any] = (await api.anonymous.data(SIGN_IN, given))["signIn"]
    return payload


def with_token(api: Api, access_token: str) -> Client:
    """The client of whoever holds an access token."""
    return Client(api.http, {"Authorization": f"Bearer {access_token}"})


async def tokens_sent(database: Database) -> list[str]:
    """The tokens of the links in all mails that wait, oldest first."""
    return [message.secret for message in await outbox(database) if message.secret is not None]


async def deliver(api: Api) -> list[str]:
    """Send what waits, and answer all mails that were ever delivered."""
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    return [mail.read_text() for mail in sorted((api.settings.var_dir / "mail").glob("*.eml"))]


async def let_tokens_age(database: Database, passed: timedelta) -> None:
    """Let time pass, as links see it."""
    async with database.begin() as transaction:
        for token in (await transaction.execute(select(PasswordToken))).scalars():
            token.expires_at -= passed


async def let_mails_age(database: Database, passed: timedelta) -> None:
    """Let time pass, as mails see it."""
    async with database.begin() as transaction:
        await transaction.execute(update(OutboxMessage).values(created_at=now() - passed))
