"""`assignableManagers(officeId)`: the second menu of "Add account manager", which offers exactly what is accepted."""

from dataclasses import dataclass
from itertools import product

import pytest

from gql.db.models import Admin, Customer, Office
from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import names, rows, shared, unknown
from tests.factories import World

ROLE_SETS = (
    (),
    *((key,) for key in BUILT_IN_ROLES),
    ("account_manager", "auditor"),
    ("super_admin", "compliance_officer"),
    ("account_manager", "team_member"),
    ("trainee",),
    ("assigner",),
)
NEVER_HOLD_A_BOOK = {"auditor", "compliance_officer", "trainee"}

LIST = """
query($office: ID!, $search: String) {
  assignableManagers(officeId: $office, search: $search) {
    totalCount edges { node { id name email bookSize status office { id } } }
  }
}
"""


@dataclass(frozen=True)
class Staff:
    """Two offices, one of them closed, each with an admin of every status with every set of roles."""

    open: Office
    closed: Office
    everybody: list[Admin]
    eligible: list[Admin]
    portfolio: Admin
    assigner: Admin
    """May assign, and not read workloads."""
    customer: Customer
    """The account manager of the open office has two others."""


async def _staff(world: World) -> Staff:
    open_office = await world.office("Open")
    closed = await world.office("Closed", status=OfficeStatus.INACTIVE)
    nobody = (Level.FULL, Level.FULL, Scope.ALL)
    may_assign = frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_ASSIGN})
    await world.role(Role("assigner", "Assigner", "Assigns.", may_assign, *nobody))
    await world.role(Role("trainee", "Trainee", "Learns.", frozenset(), *nobody, never_holds_book=True))
    everybody, eligible = [], []
    for office, status, keys in product((open_office, closed), AdminStatus, ROLE_SETS):
        name = f"{'-'.join(keys) or 'nothing'} {status.value.lower()} {office.name.lower()}"
        admin = await world.admin(*keys, office=office, status=status, name=name)
        everybody.append(admin)
        if status is AdminStatus.ACTIVE and office is open_office and NEVER_HOLD_A_BOOK.isdisjoint(keys):
            eligible.append(admin)
    by_name = {admin.name: admin for admin in everybody}
    customer = await world.customer(office=open_office)
    await world.customers(2, office=open_office, manager=by_name["account_manager active open"])
    return Staff(
        open=open_office,
        closed=closed,
        everybody=everybody,
        eligible=sorted(eligible, key=lambda admin: admin.name),
        portfolio=by_name["portfolio_manager active open"],
        assigner=by_name["assigner active open"],
        customer=customer,
    )


staff, database_url = shared(_staff)


async def _offered(client: Client, office: Office, search: str | None = None) -> list[str]:
    found = (await client.data(LIST, {"office": gid(office), "search": search}))["assignableManagers"]
    assert found["totalCount"] == len(found["edges"])
    return names(found)


async def test_only_active_admins_who_may_hold_a_book_are_offered_by_name(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.portfolio)
    offered = await _offered(client, staff.open)
    assert offered == [admin.name for admin in staff.eligible]
    assert len(offered) == len(ROLE_SETS) - 5
    assert not any("invited" in name or "auditor" in name or "compliance" in name for name in offered)


async def test_a_closed_office_offers_nobody(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.portfolio)
    assert await _offered(client, staff.closed) == []


async def test_an_unknown_office_offers_nobody_and_a_wrong_id_is_bad_input(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.portfolio)
    found = await client.data(LIST, {"office": unknown(Kind.OFFICE)})
    assert found == {"assignableManagers": {"totalCount": 0, "edges": []}}
    for wrong in ("", "nonsense", gid(staff.portfolio)):
        assert await client.codes(LIST, {"office": wrong}) == ["BAD_USER_INPUT"]


async def test_each_comes_with_the_present_size_of_the_book(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.portfolio)
    found = rows((await client.data(LIST, {"office": gid(staff.open)}))["assignableManagers"])
    assert all(admin["office"] == {"id": gid(staff.open)} for admin in found)
    sizes = {admin["name"]: admin["bookSize"] for admin in found}
    assert sizes.pop("account_manager active open") == 2
    assert set(sizes.values()) == {0}


async def test_the_size_is_null_without_workload_read_but_for_the_own_book(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.assigner)
    found = rows((await client.data(LIST, {"office": gid(staff.open)}))["assignableManagers"])
    assert {admin["name"] for admin in found if admin["bookSize"] is not None} == {staff.assigner.name}
    assert {admin["name"] for admin in found if admin["status"] is not None} == {staff.assigner.name}


async def test_the_search_narrows_the_menu(api: Api, staff: Staff) -> None:
    client = await api.sign_in(staff.portfolio)
    assert await _offered(client, staff.open, "super") == ["super_admin active open"]
    assert await _offered(client, staff.open, "MANAGER") == [
        "account_manager active open",
        "account_manager-team_member active open",
        "portfolio_manager active open",
    ]
    assert await _offered(client, staff.open, staff.portfolio.email) == [staff.portfolio.name]
    assert await _offered(client, staff.open, "auditor") == []
    assert await _offered(client, staff.closed, "manager") == []


@pytest.mark.parametrize("role", [key for key in BUILT_IN_ROLES if key not in ("super_admin", "portfolio_manager")])
async def test_the_menu_is_closed_to_those_who_may_not_assign(role: str, api: Api, staff: Staff) -> None:
    viewer = next(admin for admin in staff.everybody if admin.name == f"{role} active open")
    client = await api.sign_in(viewer)
    assert await client.codes(LIST, {"office": gid(staff.open)}) == ["FORBIDDEN"]


async def test_whoever_is_offered_is_accepted_and_nobody_else(api: Api, staff: Staff) -> None:
    """For every status, set of roles and office. The last test of the module: it alone writes to the shared lender."""
    client = await api.sign_in(staff.portfolio)
    offered = {*await _offered(client, staff.open), *await _offered(client, staff.closed)}
    accepted = set()
    for admin in staff.everybody:
        if not codes(await assign(client, staff.customer, admin)):
            accepted.add(admin.name)
    assert accepted == offered == {admin.name for admin in staff.eligible}
