"""Mails through a mail server (RFC 5321)."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from gql.delivery.failures import Deferred, DeliveryFailure, PutOff, Rejected, TransportDown
from gql.delivery.mail import Mail

_PORTS = {"smtp": 25, "smtps": 465}
# Answers of the 5xx range that tell of our own set-up, not of the mail: order of commands, sign-in, encryption.
_OURS_TO_MEND = frozenset({503, 530, 534, 535, 538})
_GOING_DOWN = 421


class SmtpTransport:
    """Sends through the server of a URL: `smtp://user:password@host:587` or `smtps://host`.

    smtp (port 25 where none is given) turns to TLS when the server offers STARTTLS, and insists on it before a
    password goes to another machine. smtps (port 465) is TLS from the start. Certificates are checked.
    `timeout` bounds each step, in seconds. Raises ValueError for another URL, without repeating it.
    """

    def __init__(self, url: str, *, timeout: float = 10, tls: ssl.SSLContext | None = None) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("SMTP_URL is not a URL") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://host:port or smtps://host:port")
        self._scheme = parts.scheme
        self._host = parts.hostname
        self._port = port or _PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._timeout = timeout
        self._tls = tls or ssl.create_default_context()
        self._local_name: str | None = None

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["SmtpConnection"]:
        """A connection that opens when the first mail is sent, and again after a failure; taken leave of at the end."""
        if self._local_name is None:
            self._local_name = await asyncio.to_thread(socket.getfqdn)  # may ask the network: once
        connection = SmtpConnection(self._client())
        try:
            yield connection
        finally:
            await connection.close()

    def _client(self) -> SMTP:
        return SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=self._local_name,
            timeout=self._timeout,
            use_tls=self._scheme == "smtps",
            start_tls=self._start_tls(),
            tls_context=self._tls,
        )

    def _start_tls(self) -> bool | None:
        """Always, never, or (None) when offered."""
        if self._scheme == "smtps":
            return False
        return True if self._user and not _is_this_machine(self._host) else None


class SmtpConnection:
    """One conversation with a mail server."""

    def __init__(self, client: SMTP) -> None:
        self._client = client

    async def send(self, mail: Mail) -> None:
        """Hand one mail over.

        Raises Rejected when recipient or content are refused for good (5xx), PutOff when they are for now (4xx),
        TransportDown when there is no connection or no sign-in, and Deferred for all else.
        """
        await self._open()
        try:
            await self._client.sendmail(mail.sender, [mail.recipient], mail.message.as_bytes())
        except SMTPRecipientsRefused as error:
            raise _refused("SMTPRecipientRefused", error.recipients[0].code) from None
        except SMTPDataError as error:
            raise _refused("SMTPDataError", error.code) from None
        except SMTPResponseException as error:
            raise Deferred(_code(error)) from None
        except (SMTPException, OSError) as error:
            self._client.close()
            raise Deferred(_code(error)) from None
        except BaseException:
            self._client.close()  # cut off in the middle: the next command would get this one's answer
            raise

    async def close(self) -> None:
        """Take leave of the server, or just go."""
        if self._client.is_connected:
            with suppress(SMTPException, OSError):
                await self._client.quit()
        self._client.close()

    async def _open(self) -> None:
        if self._client.is_connected:
            return
        try:
            await self._client.connect()
        except (SMTPException, OSError) as error:
            raise TransportDown(_code(error)) from None


def _refused(name: str, code: int) -> DeliveryFailure:
    kind: type[DeliveryFailure] = Rejected if 500 <= code <= 599 else PutOff
    if code in _OURS_TO_MEND or code == _GOING_DOWN:
        kind = Deferred
    return kind(f"{name} {code}")


def _code(error: Exception) -> str:
    name = type(error).__name__
    return f"{name} {error.code}" if isinstance(error, SMTPResponseException) else name


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
