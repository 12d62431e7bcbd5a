"""Access tokens: only ours are taken."""

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gql.auth.tokens import AccessTokens, Claims, fingerprint, new_secret
from gql.domain.enums import SubjectKind
from gql.domain.errors import Unauthenticated
from gql.domain.ids import new_id
from gql.domain.time import now
from tests.auth.accounts import KEY, access_tokens

_SUBJECT, _SESSION = new_id(), new_id()


def _claims(**changed: Any) -> dict[str, Any]:
    moment = int(time.time())
    claims = {
        "iss": "lenddesk",
        "aud": "lenddesk-api",
        "sub": str(_SUBJECT),
        "sid": str(_SESSION),
        "kind": "ADMIN",
        "iat": moment,
        "exp": moment + 600,
        "jti": "one",
    }
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def _signed(claims: dict[str, Any], key: str = KEY, algorithm: str = "HS256") -> str:
    signed = f"{_encoded({'alg': algorithm})}.{_encoded(claims)}"
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[algorithm]
    return f"{signed}.{_base64(hmac.digest(key.encode(), signed.encode(), digest))}"


def _encoded(part: object) -> str:
    return _base64(json.dumps(part).encode())


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _decoded(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.parametrize("kind", [SubjectKind.ADMIN, SubjectKind.CUSTOMER])
def test_an_issued_token_says_whose_session_it_is(kind: SubjectKind) -> None:
    tokens = access_tokens(timedelta(minutes=10))

    issued = tokens.issue(kind, _SUBJECT, _SESSION)

    assert tokens.verify(issued.text) == Claims(kind, _SUBJECT, _SESSION, issued.expires_at)
    assert timedelta(minutes=9) < issued.expires_at - now() <= timedelta(minutes=10)
    assert issued.text not in repr(issued)


def test_a_token_carries_the_promised_claims_and_no_more() -> None:
    tokens = access_tokens()
    header, payload, _ = tokens.issue(SubjectKind.ADMIN, _SUBJECT, _SESSION).text.split(".")

    claims = _decoded(payload)

    assert _decoded(header)["alg"] == "HS256"
    assert set(claims) == {"iss", "aud", "sub", "sid", "kind", "iat", "exp", "jti"}
    assert (claims["iss"], claims["aud"], claims["kind"]) == ("lenddesk", "lenddesk-api", "ADMIN")
    assert (UUID(claims["sub"]), UUID(claims["sid"])) == (_SUBJECT, _SESSION)


def test_a_token_with_an_extension_is_not_taken() -> None:
    """Whoever doesn't know what `crit` names must refuse (RFC 7515, 4.1.11)."""
    signed = f"{_encoded({'alg': 'HS256', 'crit': ['audit'], 'audit': True})}.{_encoded(_claims())}"
    signature = _base64(hmac.digest(KEY.encode(), signed.encode(), "sha256"))

    with pytest.raises(Unauthenticated):
        access_tokens().verify(f"{signed}.{signature}")


def test_a_right_signature_with_another_algorithm_beside_it_is_not_taken() -> None:
    signed = f"{_encoded({'alg': 'none'})}.{_encoded(_claims())}"
    signature = _base64(hmac.digest(KEY.encode(), signed.encode(), "sha256"))

    with pytest.raises(Unauthenticated):
        access_tokens().verify(f"{signed}.{signature}")


def test_two_tokens_of_a_session_differ() -> None:
    tokens = access_tokens()

    assert len({tokens.issue(SubjectKind.ADMIN, _SUBJECT, _SESSION).text for _ in range(3)}) == 3


def test_a_token_of_another_process_with_the_same_key_is_ours() -> None:
    assert access_tokens().verify(_signed(_claims())).subject_id == _SUBJECT


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_change_of_any_part_is_noticed(part: int) -> None:
    tokens = access_tokens()
    good = tokens.issue(SubjectKind.ADMIN, _SUBJECT, _SESSION).text
    tokens.verify(good)  # so that it is remembered: only this very text may be
    parts = good.split(".")
    for position in range(0, len(parts[part]) - 1, 7):
        letter = "A" if parts[part][position] != "A" else "B"
        changed = [*parts]
        changed[part] = parts[part][:position] + letter + parts[part][position + 1 :]
        with pytest.raises(Unauthenticated, match="not an access token"):
            tokens.verify(".".join(changed))


def test_another_subject_under_the_old_signature_is_noticed() -> None:
    header, _, signature = _signed(_claims()).split(".")

    with pytest.raises(Unauthenticated):
        access_tokens().verify(f"{header}.{_encoded(_claims(sub=str(new_id())))}.{signature}")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS512", "RS256", "", None, 5, ["HS256"]])
def test_the_token_does_not_choose_the_algorithm(algorithm: object) -> None:
    _, payload, signature = _signed(_claims()).split(".")

    for ending in ("", signature):
        with pytest.raises(Unauthenticated):
            access_tokens().verify(f"{_encoded({'alg': algorithm})}.{payload}.{ending}")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_our_own_key_with_another_algorithm_is_not_taken(algorithm: str) -> None:
    with pytest.raises(Unauthenticated):
        access_tokens().verify(_signed(_claims(), algorithm=algorithm))


def test_a_foreign_key_is_not_taken() -> None:
    foreign = AccessTokens("another key that is long enough too", timedelta(minutes=10))

    with pytest.raises(Unauthenticated):
        access_tokens().verify(foreign.issue(SubjectKind.ADMIN, _SUBJECT, _SESSION).text)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": ["another-api"]},
        {"aud": None},
        {"sub": None},
        {"sub": "ada"},
        {"sub": 7},
        {"sid": None},
        {"sid": "7"},
        {"kind": None},
        {"kind": "SYSTEM"},
        {"kind": ["ADMIN"]},
        {"kind": "admin"},
        {"iat": None},
        {"iat": int(time.time()) + 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 10**30},
    ],
)
def test_right_key_wrong_claims(changed: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated, match="not an access token"):
        access_tokens().verify(_signed(_claims(**changed)))


def test_an_expired_token_says_what_to_do() -> None:
    expired = access_tokens(timedelta(seconds=-1)).issue(SubjectKind.ADMIN, _SUBJECT, _SESSION)

    with pytest.raises(Unauthenticated, match=r"expired\. Refresh"):
        access_tokens().verify(expired.text)


def test_a_long_expired_token_says_the_same() -> None:
    expired = access_tokens(timedelta(days=-30)).issue(SubjectKind.ADMIN, _SUBJECT, _SESSION)

    with pytest.raises(Unauthenticated, match=r"expired\. Refresh"):
        access_tokens().verify(expired.text)


def test_a_token_that_was_good_before_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = access_tokens(timedelta(minutes=10))
    token = tokens.issue(SubjectKind.ADMIN, _SUBJECT, _SESSION)
    tokens.verify(token.text)
    monkeypatch.setattr("gql.auth.tokens.now", lambda: token.expires_at)

    with pytest.raises(Unauthenticated, match="expired"):
        tokens.verify(token.text)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "a.b.c.d", "é.é.é", "\ud800.a.b", "null", "x" * 100_000, "." * 100_000]
)
def test_what_is_no_token_at_all(text: str) -> None:
    with pytest.raises(Unauthenticated):
        access_tokens().verify(text)


def test_refresh_tokens_are_random_and_stored_by_hash() -> None:
    tokens = {new_secret() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(fingerprint("\ud800")) == 64
