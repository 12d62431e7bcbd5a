"""How a process serves the application: uvicorn's options, and the garbage collector's. The bench uses them, too."""

import gc
from collections.abc import Mapping
from typing import Any, Final

UVICORN: Final[Mapping[str, Any]] = {
    "loop": "uvloop",
    "http": "httptools",
    "access_log": False,
    "server_header": False,
    "timeout_graceful_shutdown": 15,
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
