"""A branch of a lender with a record of every kind, for the tests of reads, and what they share."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import pytest
from sqlalchemy import update

from gql.db.models import Admin, Assignment, Customer, Group, Loan, Membership, Office
from gql.domain.enums import AdminStatus, CustomerKind, CustomerStatus, GroupPurpose, GroupStatus, LoanStatus
from gql.domain.enums import OfficeStatus as Of
from gql.domain.ids import Kind, new_id, to_global_id
from gql.domain.roles import Level, Permission, Role, Scope
from tests.api.mutations import shared_lender
from tests.databases import DatabaseKind
from tests.factories import World

Made = TypeVar("Made")

MALFORMED_IDS = ("", "nonsense", "a" * 24, "Y3UB", "\0", "é" * 24, "00000000-0000-0000-0000-000000000000", "x" * 5000)
"""What no record's ID looks like."""


def shared(build: Callable[[World], Awaitable[Made]]) -> tuple[Any, Any]:
    """Two fixtures for a module whose tests only read: what `build` makes, once a database, and that database's URL.

    Call the second one `database_url`, so that `api` opens there. A test takes both: the wider fixture is made first.
    """
    urls: dict[DatabaseKind, str] = {}

    @pytest.fixture(scope="module")
    def made(database_kind: DatabaseKind) -> Iterator[Made]:
        with shared_lender(database_kind, build) as (url, lender):
            urls[database_kind] = url
            yield lender

    @pytest.fixture
    def database_url(database_kind: DatabaseKind) -> str:
        return urls[database_kind]

    return made, database_url


def unknown(kind: Kind) -> str:
    """A well-formed ID of nothing."""
    return to_global_id(kind, new_id())


def moment(text: str | None) -> datetime | None:
    """A time as the API writes it: with its offset, so that nobody has to guess."""
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None, text
    return found


def rows(connection: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def names(connection: dict[str, Any]) -> list[str]:
    """What the nodes of a connection are called."""
    return [node["name"] if "name" in node else node["displayName"] for node in rows(connection)]


def role_with(key: str, *permissions: Permission, level: Level = Level.FULL) -> Role:
    """A role of the lender's own: these permissions, and sight of every customer."""
    return Role(key, key.capitalize(), "A role of the lender's own.", frozenset(permissions), level, level, Scope.ALL)


@dataclass(frozen=True)
class Branch:
    """Head office, with Lagos (and Ikeja beneath it) and the closed Kano below it; people work in Lagos."""

    head: Office
    lagos: Office
    ikeja: Office
    kano: Office
    super_admin: Admin
    portfolio: Admin
    groups: Admin
    auditor: Admin
    team: Admin
    """Has no phone."""
    bola: Admin
    """An account manager with three customers."""
    chidi: Admin
    """An account manager who had Adaeze before Bola."""
    invited: Admin
    inactive: Admin
    plain: Admin
    """Has a role that sees every customer in full, and neither group.read nor any other permission."""
    lister: Admin
    """Sees groups, and not who is in them."""
    planner: Admin
    """May read workloads, and sees no customer."""
    adaeze: Customer
    """Bola's, in Lagos: two loans, three groups, of which one she has left, and a history of two spans."""
    depot: Customer
    """A company, Bola's, in Ikeja, without anything."""
    suspended: Customer
    """Bola's, in Ikeja."""
    nobodys: Customer
    """In Lagos."""
    elsewhere: Customer
    """Nobody's, in Kano."""
    overdue: Loan
    closed_loan: Loan
    sme: Group
    """Full: Adaeze and `nobodys`."""
    farmers: Group
    """Of a risk category, suspended."""
    former: Group
    """Archived; Adaeze has left it."""
    in_sme: Membership
    in_farmers: Membership
    in_former: Membership
    first: Assignment
    """Chidi's, which ended when Bola's began."""
    second: Assignment


async def build_branch(world: World) -> Branch:
    """Write the branch into an empty database."""
    head = await world.office("Head office")
    lagos = await world.office("Lagos", parent=head)
    ikeja, kano = await world.office("Ikeja", parent=lagos), await world.office("Kano", parent=head, status=Of.INACTIVE)
    await world.role(role_with("plain", Permission.CUSTOMER_READ))
    await world.role(role_with("planner", Permission.WORKLOAD_READ))
    await world.role(role_with("lister", Permission.CUSTOMER_READ, Permission.GROUP_READ))
    people = {
        "super_admin": await world.admin("super_admin", office=head, name="Sade Super"),
        "portfolio": await world.admin("portfolio_manager", office=lagos, name="Peter Portfolio"),
        "groups": await world.admin("group_administrator", office=lagos, name="Grace Groups"),
        "auditor": await world.admin("auditor", office=head, name="Audu Auditor"),
        "team": await world.admin("team_member", office=lagos, name="Temi Team"),
        "bola": await world.admin(
            "account_manager", "team_member", office=lagos, name="Bola Ade", phone="+2348020000001"
        ),
        "chidi": await world.admin("account_manager", office=lagos, name="Chidi Eze"),
        "invited": await world.admin("account_manager", office=lagos, name="Ina New", status=AdminStatus.INVITED),
        "inactive": await world.admin("account_manager", office=lagos, name="Ola Gone", status=AdminStatus.INACTIVE),
        "plain": await world.admin("plain", office=lagos, name="Pat Plain"),
        "lister": await world.admin("lister", office=lagos, name="Lola Lister"),
        "planner": await world.admin("planner", office=lagos, name="Yemi Planner"),
    }
    bola, chidi, portfolio = people["bola"], people["chidi"], people["portfolio"]
    adaeze = await world.customer(
        name="Adaeze Okafor", office=lagos, email="adaeze@home.example", phone="+2348031234567", number="C100001"
    )
    started, handed_over = world.moment(), world.moment()
    first = await world.assignment(adaeze, chidi, started_at=started, ended_at=handed_over)
    second = await world.assignment(
        adaeze, bola, started_at=handed_over, assigned_by=portfolio, reason="A larger book for Bola."
    )
    depot = await world.customer(name="Depot Ltd", kind=CustomerKind.COMPANY, office=ikeja, manager=bola)
    suspended = await world.customer(name="Sule Sani", office=ikeja, manager=bola, status=CustomerStatus.SUSPENDED)
    nobodys = await world.customer(name="Nneka Obi", office=lagos)
    elsewhere = await world.customer(name="Kabir Kano", office=kano)
    overdue = await world.loan(adaeze, principal=300_000_00, instalments=3, paid=1, overdue_days=5)
    closed_loan = await world.loan(
        adaeze, principal=50_00, instalments=1, paid=1, currency="USD", status=LoanStatus.CLOSED, product="Bridge loan"
    )
    sme = await world.group("2026 SME Loans", maximum=2, members=[nobodys])
    risk = await world.risk_category("Drought")
    farmers = await world.group(
        "Farmers",
        status=GroupStatus.SUSPENDED,
        purpose=GroupPurpose.RISK,
        description="Those who farm.",
        criteria_text="Farms, or owns a farm.",
        risk_category=risk,
    )
    former = await world.group("Pilot 2025", status=GroupStatus.ARCHIVED)
    in_sme = await world.membership(sme, adaeze, added_by=portfolio, reason="Runs a shop.")
    in_farmers = await world.membership(farmers, adaeze)
    in_former = await world.membership(former, adaeze, since=world.moment(), until=world.moment())
    changed = world.moment()
    async with world.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == adaeze.id).values(version=7, updated_at=changed))
        await session.execute(update(Group).where(Group.id == sme.id).values(version=3, updated_at=changed))
    adaeze.version, adaeze.updated_at, sme.version, sme.updated_at = 7, changed, 3, changed
    return Branch(
        head=head,
        lagos=lagos,
        ikeja=ikeja,
        kano=kano,
        **people,
        adaeze=adaeze,
        depot=depot,
        suspended=suspended,
        nobodys=nobodys,
        elsewhere=elsewhere,
        overdue=overdue,
        closed_loan=closed_loan,
        sme=sme,
        farmers=farmers,
        former=former,
        in_sme=in_sme,
        in_farmers=in_farmers,
        in_former=in_former,
        first=first,
        second=second,
    )
