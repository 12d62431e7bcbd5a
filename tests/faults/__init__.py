"""Faults: what clients notice when what the server stands on fails, and what is kept."""
