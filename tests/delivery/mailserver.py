"""A real SMTP server in the test's own loop, which answers as the test wants."""

import asyncio
import email
import email.policy
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword


@dataclass
class Mailbox:
    """What a server has taken, and how it is to answer: the first of a list, then the next, then 250 for ever.

    Recipients in `refused` get their own answer each time. `on_sender` is awaited before MAIL FROM is answered,
    `on_data` when the whole mail has come and isn't answered.
    """

    envelopes: list[Envelope] = field(default_factory=list)
    sender_answers: deque[str] = field(default_factory=deque)
    recipient_answers: deque[str] = field(default_factory=deque)
    data_answers: deque[str] = field(default_factory=deque)
    refused: dict[str, str] = field(default_factory=dict)
    on_sender: Callable[[], Awaitable[None]] | None = None
    on_data: Callable[[], Awaitable[None]] | None = None
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    connections: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails as a mail program reads them."""
        return [parse(content_of(envelope)) for envelope in self.envelopes]

    @property
    def message_ids(self) -> list[str]:
        """The Message-ID of each mail that came."""
        headers = BytesHeaderParser()
        return [str(headers.parsebytes(content_of(each))["Message-ID"]) for each in self.envelopes]

    async def handle_MAIL(  # noqa: N802 - the server's hooks are named so
        self, server: SMTP, _session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer MAIL FROM."""
        if self.on_sender is not None:
            await self.on_sender()
        answer = self.sender_answers.popleft() if self.sender_answers else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        answer = self.recipient_answers.popleft() if self.recipient_answers else self.refused.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Answer the mail itself; it is kept when the answer is 250."""
        answer = self.data_answers.popleft() if self.data_answers else "250 OK"
        if answer.startswith("250"):
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None)
        if self.on_data is not None:
            await self.on_data()
        if answer == "drop":
            hang_up(server)
        return answer

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        """Take any user whose password is "right"."""
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"right p@ss", handled=False, auth_data=given)


def content_of(envelope: Envelope) -> bytes:
    """A mail's bytes."""
    assert isinstance(envelope.content, bytes)
    return envelope.content


def hang_up(server: SMTP) -> None:
    """Cut a conversation off, as a crash would."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def parse(content: bytes) -> EmailMessage:
    """A mail as a mail program reads it."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


@asynccontextmanager
async def serving(
    mailbox: Mailbox,
    port: int = 0,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: bool = False,
) -> AsyncIterator[int]:
    """Run a server on 127.0.0.1 until the block ends; yields its port."""
    protocols: list[SMTP] = []

    def protocol() -> SMTP:
        mailbox.connections += 1
        made = SMTP(
            mailbox,
            hostname="mail.example",
            tls_context=starttls,
            authenticator=mailbox.authenticate if login else None,
            auth_require_tls=False,
            timeout=30,
        )
        protocols.append(made)
        return made

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in protocols:
            hang_up(each)
        await asyncio.sleep(0.01)  # the aborted conversations end in the loop's next turns
