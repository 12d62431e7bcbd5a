"""Whether the process lives, and whether it can do its work."""

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gql.db.engine import Database
from gql.domain.errors import Unavailable


class Health:
    """The views of /livez and /readyz."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def live(self, request: Request) -> Response:
        """200 as long as the process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """200 where the database answers, else 503."""
        try:
            await self._database.rows(text("SELECT 1"))
        except Unavailable:
            return JSONResponse({"status": "database unavailable"}, 503)
        return JSONResponse({"status": "ok"})
