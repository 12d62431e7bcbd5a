"""How many SQL statements a request sends: counted in the log of the embedded server, while nothing is timed.

The embedded server has no pg_stat_statements. It logs each statement that it executes, BEGIN and COMMIT among them,
with the name that the connection bears.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

import asyncpg  # type: ignore[import-untyped]

from bench.peers.postgres import DatabaseServer

_TIMES = 5
_SETTLE_SECONDS = 0.3
"""How long the server's processes may take to heed a setting."""


@contextmanager
def counting(server: DatabaseServer) -> Iterator[Callable[[str, Callable[[], object]], int | None]]:
    """Within the block, a function that counts the statements of a call, by the name that its connections bear.

    The function calls several times, and answers the number of one call; None where the server's log can't be read.
    """
    if server.log is None:
        yield lambda _name, _call: None
        return
    log = server.log

    def count(name: str, call: Callable[[], object]) -> int:
        start = log.stat().st_size
        for _ in range(_TIMES):
            call()
        with log.open("rb") as lines:
            lines.seek(start)
            logged = lines.read().decode(errors="replace")
        pattern = rf"^{re.escape(name)}\|LOG:  (?:execute [^:]*|statement): "
        return round(len(re.findall(pattern, logged, re.MULTILINE)) / _TIMES)

    asyncio.run(_log_statements(server.url, "all"))
    try:
        yield count
    finally:
        asyncio.run(_log_statements(server.url, "none"))


async def _log_statements(url: str, which: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()
    sleep(_SETTLE_SECONDS)  # noqa: ASYNC251 - nothing else runs in this loop
