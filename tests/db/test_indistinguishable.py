"""No list tells a viewer what is withheld: two lenders that differ in nothing else give the same answers.

The accepted disclosures of the design are not asked for here: true counts of groups and books, and look-ups, which
match a whole email or phone on purpose.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from gql.db.engine import Database
from gql.db.models import Customer, Membership
from gql.db.queries.customer_lists import CustomersTotal, count_customers, list_customers
from gql.db.queries.customer_relevance import RelevantTotal, count_relevant, search_by_relevance
from gql.db.rows import CustomerRow
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.ids import new_id
from gql.domain.listing import BY_RELEVANCE, CUSTOMER_SORTS, CustomerCriteria, CustomerOrderField, CustomerSearch
from gql.domain.paging import PageRequest
from gql.domain.policies import Access, AccessMap
from gql.domain.roles import CustomerField
from gql.domain.time import today
from tests.db.visibility_cases import BEGINNING, NUMBER_OF_MANAGERS, NUMBER_OF_OFFICES, Case, Stage, cases, numbers

Row = dict[str, Any]
SHOWN = {"email", "phone", "kind", "created_at", "updated_at", "version"}
"""What a limited view may withhold of the row itself."""
SECRETS: dict[CustomerField, tuple[str, ...]] = {
    CustomerField.EMAIL: ("email",),
    CustomerField.PHONE: ("phone",),
    CustomerField.CREATED_AT: ("created_at",),
    CustomerField.UPDATED_AT: ("updated_at",),
    CustomerField.VERSION: ("version",),
    CustomerField.ARREARS: ("oldest_unpaid_due_on",),
    CustomerField.GROUPS: ("in_group",),
    CustomerField.BACK_OFFICE: ("tier",),
}
_SILVER = frozenset({CustomerTier.SILVER})
NAMES = ("Ade Bello", "Adeola Bello", "Bola Ade", "Zainab Musa")
TYPED = ("a", "ade", "bel", "bola ade", "adeole", "zeinab", "mussa", "xyz")


@pytest.fixture
async def stage(database: Database) -> Stage:
    """The offices and managers of a test."""
    return await Stage.build(database)


minutes = st.none() | st.integers(-1, 5)
days = st.none() | st.integers(0, 40)
queries = st.fixed_dictionaries(
    {},
    optional={
        "statuses": st.frozensets(st.sampled_from((CustomerStatus.ACTIVE, CustomerStatus.ARCHIVED)), min_size=1),
        "office": st.integers(0, NUMBER_OF_OFFICES - 1),
        "manager": st.integers(0, NUMBER_OF_MANAGERS - 1),
        "has_account_manager": st.booleans(),
        "group": st.just(True),
        "tiers": st.just(_SILVER),
        "created": st.tuples(minutes, minutes),
        "past_due": st.tuples(days, days),
        "name_prefix": st.sampled_from(TYPED),
        "address": st.tuples(st.sampled_from(("email", "phone")), numbers, st.booleans()),
        "order": st.sampled_from(CustomerOrderField),
        "descending": st.booleans(),
        "size": st.integers(1, 7),
        "backward": st.booleans(),
    },
)


@dataclass
class Secret:
    """How the other lender differs where the viewer can't see it."""

    gone: set[int]
    """By number, of customers who are not visible."""
    more: int
    shift: int


secrets = st.builds(Secret, gone=st.sets(numbers, max_size=5), more=st.integers(0, 3), shift=st.integers(1, 5))


def _first(stage: Stage, case: Case) -> list[Row]:
    """The one lender's customers."""
    rows = []
    for number, drawn in enumerate(case.drawn):
        name = NAMES[(number + drawn.minute) % len(NAMES)]
        row = stage.row(number, replace(drawn, name=name))
        first, last = name.lower().split()
        row |= {"search_name": f"{first} {last}", "search_name_reversed": f"{last} {first}", "version": 1}
        row |= {"oldest_unpaid_due_on": _due(number * 7 % 40) if number % 3 else None, "in_group": drawn.in_group}
        row |= {"tier": CustomerTier.SILVER if number % 2 else None}
        rows.append(row)
    return rows


def _due(days_ago: int) -> date:
    return today() - timedelta(days=days_ago)


def _altered(row: Row, number: int, shift: int) -> Row:
    """Everything that may be withheld of a customer, otherwise."""
    due = row["oldest_unpaid_due_on"]
    return {
        # In another order than those of the first lender.
        "email": f"other{29 - number}@customers.example",
        "phone": f"+23480400000{29 - number:02}",
        "created_at": row["created_at"] + timedelta(minutes=shift),
        "updated_at": row["updated_at"] + timedelta(minutes=2 * shift),
        "version": row["version"] + shift,
        "oldest_unpaid_due_on": _due(shift) if due is None else None,
        "in_group": not row["in_group"],
        "tier": CustomerTier.SILVER if row["tier"] is None else None,
    }


def _second(rows: list[Row], access: AccessMap, secret: Secret) -> list[Row]:
    """The other lender's: the same but for what the viewer doesn't see."""
    found = []
    for number, row in enumerate(rows):
        seen = access.to(row["id"], row["account_manager_id"], row["office_id"])
        other = _altered(row, number, secret.shift)
        if seen.is_visible:
            hidden = {name for field in seen.withheld for name in SECRETS.get(field, ())}
            found.append(row | {name: other[name] for name in hidden})
            continue
        if number not in secret.gone:
            name = NAMES[(number + secret.shift) % len(NAMES)].lower()
            found.append(row | other | {"name": name, "search_name": name, "status": CustomerStatus.ARCHIVED})
        for nth in range(secret.more):
            fresh = {"id": new_id(), "number": f"X{number:03}{nth}"}
            fresh |= {"email": f"x{number}.{nth}@x.example", "phone": f"+23485{number:04}{nth:04}"}
            found.append(row | fresh)
    return found


async def _put(stage: Stage, rows: list[Row]) -> None:
    members = [
        {"id": new_id(), "group_id": stage.group, "customer_id": row["id"], "since": BEGINNING}
        for row in rows
        if row["in_group"]
    ]
    columns = [{name: value for name, value in row.items() if name != "in_group"} for row in rows]
    async with stage.database.begin() as session:
        await session.execute(delete(Membership))
        await session.execute(delete(Customer))
        await session.execute(insert(Customer), columns)
        if members:
            await session.execute(insert(Membership), members)


def _criteria(stage: Stage, query: Row) -> CustomerCriteria:
    created_from, created_before = query.get("created", (None, None))
    least, most = query.get("past_due", (None, None))
    kind, number, is_other = query.get("address", (None, 0, False))
    forms = {"email": ("customer{}@customers.example", "other{}@customers.example")}
    forms["phone"] = ("+23480300000{:02}", "+23480400000{:02}")
    search = None
    if kind is not None:
        value = forms[kind][is_other].format(number)
        search = CustomerSearch(email=value) if kind == "email" else CustomerSearch(phone=value)
    elif "name_prefix" in query:
        search = CustomerSearch(name_prefix=query["name_prefix"])
    return CustomerCriteria(
        statuses=query.get("statuses"),
        office_id=stage.offices[query["office"]] if "office" in query else None,
        account_manager_id=stage.managers[query["manager"]] if "manager" in query else None,
        has_account_manager=query.get("has_account_manager"),
        group_id=stage.group if "group" in query else None,
        created_from=None if created_from is None else BEGINNING + timedelta(minutes=created_from),
        created_before=None if created_before is None else BEGINNING + timedelta(minutes=created_before),
        days_past_due_min=least,
        days_past_due_max=most,
        tiers=query.get("tiers"),
        search=search,
    )


def _shown(row: CustomerRow) -> Row:
    """What of a row a viewer is shown."""
    access: Access = row.access
    always = {name: getattr(row, name) for name in ("id", "number", "name", "status", "office_id")}
    guarded = {CustomerField[name.upper()]: name for name in SHOWN}
    return always | {name: getattr(row, name) for field, name in guarded.items() if access.shows(field)}


async def _answer(stage: Stage, access: AccessMap, query: Row) -> list[Any]:
    """Two pages of the list with all that a client gets of them, and the count."""
    criteria = _criteria(stage, query)
    relevant = "order" not in query and criteria.search is not None and criteria.search.is_of_a_name
    sort = BY_RELEVANCE if relevant else CUSTOMER_SORTS[query.get("order", CustomerOrderField.NAME)]
    sort = sort._replace(descending=query.get("descending", False) and not relevant)
    backward = query.get("backward", False)
    request = PageRequest(query.get("size", 25), sort, backward)
    read = search_by_relevance if relevant else list_customers
    answer: list[Any] = []
    for _ in range(2):
        page = await read(stage.database, access, criteria, request)
        answer.append([(_shown(edge.node), edge.position) for edge in page.edges])
        answer.append((page.has_next_page, page.has_previous_page))
        if not page.edges:
            break
        place = page.edges[0 if backward else -1].position
        request = request._replace(before=place) if backward else request._replace(after=place)
    if relevant:
        answer.append(await count_relevant(stage.database, access, RelevantTotal(criteria)))
    else:
        answer.append(await count_customers(stage.database, access, CustomersTotal(criteria, sort.name)))
    return answer


# As in `test_visibility_lists`: a smaller example would take minutes of statements to find.
@settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(case=cases, secret=secrets, asked=st.lists(queries, min_size=4, max_size=4))
async def test_lenders_that_differ_in_what_is_withheld_are_one_to_the_viewer(
    case: Case, secret: Secret, asked: list[Row], stage: Stage
) -> None:
    """Whatever is filtered by, looked for and sorted by: rows, their places, whether there are more, and counts."""
    rows = _first(stage, case)
    stage.put_ids = [row["id"] for row in rows]
    access = stage.access(case)
    # Those that are asked of everybody, and ask for nothing but what some don't see.
    telling = {"past_due": (1, None), "created": (2, None), "group": True, "tiers": _SILVER}
    narrow: list[Row] = [{name: value} for name, value in telling.items()]
    orders: list[Row] = [{"order": order} for order in CustomerOrderField]
    answers = []
    for lender in (rows, _second(rows, access, secret)):
        await _put(stage, lender)
        answers.append([await _answer(stage, access, query) for query in (*narrow, *orders, *asked)])
    for query, one, other in zip((*narrow, *orders, *asked), *answers, strict=True):
        assert one == other, query
