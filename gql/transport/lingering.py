"""A connection that is closed so that the client gets to read why."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

_LINGER_SECONDS = 2.0
_TAKEN_EACH_TIME = 65_536
"""Bytes that a client must take in each span of its deadline, unless it takes all that there are."""
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection."""
_NOTSENT_LOWAT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
"""How much the kernel takes ahead. By itself it takes megabytes, and how slow the client is can't be seen."""


class LingeringTransport:
    """A transport whose `close` never waits for ever, and never cuts off an answer that is on its way.

    - To close a socket with unread input resets the connection, and the answer is lost. While the client is still
      sending (`unread` says so), only our side is closed: what comes is thrown away until the client has closed its
      own, or for two seconds.
    - The end of a connection waits for what is written: only for as long as the client takes it.

    `write_seconds` is the time in which the client must take 64 KiB, or all that there is.
    """

    def __init__(self, transport: asyncio.Transport, *, write_seconds: float, unread: Callable[[], bool]) -> None:
        self._transport = transport
        self._write_seconds = write_seconds
        self._unread = unread
        self._loop = asyncio.get_running_loop()
        self._writing: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        self._socket: socket.socket = transport.get_extra_info("socket")
        if _NOTSENT_LOWAT is not None:
            self._set(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _TAKEN_EACH_TIME)
        self.write = transport.write
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading
        self.get_extra_info = transport.get_extra_info
        self.set_protocol = transport.set_protocol

    def is_closing(self) -> bool:
        """Whether nothing more may be written."""
        return self._lingering is not None or self._transport.is_closing()

    def close(self) -> None:
        """Say no more. Ends the connection once what was written is taken."""
        if self.is_closing():
            return
        self.watch_writing()
        if self._unread() and self._transport.can_write_eof():
            self._transport.write_eof()
            self._transport.resume_reading()
            self._lingering = self._loop.call_later(_LINGER_SECONDS, self._transport.close)
        else:
            self._transport.close()

    def abort(self) -> None:
        """End the connection now. The kernel, too, forgets what the client has not taken."""
        self._set(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()

    def watch_writing(self) -> None:
        """Let the connection go unless the client takes what is written."""
        left = self._transport.get_write_buffer_size()
        if left and self._writing is None:
            self._writing = self._loop.call_later(self._write_seconds, self._judge_writing, left)

    def unwatch_writing(self) -> None:
        """The client has taken enough for more to be written."""
        if self._writing is not None and not self.is_closing():
            self._writing.cancel()
            self._writing = None

    def _judge_writing(self, before: int) -> None:
        self._writing = None
        left = self._transport.get_write_buffer_size()
        if left > max(0, before - _TAKEN_EACH_TIME):
            self.abort()
        else:
            self.watch_writing()

    def _set(self, level: int, option: int, value: int | bytes) -> None:
        with suppress(OSError):  # the client may just have gone
            self._socket.setsockopt(level, option, value)

    def handed_over(self) -> asyncio.Transport:
        """The transport itself, for another protocol."""
        self.lost()
        return self._transport

    def lost(self) -> None:
        """The connection is gone, or another's."""
        for timer in (self._writing, self._lingering):
            if timer is not None:
                timer.cancel()
