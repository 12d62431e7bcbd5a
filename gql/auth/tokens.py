"""Tokens: short-lived signed access tokens, and those that are good once: refresh tokens, links in mails."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import jwt
from jwt.types import Options

from gql.domain.enums import SubjectKind
from gql.domain.errors import Unauthenticated
from gql.domain.time import now

_ISSUER = "lenddesk"
_AUDIENCE = "lenddesk-api"
_ALGORITHM = "HS256"
_KINDS = (SubjectKind.ADMIN, SubjectKind.CUSTOMER)
_OPTIONS: Options = {
    "require": ["iss", "aud", "sub", "sid", "kind", "iat", "exp"],
    "verify_iat": False,  # by our own clock, below, and so is the end
    "verify_exp": False,
}
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
        return AccessToken(jwt.encode(claims, self._key, _ALGORITHM), expires_at)

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
            claims = jwt.decode(text, self._key, [_ALGORITHM], _OPTIONS, audience=_AUDIENCE, issuer=_ISSUER)
            kind, issued_at = SubjectKind(claims["kind"]), datetime.fromtimestamp(claims["iat"], UTC)
            if kind not in _KINDS or issued_at > now() + _CLOCK_SKEW:
                raise Unauthenticated(_FOREIGN)
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
            return Claims(kind, UUID(claims["sub"]), UUID(claims["sid"]), expires_at)
        except (jwt.InvalidTokenError, TypeError, ValueError, AttributeError, OverflowError):
            raise Unauthenticated(_FOREIGN) from None


class RefreshTokens:
    """Makes refresh tokens of their IDs, with one key: nobody else can, and none has to be stored to be told again."""

    def __init__(self, key: str) -> None:
        self._key = hmac.digest(key.encode(), b"lenddesk refresh tokens", hashlib.sha256)

    def text_of(self, token_id: UUID) -> str:
        """256 bits, as text for a URL or a cookie."""
        return base64.urlsafe_b64encode(hmac.digest(self._key, token_id.bytes, hashlib.sha256)).rstrip(b"=").decode()


def new_secret() -> str:
    """256 random bits, as text for a URL or a cookie."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of such a token: SHA-256, in hex. It needs no salt, as the token can't be guessed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
