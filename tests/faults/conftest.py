"""What the tests of faults share."""

from tests.delivery.conftest import until
from tests.faults.clock import clock

__all__ = ["clock", "until"]
