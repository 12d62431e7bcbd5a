"""How long a test waits for what should come soon."""

from typing import Final

PATIENCE: Final = 60
"""Seconds. The machine may be doing much else, and stand still for a while: only what never comes is a failure."""
