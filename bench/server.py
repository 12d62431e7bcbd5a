"""The server that the bench starts: the application as `lenddesk serve` serves it, with a meter, without a dispatcher.

`python -m bench.server` prints its address, and ends when its standard input does, so that it never outlives the bench.
"""

import socket
import sys
from dataclasses import asdict
from threading import Thread
from time import process_time
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.meter import METER_PATH, Reading
from gql.app import create_app
from gql.db.engine import Database
from gql.serving import UVICORN, tune_garbage_collector
from gql.settings import Settings


class Meter:
    """What the process has used so far: SQL statements, and CPU time of all its threads."""

    def __init__(self, app: Starlette) -> None:
        self._statements = 0
        database: Database = app.state.database
        self._dialect = database.url.get_backend_name()
        database.listen(self._count)
        app.router.routes.append(Route(METER_PATH, self.read))

    async def read(self, _request: Request) -> JSONResponse:
        """The figures since the start."""
        reading = Reading(self._statements, process_time(), self._dialect)
        return JSONResponse(asdict(reading))

    def _count(self, _statement: str, _parameters: Any) -> None:
        self._statements += 1


def main() -> None:
    """Serve until standard input ends."""
    app = create_app(Settings(outbox_in_server=False, access_token_minutes=24 * 60))
    Meter(app)
    tune_garbage_collector()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **UVICORN))

    def watch_standard_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    Thread(target=watch_standard_input, daemon=True).start()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
