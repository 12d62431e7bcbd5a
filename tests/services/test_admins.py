"""Making an account at the command line."""

from collections.abc import AsyncIterator, Mapping

import pytest
from sqlalchemy import select

from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent, Office
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refused
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.viewer import AdminViewer
from gql.services.admins import create_admin
from gql.services.sessions import Sessions, SignIn
from gql.settings import Settings
from tests.auth.accounts import KEY, access_tokens
from tests.factories import World
from tests.records import contents

_GOOD = {
    "email": "Ngozi@Lender.Example",
    "name": " Ngozi Adéyemi ",
    "office": "Head office",
    "role": "super_admin",
    "password": "a dozen or more",
}


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(concurrency=1)
    yield made
    made.close()


async def codes(database: Database, passwords: Passwords, changed: Mapping[str, str]) -> dict[str, str]:
    """The refusals: message by code."""
    with pytest.raises(Refused) as refused:
        await create_admin(database, passwords, **{**_GOOD, **changed})
    assert all(refusal.field in {(name,) for name in changed} for refusal in refused.value.refusals)
    return {str(refusal.code): refusal.message for refusal in refused.value.refusals}


async def test_the_first_admin_founds_the_head_office_and_can_sign_in(database: Database, passwords: Passwords) -> None:
    admin_id = await create_admin(database, passwords, **_GOOD)

    sessions = Sessions(database, passwords, access_tokens(), Settings.model_validate({"secret_key": KEY}))
    viewer = (await sessions.sign_in(SignIn("ngozi@lender.example", _GOOD["password"], SubjectKind.ADMIN))).viewer
    assert isinstance(viewer, AdminViewer)
    assert viewer.admin_id == admin_id
    assert viewer.roles == (BUILT_IN_ROLES["super_admin"],)
    [office] = await database.rows(select(Office.id, Office.name, Office.parent_id))
    assert (office.id, office.name, office.parent_id) == (viewer.office_id, "Head office", None)
    [admin] = await database.rows(select(Admin.name, Admin.search_name))
    assert (admin.name, admin.search_name) == ("Ngozi Adéyemi", "ngozi adeyemi")


async def test_it_is_audited_without_the_person_s_data(database: Database, passwords: Passwords) -> None:
    admin_id = await create_admin(database, passwords, **_GOOD)

    events = await database.rows(select(AuditEvent).order_by(AuditEvent.at))

    assert [(event.action, event.actor_kind) for event in events] == [
        ("office.created", SubjectKind.SYSTEM),
        ("admin.created", SubjectKind.SYSTEM),
    ]
    assert events[1].subject_id == admin_id
    assert "ngozi" not in repr(events).lower()


async def test_an_office_that_exists_is_used(database: Database, passwords: Passwords) -> None:
    world = World(database)
    kano = await world.office("Kano", parent=await world.office("Head office"))

    await create_admin(database, passwords, **{**_GOOD, "office": " Kano "})

    [admin] = await database.rows(select(Admin.office_id))
    assert admin.office_id == kano.id
    assert len(await database.rows(select(Office.id))) == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"email": "ngozi"}, "INVALID_EMAIL"),
        ({"email": ""}, "INVALID_EMAIL"),
        ({"name": "  "}, "INVALID_NAME"),
        ({"name": "x" * 201}, "INVALID_NAME"),
        ({"office": ""}, "INVALID_OFFICE_NAME"),
        ({"office": "a\x00b"}, "INVALID_OFFICE_NAME"),
        ({"password": "eleven char"}, "INVALID_PASSWORD"),
        ({"password": "x" * 257}, "INVALID_PASSWORD"),
        ({"password": "P@ssw0rd2026!"}, "INVALID_PASSWORD"),
        ({"password": "Ngozi Adéyemi 26"}, "INVALID_PASSWORD"),
        ({"password": "lenddesk-demo-only"}, "INVALID_PASSWORD"),
        ({"password": "twelve and \ud800"}, "INVALID_PASSWORD"),
        ({"role": "boss"}, "ROLE_NOT_FOUND"),
        ({"role": "\x00"}, "ROLE_NOT_FOUND"),
        ({"role": ""}, "ROLE_NOT_FOUND"),
    ],
    ids=str,
)
async def test_a_bad_value_is_refused_and_nothing_is_written(
    database: Database, passwords: Passwords, changed: dict[str, str], code: str
) -> None:
    before = await contents(database)

    refused = await codes(database, passwords, changed)

    assert list(refused) == [code]
    assert await contents(database) == before


async def test_all_that_is_malformed_is_told_at_once(database: Database, passwords: Passwords) -> None:
    refused = await codes(database, passwords, {"email": "ngozi", "name": "", "office": "", "password": "short"})

    assert set(refused) == {"INVALID_EMAIL", "INVALID_NAME", "INVALID_OFFICE_NAME", "INVALID_PASSWORD"}
    assert "12" in refused["INVALID_PASSWORD"]


async def test_an_unknown_role_and_office_are_told_at_once_with_the_roles_there_are(
    database: Database, passwords: Passwords
) -> None:
    await World(database).office("Head office")
    before = await contents(database)

    refused = await codes(database, passwords, {"role": "boss", "office": "Ibadan"})

    assert set(refused) == {"ROLE_NOT_FOUND", "OFFICE_NOT_FOUND"}
    assert all(key in refused["ROLE_NOT_FOUND"] for key in BUILT_IN_ROLES)
    assert await contents(database) == before


async def test_an_email_is_taken_in_any_case(database: Database, passwords: Passwords) -> None:
    await create_admin(database, passwords, **_GOOD)
    before = await contents(database)

    refused = await codes(database, passwords, {"email": "NGOZI@lender.example"})

    assert list(refused) == ["EMAIL_TAKEN"]
    assert await contents(database) == before
