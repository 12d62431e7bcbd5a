"""Tokens: short-lived signed access tokens, and random ones that are good once: refresh tokens, links in mails."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from gql.auth.signed_claims import NotSigned, claims_in, sign
from gql.domain.enums import SubjectKind
from gql.domain.errors import Unauthenticated
from gql.domain.time import now

_ISSUER = "lenddesk"
_AUDIENCE = "lenddesk-api"
_KINDS = (SubjectKind.ADMIN, SubjectKind.CUSTOMER)
_CLOCK_SKEW = timedelta(seconds=10)
_REMEMBERED = 4096
_EXPIRED = "The access token has expired. Refresh the session."
_FOREIGN = "This is not an access token that LendDesk issued."


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An issued token and the end of its life."""

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token of ours says: whose session it belongs to."""

    kind: SubjectKind
    subject_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens:
    """Issues and verifies JWTs (HS256, nothing else) with one key.

    A token proves whose session it is, not that the session still lasts: each request asks the database that.
    """

    def __init__(self, key: str, life: timedelta) -> None:
        self._key = key.encode()
        self._life = life
        # A signature stays right: clients send the same token again and again, and checking it costs 50 µs.
        self._claims_of = lru_cache(maxsize=_REMEMBERED)(self._check)

    def issue(self, kind: SubjectKind, subject_id: UUID, session_id: UUID) -> AccessToken:
        """A token for a session of an admin or a customer, good from now for the configured life."""
        issued_at = now().replace(microsecond=0)
        expires_at = issued_at + self._life
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(subject_id),
            "sid": str(session_id),
            "kind": kind.value,
            "iat": int(issued_at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_urlsafe(12),
        }
        return AccessToken(sign(claims, self._key), expires_at)

    def verify(self, text: str) -> Claims:
        """What the token says. Raises Unauthenticated for one that we did not issue, or whose life is over.

        So it is for one with more than a life before it: it was issued by a clock that has been set back since.
        """
        claims, moment = self._claims_of(text), now()
        if not moment < claims.expires_at <= moment + self._life + _CLOCK_SKEW:
            raise Unauthenticated(_EXPIRED)
        return claims

    def _check(self, text: str) -> Claims:
        """What a token of ours says, whether or not it has expired."""
        try:
            claims = claims_in(text, self._key)
            kind = SubjectKind(claims["kind"])
            ours = (claims["iss"], claims["aud"]) == (_ISSUER, _AUDIENCE) and kind in _KINDS
            if not ours or _moment(claims["iat"]) > now() + _CLOCK_SKEW:
                raise Unauthenticated(_FOREIGN)
            return Claims(kind, _id(claims["sub"]), _id(claims["sid"]), _moment(claims["exp"]))
        except (NotSigned, LookupError, TypeError, ValueError, OverflowError):
            raise Unauthenticated(_FOREIGN) from None


def _moment(seconds: object) -> datetime:
    """Raises TypeError, ValueError or OverflowError."""
    if not isinstance(seconds, int):
        raise TypeError(seconds)
    return datetime.fromtimestamp(seconds, UTC)


def _id(text: object) -> UUID:
    """Raises TypeError or ValueError."""
    if not isinstance(text, str):
        raise TypeError(text)
    return UUID(text)


def new_secret() -> str:
    """256 random bits, as text for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of a random token: SHA-256, in hex. It needs no salt, as the token can't be guessed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
