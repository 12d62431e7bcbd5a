"""One customer assigned again and again while servers are killed: a register, linearizable, that loses nothing."""

from pathlib import Path

from tests.databases import DatabaseKind
from tests.e2e.surviving import Extent, survive

SHORT = Extent(operations=200, kills=1, pause=(0.5, 1.5))


async def test_assignments_are_linearizable_though_servers_are_killed(
    database_kind: DatabaseKind, database_url: str, tmp_path: Path
) -> None:
    """No acknowledged write is lost, none is done twice, and no old manager sees a customer who was taken from them."""
    survived = await survive(database_kind, database_url, tmp_path, SHORT)
    assert survived.wrong == []
    assert survived.clients.broken > 0, "no kill broke a request"
