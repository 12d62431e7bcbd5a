"""Signed links to bytes: good for minutes, for one purpose, one subject and one session.

Whoever has the link needs nothing else, as a browser that opens it has nothing else to send. So it is good only as
long as the session is for which it was made, and what its admin may see is looked at again when it is used.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final
from uuid import UUID

from gql.domain.time import now

_MAC_BYTES: Final = 32
_BODY_BYTES: Final = 1 + 3 * 16 + 4


class Purpose(Enum):
    """What a link is for."""

    UPLOAD = b"u"
    """A document's bytes to the server; the subject is the document."""
    DOWNLOAD = b"d"
    """The same from it."""
    IMPORT = b"i"
    """A file of customers to a job that waits for it; the subject is the job."""
    REPORT = b"r"
    """What came of a job's items; the subject is the job."""
    EXPORT = b"e"
    """An export's bytes from the server, once; the subject is the job that made it."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says."""

    purpose: Purpose
    subject_id: UUID
    admin_id: UUID
    session_id: UUID
    expires_at: datetime


class Links:
    """Makes and reads links, with one key."""

    def __init__(self, key: str, life: timedelta) -> None:
        self._key = hmac.digest(key.encode(), b"lenddesk document links", hashlib.sha256)
        self._life = life

    def make(self, purpose: Purpose, subject_id: UUID, admin_id: UUID, session_id: UUID) -> Link:
        """A link that is good from now."""
        expires_at = (now() + self._life).replace(microsecond=0)
        return Link(purpose, subject_id, admin_id, session_id, expires_at)

    def earlier(self, link: Link, by: timedelta) -> Link:
        """The same, that ends earlier."""
        return replace(link, expires_at=link.expires_at - by)

    def text_of(self, link: Link) -> str:
        """As it stands in an address."""
        seconds = int(link.expires_at.timestamp()).to_bytes(4, "big")
        ids = link.subject_id.bytes + link.admin_id.bytes + link.session_id.bytes
        body = link.purpose.value + ids + seconds
        return urlsafe_b64encode(body + self._mac(body)).rstrip(b"=").decode()

    def read(self, text: str) -> Link | None:
        """What a link of ours says, whether or not it is good; None for any other text."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (NotBase64, ValueError):
            return None
        body, mac = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
        if len(mac) != _MAC_BYTES or not hmac.compare_digest(mac, self._mac(body)):
            return None
        subject_id, admin_id, session_id = (UUID(bytes=body[at : at + 16]) for at in (1, 17, 33))
        expires_at = datetime.fromtimestamp(int.from_bytes(body[-4:], "big"), UTC)
        return Link(Purpose(body[:1]), subject_id, admin_id, session_id, expires_at)

    def is_good(self, link: Link, purpose: Purpose) -> bool:
        """Whether it is for this purpose, and its time isn't over."""
        moment = now()
        # Later ones are of a clock that has been set back since.
        return link.purpose is purpose and moment < link.expires_at <= moment + self._life

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)
