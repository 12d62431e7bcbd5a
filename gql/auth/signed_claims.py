"""JSON Web Tokens signed with HMAC-SHA-256 (RFC 7515 and 7519) by the standard library: one algorithm, one key.

A library for all algorithms brings elliptic curves and certificates along: 9 MB in each process (docs/adr/0015).
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final

_ALGORITHM: Final = "HS256"


class NotSigned(Exception):
    """A text that isn't claims signed with the key."""


def sign(claims: Mapping[str, Any], key: bytes) -> str:
    """The claims as a token."""
    signed = b".".join((_encoded({"alg": _ALGORITHM, "typ": "JWT"}), _encoded(claims)))
    return b".".join((signed, _signature(signed, key))).decode()


def claims_in(text: str, key: bytes) -> Mapping[str, Any]:
    """The claims of a token. Raises NotSigned; nothing in the text is looked at before its signature is right.

    What the token says of its algorithm decides nothing: it must be ours (RFC 8725, 3.1). So must extensions: none.
    """
    try:
        signed, _, signature = text.encode("ascii").rpartition(b".")
        if not hmac.compare_digest(signature, _signature(signed, key)):
            raise NotSigned
        header, claims = map(_decoded, signed.split(b"."))
    except ValueError:  # not ASCII, not two parts before the signature, not base64, not JSON
        raise NotSigned from None
    if header.get("alg") != _ALGORITHM or "crit" in header:
        raise NotSigned
    return claims


def _signature(signed: bytes, key: bytes) -> bytes:
    return _base64(hmac.digest(key, signed, hashlib.sha256))


def _encoded(part: Mapping[str, Any]) -> bytes:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")


def _decoded(part: bytes) -> dict[str, Any]:
    decoded = json.loads(urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    if not isinstance(decoded, dict):
        raise NotSigned
    return decoded
