"""Reads: Core statements over columns, answered as light rows."""
