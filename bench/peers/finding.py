"""What each filter, search and order of the customers' list costs the database, for each role."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import text

from bench.explaining import Explained, explained
from bench.peers.data import Tell, prepare
from bench.peers.postgres import database_server
from bench.peers.staffing import BOOK_OF_10
from bench.report import decimal
from gql.db.engine import Database
from gql.db.queries.customer_lists import list_customers
from gql.db.queries.customer_relevance import search_by_relevance
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.listing import BY_RELEVANCE, CUSTOMER_SORTS, CustomerCriteria, CustomerOrderField, CustomerSearch
from gql.domain.paging import PageRequest, Sort
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import today

WHO: Mapping[str, str] = {
    "super admin": "super@lenddesk.example",
    "auditor": "auditor@lenddesk.example",
    "portfolio": "portfolio@lenddesk.example",
    "groups": "groups@lenddesk.example",
    "collections": "collections@lenddesk.example",
    "team": "team@lenddesk.example",
    "manager": "manager1@lenddesk.example",
    "book of 10": BOOK_OF_10,
}
_BY_NAME = CUSTOMER_SORTS[CustomerOrderField.NAME]
_ADMIN = text(
    "SELECT a.id, a.office_id, array_agg(r.key) AS roles FROM admins a JOIN admin_roles ar ON ar.admin_id = a.id "
    "JOIN roles r ON r.id = ar.role_id WHERE a.email = :email GROUP BY a.id"
)
_BENEATH = text(
    "WITH RECURSIVE beneath AS (SELECT id FROM offices WHERE id = :office "
    "UNION SELECT o.id FROM offices o JOIN beneath b ON o.parent_id = b.id) SELECT id FROM beneath"
)
_SOME = text(
    "SELECT (SELECT id FROM groups ORDER BY member_count DESC LIMIT 1) AS large, "
    "(SELECT id FROM groups WHERE member_count > 0 ORDER BY member_count LIMIT 1) AS small, "
    "(SELECT office_id FROM customers GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS office, "
    "(SELECT parent_id FROM offices WHERE parent_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1) AS region, "
    "(SELECT account_manager_id FROM customers WHERE account_manager_id IS NOT NULL LIMIT 1) AS manager, "
    "(SELECT tag FROM customer_tags GROUP BY 1 ORDER BY count(*) DESC, tag LIMIT 1) AS tag"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, and by role what the database does for it; no statements where nothing could match."""

    question: str
    cost: Mapping[str, Sequence[Explained]]


def measure_finding(customers: int, tell: Tell) -> list[Asked]:
    """Each question's second run, for each role. Raises BenchFailed."""
    with database_server(customers) as server:
        prepare(server.url, customers, tell)
        return asyncio.run(_measure(server.url, tell))


async def _measure(url: str, tell: Tell) -> list[Asked]:
    database = Database(url, statement_timeout=0)
    try:
        async with database.writer.connect() as connection:
            some = (await connection.execute(_SOME)).one()
            viewers = {role: await _access(connection, email) for role, email in WHO.items()}
        asked = []
        for question, (criteria, sort) in _questions(some).items():
            tell(f"{question} ...")
            asked.append(Asked(question, {w: await _cost(database, of, criteria, sort) for w, of in viewers.items()}))
        return asked
    finally:
        await database.close()


async def _access(connection: Any, email: str) -> AccessMap:
    admin = (await connection.execute(_ADMIN, {"email": email})).one()
    beneath = frozenset((await connection.execute(_BENEATH, {"office": admin.office_id})).scalars())
    return access_map(admin.id, admin.office_id, beneath, [BUILT_IN_ROLES[key] for key in admin.roles])


async def _cost(database: Database, access: AccessMap, criteria: CustomerCriteria, sort: Sort) -> Sequence[Explained]:
    read = search_by_relevance if sort is BY_RELEVANCE else list_customers
    found: Sequence[Explained] = ()
    for _ in range(2):
        found, _ = await explained(database, lambda: read(database, access, criteria, PageRequest(25, sort)))
    return found


def _questions(some: Any) -> dict[str, tuple[CustomerCriteria, Sort]]:
    day = datetime.combine(today() - timedelta(days=90), time.min, UTC)
    month = CustomerCriteria(created_from=day - timedelta(days=30), created_before=day)
    filters = {
        "status ARCHIVED": CustomerCriteria(statuses=frozenset({CustomerStatus.ARCHIVED})),
        "status ACTIVE, PENDING": CustomerCriteria(statuses=frozenset({CustomerStatus.ACTIVE, CustomerStatus.PENDING})),
        "an office": CustomerCriteria(office_id=some.office),
        "an office and beneath": CustomerCriteria(office_id=some.region, include_subtree=True),
        "an account manager": CustomerCriteria(account_manager_id=some.manager),
        "nobody's": CustomerCriteria(has_account_manager=False),
        "somebody's": CustomerCriteria(has_account_manager=True),
        "the largest group": CustomerCriteria(group_id=some.large),
        "the smallest group": CustomerCriteria(group_id=some.small),
        "created in a month": month,
        "created in a day": replace(month, created_from=day - timedelta(days=1)),
        "90 days past due or more": CustomerCriteria(days_past_due_min=90),
        "10 to 12 days past due": CustomerCriteria(days_past_due_min=10, days_past_due_max=12),
        "5 days past due or less": CustomerCriteria(days_past_due_max=5),
        "tier PLATINUM": CustomerCriteria(tiers=frozenset({CustomerTier.PLATINUM})),
        "tier GOLD, SILVER": CustomerCriteria(tiers=frozenset({CustomerTier.GOLD, CustomerTier.SILVER})),
        "the most frequent tag": CustomerCriteria(tag=some.tag),
        "email": CustomerCriteria(search=CustomerSearch(email="nobody@post.example", lookup=True)),
        "number": CustomerCriteria(search=CustomerSearch(number="LD-10000777")),
        "adaobi, by name": CustomerCriteria(search=CustomerSearch(name_prefix="adaobi")),
    }
    questions = {name: (criteria, _BY_NAME) for name, criteria in filters.items()}
    for term in ("a", "adaobi", "jamila dog", "ogunlaye", "jamila dogora", "sosn"):
        questions[f"{term}, by relevance"] = (CustomerCriteria(search=CustomerSearch(name_prefix=term)), BY_RELEVANCE)
    for order in (CustomerOrderField.STATUS, CustomerOrderField.UPDATED_AT):
        # As a saved view may have them: a filter and an order of its own.
        for name in ("tier PLATINUM", "nobody's", "created in a month", "90 days past due or more"):
            questions[f"{name}, by {order}"] = (filters[name], CUSTOMER_SORTS[order])
    everybody = {f"all by {order}": (CustomerCriteria(), sort) for order, sort in CUSTOMER_SORTS.items()}
    return {**everybody, **questions}


def rows_of(asked: Sequence[Asked]) -> list[list[str]]:
    """As a table with a heading: milliseconds, planning included, and rows that were read in vain."""
    rows = [["ms (rows read in vain)", *WHO]]
    for one in asked:
        cells = []
        for found in (one.cost[who] for who in WHO):
            milliseconds = decimal(sum(each.milliseconds for each in found))
            cells.append(f"{milliseconds} ({sum(each.in_vain for each in found):,})" if found else "-")
        rows.append([one.question, *cells])
    return rows


def as_json(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """All figures."""
    return [
        {
            "question": one.question,
            "role": who,
            "milliseconds": sum(each.milliseconds for each in found),
            "rows_in_vain": sum(each.in_vain for each in found),
            "pages": sum(each.pages for each in found),
            "statements": len(found),
        }
        for one in asked
        for who, found in one.cost.items()
    ]
