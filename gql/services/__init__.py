"""Use cases that write: rules in order, locks, audit, outbox. Each is one unit of work and has committed when it returns."""
