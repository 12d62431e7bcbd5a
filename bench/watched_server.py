"""The bench's server, which notes what happened while each request was on its way. `bench.tails` starts it."""

import asyncio
import gc
import os
from dataclasses import astuple, dataclass
from time import perf_counter, thread_time
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.serving import bench_settings, serve
from gql.app import create_app

WATCH_PATH = "/bench/watch"
_LAG_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Seen:
    """One request within the server, or the clocks at one moment. In seconds, but for `others`."""

    wall: float
    works: float
    """CPU time of the thread that serves, for this request and all others."""
    waits_for_cpu: float
    """That it was ready to run, and something else ran."""
    collects: float
    """In the garbage collector, part of `works`."""
    others: int
    """Requests that were on their way when this one came."""

    def since(self, earlier: "Seen") -> "Seen":
        """What has passed; the others are those of the beginning."""
        return Seen(
            self.wall - earlier.wall,
            self.works - earlier.works,
            self.waits_for_cpu - earlier.waits_for_cpu,
            self.collects - earlier.collects,
            earlier.others,
        )


class Watch:
    """Round the application. Made in the thread that serves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen: list[Seen] = []
        self._lags: list[float] = []
        self._present = 0
        self._collects = self._collecting_since = 0.0
        self._schedule = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._lagging: asyncio.Task[None] | None = None
        gc.callbacks.append(self._collector)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and note what has passed meanwhile."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == WATCH_PATH:
            await self._read()(scope, receive, send)
        else:
            before, self._present = self._now(), self._present + 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._present -= 1
                self._seen.append(self._now().since(before))

    def _read(self) -> JSONResponse:
        """What was seen since the last time."""
        if self._lagging is None:
            self._lagging = asyncio.create_task(self._lag())
        told = {"seen": [astuple(each) for each in self._seen], "lags": self._lags}
        self._seen, self._lags = [], []
        return JSONResponse(told)

    async def _lag(self) -> None:
        """How late the loop is, again and again: so long a request waits that has just come."""
        while True:
            due = perf_counter() + _LAG_SECONDS
            await asyncio.sleep(_LAG_SECONDS)
            self._lags.append(perf_counter() - due)

    def _now(self) -> Seen:
        waited = int(os.pread(self._schedule, 64, 0).split()[1]) / 1e9
        return Seen(perf_counter(), thread_time(), waited, self._collects, self._present)

    def _collector(self, phase: str, _info: Any) -> None:
        if phase == "start":
            self._collecting_since = perf_counter()
        else:
            self._collects += perf_counter() - self._collecting_since


def main() -> None:
    """Serve the application."""
    serve(Watch(create_app(bench_settings())))


if __name__ == "__main__":
    main()
