"""What a subject has used: its process by the kernel's accounts, and PostgreSQL's processes that serve it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import asyncpg  # type: ignore[import-untyped]
import psutil


def cpu_of_process(pid: int) -> float:
    """Seconds of CPU time of a process with all its threads so far, as in /proc/<pid>/stat: to 10 ms."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def memory_of_process(pid: int) -> int:
    """Bytes of resident memory."""
    return int(psutil.Process(pid).memory_info().rss)


def cpu_of_backends(url: str, application_name: str) -> Mapping[int, float]:
    """Seconds of CPU time so far of each of PostgreSQL's processes that serve connections of that name, by process.

    Empty where the database's server is on another machine.
    """
    used = {}
    for pid in asyncio.run(_backends(url, application_name)):
        with suppress(psutil.NoSuchProcess):
            if "postgres" in psutil.Process(pid).name():
                used[pid] = cpu_of_process(pid)
    return used


def used_between(before: Mapping[int, float], after: Mapping[int, float]) -> float | None:
    """Seconds that the processes of the second reading have used since the first; None where there are none.

    A process that is new has used all of its time since then; what one that has ended used is lost.
    """
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items()) if after else None


async def _backends(url: str, application_name: str) -> list[int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND backend_type = 'client backend'",
            application_name,
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]
