"""The server that the bench starts: the application as `lenddesk serve` serves it, with a meter, without a dispatcher.

`python -m bench.server` prints its address, and ends when its standard input does, so that it never outlives the bench.
"""

from dataclasses import asdict
from time import process_time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.meter import METER_PATH, Reading
from bench.serving import bench_settings, serve
from gql.app import create_app
from gql.db.engine import Database


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
    """Serve the application."""
    app = create_app(bench_settings())
    Meter(app)
    serve(app)


if __name__ == "__main__":
    main()
