"""Server processes that are killed again and again, and started anew where they were.

Each runs `lenddesk serve` in a fork of a process that has imported everything and done nothing yet, so that it comes
back within tenths of a second. A test may give it a plant: a bug, to see that it is found.
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from gql import cli
from tests.command import environment
from tests.e2e.conftest import free_port, takes_connections
from tests.forks import FORKS

HOST = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
"""Not where clients connect from: a client's own port could be the one that a server wants back."""

Plant = Callable[[], None]


@dataclass
class Restarted:
    """A server that comes back on its port. Its log goes on in one file."""

    database_url: str
    folder: Path
    settings: dict[str, str]
    plant: Plant | None = None
    port: int = field(default_factory=lambda: free_port(HOST))
    kills: int = 0
    _process: BaseProcess | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        """What all its processes have logged."""
        return self._log_file.read_text()

    async def start(self) -> None:
        """Returns once it takes connections."""
        address = {"HOST": HOST, "PORT": str(self.port)}
        variables = environment(self.database_url, self.folder, LOG_LEVEL="warning", **address, **self.settings)
        process = FORKS.Process(target=run, args=(["serve"], variables, self._log_file, self.plant), daemon=True)
        process.start()
        self._process = process
        async with asyncio.timeout(60):
            while not takes_connections(HOST, self.port):
                assert process.is_alive(), self.log
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL; returns when it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    @property
    def _log_file(self) -> Path:
        return self.folder / f"server-{self.port}.log"


def run(arguments: list[str], variables: dict[str, str], log: Path, plant: Plant | None = None) -> None:
    """The command `lenddesk`, with these variables alone."""
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(variables)
    if plant is not None:
        plant()
    cli.app(arguments)


@asynccontextmanager
async def killed_again_and_again(
    servers: Sequence[Restarted], pause: tuple[float, float], times: int | None
) -> AsyncIterator[None]:
    """Kill each server so many seconds after it has come up, and so many times (None: to the end of the block).

    Each comes back at once. All run when the block begins, and none any more when it has ended.
    """

    async def kill_in_turn(server: Restarted) -> None:
        while server.kills != times:
            await asyncio.sleep(random.uniform(*pause))
            server.kill()
            server.kills += 1
            await server.start()

    try:
        await asyncio.gather(*(server.start() for server in servers))
        async with asyncio.TaskGroup() as tasks:
            killers = [tasks.create_task(kill_in_turn(server)) for server in servers]
            yield
            for killer in killers:
                killer.cancel()
    finally:
        for server in servers:
            server.kill()
