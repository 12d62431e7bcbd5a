"""A lender of 20,000 customers on PostgreSQL, whose plans are those of a million; tests only read it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from gql.db.engine import Database
from gql.db.models import Admin, Office
from gql.domain.covers import NO_COVERS, Covers
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES
from tests.factories import World

HEAD, REGION, NEW_BRANCH = "Head", "Region 0", "Branch 0 of region 0"

_CUSTOMERS = """
    INSERT INTO customers (id, number, kind, name, search_name, search_name_reversed, email, phone, status,
                           status_changed_at, office_id, account_manager_id, version, created_at, updated_at,
                           oldest_unpaid_due_on, tier)
    SELECT gen_random_uuid(), 'C' || i, 'PERSON', first || ' ' || last, lower(first || ' ' || last),
           lower(last || ' ' || first), 'customer' || i || '@customers.example',
           '+234803' || lpad((i * 7919 % 20000)::text, 7, '0'),
           CASE WHEN i % 10 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END, moment, office,
           CASE WHEN office = :new_branch AND i % 100 < 98 OR i % 5 < 2 THEN NULL ELSE manager END, 1, moment,
           moment + i % 7 * INTERVAL '1 hour', CASE WHEN i % 2 = 0 THEN CURRENT_DATE + 15 - i % 120
                                                        WHEN i % 4 = 1 THEN CURRENT_DATE - 40 END,
           CASE WHEN i % 50 = 0 THEN 'GOLD' WHEN i % 3 = 0 THEN 'BRONZE' END
    FROM (SELECT i, CAST(:offices AS uuid[]) AS offices, CAST(:managers AS uuid[]) AS managers,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' + i * INTERVAL '24 seconds' AS moment
          FROM generate_series(1, 20000) AS i) AS numbers,
         LATERAL (SELECT offices[1 + (i / 7) % cardinality(offices)] AS office,
                         managers[1 + abs(hashtext(i::text)) % cardinality(managers)] AS manager,
                         CASE WHEN i % 20 = 0 THEN 'Amaka' ELSE 'Customer' END AS first,
                         CASE WHEN i % 20 = 0 THEN 'Oyelaran' ELSE md5(i::text) END AS last) AS places
"""
_INTERACTIONS = """
    INSERT INTO interactions (id, customer_id, office_id, account_manager_id, kind, direction, summary, occurred_at,
                              logged_at, next_step, due_at, done_at, next_step_outcome)
    SELECT gen_random_uuid(), id, office_id, account_manager_id, 'CALL', 'OUTBOUND', 'Called.', created_at, created_at,
           'Call.', moment, done_at, CASE WHEN done_at IS NULL THEN NULL ELSE 'Done.' END
    FROM customers, LATERAL (SELECT created_at + INTERVAL '9 days' AS moment) AS due,
         LATERAL (VALUES (moment), (NULL)) AS either(done_at)
    WHERE done_at IS NULL OR number LIKE '%0'
"""
_BOOK_OF_TEN = """
    UPDATE customers SET account_manager_id = :viewer
    WHERE id IN (SELECT id FROM customers WHERE office_id = :office ORDER BY md5(number) LIMIT 10)
"""
_TAGGED = "INSERT INTO customer_tags (customer_id, tag) SELECT id, 'vip' FROM customers WHERE right(number, 3) = '555'"
_MEMBERS = """
    INSERT INTO memberships (id, group_id, customer_id, since)
    SELECT gen_random_uuid(), :group, id, created_at FROM customers WHERE right(number, 3) = '777'
"""


@dataclass(frozen=True)
class Lender:
    """Sixteen offices in three levels, forty managers, and a viewer with a book of ten in each viewing office."""

    url: str
    offices: dict[str, UUID]
    subtrees: dict[str, frozenset[UUID]]
    viewer: UUID
    managers: list[UUID]
    group: UUID

    def access(self, roles: str, office: str, covers: Covers = NO_COVERS) -> AccessMap:
        """What the viewer sees with these roles, working in that office."""
        held = [BUILT_IN_ROLES[role] for role in roles.split(" + ")]
        return access_map(self.viewer, self.offices[office], self.subtrees[office], held, covers)


async def build(url: str) -> Lender:
    """Write it."""
    database = Database(url, statement_timeout=0)
    world = World(database)
    head = await world.office(HEAD)
    tree: dict[str, list[Office]] = {}
    for region_number in range(3):
        region = await world.office(f"Region {region_number}", parent=head)
        name = "Branch {} of region " + str(region_number)
        tree[region.name] = [region] + [await world.office(name.format(number), parent=region) for number in range(4)]
    offices = [head, *(office for region in tree.values() for office in region)]
    managers: list[Admin] = [await world.admin(office=offices[number % len(offices)]) for number in range(40)]
    viewer = await world.admin(office=head)
    group = await world.group()
    ids = {office.name: office.id for office in offices}
    async with database.begin() as session:
        values = {"offices": list(ids.values()), "managers": [m.id for m in managers], "new_branch": ids[NEW_BRANCH]}
        await session.execute(text(_CUSTOMERS), values)
        await session.execute(text(_BOOK_OF_TEN), {"viewer": viewer.id, "office": ids[REGION]})
        await session.execute(text(_MEMBERS), {"group": group.id})
        await session.execute(text(_TAGGED))
        await session.execute(text(_INTERACTIONS))
        await session.execute(text("ANALYZE"))
    await database.close()
    subtrees = {
        HEAD: frozenset(ids.values()),
        REGION: frozenset(office.id for office in tree[REGION]),
        NEW_BRANCH: frozenset({ids[NEW_BRANCH]}),
    }
    return Lender(url, ids, subtrees, viewer.id, [manager.id for manager in managers], group.id)
