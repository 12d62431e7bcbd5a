"""Logs: where they go, and in which form."""

import io
import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

from gql.settings import Settings


def configure_logging(settings: Settings) -> None:
    """JSON lines for machines, colours for people. Libraries that would log bound values stay at warnings."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Unfailing(sys.stderr))),
    )
    for library in ("aiosqlite", "sqlalchemy", "asyncio"):
        logging.getLogger(library).setLevel(logging.WARNING)


class _Unfailing(io.TextIOBase):
    """A stream that takes what can be written and drops the rest: a full disk under the log stops nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """All of it, as far as the caller knows."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As far as it goes."""
        with suppress(OSError):
            self._stream.flush()
