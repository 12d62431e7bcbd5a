"""Files of a group's members that leave the system: who may have them, for how long, and what stands in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.jobs import UNDER_WAY, JobStatus

LIFE: Final = timedelta(hours=24)
"""For which an export is kept once it is made."""
MOST_KEYS: Final = 20
LONGEST_KEY: Final = 1_000
SHORTEST_PASSPHRASE: Final = 12
LONGEST_PASSPHRASE: Final = 200

HEADING: Final = (
    "number",
    "name",
    "status",
    "office",
    "accountManager",
    "kind",
    "email",
    "phone",
    "memberSince",
    "addedBy",
    "reason",
    "exportedBy",
    "exportedAt",
    "exportId",
)
"""The columns. The last three are the watermark: on each row, so that part of a file still says whose it was."""


class ExportFormat(StrEnum):
    """In what an export is written."""

    CSV = "CSV"
    XLSX = "XLSX"


class ExportStatus(StrEnum):
    """How far an export is."""

    PENDING = "PENDING"
    READY = "READY"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


class ExportErrorCode(StrEnum):
    """Why members are not exported, or an export can't be fetched."""

    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    EXPORT_NOT_FOUND = "EXPORT_NOT_FOUND"
    NOT_READY = "NOT_READY"
    EXPIRED = "EXPIRED"
    INVALID = "INVALID"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_GROUP: Final = ("groupId",)
_JOB: Final = ("jobId",)
GROUP_NOT_FOUND: Final = Refusal(
    ExportErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
FORBIDDEN: Final = Refusal(
    ExportErrorCode.FORBIDDEN,
    "You may not export the members of groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)
MAY_NOT_FETCH: Final = Refusal(
    ExportErrorCode.FORBIDDEN, "You may not export the members of groups any more. Ask who gave you your roles.", _JOB
)
EXPORT_NOT_FOUND: Final = Refusal(
    ExportErrorCode.EXPORT_NOT_FOUND, "There is no such export of yours. Pick one from your jobs.", _JOB
)
NOT_READY: Final = Refusal(
    ExportErrorCode.NOT_READY, "This export is not ready. Wait for its job, or export the members again.", _JOB
)
EXPIRED: Final = Refusal(
    ExportErrorCode.EXPIRED, "This export has expired, and its file is gone. Export the members again.", _JOB
)


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who can open a file: the holders of keys, or of a passphrase; one of the two."""

    public_keys: tuple[str, ...] = ()
    passphrase: str | None = None


def recipients_refusals(recipients: Recipients, malformed: Sequence[int], flaw: str | None) -> Iterator[Refusal]:
    """Why a file can't be closed for them: keys at these places are none, or the passphrase has this flaw."""
    keys = recipients.public_keys
    if len(keys) > MOST_KEYS:
        yield _invalid(f"A file is for {MOST_KEYS} keys at most.", "recipients", "publicKeys")
    elif not keys and recipients.passphrase is None:
        yield _invalid("Name a key, or give a passphrase.", "recipients", "publicKeys")
    for place in malformed[:MOST_KEYS]:
        message = "This is no public key of age or SSH. An age key begins with `age1`, an SSH key with `ssh-`."
        yield _invalid(message, "recipients", "publicKeys", str(place))
    if flaw is not None:
        yield _invalid(flaw, "recipients", "passphrase")


def _invalid(message: str, *field: str) -> Refusal:
    return Refusal(ExportErrorCode.INVALID, message, field)


def passphrase_flaw(passphrase: str) -> str | None:
    """Why this is no passphrase for a file that leaves the house, where anybody can try as often as they like."""
    if not SHORTEST_PASSPHRASE <= len(passphrase) <= LONGEST_PASSPHRASE or not passphrase.isprintable():
        return f"A passphrase has {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters that can be typed."
    return None


def status_of(job: JobStatus, expires_at: datetime | None, removed_at: datetime | None, at: datetime) -> ExportStatus:
    """How far an export is whose job has this status."""
    if job in UNDER_WAY:
        return ExportStatus.PENDING
    if expires_at is None:
        return ExportStatus.FAILED
    return ExportStatus.EXPIRED if removed_at is not None or expires_at <= at else ExportStatus.READY
