"""The garbage collector of a process of tests: by itself it takes a sixth of their CPU time.

What was imported and collected, half a million objects, is there until the end, so that nothing is to be found there;
and among what tests make little garbage is to be found each 700 objects. A test that asks for a collection has it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (10_000, 10, 20)


@contextmanager
def resting() -> Iterator[None]:
    """Nothing is collected while the block runs, nor ever what it left; and seldom afterwards."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*_SELDOM)
        gc.enable()
