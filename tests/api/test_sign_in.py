"""`signIn`: email and password for a session, and no hint as to what was wrong with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from gql.auth.tokens import AccessTokens
from gql.db.models import Admin, Customer, Session
from gql.domain.enums import AdminStatus, CustomerStatus, SubjectKind
from gql.domain.ids import new_id
from tests.api.client import Api, Client, gid
from tests.api.reading import moment
from tests.factories import PASSWORD, World

SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) {
    accessToken refreshToken expiresAt
    viewer { admin { id name bookSize roles { key } } customer { id } permissions }
    userErrors { code message field }
  }
}
"""
WHO = "{ viewer { admin { name } customer { displayName } } }"


async def _sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> dict[str, Any]:
    data = await client.data(SIGN_IN, {"input": {"email": email, "password": password, **more}})
    payload: dict[str, Any] = data["signIn"]
    return payload


async def test_an_admin_signs_in_and_goes_on_with_the_token(api: Api, world: World) -> None:
    ada = await world.admin("account_manager", name="Ada", email="ada@lender.example")
    await world.password(ada)
    payload = await _sign_in(api.anonymous, " Ada@Lender.example ")
    assert payload["userErrors"] == []
    ends = moment(payload["expiresAt"])
    assert ends is not None
    assert timedelta(minutes=5) < ends - datetime.now(UTC) <= timedelta(minutes=10)
    assert payload["viewer"] == {
        "admin": {"id": gid(ada), "name": "Ada", "bookSize": 0, "roles": [{"key": "account_manager"}]},
        "customer": None,
        "permissions": ["CUSTOMER_READ", "GROUP_MEMBERS_READ", "GROUP_READ"],
    }
    client = Client(api.http, {"Authorization": f"Bearer {payload['accessToken']}"})
    assert await client.data(WHO) == {"viewer": {"admin": {"name": "Ada"}, "customer": None}}


async def test_a_customer_signs_in_through_the_customers_door(api: Api, world: World) -> None:
    ada = await world.customer(name="Ada Obi", email="ada@home.example")
    await world.password(ada)
    payload = await _sign_in(api.anonymous, "ada@home.example", audience="CUSTOMER")
    assert payload["viewer"] == {"admin": None, "customer": {"id": gid(ada)}, "permissions": []}
    client = Client(api.http, {"Authorization": f"Bearer {payload['accessToken']}"})
    assert await client.data(WHO) == {"viewer": {"admin": None, "customer": {"displayName": "Ada Obi"}}}


async def test_each_door_is_for_its_own_people(api: Api, world: World) -> None:
    """Somebody who is both, with one email and two passwords, comes in as who belongs to the door."""
    admin, customer = await world.admin(email="ada@both.example"), await world.customer(email="ada@both.example")
    await world.password(admin, "the admin's password")
    await world.password(customer, "the customer's password")
    as_admin = await _sign_in(api.anonymous, "ada@both.example", "the admin's password")
    as_customer = await _sign_in(api.anonymous, "ada@both.example", "the customer's password", audience="CUSTOMER")
    assert as_admin["viewer"]["admin"] == {"id": gid(admin), "name": admin.name, "bookSize": 0, "roles": []}
    assert as_customer["viewer"]["customer"] == {"id": gid(customer)}
    for password, door in (("the customer's password", "ADMIN"), ("the admin's password", "CUSTOMER")):
        refused = await _sign_in(api.anonymous, "ada@both.example", password, audience=door)
        assert refused["userErrors"][0]["code"] == "INVALID_CREDENTIALS"


async def test_all_refusals_are_the_same_to_the_letter(api: Api, world: World) -> None:
    ada = await world.admin(email="ada@lender.example")
    without_password = await world.admin(email="new@lender.example")
    people: list[Admin | Customer] = [
        ada,
        await world.admin(email="invited@lender.example", status=AdminStatus.INVITED),
        await world.admin(email="inactive@lender.example", status=AdminStatus.INACTIVE),
        await world.customer(email="customer@lender.example"),
    ]
    for person in people:
        await world.password(person)
    wrong = [
        ("ada@lender.example", "wrong"),
        ("ada@lender.example", f"{PASSWORD} "),
        ("nobody@lender.example", PASSWORD),
        (without_password.email, PASSWORD),
        *((person.email, PASSWORD) for person in people[1:]),
        ("no address", PASSWORD),
        ("ada@lender.example\0", PASSWORD),
        ("' OR 1=1 --@lender.example", PASSWORD),
        ("ada@lender.example", "\0"),
    ]
    bodies = set()
    for email, password in wrong:
        response = await api.anonymous.post(SIGN_IN, {"input": {"email": email, "password": password}})
        assert response.status_code == 200
        bodies.add(response.text)
    [body] = bodies
    assert '"code":"INVALID_CREDENTIALS"' in body
    [[sessions]] = await api.database.rows(select(func.count()).select_from(Session))
    assert sessions == 0


@pytest.mark.parametrize("status", CustomerStatus)
async def test_a_customer_who_was_shut_out_does_not_sign_in(status: CustomerStatus, api: Api, world: World) -> None:
    """A suspended one does: they still have loans to repay, and a manager to call."""
    customer = await world.customer(status=status)
    await world.password(customer)
    payload = await _sign_in(api.anonymous, customer.email, audience="CUSTOMER")
    shut_out = status in (CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED)
    assert [error["code"] for error in payload["userErrors"]] == (["INVALID_CREDENTIALS"] if shut_out else [])
    assert (payload["accessToken"] is None) is (payload["viewer"] is None) is shut_out


async def test_who_was_deactivated_is_out_with_the_next_request(api: Api, world: World) -> None:
    ada = await world.admin(email="ada@lender.example")
    await world.password(ada)
    payload = await _sign_in(api.anonymous, "ada@lender.example")
    client = Client(api.http, {"Authorization": f"Bearer {payload['accessToken']}"})
    assert await client.codes(WHO) == []
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == ada.id).values(status=AdminStatus.INACTIVE))
    [error] = (await client.answer(WHO))["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "session has ended" in error["message"]


async def test_an_expired_token_says_so_and_does_not_stand_in_the_way_of_signing_in(api: Api, world: World) -> None:
    ada = await world.admin(email="ada@lender.example")
    await world.password(ada)
    expired = AccessTokens(api.settings.signing_key, timedelta(minutes=-1)).issue(SubjectKind.ADMIN, ada.id, new_id())
    for token, reason in ((expired.text, "expired"), ("nonsense", "not an access token")):
        client = Client(api.http, {"Authorization": f"Bearer {token}"})
        [error] = (await client.answer(WHO))["errors"]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert reason in error["message"]
        assert (await _sign_in(client, "ada@lender.example"))["userErrors"] == []


async def test_a_token_of_another_lender_is_not_taken(api: Api, world: World) -> None:
    ada = await world.admin()
    forged = AccessTokens("another key, which is long enough as well", timedelta(minutes=5))
    client = Client(api.http, {"Authorization": f"Bearer {forged.issue(SubjectKind.ADMIN, ada.id, new_id()).text}"})
    assert await client.codes(WHO) == ["UNAUTHENTICATED"]


async def test_what_is_read_after_signing_in_within_one_operation_is_read_as_the_new_viewer(
    api: Api, world: World
) -> None:
    ada, eve = await world.admin("super_admin", name="Ada"), await world.admin(name="Eve")
    await world.password(ada)
    client = await api.sign_in(eve)
    payload = await _sign_in(client, ada.email)
    assert payload["viewer"]["admin"]["name"] == "Ada"
    assert payload["viewer"]["admin"]["roles"] == [{"key": "super_admin"}]
    assert (await client.data(WHO))["viewer"]["admin"] == {"name": "Eve"}


async def test_one_operation_tries_one_password(api: Api, world: World) -> None:
    ada = await world.admin(email="ada@lender.example")
    await world.password(ada)
    guess = 'signIn(input: {{email: "ada@lender.example", password: "{}"}}) {{ accessToken }}'
    document = f"mutation {{ a: {guess.format('wrong')} b: {guess.format(PASSWORD)} }}"
    assert await api.anonymous.codes(document) == ["QUERY_TOO_COMPLEX"]


async def test_unknown_doors_and_missing_fields_are_refused_before_anything_runs(api: Api) -> None:
    complete = {"email": "ada@lender.example", "password": "x"}
    for given in (
        {"email": "ada@lender.example"},
        complete | {"audience": "ROOT"},
        complete | {"audience": None},
        complete | {"password": None},
        complete | {"otp": "1"},
    ):
        assert await api.anonymous.codes(SIGN_IN, {"input": given}) == ["BAD_USER_INPUT"]
