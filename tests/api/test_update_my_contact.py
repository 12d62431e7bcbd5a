"""`updateMyContact`: customers change their own email and phone, and whoever stole a session does not."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from gql.db.models import Customer, PasswordToken, Session
from gql.domain.enums import CustomerStatus
from tests.api.client import Api, Client, open_api
from tests.api.mutations import codes
from tests.factories import PASSWORD, World
from tests.records import current, events, outbox, unchanged

UPDATE = """
mutation($input: UpdateMyContactInput!) {
  updateMyContact(input: $input) { me { email phone } changed replayed userErrors { code message field } }
}
"""
SIGN_IN = """
mutation($email: String!) {
  signIn(input: { email: $email, password: "correct horse battery staple", audience: CUSTOMER }) {
    userErrors { code }
  }
}
"""
RESET = """
mutation($email: String!) { requestPasswordReset(input: { email: $email, audience: CUSTOMER }) { accepted } }
"""
NEW = "new@mail.example"
COUNTED = ["throttles"]
"""That it was tried is on record."""


async def change(client: Client, password: str = PASSWORD, **given: Any) -> dict[str, Any]:
    """The payload."""
    variables = {"input": {"currentPassword": password} | given}
    payload: dict[str, Any] = (await client.data(UPDATE, variables))["updateMyContact"]
    return payload


def fields(payload: dict[str, Any]) -> list[str]:
    """Which fields of the input are to be mended, each for being INVALID."""
    assert set(codes(payload)) <= {"INVALID"}
    return [error["field"][0] for error in payload["userErrors"]]


async def borrower(api: Api, world: World, **facts: Any) -> tuple[Customer, Client]:
    """A customer with the usual password, signed in."""
    customer = await world.customer(**facts)
    await world.password(customer)
    return customer, await api.sign_in(customer)


async def mails(api: Api) -> list[tuple[str, dict[str, Any]]]:
    """What is to be sent: to whom, with which facts."""
    return [(row.recipient, row.payload) for row in await outbox(api.database)]


async def test_a_new_email_is_signed_in_with_and_told_to_the_old_address(api: Api, world: World) -> None:
    """The version rises, the event names the customer, other sessions and links for a new password end."""
    customer, client = await borrower(api, world)
    other = await api.sign_in(customer)
    await api.anonymous.data(RESET, {"email": customer.email})

    payload = await change(client, email=" New@Mail.example ")

    assert codes(payload) == []
    assert (payload["me"], payload["changed"]) == ({"email": NEW, "phone": customer.phone}, True)
    row = await current(api.database, customer)
    assert (row.email, row.version) == (NEW, 2)
    [event] = await events(api.database, "customer.updated")
    assert (event.actor_kind, event.actor_id, event.subject_id) == ("CUSTOMER", customer.id, customer.id)
    assert event.details == {"before": {"email": customer.email}, "after": {"email": NEW}}
    _, told_old, told_new = await mails(api)
    facts = {"name": customer.name, "is_new_email": True, "is_new_phone": False}
    assert told_old == (customer.email, facts | {"is_old_address": True})
    assert told_new == (NEW, facts | {"is_old_address": False})
    assert await other.codes("{ me { id } }") == ["UNAUTHENTICATED"]
    assert (await client.data("{ me { email } }"))["me"] == {"email": NEW}
    assert all(token.ended_at for token in await api.database.rows(select(PasswordToken.__table__)))
    answers = [(await api.anonymous.data(SIGN_IN, {"email": email}))["signIn"] for email in (NEW, customer.email)]
    assert [[error["code"] for error in answer["userErrors"]] for answer in answers] == [[], ["INVALID_CREDENTIALS"]]


async def test_a_new_phone_is_stored_in_its_one_form_and_told_by_mail(api: Api, world: World) -> None:
    """Sessions go on: nobody signs in by a phone."""
    customer, client = await borrower(api, world)
    other = await api.sign_in(customer)
    payload = await change(client, phone="0803 123 4567")
    assert (payload["changed"], payload["me"]["phone"]) == (True, "+2348031234567")
    assert [recipient for recipient, _ in await mails(api)] == [customer.email]
    assert await other.codes("{ me { id } }") == []


async def test_a_stolen_session_alone_changes_nothing(api: Api, world: World) -> None:
    """Nor does it learn whose an address is before it knows the password."""
    customer, client = await borrower(api, world)
    somebody = await world.customer()
    without = await api.sign_in(await world.customer())
    async with unchanged(api.database, but=COUNTED):
        for given in ({"email": NEW}, {"phone": "08031234567"}, {"email": somebody.email}):
            assert fields(await change(client, "a guess", **given)) == ["currentPassword"]
        assert fields(await change(without, email=NEW)) == ["currentPassword"]
        assert fields(await change(client, "x" * 300, email=NEW)) == ["currentPassword"]
    assert (await current(api.database, customer)).email == customer.email


async def test_passwords_are_guessed_a_few_times_an_hour(database_url: str, tmp_path: Any) -> None:
    """Then not even the right one helps until the hour is over."""
    async with open_api(database_url, tmp_path, contact_changes_per_account=2) as api:
        world = World(api.database)
        _, client = await borrower(api, world)
        _, another = await borrower(api, world)
        for _ in range(2):
            assert fields(await change(client, "a guess", email=NEW)) == ["currentPassword"]
        async with unchanged(api.database):
            given = {"input": {"currentPassword": PASSWORD, "email": NEW}}
            assert await client.codes(UPDATE, given) == ["RATE_LIMITED"]
        assert (await change(another, email=NEW))["changed"]


async def test_all_that_is_wrong_is_told_at_once(api: Api, world: World) -> None:
    _, client = await borrower(api, world)
    async with unchanged(api.database, but=COUNTED):
        assert fields(await change(client, "a guess", email="nobody", phone="12")) == [
            "email",
            "phone",
            "currentPassword",
        ]
        assert fields(await change(client)) == ["email"]
        assert await client.codes(UPDATE, {"input": {"currentPassword": "a", "email": "x" * 255}}) == ["BAD_USER_INPUT"]


async def test_what_is_anothers_is_refused_without_saying_so(api: Api, world: World) -> None:
    _, client = await borrower(api, world)
    other = await world.customer()
    async with unchanged(api.database, but=COUNTED):
        refused = await change(client, email=other.email.upper(), phone=other.phone)
    assert fields(refused) == ["email", "phone"]
    assert not any("customer" in error["message"].lower() for error in refused["userErrors"])


async def test_of_many_who_take_one_email_at_once_one_gets_it(api: Api, world: World) -> None:
    clients = [(await borrower(api, world))[1] for _ in range(4)]
    payloads = await asyncio.gather(*(change(client, email=NEW) for client in clients))
    assert sorted(payload["changed"] for payload in payloads) == [False] * 3 + [True]
    assert [fields(payload) for payload in payloads].count(["email"]) == 3


async def test_the_same_again_changes_nothing(api: Api, world: World) -> None:
    customer, client = await borrower(api, world)
    async with unchanged(api.database, but=COUNTED):
        payload = await change(client, email=customer.email.upper(), phone=customer.phone)
    assert (codes(payload), payload["changed"]) == ([], False)
    assert payload["me"] == {"email": customer.email, "phone": customer.phone}


async def test_a_key_repeats_the_answer_to_who_knows_the_password(api: Api, world: World) -> None:
    _, client = await borrower(api, world)
    first = await change(client, email=NEW, idempotencyKey="k")
    async with unchanged(api.database, but=COUNTED):
        assert await change(client, email=NEW, idempotencyKey="k") == first | {"replayed": True}
        assert codes(await change(client, email="other@mail.example", idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
        assert fields(await change(client, "a guess", email=NEW, idempotencyKey="k")) == ["currentPassword"]


@pytest.mark.parametrize("status", [CustomerStatus.SUSPENDED, CustomerStatus.BLACKLISTED, CustomerStatus.ARCHIVED])
async def test_who_is_on_hold_or_shut_out_changes_nothing(api: Api, world: World, status: CustomerStatus) -> None:
    """An account may be on hold because it was taken over."""
    _, client = await borrower(api, world, status=status)
    async with unchanged(api.database, but=COUNTED):
        if status is CustomerStatus.SUSPENDED:
            payload = await client.data(UPDATE, {"input": {"currentPassword": PASSWORD, "email": NEW}})
            [error] = payload["updateMyContact"]["userErrors"]
            assert (error["code"], error["field"]) == ("NOT_ALLOWED", None)
        else:
            given = {"input": {"currentPassword": PASSWORD, "email": NEW}}
            assert await client.codes(UPDATE, given) == ["UNAUTHENTICATED"]


async def test_it_is_for_customers(api: Api, world: World) -> None:
    admin = await world.admin("super_admin")
    await world.password(admin)
    client = await api.sign_in(admin)
    given = {"input": {"currentPassword": PASSWORD, "email": NEW}}
    async with unchanged(api.database):
        payload = (await client.data(UPDATE, given))["updateMyContact"]
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
        assert await api.anonymous.codes(UPDATE, given) == ["UNAUTHENTICATED"]


async def test_a_session_that_ended_says_why(api: Api, world: World) -> None:
    customer, client = await borrower(api, world)
    await api.sign_in(customer)
    await change(client, email=NEW)
    reasons = [row.revoked_because for row in await api.database.rows(select(Session.__table__))]
    assert sorted(reasons, key=str) == [None, "email changed by its owner"]
