"""The benchmark: the same operations, timed the same way, against a server in a process of its own."""


class BenchFailed(Exception):
    """There are no figures, and why, for whoever runs the bench."""
