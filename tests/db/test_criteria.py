"""The rule language of groups: SQL and Python fit the same customers, and previews tell only of whom one may know."""

import functools
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from gql.db.engine import Database
from gql.db.models import Admin, Customer, CustomerTag, Loan, Office
from gql.db.queries.criteria import fits
from gql.db.queries.criteria_previews import CriteriaSample, CriteriaTotal, count_fitting, sample_fitting
from gql.domain.criteria import AllOf, facts_asked
from gql.domain.criteria_json import parse, to_json
from gql.domain.enums import CustomerKind, CustomerStatus, LoanStatus, OfficeStatus
from gql.domain.errors import BadUserInput
from gql.domain.ids import new_id
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Role
from gql.domain.time import now, today
from gql.resolvers.criteria import expression_of
from gql.resolvers.criteria_values import value_of
from gql.schema.fields import by_python_names
from gql.services.criteria_facts import criteria_facts_of
from tests.criteria_cases import OFFICES, PARENTS, DrawnLoan, Person, means, people, predicates, rules
from tests.db.visibility_cases import custom_roles
from tests.examples import examples
from tests.factories import World
from tests.sql_counter import count_statements

# All examples of a test share its database: each puts its customers in the place of those before.
_examples = functools.partial(
    settings,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
crowds = st.lists(people, min_size=4, max_size=12)


@pytest.fixture
async def stage(database: Database) -> Database:
    """A database with the offices."""
    rows = [
        {
            "id": key,
            "name": f"Office {key.int}",
            "search_name": f"office {key.int}",
            "parent_id": None if parent is None else OFFICES[parent],
            "status": OfficeStatus.ACTIVE,
            "created_at": now(),
        }
        for key, parent in zip(OFFICES, PARENTS, strict=True)
    ]
    async with database.begin() as session:
        await session.execute(insert(Office), rows)
    return database


_OWES_TWICE = Person(
    status=CustomerStatus.ACTIVE,
    office=0,
    tier=None,
    due=None,
    age=0,
    second=0,
    loans=tuple(
        DrawnLoan("SME", currency, status, owed)
        for currency, status, owed in (
            ("NGN", LoanStatus.ACTIVE, 500),
            ("NGN", LoanStatus.ACTIVE, 1),
            ("NGN", LoanStatus.WRITTEN_OFF, 1),
            ("USD", LoanStatus.ACTIVE, 1),
        )
    ),
    tags=frozenset(),
)
"""501 in one currency, by two loans; what is written off and what is of another currency counts for nothing."""


async def _put(database: Database, crowd: Sequence[Person], day: date, managers: Sequence[UUID | None]) -> list[UUID]:
    """Have these customers, and no others; their IDs."""
    ids = [new_id() for _ in crowd]
    loans = [
        {
            "id": new_id(),
            "number": f"L{number:03}-{place}",
            "customer_id": key,
            "product": loan.product,
            "status": loan.status,
            "currency": loan.currency,
            "principal_minor": 1,
            "outstanding_minor": loan.outstanding_minor,
            "disbursed_at": now(),
        }
        for number, (key, person) in enumerate(zip(ids, crowd, strict=True))
        for place, loan in enumerate(person.loans)
    ]
    tags = [{"customer_id": key, "tag": tag} for key, one in zip(ids, crowd, strict=True) for tag in one.tags]
    async with database.begin() as session:
        for model in (Loan, CustomerTag, Customer):
            await session.execute(delete(model))
        rows = [_row(n, *one, day) for n, one in enumerate(zip(ids, crowd, managers, strict=True))]
        await session.execute(insert(Customer), rows)
        if loans:
            await session.execute(insert(Loan), loans)
        if tags:
            await session.execute(insert(CustomerTag), tags)
    return ids


def _row(number: int, key: UUID, person: Person, manager: UUID | None, day: date) -> dict[str, Any]:
    name, created = f"Customer {number:02}", person.created_at(day)
    return {
        "id": key,
        "number": f"C{number:04}",
        "kind": CustomerKind.PERSON,
        "name": name,
        "search_name": name.lower(),
        "search_name_reversed": name.lower(),
        "email": f"customer{number}@customers.example",
        "phone": f"+23480300000{number:02}",
        "status": person.status,
        "status_changed_at": created,
        "office_id": OFFICES[person.office],
        "account_manager_id": manager,
        "tier": person.tier,
        "oldest_unpaid_due_on": person.oldest_unpaid_due_on(day),
        "created_at": created,
        "updated_at": created,
    }


async def _by_sql(database: Database, source: dict[str, Any], day: date) -> set[UUID]:
    does_fit, bound = fits(database.dialect, parse(source), day)
    return {row.id for row in await database.rows(select(Customer.__table__.c.id).where(does_fit), bound)}


async def _by_python(database: Database, source: dict[str, Any], day: date) -> set[UUID]:
    """As those who are to join a group are looked at."""
    expression = parse(source)
    async with database.begin() as session:
        everybody = (await session.scalars(select(Customer))).all()
        facts = await criteria_facts_of(session, database.dialect, everybody, expression, day)
        return {key for key, one in facts.items() if expression.holds(one)}


@_examples(max_examples=examples(25))
@given(crowd=crowds, sources=st.lists(rules, min_size=4, max_size=4))
@example(
    crowd=[_OWES_TWICE],
    sources=[{"outstanding": {"currency": "NGN", "minimum_minor": 501, "maximum_minor": 501}}, {"not": {"all": []}}],
)
async def test_sql_and_python_fit_the_same_customers(
    crowd: list[Person], sources: list[dict[str, Any]], stage: Database
) -> None:
    """Those whom the JSON means; and with NOT before the rule, all the others."""
    day = today()
    ids = await _put(stage, crowd, day, [None] * len(crowd))
    for source in sources:
        meant = {key for key, person in zip(ids, crowd, strict=True) if means(source, person)}
        assert await _by_python(stage, source, day) == meant, source
        assert await _by_sql(stage, source, day) == meant, source
        assert await _by_sql(stage, {"not": source}, day) == set(ids) - meant, source


_ASKS = {
    "product": CustomerField.LOANS,
    "outstanding": CustomerField.LOANS_SUMMARY,
    "days_past_due": CustomerField.ARREARS,
    "tier": CustomerField.BACK_OFFICE,
    "tag": CustomerField.BACK_OFFICE,
    "account_age": CustomerField.CREATED_AT,
}


def _asked(source: dict[str, Any]) -> set[str]:
    """The predicates of a rule, by name."""
    [(key, value)] = source.items()
    if key in ("all", "any"):
        return set().union(*map(_asked, value))
    return _asked(value) if key == "not" else {key}


def _may_know(source: dict[str, Any], access: AccessMap, who: tuple[UUID, Person, UUID | None]) -> bool:
    key, person, manager = who
    seen, asked = access.to(key, manager, OFFICES[person.office]), _asked(source)
    if not seen.is_visible or (asked & {"product", "outstanding"} and not seen.is_full):
        return False  # a limited view never has more than loans in arrears
    return all(seen.shows(_ASKS[name]) for name in asked & _ASKS.keys())


@pytest.fixture
async def managers(stage: Database) -> list[Admin]:
    """The viewer and somebody else."""
    world = World(stage)
    office = await world.office("Head")
    return [await world.admin(office=office) for _ in range(2)]


@_examples(max_examples=examples(20))
@given(
    crowd=crowds,
    sources=st.tuples(predicates, predicates, rules).map(list),
    roles=st.lists(st.sampled_from(list(BUILT_IN_ROLES.values())) | custom_roles, min_size=1, max_size=2),
    held=st.lists(st.sampled_from((None, 0, 1)), min_size=12, max_size=12),
    size=st.integers(1, 5),
)
async def test_a_preview_has_whom_the_viewer_may_know_to_fit(
    crowd: list[Person],
    sources: list[dict[str, Any]],
    roles: list[Role],
    held: list[int | None],
    size: int,
    stage: Database,
    managers: list[Admin],
) -> None:
    """Counted, and the first by name: rows that withhold what is asked are neither counted nor shown."""
    day = today()
    of = [None if place is None else managers[place].id for place in held[: len(crowd)]]
    ids = await _put(stage, crowd, day, of)
    access = access_map(managers[0].id, OFFICES[1], frozenset(OFFICES[1:3]), roles)
    whole = list(zip(ids, crowd, of, strict=True))
    for source in sources:
        known = [one[0] for one in whole if _may_know(source, access, one) and means(source, one[1])]
        assert await count_fitting(stage, access, CriteriaTotal(parse(source), day)) == len(known), source
        found = await sample_fitting(stage, access, CriteriaSample(parse(source), day, size))
        assert [row.id for row in found] == known[:size], source


async def test_only_what_is_asked_for_is_read(stage: Database) -> None:
    """One statement at most for each kind of fact, however often it is asked for."""
    customer = await World(stage).customer()
    loans = [{"product": {"in": ["SME"]}}, {"outstanding": {"currency": "NGN", "maximum_minor": 5}}]
    tags, beneath = {"tag": {"in": ["vip"]}}, {"office": {"in": [str(OFFICES[0])], "include_subtree": True}}
    own_row = [
        {"status": {"in": ["ACTIVE"]}},
        {"office": {"in": [str(OFFICES[0])]}},
        {"days_past_due": {"maximum": 3}},
        {"tier": {"in": [None]}},
        {"account_age": {"minimum_days": 3}},
    ]
    async with stage.begin() as session:
        await session.execute(select(1))
        for parts, statements in (
            (own_row, 0),
            (loans, 1),
            ([tags, {"not": tags}], 1),
            ([beneath, {"any": [beneath]}], 1),
            ([*own_row, *loans, tags, beneath], 3),
        ):
            rule = parse({"all": parts})
            with count_statements(stage) as counted:
                await criteria_facts_of(session, stage.dialect, [customer], rule, today())
            assert len(counted.statements) == statements, parts
            assert len(facts_asked(rule)) == statements


@given(source=rules)
def test_json_says_all_of_a_rule(source: dict[str, Any]) -> None:
    """Written and read again it is the same rule; alone and within others."""
    rule = parse(source)
    assert parse(to_json(rule)) == rule
    assert parse({"all": [source]}) == AllOf((rule,))


@given(source=rules)
def test_a_client_reads_a_rule_as_it_would_write_it(source: dict[str, Any]) -> None:
    """But for lists without anything, which nobody can write."""
    rule = parse(source)
    value = value_of(rule)
    if "[]" in orjson.dumps(value).decode():
        with pytest.raises(BadUserInput, match="empty"):
            expression_of(by_python_names(value))
    else:
        assert expression_of(by_python_names(value)) == rule
