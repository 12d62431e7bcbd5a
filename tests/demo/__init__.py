"""Tests of the demo lender."""
