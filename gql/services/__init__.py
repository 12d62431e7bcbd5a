"""Use cases that write: rules in order, locks, audit, outbox. Each is a unit of work, committed when it returns."""
