"""From an outbox message to a mail: templates, headers, and nothing in them that a name could break."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

from gql.delivery.failures import Rejected
from gql.delivery.outbox import Claimed

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, lone surrogates, line and paragraph separators
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # bidirectional overrides


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail with its envelope. The same outbox message makes the same bytes at every attempt."""

    id: UUID
    created_at: datetime
    sender: str
    recipient: str
    message: EmailMessage


class MailComposer:
    """Renders outbox messages as mails from one sender. Raises ValueError where the sender is not one address."""

    def __init__(self, mail_from: str) -> None:
        try:
            [(name, address)] = getaddresses([mail_from])
            mailbox = _mailbox(address)
        except (ValueError, Rejected):
            raise ValueError("MAIL_FROM must be an address, or a name and an address in angle brackets") from None
        self._sender = Address(name, mailbox.username, mailbox.domain)

    @cached_property
    def _environment(self) -> "Environment":
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # 2 MB, for the first mail

        made = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("html",)),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["mailto"] = _mailto
        return made

    def compose(self, message: Claimed) -> Mail:
        """The mail of an outbox message.

        Raises Rejected for an address that no server would take, and jinja2's TemplateError where template and
        payload don't fit (they may yet, once a newer version runs).
        """
        recipient = _mailbox(message.recipient)
        values = {key: _one_line(value) for key, value in message.payload.items()}
        if message.secret is not None:
            values["secret"] = message.secret
        values["sender_name"] = self._sender.display_name or self._sender.domain
        text = self._environment.get_template(f"{message.template}.txt")
        subject = _header_text("".join(text.blocks["subject"](text.new_context(values))))
        html = self._environment.get_template(f"{message.template}.html")

        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        mail["Date"] = message.created_at
        mail["From"] = self._sender
        mail["To"] = recipient
        mail["Subject"] = subject
        mail["Auto-Submitted"] = "auto-generated"
        # Quoted-printable is 7 bit: it passes servers without 8BITMIME, and a .eml file stays readable.
        mail.set_content(text.render(values), cte="quoted-printable")
        mail.add_alternative(html.render(values, subject=subject), subtype="html", cte="quoted-printable")
        mail.set_boundary(f"=_{message.id.hex}")  # "=_" can't occur in quoted-printable text
        return Mail(message.id, message.created_at, self._sender.addr_spec, recipient.addr_spec, mail)


def _mailbox(text: str) -> Address:
    """An address for headers and envelope. The domain may be an IDN; the local part is ASCII (no RFC 6531)."""
    try:
        local, at, domain = text.rpartition("@")
        if not at:
            raise Rejected("InvalidAddress")
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode('ascii')}")
    except (MessageError, ValueError, IndexError):
        raise Rejected("InvalidAddress") from None


def _one_line(value: Any) -> Any:
    """A text without line breaks and control characters: what people typed can't add a line or a header to a mail."""
    return " ".join("".join(_printable(value)).split()) if isinstance(value, str) else value


def _header_text(text: str) -> str:
    """A text that a header may hold as it is.

    EmailMessage decodes what looks like an encoded word (RFC 2047) and, before Python 3.11.10, writes line breaks that
    it finds in one into the header unchanged (CVE-2024-6923): a name must not hold the beginning of one.
    """
    return " ".join(text.split()).replace("=?", "= ?")


def _printable(text: str) -> Iterator[str]:
    for character in text:
        if character in _REORDERING:
            continue
        yield " " if unicodedata.category(character) in _BREAKING else character


def _mailto(address: str) -> str:
    """The target of a link to an address, which can't carry headers of its own (`?bcc=`)."""
    return f"mailto:{quote(address, safe='@')}"
