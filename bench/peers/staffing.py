"""What `sql/grow.sql` draws from: names of customers, account managers for more books, and groups."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gql.demo.names import company_name, person_name
from gql.demo.plan import Draw
from gql.domain.search import reversed_search_key, search_key

BOOK_OF_10 = "book-of-10@lenddesk.example"
"""An account manager with ten customers, in an office of which nobody else is a customer; signs in like the others."""

_MANY = 50_000
_CUSTOMERS_PER_HOLDER = 250
_CUSTOMERS_PER_GROUP = 2_000
_MOST_GROUPS, _FEWEST_GROUPS = 500, 10
_COMPANIES = 0.12
_THEMES = ("Artisans", "Cooperative", "Harvest Loans", "Transport Loans", "Referral Campaign", "Traders", "Schools")


async def add_names(connection: Any, customers: int) -> int:
    """Fill pg_temp.names with names and their search keys; answers how many there are."""
    draw = Draw("names of the peers' bench")
    await connection.execute(
        "CREATE TEMP TABLE names (place int, kind text, name text, search_name text, search_name_reversed text)"
        " ON COMMIT DROP"
    )
    records = []
    for place in range(min(customers, _MANY)):
        is_company = draw.chance(_COMPANIES)
        name = company_name(draw) if is_company else person_name(draw)
        kind = "COMPANY" if is_company else "PERSON"
        records.append((place, kind, name, search_key(name), reversed_search_key(name)))
    await connection.copy_records_to_table("names", records=records)
    return len(records)


async def add_holders(connection: Any, customers: int, joined: datetime) -> None:
    """Add account managers, and BOOK_OF_10; fill pg_temp.shares with the offices as the demo's customers are spread
    over them, and pg_temp.holders with each active office's account managers.
    """
    await connection.execute(
        """
        CREATE TEMP TABLE shares ON COMMIT DROP AS
        SELECT office_id, 0 AS holders, sum(share) OVER earlier - share AS share_from,
            CASE WHEN row_number() OVER earlier = count(*) OVER () THEN 2 ELSE sum(share) OVER earlier END AS share_to
        FROM (
            SELECT office_id, count(*)::float8 / sum(count(*)) OVER () AS share FROM customers GROUP BY office_id
        ) AS by_office
        WINDOW earlier AS (ORDER BY office_id)
        """
    )
    draw = Draw("account managers of the peers' bench")
    wanted = max(customers // _CUSTOMERS_PER_HOLDER, 15)
    shares = await connection.fetch(
        "SELECT office_id, least(share_to, 1) - share_from AS share FROM shares"
        " JOIN offices ON offices.id = office_id WHERE status = 'ACTIVE' ORDER BY office_id"
    )
    people = [
        _admin(draw, f"holder{number}.{place}@lenddesk.example", row["office_id"], joined)
        for number, row in enumerate(shares)
        for place in range(max(1, round(wanted * row["share"])))
    ]
    empty = await connection.fetchval(
        "SELECT id FROM offices WHERE status = 'ACTIVE' AND id NOT IN (SELECT office_id FROM shares)"
        " ORDER BY name LIMIT 1"
    )
    own = _admin(draw, BOOK_OF_10, empty, joined)
    await connection.copy_records_to_table(
        "admins",
        records=[*people, own],
        columns=["id", "email", "name", "search_name", "office_id", "status", "created_at", "updated_at"],
    )
    role = await connection.fetchval("SELECT id FROM roles WHERE key = 'account_manager'")
    await connection.copy_records_to_table("admin_roles", records=[(person[0], role) for person in [*people, own]])
    await connection.execute(
        "INSERT INTO credentials (id, admin_id, password_hash, changed_at)"
        " SELECT $1, $2, password_hash, changed_at FROM credentials WHERE admin_id IS NOT NULL LIMIT 1",
        draw.id_at(joined),
        own[0],
    )
    await connection.execute(
        "CREATE TEMP TABLE holders ON COMMIT DROP AS SELECT office_id, id AS admin_id,"
        " (row_number() OVER (PARTITION BY office_id ORDER BY id) - 1)::int AS place"
        " FROM admins WHERE id = ANY ($1::uuid[])",
        [person[0] for person in people],
    )
    await connection.execute(
        "UPDATE shares SET holders = (SELECT count(*) FROM holders WHERE holders.office_id = shares.office_id)"
    )


def _admin(draw: Draw, email: str, office_id: UUID, joined: datetime) -> tuple[Any, ...]:
    name = person_name(draw)
    return draw.id_at(joined), email, name, search_key(name), office_id, "ACTIVE", joined, joined


async def add_groups(connection: Any, customers: int, created: datetime) -> int:
    """Add active groups without members, up to 500 with the demo's; pg_temp.new_groups has them. Answers how many."""
    draw = Draw("groups of the peers' bench")
    there: int = await connection.fetchval("SELECT count(*) FROM groups")
    wanted = max(_FEWEST_GROUPS, min(customers // _CUSTOMERS_PER_GROUP, _MOST_GROUPS - there))
    keeper = await connection.fetchval("SELECT created_by_id FROM groups WHERE created_by_id IS NOT NULL LIMIT 1")
    ids = [draw.id_at(created) for _ in range(wanted)]
    records = []
    for number, key in enumerate(ids):
        name = f"{_THEMES[number % len(_THEMES)]} {number + 1:03d}"
        text = f"{name}: customers who are looked after together."
        records.append((key, name, search_key(name), "ACTIVE", "SEGMENT", text, text, 0, keeper, 1, created, created))
    columns = (
        "id name search_name status purpose description criteria_text member_count created_by_id version "
        "created_at updated_at"
    )
    await connection.copy_records_to_table("groups", records=records, columns=columns.split())
    await connection.execute("CREATE TEMP TABLE new_groups (place int, group_id uuid) ON COMMIT DROP")
    await connection.copy_records_to_table("new_groups", records=list(enumerate(ids)))
    return wanted
