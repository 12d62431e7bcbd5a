"""Processes that begin within milliseconds, to be killed: forks of one that has imported everything and done nothing.

Forks of the test's own process would have its threads' locks, held by threads that are not there.
"""

import multiprocessing
from multiprocessing.context import ForkServerContext
from typing import Any
from unittest.mock import patch

FORKS: ForkServerContext = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["gql.cli", "tests.delivery.dying", "tests.e2e.killing"])


def plant(where: Any, name: str, bug: Any) -> None:
    """Put a bug in the place of something, for as long as the process lives."""
    patch.object(where, name, bug).start()
