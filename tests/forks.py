"""Processes that begin within milliseconds, to be killed: forks of one that has imported everything and done nothing.

Forks of the test's own process would have its threads' locks, held by threads that are not there.
"""

import multiprocessing
from multiprocessing.context import ForkServerContext

FORKS: ForkServerContext = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["gql.cli", "tests.delivery.dying", "tests.e2e.killing"])
