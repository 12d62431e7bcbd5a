"""What a server says of itself between two rounds, where it is one that the bench made (`bench.server`)."""

from dataclasses import dataclass

import httpx

METER_PATH = "/bench"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the server's process had used when it was asked: statements sent, and seconds of CPU time."""

    statements: int
    cpu_seconds: float
    database: str


def read_meter(http: httpx.Client) -> Reading | None:
    """The present reading; None from a server without a meter."""
    response = http.get(METER_PATH)
    return Reading(**response.json()) if response.status_code == 200 else None
