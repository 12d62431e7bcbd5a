"""What a process logs: a line an event, ours or a library's, with nothing in it of what clients send or rows hold.

Libraries repeat both. uvicorn logs the query strings that sockets are opened with, websockets every header and frame at
debug, asyncio what failed with nobody waiting, messages and values and all. Here is what of theirs is let through.
"""

import io
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_MOST_FRAMES: Final = 12
_UVICORN: Final = ("uvicorn", "uvicorn.error", "uvicorn.asgi")
_HARMLESS_START = {"asyncio": re.compile(r"[^(<\n]*")}
"""asyncio tells what failed first, and then repeats the objects that had to do with it."""
_FIRST_LINE = re.compile(r"[^\n]*")

_subject: ContextVar[Callable[[], Mapping[str, Any]] | None] = ContextVar("subject", default=None)


def log_about(facts: Callable[[], Mapping[str, Any]]) -> None:
    """Have each line that is logged from here on, in this task, say these facts too. They are asked for only then."""
    _subject.set(facts)


def configure_logging(level: str, stream: TextIO) -> None:
    """JSON lines for machines, colours for people. `level` is what of ours is logged, and of uvicorn's from info on.

    Other libraries are heard from warnings on. Called again, it takes the place of the earlier call.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    renderer: Processor = structlog.processors.JSONRenderer()
    if stream.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    shared: list[Processor] = [
        _with_subject,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        _without_messages,
    ]
    unfailing = cast("TextIO", _Unfailing(stream))
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(unfailing),
    )
    handler = _Handler(unfailing)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_harmless_start, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    handler.addFilter(_no_addresses)
    root = logging.getLogger()
    root.handlers = [*(old for old in root.handlers if not isinstance(old, _Handler)), handler]
    root.setLevel(max(least, logging.WARNING))
    logging.getLogger("gql").setLevel(least)
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(max(least, logging.INFO))  # below, it hands websockets a logger that takes every frame


def what_failed(error: BaseException) -> dict[str, Any]:
    """Type and place of a failure, without its message: that may hold what a client or a customer told us."""
    return _what_failed(type(error), error.__traceback__)


class _Handler(logging.StreamHandler[TextIO]):
    """The one that `configure_logging` has made."""


def _what_failed(kind: type[BaseException], place: TracebackType | None) -> dict[str, Any]:
    frames = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in traceback.extract_tb(place)]
    return {"error_type": kind.__qualname__, "frames": frames[-_MOST_FRAMES:]}


def _with_subject(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """With what the task has said that it is about."""
    facts = _subject.get()
    return event if facts is None else {**facts(), **event}


def _without_messages(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Of an exception that is logged along, its type and place."""
    failure = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if failure is True:
        failure = sys.exc_info()
    if isinstance(failure, BaseException):
        failure = type(failure), failure, failure.__traceback__
    if isinstance(failure, tuple) and failure[0] is not None:
        event.update(_what_failed(failure[0], failure[2]))
    return event


def _harmless_start(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Of what a library says, the part that is about the library."""
    name = event["_record"].name
    found = _HARMLESS_START.get(name, _FIRST_LINE).match(event["event"])
    event.update(event=found[0].strip() if found else "", logger=name)
    return event


def _no_addresses(record: logging.LogRecord) -> bool:
    """Whether this is anything but uvicorn's line on a request or a socket: their addresses may hold a credential."""
    return record.name != "uvicorn.access" and '"WebSocket %s"' not in str(record.msg)


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
