"""The API from outside: one file an operation."""
