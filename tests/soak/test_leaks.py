"""The matrix of `tests/leaks` by every way that the schema has, on both databases: thousands of documents each."""

import time
from pathlib import Path

from tests.databases import DatabaseKind
from tests.leaks.asking import paths
from tests.leaks.conftest import watching
from tests.leaks.lender import VIEWERS, seen_by


def test_no_way_leads_to_what_is_not_theirs_to_see(database_kind: DatabaseKind, tmp_path: Path) -> None:
    began, requests = time.monotonic(), 0
    found: dict[str, set[str]] = {viewer: set() for viewer in VIEWERS}
    with watching(database_kind, tmp_path) as watched:
        for document in paths(watched.lender):
            for viewer in VIEWERS:
                found[viewer] |= watched.found(watched.post(viewer, document))
                requests += 1
        logged = watched.logged
    print(f"\n{requests} requests in {time.monotonic() - began:.0f} s on {database_kind}")
    assert found == {viewer: seen_by(viewer) for viewer in VIEWERS}
    assert logged == set()
