"""A server process on PostgreSQL stays within 136 MB, of 10^6 bytes, whatever documents it is sent."""

import psutil
import pytest

from bench.documents import distinct
from tests.databases import DatabaseKind
from tests.e2e.conftest import Server

_MOST_BYTES = 136 * 10**6
"""Of a process that has to compile its modules first, too; 120 MB is what it should have (docs/performance.md)."""
_DOCUMENTS = 120
"""More than are kept. `make bench-documents` sends 3,000."""


def test_a_server_stays_within_its_memory(database_kind: DatabaseKind, demo: Server) -> None:
    """Resident memory, after distinct documents of many shapes."""
    if database_kind == "sqlite":
        pytest.skip("SQLite is part of the process, and each connection keeps pages of the file")
    console = demo.sign_in("portfolio@lenddesk.example")
    for document in distinct(_DOCUMENTS):
        console.data(document)
    assert psutil.Process(demo.process.pid).memory_info().rss <= _MOST_BYTES
