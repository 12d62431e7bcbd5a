"""Tests of `gql.db`."""
