"""From an Authorization header to a viewer, by what the database says at that moment."""

from datetime import timedelta

import pytest
from sqlalchemy import literal, select, update
from structlog.testing import capture_logs

from gql.auth.authenticate import viewer_of
from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Office, Role, Session
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.domain.enums import AdminStatus, CustomerStatus, OfficeStatus, SubjectKind
from gql.domain.ids import new_id
from gql.domain.roles import BUILT_IN_ROLES, Level, Permission, Scope
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer
from tests.auth.accounts import access_tokens, begin_session, set_admin_status, set_customer_status, set_role
from tests.factories import World
from tests.sql_counter import count_statements


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def tokens() -> AccessTokens:
    return access_tokens()


async def signed_in(database: Database, tokens: AccessTokens, subject: Admin | Customer) -> str:
    """The Authorization header of somebody with a session."""
    session = await begin_session(database, subject)
    return bearer(tokens, subject, session)


def bearer(tokens: AccessTokens, subject: Admin | Customer, session: Session) -> str:
    kind = SubjectKind.ADMIN if isinstance(subject, Admin) else SubjectKind.CUSTOMER
    return f"Bearer {tokens.issue(kind, subject.id, session.id).text}"


async def tree(world: World) -> dict[str, Office]:
    """Three levels: head > north > kano, jos; head > south. And inactive ones are offices too."""
    offices = {"head": await world.office("Head")}
    offices["north"] = await world.office("North", parent=offices["head"])
    offices["south"] = await world.office("South", parent=offices["head"])
    offices["kano"] = await world.office("Kano", parent=offices["north"])
    offices["jos"] = await world.office("Jos", parent=offices["north"], status=OfficeStatus.INACTIVE)
    return offices


@pytest.mark.parametrize("key", BUILT_IN_ROLES)
async def test_an_admin_has_the_role_its_permissions_and_its_offices(
    database: Database, world: World, tokens: AccessTokens, key: str
) -> None:
    offices = await tree(world)
    admin = await world.admin(key, office=offices["north"])
    session = await begin_session(database, admin)
    await database.rows(select(1))

    with count_statements(database) as statements:
        viewer = await viewer_of(database, tokens, bearer(tokens, admin, session))

    role = BUILT_IN_ROLES[key]
    beneath = {offices[name].id for name in ("north", "kano", "jos")} if role.scope is Scope.SUBTREE else set()
    assert viewer == AdminViewer(admin.id, session.id, offices["north"].id, (role,), frozenset(beneath))
    assert viewer.permissions == role.permissions
    assert len(statements) == 1, str(statements)


async def test_an_admin_with_two_roles_has_both(database: Database, world: World, tokens: AccessTokens) -> None:
    admin = await world.admin("team_member", "auditor")

    viewer = await viewer_of(database, tokens, await signed_in(database, tokens, admin))

    assert isinstance(viewer, AdminViewer)
    assert set(viewer.roles) == {BUILT_IN_ROLES["team_member"], BUILT_IN_ROLES["auditor"]}
    assert viewer.may(Permission.AUDIT_READ)
    assert viewer.may(Permission.CUSTOMER_WRITE)


async def test_an_admin_without_roles_is_signed_in_and_may_nothing(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    viewer = await viewer_of(database, tokens, await signed_in(database, tokens, await world.admin()))

    assert isinstance(viewer, AdminViewer)
    assert viewer.roles == ()
    assert viewer.permissions == frozenset()


async def test_a_ring_of_offices_does_not_hang(database: Database, world: World, tokens: AccessTokens) -> None:
    offices = await tree(world)
    admin = await world.admin("portfolio_manager", office=offices["kano"])
    async with database.begin() as transaction:
        statement = update(Office).where(Office.id == offices["head"].id).values(parent_id=offices["kano"].id)
        await transaction.execute(statement)

    viewer = await viewer_of(database, tokens, await signed_in(database, tokens, admin))

    assert isinstance(viewer, AdminViewer)
    assert viewer.subtree == {office.id for office in offices.values()}


async def test_a_customer_is_themselves_by_one_statement(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    customer = await world.customer()
    session = await begin_session(database, customer)

    with count_statements(database) as statements:
        viewer = await viewer_of(database, tokens, bearer(tokens, customer, session))

    assert viewer == CustomerViewer(customer.id, session.id)
    assert len(statements) == 1


@pytest.mark.parametrize("status", CustomerStatus)
async def test_which_customers_are_let_in(
    database: Database, world: World, tokens: AccessTokens, status: CustomerStatus
) -> None:
    customer = await world.customer()
    header = await signed_in(database, tokens, customer)
    await set_customer_status(database, customer, status)

    viewer = await viewer_of(database, tokens, header)

    shut_out = status in (CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED)
    assert isinstance(viewer, Anonymous if shut_out else CustomerViewer)


@pytest.mark.parametrize("status", [AdminStatus.INACTIVE, AdminStatus.INVITED])
async def test_a_deactivated_admin_is_nobody_from_the_next_request_on(
    database: Database, world: World, tokens: AccessTokens, status: AdminStatus
) -> None:
    admin = await world.admin("super_admin")
    session = await begin_session(database, admin)
    header = bearer(tokens, admin, session)
    assert isinstance(await viewer_of(database, tokens, header), AdminViewer)

    await set_admin_status(database, admin, status)

    nobody = Anonymous("The session has ended. Sign in again.", session.id)
    assert await viewer_of(database, tokens, header) == nobody


async def test_a_revoked_session_is_nobodys_from_the_next_request_on(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    admin = await world.admin("super_admin")
    ended, other = await begin_session(database, admin), await begin_session(database, admin)
    async with database.begin() as transaction:
        await transaction.execute(update(Session).where(Session.id == ended.id).values(revoked_at=now()))

    assert await viewer_of(database, tokens, bearer(tokens, admin, ended)) == Anonymous(
        "The session has ended. Sign in again.", ended.id
    )
    assert isinstance(await viewer_of(database, tokens, bearer(tokens, admin, other)), AdminViewer)


async def test_an_expired_session_is_nobodys(database: Database, world: World, tokens: AccessTokens) -> None:
    for subject in (await world.admin("super_admin"), await world.customer()):
        session = await begin_session(database, subject, timedelta(seconds=-1))

        assert isinstance(await viewer_of(database, tokens, bearer(tokens, subject, session)), Anonymous)


async def test_another_role_counts_from_the_next_request_on(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    admin = await world.admin("super_admin")
    header = await signed_in(database, tokens, admin)
    await set_role(database, admin, "auditor")

    viewer = await viewer_of(database, tokens, header)

    assert isinstance(viewer, AdminViewer)
    assert viewer.roles == (BUILT_IN_ROLES["auditor"],)


async def test_a_token_for_one_subject_does_not_open_the_session_of_another(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    admin, other, customer = await world.admin("super_admin"), await world.admin("auditor"), await world.customer()
    session = await begin_session(database, admin)
    everybody_else = [
        (SubjectKind.ADMIN, other.id),
        (SubjectKind.ADMIN, customer.id),
        (SubjectKind.CUSTOMER, admin.id),
        (SubjectKind.CUSTOMER, customer.id),
        (SubjectKind.ADMIN, new_id()),
    ]

    for kind, subject_id in everybody_else:
        header = f"Bearer {tokens.issue(kind, subject_id, session.id).text}"
        assert isinstance(await viewer_of(database, tokens, header), Anonymous)


async def test_no_header_is_nobody_without_a_reason(database: Database, tokens: AccessTokens) -> None:
    assert await viewer_of(database, tokens, None) == Anonymous()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "`Bearer`"),
        ("Basic YWRhOmFkYQ==", "`Bearer`"),
        ("Bearer", "not an access token"),
        ("Bearer ", "not an access token"),
        ("Bearer a b", "not an access token"),
        ("Bearer nonsense", "not an access token"),
    ],
)
async def test_a_credential_that_is_not_taken_says_why_and_asks_no_database(
    database: Database, tokens: AccessTokens, header: str, reason: str
) -> None:
    with count_statements(database) as statements:
        viewer = await viewer_of(database, tokens, header)

    assert isinstance(viewer, Anonymous)
    assert reason in str(viewer.reason)
    assert len(statements) == 0


async def test_an_expired_token_says_so(database: Database, world: World) -> None:
    expired = access_tokens(timedelta(minutes=-1))
    header = await signed_in(database, expired, await world.admin("super_admin"))

    viewer = await viewer_of(database, access_tokens(), header)

    assert viewer == Anonymous("The access token has expired. Refresh the session.")


async def test_the_scheme_is_known_in_any_case(database: Database, world: World, tokens: AccessTokens) -> None:
    header = await signed_in(database, tokens, await world.admin("super_admin"))

    assert isinstance(await viewer_of(database, tokens, header.replace("Bearer", "bearer")), AdminViewer)


async def test_what_a_role_says_and_this_code_does_not_know_grants_nothing(
    database: Database, world: World, tokens: AccessTokens
) -> None:
    header = await signed_in(database, tokens, await world.admin("team_member"))
    async with database.begin() as transaction:
        odd = {"permissions": ["group.read", "moon.land", 7, None], "shown_when_limited": {"email": True}}
        await transaction.execute(update(Role).where(Role.key == "team_member").values(**odd, name=f"Odd {new_id()}"))

    with capture_logs() as logs:
        viewers = [await viewer_of(database, tokens, header) for _ in range(2)]

    for viewer in viewers:
        assert isinstance(viewer, AdminViewer)
        assert viewer.permissions == {Permission.GROUP_READ}
        assert viewer.roles[0].shown_when_limited == frozenset()
        assert viewer.roles[0].unassigned is Level.FULL
    assert [log["names"] for log in logs] == [["moon.land", "7", "None"]]  # once, not with every request


async def test_a_level_that_is_not_known_is_none(database: Database) -> None:
    level = "role_assigned_level"
    columns = [literal(9).label(level) if column.key == level else column for column in ROLE_COLUMNS]

    [row] = await database.rows(select(*columns).where(Role.key == "super_admin"))

    assert role_of(row).assigned is Level.NONE
    assert role_of(row).unassigned is Level.FULL
