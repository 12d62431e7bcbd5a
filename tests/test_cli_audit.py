"""`lenddesk audit verify`: what an operator is told of a trail that is whole, and of one that isn't."""

import asyncio
import re
import sqlite3
from pathlib import Path

from gql.db.engine import Database
from gql.services.sealing import Sealer
from gql.settings import Settings
from tests.test_cli import Operator, operator

__all__ = ["operator"]


async def _seal(url: str) -> None:
    """As a server does, with the key that the command has in its folder."""
    database = Database(url, pool_size=1)
    await Sealer(database, Settings()).seal()
    await database.close()


def test_the_trail_is_verified_and_what_is_wrong_is_told(operator: Operator) -> None:
    """A head that was told before is what the chain must have led through."""
    operator.run("migrate")
    assert "0 segments with 0 events compared" in operator.run("audit", "verify").stdout
    operator.create_admin()

    unsealed = operator.run("audit", "verify")
    assert unsealed.exit_code == 0
    assert re.search(
        r"2 events are not sealed yet, the oldest since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", unsealed.stdout
    )

    asyncio.run(_seal(operator.url))
    sealed = operator.run("audit", "verify")
    assert sealed.exit_code == 0
    assert "The audit trail is as it was sealed." in sealed.stdout
    [head] = re.findall(r"the chain ends with (1:[0-9a-f]{64})", sealed.stdout)
    assert operator.run("audit", "verify", "--head", head).exit_code == 0
    assert "is a number and a hash" in operator.run("audit", "verify", "--head", "nonsense").stderr

    beyond = operator.run("audit", "verify", "--head", f"2:{'00' * 32}")
    assert (beyond.exit_code, "segment 2 was known" in beyond.stderr) == (1, True)

    with sqlite3.connect(Path(operator.url.partition(":///")[2])) as connection:
        connection.execute("DROP TRIGGER audit_events_delete_refused")
        connection.execute("DELETE FROM audit_events WHERE action = 'admin.created'")
    tampered = operator.run("audit", "verify")
    assert tampered.exit_code == 1
    assert re.search(r"Event [0-9a-f-]{36} of segment 1 is gone\.", tampered.stderr.replace("\n", " "))
    assert "as it was sealed." not in tampered.stdout
