"""Rules that groups keep, in words."""

from collections.abc import Sequence

import orjson

from gql.db.engine import Database
from gql.db.queries.offices import offices_by_id
from gql.domain.criteria_json import parse
from gql.domain.criteria_text import describe, offices_named


async def rules_in_words(database: Database, rules: Sequence[bytes]) -> list[str]:
    """Each rule, which comes as its JSON, with the names of its offices. One statement, for all of them."""
    expressions = [parse(orjson.loads(rule)) for rule in rules]
    named = {key for expression in expressions for key in offices_named(expression)}
    offices = await offices_by_id(database, sorted(named)) if named else []
    names = {office.id: office.name for office in offices if office is not None}
    return [describe(expression, names) for expression in expressions]
