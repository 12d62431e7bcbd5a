"""Tests of `gql.domain`."""
