"""The rule language of groups: who fits, what stands in the way, and which JSON is no rule."""

from typing import Any
from uuid import UUID

import pytest

from gql.domain.criteria import CustomerFacts, Expression, OfficeIn, StatusIn, failing
from gql.domain.criteria_json import MalformedCriteria, parse
from gql.domain.criteria_text import describe, offices_named
from gql.domain.enums import CustomerStatus

HEAD, LAGOS, IKEJA, KANO = (UUID(int=number) for number in range(1, 5))
NAMES = {HEAD: "Head office", LAGOS: "Lagos", IKEJA: "Ikeja", KANO: "Kano"}
IN_IKEJA = CustomerFacts(CustomerStatus.ACTIVE, IKEJA, frozenset({IKEJA, LAGOS, HEAD}))

ACTIVE = {"status": {"in": ["ACTIVE"]}}
PENDING = {"status": {"in": ["PENDING", "SUSPENDED"]}}


def office(*offices: UUID, beneath: bool = False) -> dict[str, Any]:
    """The predicate about offices."""
    return {"office": {"in": [str(key) for key in offices], "include_subtree": beneath}}


@pytest.mark.parametrize(
    ("source", "fits"),
    [
        (ACTIVE, True),
        (PENDING, False),
        (office(IKEJA), True),
        (office(KANO, IKEJA), True),
        (office(LAGOS), False),
        (office(LAGOS, beneath=True), True),
        (office(KANO, beneath=True), False),
        ({"office": {"in": [str(IKEJA)]}}, True),
        ({"office": {"in": [str(HEAD)]}}, False),
        ({"not": PENDING}, True),
        ({"not": {"not": PENDING}}, False),
        ({"all": [ACTIVE, office(IKEJA)]}, True),
        ({"all": [ACTIVE, office(KANO)]}, False),
        ({"all": []}, True),
        ({"any": [PENDING, office(IKEJA)]}, True),
        ({"any": [PENDING, office(KANO)]}, False),
        ({"any": []}, False),
    ],
)
def test_an_active_customer_in_ikeja(source: dict[str, Any], fits: bool) -> None:
    """Fits or not; and something stands in the way just when not."""
    rule = parse(source)

    assert rule.holds(IN_IKEJA) is fits
    assert (failing(rule, IN_IKEJA) is None) is fits


@pytest.mark.parametrize(
    ("source", "in_the_way"),
    [
        (PENDING, parse(PENDING)),
        ({"all": [ACTIVE, office(KANO), PENDING]}, parse(office(KANO))),
        ({"all": [{"all": [ACTIVE, PENDING]}, office(KANO)]}, parse(PENDING)),
        ({"any": [PENDING, office(KANO)]}, parse({"any": [PENDING, office(KANO)]})),
    ],
)
def test_the_first_thing_in_the_way_is_named(source: dict[str, Any], in_the_way: Expression) -> None:
    """Of an `all`, the part that fails; of an `any`, the whole of it."""
    assert failing(parse(source), IN_IKEJA) == in_the_way


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (PENDING, "status is PENDING or SUSPENDED"),
        (office(LAGOS, KANO), "office is Kano or Lagos"),
        (office(LAGOS, beneath=True), "office is Lagos or one beneath"),
        (office(UUID(int=99)), "office is a former office"),
        ({"not": PENDING}, "not (status is PENDING or SUSPENDED)"),
        ({"all": [ACTIVE, office(LAGOS)]}, "status is ACTIVE and office is Lagos"),
    ],
)
def test_a_rule_is_told_in_words(source: dict[str, Any], words: str) -> None:
    """With the offices' names."""
    assert describe(parse(source), NAMES) == words


def test_a_rule_says_which_offices_it_names() -> None:
    """Wherever in it they stand."""
    rule = parse({"all": [ACTIVE, {"any": [office(LAGOS), {"not": office(KANO, IKEJA)}]}]})

    assert offices_named(rule) == {LAGOS, KANO, IKEJA}
    assert offices_named(parse(ACTIVE)) == frozenset()


def test_a_rule_is_parsed_into_its_parts() -> None:
    """Types, not text."""
    assert parse(PENDING) == StatusIn(frozenset({CustomerStatus.PENDING, CustomerStatus.SUSPENDED}))
    assert parse(office(LAGOS, beneath=True)) == OfficeIn(frozenset({LAGOS}), include_subtree=True)


def _nested(depth: int) -> dict[str, Any]:
    return {"not": _nested(depth - 1)} if depth else ACTIVE


@pytest.mark.parametrize(
    "source",
    [
        None,
        "status",
        [],
        {},
        ACTIVE | office(KANO),
        {"balance": {"in": [5]}},
        {"status": None},
        {"status": ["ACTIVE"]},
        {"status": {"is": "ACTIVE"}},
        {"status": {"in": ["HAPPY"]}},
        {"status": {"in": [7]}},
        {"office": {"in": ["Kano"]}},
        {"office": {"in": [7]}},
        {"all": None},
        {"all": ACTIVE},
        {"any": "status"},
        {"any": [ACTIVE, {}]},
        {"not": [ACTIVE]},
        _nested(21),
    ],
)
def test_other_json_is_no_rule(source: Any) -> None:
    """Never taken for a rule that lets everybody in."""
    with pytest.raises(MalformedCriteria):
        parse(source)


def test_rules_nest_twenty_deep() -> None:
    """Which nobody needs."""
    assert parse(_nested(20)).holds(IN_IKEJA)
