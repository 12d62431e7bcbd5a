"""Random worlds of customers, a viewer of random roles who lists them in some way, and how all that goes into SQL."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import delete, insert

from gql.db.engine import Database
from gql.db.models import Customer, Membership
from gql.domain.back_office import CustomerTier
from gql.domain.covers import Covers
from gql.domain.enums import CustomerKind, CustomerStatus
from gql.domain.ids import new_id
from gql.domain.listing import CustomerCriteria, CustomerSearch
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope
from gql.domain.time import today
from tests.factories import World

NUMBER_OF_OFFICES, NUMBER_OF_MANAGERS = 5, 3  # the viewer is the first of the managers, the viewer's office of offices
NAMES = ("Ade", "Ade", "ade", "Bola", "Ọla", "Zainab")
BEGINNING = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Drawn:
    """A customer by numbers: of the office, of the manager (None for nobody), of the minute of creation."""

    office: int
    manager: int | None
    name: str
    minute: int
    status: CustomerStatus
    in_group: bool
    tier: CustomerTier | None
    overdue: int | None
    """Days since the oldest unpaid instalment was due; None for who has none."""


@dataclass
class Case:
    """A world, who looks, at what, and by pages of what sizes."""

    drawn: list[Drawn]
    subtree: set[int]
    roles: list[Role]
    wanted: list[dict[str, Any]]
    descending: bool
    sizes: list[int]
    covered: set[int]
    """Managers whose books the viewer covers."""
    opened: set[int]
    """Customers whom the viewer has opened, where a role lets them."""


custom_roles = st.builds(
    Role,
    key=st.just("custom"),
    name=st.just("Custom"),
    description=st.just("A role of the lender's own."),
    permissions=st.sampled_from(
        (
            frozenset({Permission.CUSTOMER_READ, Permission.GROUP_READ}),
            frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_BREAK_GLASS}),
            frozenset({Permission.CUSTOMER_READ}),
        )
    ),
    assigned=st.sampled_from(Level),
    unassigned=st.sampled_from(Level),
    scope=st.sampled_from(Scope),
    shown_when_limited=st.frozensets(st.sampled_from(CustomerField)),
)
drawn_customers = st.builds(
    Drawn,
    office=st.integers(0, NUMBER_OF_OFFICES - 1),
    manager=st.none() | st.integers(0, NUMBER_OF_MANAGERS - 1),
    name=st.sampled_from(NAMES),
    minute=st.integers(0, 3),  # so that many are equal in the order and go by their IDs
    status=st.sampled_from((CustomerStatus.ACTIVE, CustomerStatus.ARCHIVED)),
    in_group=st.booleans(),
    tier=st.none() | st.sampled_from((CustomerTier.GOLD, CustomerTier.SILVER, CustomerTier.PLATINUM)),
    overdue=st.sampled_from((None, None, -5, 0, 1, 1, 40)),
)
numbers = st.integers(0, 29)
# Two at most: with more, hardly any world has a customer who passes.
filters = st.lists(
    st.one_of(
        st.fixed_dictionaries({"statuses": st.frozensets(st.sampled_from(CustomerStatus))}),
        st.fixed_dictionaries({"office": st.integers(0, NUMBER_OF_OFFICES - 1)}),
        st.fixed_dictionaries({"manager": st.integers(0, NUMBER_OF_MANAGERS - 1)}),
        st.fixed_dictionaries({"has_account_manager": st.booleans()}),
        st.just({"group": True}),
        st.fixed_dictionaries({"email_of": numbers, "phone_of": numbers, "lookup": st.booleans()}),
        st.fixed_dictionaries({"name_prefix": st.sampled_from(("a", "ade", "ola", "x"))}),
        st.fixed_dictionaries({"tiers": st.frozensets(st.sampled_from(CustomerTier))}),
        st.fixed_dictionaries(
            {"past_due": st.sampled_from(((0, 0), (1, None), (None, 1), (None, 0), (1, 1), (2, 39)))}
        ),
    ),
    max_size=2,
).map(lambda parts: {name: value for part in parts for name, value in part.items()})
cases = st.builds(
    Case,
    drawn=st.lists(drawn_customers, min_size=10, max_size=30),
    subtree=st.sets(st.integers(0, NUMBER_OF_OFFICES - 1)).map(lambda offices: offices | {0}),
    covered=st.sets(st.integers(1, NUMBER_OF_MANAGERS - 1)),
    opened=st.sets(st.integers(0, 29), max_size=4),
    roles=st.lists(st.sampled_from(list(BUILT_IN_ROLES.values())) | custom_roles, min_size=1, max_size=3),
    # The group alone each time: it is the one filter that depends on what each role shows besides.
    wanted=filters.map(lambda drawn: [{"group": True}, drawn]),
    descending=st.booleans(),
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6),
)


@dataclass
class Stage:
    """The offices and managers on which each example's customers are put."""

    database: Database
    offices: list[UUID]
    managers: list[UUID]
    group: UUID
    names: dict[UUID, str]
    """Of the offices and managers."""
    put_ids: list[UUID] = field(default_factory=list)
    """Of the customers, in the order of the case."""

    @classmethod
    async def build(cls, database: Database) -> "Stage":
        """Once for each test."""
        world = World(database)
        offices = [await world.office() for _ in range(NUMBER_OF_OFFICES)]
        # Two are called alike: their customers are one list by their names.
        names = ("Ngozi", "Bola", "Ngozi")
        managers = [await world.admin(office=offices[0], name=name) for name in names]
        group = await world.group()
        called = {one.id: one.name for one in offices} | {one.id: one.name for one in managers}
        return cls(database, [o.id for o in offices], [m.id for m in managers], group.id, called)

    def access(self, case: Case) -> AccessMap:
        """What the viewer may see of customers who were put."""
        covers = Covers(
            books=tuple((self.managers[number], new_id()) for number in case.covered),
            opened=tuple((self.put_ids[number], new_id()) for number in case.opened if number < len(self.put_ids)),
        )
        subtree = frozenset(self.offices[number] for number in case.subtree)
        return access_map(self.managers[0], self.offices[0], subtree, case.roles, covers)

    async def put(self, case: Case) -> list[dict[str, Any]]:
        """Have these customers, and no others."""
        rows = [self.row(number, drawn) for number, drawn in enumerate(case.drawn)]
        self.put_ids = [row["id"] for row in rows]
        members = [
            {
                "id": new_id(),
                "group_id": self.group,
                "customer_id": row["id"],
                "since": BEGINNING + timedelta(minutes=drawn.minute),
            }
            for row, drawn in zip(rows, case.drawn, strict=True)
            if drawn.in_group
        ]
        async with self.database.begin() as session:
            await session.execute(delete(Membership))
            await session.execute(delete(Customer))
            await session.execute(insert(Customer), rows)
            if members:
                await session.execute(insert(Membership), members)
        joined = {member["customer_id"]: member for member in members}
        return [row | {"membership": joined.get(row["id"])} for row in rows]

    def row(self, number: int, drawn: Drawn) -> dict[str, Any]:
        """The columns of a drawn customer."""
        key = drawn.name.casefold().replace("ọ", "o")
        created = BEGINNING + timedelta(minutes=drawn.minute)
        return {
            "id": new_id(),
            "number": f"C{number:04}",
            "kind": CustomerKind.PERSON,
            "name": drawn.name,
            "search_name": key,
            "search_name_reversed": key,
            "email": f"customer{number}@customers.example",
            "phone": f"+23480300000{number:02}",
            "status": drawn.status,
            "status_changed_at": created,
            "office_id": self.offices[drawn.office],
            "account_manager_id": None if drawn.manager is None else self.managers[drawn.manager],
            "tier": drawn.tier,
            "oldest_unpaid_due_on": None if drawn.overdue is None else today() - timedelta(days=drawn.overdue),
            "created_at": created,
            "updated_at": created,
        }

    def criteria(self, wanted: dict[str, Any]) -> CustomerCriteria:
        """The drawn filters as the query takes them."""
        search = CustomerSearch(
            name_prefix=wanted.get("name_prefix"),
            email=_address("customer{}@customers.example", wanted.get("email_of")),
            phone=_address("+23480300000{:02}", wanted.get("phone_of")),
            lookup=wanted.get("lookup", False),
        )
        return CustomerCriteria(
            statuses=wanted.get("statuses"),
            office_id=self.offices[wanted["office"]] if "office" in wanted else None,
            account_manager_id=self.managers[wanted["manager"]] if "manager" in wanted else None,
            has_account_manager=wanted.get("has_account_manager"),
            group_id=self.group if "group" in wanted else None,
            tiers=wanted.get("tiers"),
            days_past_due_min=wanted.get("past_due", (None, None))[0],
            days_past_due_max=wanted.get("past_due", (None, None))[1],
            search=search if wanted.keys() & {"name_prefix", "email_of", "phone_of"} else None,
        )


def _address(form: str, number: int | None) -> str | None:
    return None if number is None else form.format(number)
