"""What `previewCriteria` takes: exactly one field in each object of a rule, within bounds."""

from typing import Any

import pytest

from gql.db.models import Admin
from gql.domain.ids import Kind
from tests.api.client import Api
from tests.api.reading import MALFORMED_IDS, shared, unknown
from tests.factories import World

PREVIEW = """
query($criteria: CriteriaInput!, $first: Int) {
  previewCriteria(criteria: $criteria, first: $first) { count description }
}
"""


async def _build(world: World) -> Admin:
    """Who previews; there are two customers."""
    await world.customers(2)
    return await world.admin("super_admin")


viewer, database_url = shared(_build)

_ACTIVE = {"status": ["ACTIVE"]}


def _nested(depth: int) -> dict[str, Any]:
    return {"not": _nested(depth - 1)} if depth else _ACTIVE


BAD: dict[str, dict[str, Any]] = {
    "nothing": {},
    "two fields": {**_ACTIVE, "tag": ["vip"]},
    "null": {"status": None},
    "a null beside": {**_ACTIVE, "tag": None},
    "two fields within": {"all": [{**_ACTIVE, "tag": ["vip"]}]},
    "nothing within": {"not": {}},
    "no parts": {"all": []},
    "no alternatives": {"any": []},
    "no status": {"status": []},
    "no offices": {"office": {"ids": []}},
    "no products": {"product": []},
    "no tiers": {"tier": []},
    "no tags": {"tag": []},
    "an unknown status": {"status": ["HAPPY"]},
    "an unknown field": {"balance": 5},
    "a blank tag": {"tag": ["vip", " "]},
    "a tag of signs": {"tag": ["--"]},
    "a long tag": {"tag": ["x" * 41]},
    "a blank product": {"product": [""]},
    "a product that is no text": {"product": ["SME\0"]},
    "no days": {"daysPastDue": {}},
    "fewer than no days": {"daysPastDue": {"min": -1}},
    "days the wrong way round": {"accountAge": {"min": 3, "max": 2}},
    "too many days": {"accountAge": {"max": 36_501}},
    "no currency": {"outstanding": {"minimumMinor": 1}},
    "an odd currency": {"outstanding": {"currency": "ngn", "minimumMinor": 1}},
    "a long currency": {"outstanding": {"currency": "NAIRA", "minimumMinor": 1}},
    "no amount": {"outstanding": {"currency": "NGN"}},
    "less than nothing": {"outstanding": {"currency": "NGN", "minimumMinor": -1}},
    "too much": {"outstanding": {"currency": "NGN", "maximumMinor": 2**53}},
    "amounts the wrong way round": {"outstanding": {"currency": "NGN", "minimumMinor": 2, "maximumMinor": 1}},
    "too deep": _nested(6),
    "far too deep": _nested(60),
    "too many conditions": {"any": [_ACTIVE] * 51},
    "too many values": {"tag": [f"tag {number}" for number in range(101)]},
    **{f"office {number}": {"office": {"ids": [one]}} for number, one in enumerate(MALFORMED_IDS)},
    "another's ID": {"office": {"ids": [unknown(Kind.CUSTOMER)]}},
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_rule_is_bad_input(api: Api, viewer: Admin, name: str) -> None:
    """Never taken for a rule that lets everybody in."""
    client = await api.sign_in(viewer)
    assert set(await client.codes(PREVIEW, {"criteria": BAD[name]})) == {"BAD_USER_INPUT"}


async def test_rules_as_large_as_they_may_be_are_answered(api: Api, viewer: Admin) -> None:
    client = await api.sign_in(viewer)
    many = {"tag": [f"tag {number}" for number in range(100)]}
    most: dict[str, Any] = {"outstanding": {"currency": "NGN", "maximumMinor": 2**53 - 1}}
    rules: list[tuple[dict[str, Any], int]] = [(_nested(5), 0), ({"any": [_ACTIVE] * 50}, 2), (many, 0), (most, 2)]
    for rule, count in rules:
        assert (await client.data(PREVIEW, {"criteria": rule}))["previewCriteria"]["count"] == count


async def test_exactly_one_field_is_given_in_a_document_too(api: Api, viewer: Admin) -> None:
    """Which is refused before anything is asked; a variable stands for one field if it can't be null."""
    client = await api.sign_in(viewer)
    for rule in ("{}", '{status: [ACTIVE], tag: ["vip"]}', "{status: null}", "{all: [{}]}"):
        assert await client.codes(f"{{ previewCriteria(criteria: {rule}) {{ count }} }}") == [
            "GRAPHQL_VALIDATION_FAILED"
        ]
    text = "query($tags: [String!]!) { previewCriteria(criteria: {any: [{tag: $tags}]}) { count } }"
    assert (await client.data(text, {"tags": ["vip lagos"]}))["previewCriteria"]["count"] == 0


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_sample_has_a_bound(api: Api, viewer: Admin, first: int) -> None:
    client = await api.sign_in(viewer)
    assert await client.codes(PREVIEW, {"criteria": _ACTIVE, "first": first}) == ["BAD_USER_INPUT"]
