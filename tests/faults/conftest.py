"""What the tests of faults share."""

from tests.faults.clock import clock

__all__ = ["clock"]
