"""How the bench's servers in Python are served: as `lenddesk serve` does it, and never for longer than the bench."""

import socket
import sys
from threading import Thread

import uvicorn
from starlette.types import ASGIApp

from gql.serving import tune_garbage_collector, uvicorn_options
from gql.settings import Settings


def bench_settings() -> Settings:
    """Of the environment, but for what would end or refuse a long run: tokens last a day, budgets are never used up."""
    return Settings(outbox_in_server=False, access_token_minutes=24 * 60, points_per_minute=10**9)


def serve(app: ASGIApp) -> None:
    """Serve as `lenddesk serve` does, on a free port that is printed, until standard input ends."""
    tune_garbage_collector()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", **uvicorn_options(Settings())))

    def watch_standard_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    Thread(target=watch_standard_input, daemon=True).start()
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    server.run(sockets=[listening])
