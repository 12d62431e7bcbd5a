"""Tests that take minutes, and print figures: `make soak` runs them, no other run does."""
