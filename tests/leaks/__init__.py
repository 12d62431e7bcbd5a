"""Canaries: values that are nowhere else, in every column of the database, looked for in all that leaves the server."""
