"""Mails as files: the transport of an installation without a mail server."""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

from gql.delivery.failures import TransportDown
from gql.delivery.mail import Mail


class FileTransport:
    """Writes each mail to a folder as one .eml file, readable by the owner only.

    The name comes from the message's time and id, so a mail that is delivered again replaces its file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def connect(self) -> AsyncIterator["FileTransport"]:
        """Itself: there is nothing to hold open."""
        yield self

    async def send(self, mail: Mail) -> None:
        """Write the file; once this returns, it survives a power cut. Raises TransportDown when the disk refuses."""
        created = mail.created_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        try:
            await asyncio.to_thread(self._write, f"{created}-{mail.id}.eml", mail.message.as_bytes())
        except OSError as error:
            raise TransportDown(f"OSError {errno.errorcode.get(error.errno or 0, 'unknown')}") from None

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.folder / name)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._make_durable()

    def _make_durable(self) -> None:
        """A rename is on the disk once the folder is."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
