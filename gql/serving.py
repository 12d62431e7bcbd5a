"""How a process serves the application: uvicorn's options, and the garbage collector's. The bench uses them, too."""

import gc
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

import uvicorn

from gql.app import create_app
from gql.logs import configure_logging
from gql.settings import Settings
from gql.transport.protocol import BoundedProtocol
from gql.transport.security_headers import security_headers
from gql.transport.websocket import MOST_BYTES
from gql.transport.wire_limits import WireLimits


def serve(settings: Settings) -> None:
    """Serve until a signal ends it."""
    configure_logging(settings.log_level, sys.stderr)
    application = create_app(settings)
    tune_garbage_collector()
    uvicorn.run(application, host=settings.host, port=settings.port, log_config=None, **uvicorn_options(settings))


def uvicorn_options(settings: Settings) -> Mapping[str, Any]:
    """What uvicorn is told, but for where to listen and what to log."""
    limits = WireLimits(
        header_seconds=settings.header_seconds,
        body_seconds=settings.body_seconds,
        document_seconds=settings.document_seconds,
        write_seconds=settings.write_seconds,
        url_bytes=settings.max_url_bytes,
        header_bytes=settings.max_header_bytes,
        connections=settings.limit_concurrency,
    )
    return {
        "loop": "uvloop",
        "http": partial(BoundedProtocol, limits=limits, headers=security_headers(over_tls=settings.served_over_tls)),
        "ws": "websockets-sansio",
        "ws_max_size": MOST_BYTES,
        "ws_per_message_deflate": False,  # 64 KiB of a compressed message could be gigabytes
        "access_log": False,
        "server_header": False,
        "timeout_keep_alive": settings.keep_alive_seconds,
        "timeout_graceful_shutdown": settings.stop_seconds,
        # Left alone, uvicorn believes what whoever is on the same machine says of addresses.
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": settings.trusted_proxies,
    }


def tune_garbage_collector() -> None:
    """Call this when the application is made and nothing has been served yet.

    Modules and schema are 150,000 objects that live as long as the process. With Python's defaults, full collections
    look through them again and again, each time a tenth of a second in which no request is answered
    (docs/performance.md has figures).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
