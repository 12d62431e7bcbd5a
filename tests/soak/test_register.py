"""A hundred thousand operations on one customer while servers are killed every few seconds; and bugs that are found."""

import os
from pathlib import Path

import pytest

from tests.databases import DatabaseKind, fresh_database
from tests.e2e import plants
from tests.e2e.killing import Plant
from tests.e2e.surviving import Extent, survive
from tests.e2e.test_register import SHORT

OPERATIONS = int(os.environ.get("SOAK_OPERATIONS", "100000"))


async def test_a_hundred_thousand_operations(database_kind: DatabaseKind, database_url: str, tmp_path: Path) -> None:
    survived = await survive(database_kind, database_url, tmp_path, Extent(OPERATIONS, kills=None, pause=(2, 6)))
    print(f"\n{database_kind}: {survived.figures}")
    assert survived.wrong == []
    assert survived.clients.broken > 0


@pytest.mark.parametrize(
    ("plant", "kinds"),
    [
        (plants.no_lock, ("postgresql",)),  # SQLite has one writer at a time in any case
        (plants.no_lock_and_no_index, ("postgresql",)),
        (plants.answered_before_the_commit, ("sqlite", "postgresql")),
        (plants.no_filter, ("sqlite", "postgresql")),
        (plants.remembered_sight, ("sqlite", "postgresql")),
        (plants.forgotten_keys, ("sqlite", "postgresql")),
    ],
)
async def test_a_planted_bug_is_found_by_the_short_form(
    plant: Plant, kinds: tuple[DatabaseKind, ...], tmp_path: Path
) -> None:
    for kind in kinds:
        with fresh_database(kind) as url:
            survived = await survive(kind, url, tmp_path, SHORT, plant)
        print(f"\n{plant.__name__} on {kind}: {len(survived.wrong)} things wrong, such as {survived.wrong[:1]}")
        assert survived.wrong
