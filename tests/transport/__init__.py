"""Tests of `gql.transport`."""
