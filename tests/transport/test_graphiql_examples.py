"""The operations that GraphiQL starts with, and those of its sign-in box, fit the schema."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from gql.transport.graphiql.page import STATIC

SCHEMA = build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())
OPERATION = re.compile(r"^const [A-Z_]+ = `([^`]+)`;", re.MULTILINE)


def operations(script: str) -> list[str]:
    """The GraphQL documents among a script's template strings; `FIELDS` is the part that two of them share."""
    text = (STATIC / script).read_text()
    shared = re.search(r"const FIELDS = `([^`]+)`;", text)
    if shared is not None:
        text = text.replace(shared[0], "").replace("${FIELDS}", shared[1])
    return OPERATION.findall(text)


@pytest.mark.parametrize(("script", "expected"), [("examples.js", 6), ("session.js", 3)])
def test_each_operation_fits_the_schema(script: str, expected: int) -> None:
    found = operations(script)

    assert len(found) == expected
    for operation in found:
        assert validate(SCHEMA, parse(operation)) == []
