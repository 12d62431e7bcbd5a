"""How a process serves the application: uvicorn's options, and the garbage collector's. The bench uses them, too."""

import gc
from collections.abc import Mapping
from typing import Any, Final

from gql.settings import Settings

UVICORN: Final[Mapping[str, Any]] = {
    "loop": "uvloop",
    "http": "httptools",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 15,
}


def proxy_options(settings: Settings) -> dict[str, Any]:
    """uvicorn's options for the proxies in front of it. Left alone, it believes whoever is on the same machine."""
    return {"proxy_headers": bool(settings.trusted_proxies), "forwarded_allow_ips": settings.trusted_proxies}


def tune_garbage_collector() -> None:
    """Call this when the application is made and nothing has been served yet.

    Modules and schema are 150,000 objects that live as long as the process. With Python's defaults, full collections
    look through them again and again, each time a tenth of a second in which no request is answered
    (docs/performance.md has figures).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
