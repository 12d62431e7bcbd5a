"""What a client holds of a session: an access token, and a chain of refresh tokens of which each is good once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.authenticate import viewer_of_session
from gql.auth.tokens import AccessTokens, RefreshTokens, fingerprint
from gql.db.engine import AnyRow
from gql.db.models import RefreshToken, Session
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.settings import Settings


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a client holds after signing in or refreshing. `expires_at` is the end of the access token's life.

    `replayed`: it is what was issued under the same idempotency key before; nothing was begun or used up now.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    viewer: AdminViewer | CustomerViewer
    refresh_token_id: UUID
    replayed: bool = False

    @property
    def answer(self) -> dict[str, Any]:
        """What to keep under an idempotency key so that `SessionTokens.again` can tell it again: no token."""
        return {"refresh_token_id": str(self.refresh_token_id)}


class SessionTokens:
    """Issues tokens, inside the transactions of those who begin sessions and go on with them."""

    def __init__(self, access: AccessTokens, settings: Settings) -> None:
        self._access = access
        self._refresh = RefreshTokens(settings.signing_key)
        self._life = timedelta(days=settings.refresh_token_days)

    async def issue(
        self, transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, session_id: UUID
    ) -> SignedIn | None:
        """New tokens of a session; None when its owner may not use it any more."""
        viewer = await _viewer(transaction, kind, subject_id, session_id)
        if viewer is None:
            return None
        token_id = new_id()
        text = self._refresh.text_of(token_id)
        await transaction.execute(
            insert(RefreshToken).values(
                id=token_id, session_id=session_id, token_hash=fingerprint(text), issued_at=now()
            )
        )
        return self._signed_in(viewer, token_id)

    async def prolong(self, transaction: AsyncSession, session_id: UUID) -> SignedIn | None:
        """The same, and the session lasts the full time again from now on."""
        moment = now()
        statement = (
            update(Session)
            .where(Session.id == session_id, Session.revoked_at.is_(None), Session.expires_at > moment)
            .values(expires_at=moment + self._life, last_used_at=moment)
            .returning(Session.admin_id, Session.customer_id)
        )
        session = (await transaction.execute(statement)).one_or_none()
        return await self.issue(transaction, *owner_of(session), session_id) if session is not None else None

    async def again(self, transaction: AsyncSession, answer: Mapping[str, Any]) -> SignedIn | None:
        """What was issued once, with an access token for now; None where it was used since, or the session has ended.

        So only a client that never got the first answer has anything of it.
        """
        token_id = UUID(answer["refresh_token_id"])
        statement = (
            select(RefreshToken.session_id, RefreshToken.token_hash, Session.admin_id, Session.customer_id)
            .join(Session, Session.id == RefreshToken.session_id)
            .where(RefreshToken.id == token_id, RefreshToken.used_at.is_(None))
        )
        row = (await transaction.execute(statement)).one_or_none()
        if row is None or row.token_hash != fingerprint(self._refresh.text_of(token_id)):  # the key is another by now
            return None
        viewer = await _viewer(transaction, *owner_of(row), row.session_id)
        return None if viewer is None else self._signed_in(viewer, token_id, replayed=True)

    def _signed_in(self, viewer: AdminViewer | CustomerViewer, token_id: UUID, *, replayed: bool = False) -> SignedIn:
        access = self._access.issue(*viewer.subject, viewer.session_id)
        return SignedIn(access.text, self._refresh.text_of(token_id), access.expires_at, viewer, token_id, replayed)


async def session_of(transaction: AsyncSession, token_hash: str) -> UUID | None:
    """Whose refresh token this is or was."""
    return await transaction.scalar(select(RefreshToken.session_id).where(RefreshToken.token_hash == token_hash))


async def use_up(transaction: AsyncSession, token_hash: str) -> bool:
    """Mark an unused refresh token as used. Of several at once, one is True."""
    statement = (
        update(RefreshToken)
        .where(RefreshToken.token_hash == token_hash, RefreshToken.used_at.is_(None))
        .values(used_at=now())
        .returning(RefreshToken.id)
    )
    return (await transaction.execute(statement)).first() is not None


def owner_of(session: AnyRow) -> tuple[SubjectKind, UUID]:
    """Whose session it is, by a row with `admin_id` and `customer_id`, of which one is null."""
    if session.admin_id is not None:
        return SubjectKind.ADMIN, session.admin_id
    return SubjectKind.CUSTOMER, session.customer_id


async def _viewer(
    transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, session_id: UUID
) -> AdminViewer | CustomerViewer | None:
    async def rows(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        return (await transaction.execute(statement, parameters)).all()

    return await viewer_of_session(rows, kind, subject_id, session_id)
