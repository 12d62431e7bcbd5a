"""What a subject has used: its process by the kernel's accounts, and PostgreSQL's processes that serve it."""

import asyncio
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


def backends_of(url: str, application_name: str) -> list[int]:
    """The processes of the database's server that serve connections of that name.

    Empty where the database's server is on another machine.
    """
    return [pid for pid in asyncio.run(_backends(url, application_name)) if _is_postgres(pid)]


async def _backends(url: str, application_name: str) -> list[int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT pid FROM pg_stat_activity WHERE application_name = $1", application_name)
    finally:
        await connection.close()
    return [row["pid"] for row in rows]


def _is_postgres(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "postgres" in psutil.Process(pid).name()
    return False


def cpu_of_backends(pids: list[int]) -> float | None:
    """Seconds of CPU time of all of them together so far; None where there are none, or one has ended."""
    try:
        return sum(cpu_of_process(pid) for pid in pids) if pids else None
    except psutil.NoSuchProcess:
        return None
