"""Canaries: a value for each column of a row that is nowhere else, and how to find it again, however it is written.

    canaries = Canaries()
    row = canaries.row(Customer, "customer", status=CustomerStatus.ACTIVE, office_id=office.id)
    canaries.found_in(response.content)  # {"customer.email"}, by the row's label

A row's columns are all filled, those that are added to the models later, too. What can't hold a canary is exempt, by
its type or by name, and a reason stands beside it. A canary has one number, from which come a word, digits, a day of
1997 and a UUID, so that one search finds whatever there is, and in whatever form.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import unquote_to_bytes
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, LargeBinary, String, Table, Uuid

from gql.db.models import Base
from gql.db.models.base import UTCDateTime

Model = TypeVar("Model", bound=Base)

EXEMPT: Final = {
    "audit_events.customer_id": "a reference, though of what may never have been there",
    "assignments.job_id": "a reference, though without a key",
    **{f"jobs.{name}": "a small number" for name in ("total", "done", "changed", "unchanged", "refused", "skipped")},
    "job_items.position": "a small number, of its place",
    "member_exports.job_id": "a reference, and its key",
    "member_exports.public_keys": "public, and told to nobody",
    "member_exports.sealed_passphrase": "sealed, and gone where there is a file",
    "member_exports.removed_at": "of what is there it is not known",
    "job_items.line": "the same",
    "job_items.codes": "words of the code's own",
    **{
        f"job_items.{name}": "a reference, though without a key"
        for name in (
            "job_id",
            "customer_id",
            "to_admin_id",
            "seen_assignment_id",
            "assignment_id",
            "previous_admin_id",
            "membership_id",
        )
    },
    "admins.muted": "words of the code's own",
    "customers.muted": "words of the code's own",
    "audit_waiting.event_id": "the same",
    "audit_segments.number": "a running number",
    "audit_segments.entries": "hashes, which nobody is told",
    "audit_segments.hash": "the same",
    "loans.currency": "three letters, on every loan",
    "customer_profiles.income_currency": "three letters, on every range of incomes",
    "savings_accounts.currency": "three letters, on every account",
    "bank_accounts.currency": "three letters, on every account",
    "customer_identifiers.sealed": "sealed: the number in it is a canary",
    "bank_accounts.sealed": "the same",
    "loan_requests.currency": "three letters, on every request",
    "scheduled_assignments.refusal_codes": "codes of the API's own",
    "loan_instalments.sequence": "a small number, of its place",
    "groups.removal_statuses": "words of the code's own",
    "due_removals.group_id": "a reference, though without a key",
    "groups.member_count": "a count that is kept, and open to all who read groups",
    "groups.reviewed_by_id": "a reference, though without a key",
    "groups.kept_by_id": "a reference, though without a key",
    "roles.permissions": "words of the code's own; those of roles that are open are in its documentation",
    "roles.shown_when_limited": "the same",
    "roles.assigned_level": "0, 1 or 2",
    "roles.unassigned_level": "0, 1 or 2",
    "outbox_messages.subject_id": "a reference, though to several tables",
    "reference_versions.name": "offices or admins",
    "reference_versions.version": "how often they changed",
}
_SPECIAL: Final = {
    "customers.number": "ZQ{digits}",
    "customers.phone": "+234{digits}",
    "admins.phone": "+234{digits}",
    "customers.email": "{word}@canary.example",
    "admins.email": "{word}@canary.example",
}
_MOST = 364
_DIGITS_OF_NONE = 731_000_999
_FOUND = re.compile(
    rb"zq(?P<word>\d{4})k|731000(?P<digits>\d{3})|73100(?P<amount>0\d\.\d\d)"
    rb"|(?:1997|2097)-(?P<day>\d\d-\d\d)"
    rb"|73c0ffee-?0000-?7000-?8000-?00000000(?P<uuid>\d{4})"
    rb"|\x73\xc0\xff\xee\x00\x00\x70\x00\x80\x00\x00\x00\x00\x00(?P<bytes>..)",
    re.DOTALL,
)
_START_OF_ID = b"\xc0\xff\xee"
_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")
_STANDARD = bytes.maketrans(b"-_", b"+/")


class Canaries:
    """One database's."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.columns: set[str] = set()
        """Those that have a canary in one row at least, with their tables."""
        self.values: dict[str, Any] = {}
        """By name: the label of the row, and the column."""

    def row(self, model: type[Model], label: str, **given: Any) -> Model:
        """A row with a canary in each column that isn't given; `later=("due_on",)` are moments that must lie ahead."""
        later = given.pop("later", ())
        values = dict(given)
        for column in _columns(Base.metadata.tables[model.__tablename__]):
            name = f"{model.__tablename__}.{column.name}"
            if column.name in given:
                continue
            assert exemption(column) is None, f"say what {name} of {label} shall be"
            number = len(self.names) + 1
            assert number <= _MOST, "there are no more days in 1997"
            self.names[number] = f"{label}.{column.name}"
            self.columns.add(name)
            values[column.name] = self.values[f"{label}.{column.name}"] = _value(column, name, number, later)
        return model(**values)

    def word(self, label: str) -> str:
        """One more, for what clients send."""
        number = len(self.names) + 1
        self.names[number] = label
        return _word(number)

    def found_in(self, *sent: bytes | str) -> set[str]:
        """The names of the canaries in what was sent, in plain or in any of the usual codes."""
        numbers: set[int] = set()
        for piece in sent:
            raw = piece.encode(errors="surrogatepass") if isinstance(piece, str) else piece
            for view in _views(raw):
                numbers.update(_numbers(view))
        return {self.names[number] for number in numbers if number in self.names}


def exemption(column: Column[Any]) -> str | None:
    """Why the column holds no canary; None where it must."""
    if column.foreign_keys:
        return "a reference: the record that it leads to has canaries of its own"
    if isinstance(column.type, Enum | Boolean):
        return "one of a few words"
    return EXEMPT.get(f"{column.table.name}.{column.name}")


def all_columns() -> Iterator[Column[Any]]:
    """Of all tables."""
    for table in Base.metadata.sorted_tables:
        yield from _columns(table)


def _columns(table: Table) -> Iterator[Column[Any]]:
    yield from table.columns


def _value(column: Column[Any], name: str, number: int, later: tuple[str, ...]) -> Any:
    if name in _SPECIAL:
        return _SPECIAL[name].format(word=_word(number), digits=_digits(number))
    moment = datetime(2097 if column.name in later else 1997, 1, 1, tzinfo=UTC) + timedelta(days=number)
    match column.type:
        case UTCDateTime():
            return moment
        case Date():
            return moment.date()
        case JSON():
            return {"canary": _word(number)}
        case Uuid():
            return UUID(f"73c0ffee-0000-7000-8000-00000000{number:04}")
        case Integer():
            return _digits(number)
        case String():
            return _word(number)
        case LargeBinary():
            return _word(number).encode()
    raise AssertionError(f"say how {name} shall hold a canary")


def _word(number: int) -> str:
    return f"zq{number:04}k"


def _digits(number: int) -> int:
    """Falling, where moments rise: what is paid comes after what is due, and is less. A version that rises is none."""
    return _DIGITS_OF_NONE - 2 * number


def _numbers(view: bytes) -> Iterator[int]:
    for found in _FOUND.finditer(view):
        kind, text = found.lastgroup, found[found.lastgroup or 0]
        if kind == "day":
            month, day = (int(part) for part in text.split(b"-"))
            with suppress(ValueError):
                yield (date(1997, month, day) - date(1997, 1, 1)).days
        elif kind == "bytes":
            yield int(text.hex()) if text.hex().isdecimal() else 0
        elif kind in ("digits", "amount"):
            number, rest = divmod(_DIGITS_OF_NONE % 1000 - int(text.replace(b".", b"")[-3:]), 2)
            yield number if not rest else 0
        else:
            yield int(text)


def _views(raw: bytes) -> Iterator[bytes]:
    """What was sent, and what it is where it is code for something else."""
    yield raw.lower()
    yield raw.lower()[::-1]
    if b"%" in raw:
        yield unquote_to_bytes(raw).lower()
    if b"\\" in raw:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode(errors="replace"), raw).lower()
    for run in _ENCODED.findall(raw):
        yield from _decoded(run)


@lru_cache(maxsize=100_000)
def _decoded(run: bytes) -> tuple[bytes, ...]:
    """Of what may be base64 or hexadecimal."""
    views = []
    for start in range(4):
        whole = run[start:].translate(_STANDARD)
        with suppress(binascii.Error):
            decoded = base64.b64decode(whole + b"=" * (-len(whole) % 4))
            views += [decoded, decoded.lower().replace(_START_OF_ID, b"")]  # whose bytes aren't letters
    with suppress(ValueError):
        views.append(bytes.fromhex(run.decode()).lower())
    return tuple(view for view in views if _FOUND.search(view))
