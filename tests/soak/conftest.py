"""A demo lender in a process of its own: the one of the end-to-end tests."""

from tests.e2e.conftest import demo

__all__ = ["demo"]
