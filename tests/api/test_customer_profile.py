"""`updateCustomerProfile`: sections are replaced whole or stay, each value is looked at, and nothing is lost."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from gql.db.models import Customer, CustomerAddress, CustomerProfile
from gql.domain.enums import CustomerStatus
from gql.domain.time import today
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.factories import World
from tests.records import current, events, unchanged

PERSONAL = """personal { firstName middleName lastName gender dateOfBirth maritalStatus children residenceType
    addresses { kind street details city state postalCode country } }"""
EMPLOYMENT = """employment { educationLevel status sector employerName employer { displayName } payrollCycle
    employedSince monthsEmployed officeEmail
    monthlyIncome { minimum { amount amountMinor currency } maximum { amount } } }"""
SECTIONS = f"{PERSONAL} {EMPLOYMENT} socials {{ facebook instagram linkedIn x website }}"
UPDATE = f"""mutation($input: UpdateCustomerProfileInput!) {{ updateCustomerProfile(input: $input) {{
    customer {{ version {SECTIONS} }} changed replayed userErrors {{ code message field }} }} }}"""
READ = f"query($id: ID!) {{ customer(id: $id) {{ version {SECTIONS} }} }}"

ADDRESS = {"kind": "HOME", "street": "1 Broad Street", "city": "Lagos", "country": "NG"}
ADA = {
    "firstName": "Adaeze",
    "lastName": "Okafor",
    "gender": "FEMALE",
    "dateOfBirth": "1990-02-28",
    "maritalStatus": "MARRIED",
    "children": 2,
    "residenceType": "RENTED",
    "addresses": [ADDRESS, {**ADDRESS, "kind": "WORK", "details": "2nd floor", "postalCode": "101241"}],
}
WORK = {
    "educationLevel": "BACHELOR",
    "status": "EMPLOYED",
    "sector": "Health",
    "employerName": "General Hospital",
    "payrollCycle": "MONTHLY",
    "officeEmail": " Ada@Hospital.EXAMPLE ",
    "monthlyIncome": {"minimumMinor": 150_000_00, "maximumMinor": 5_000_000_000_00, "currency": "NGN"},
}
PAGES = {"instagram": "@adaeze", "website": "https://ada.example/about?me=1"}


async def update(client: Client, customer: Any, version: int = 1, **sections: Any) -> dict[str, Any]:
    """The payload."""
    whose = gid(customer) if hasattr(customer, "id") else customer
    data = await client.data(UPDATE, {"input": {"customerId": whose, "expectedVersion": version} | sections})
    payload: dict[str, Any] = data["updateCustomerProfile"]
    return payload


async def test_sections_that_are_given_are_replaced_and_others_stay(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    empty = (await client.data(READ, {"id": gid(customer)}))["customer"]
    assert empty["personal"]["addresses"] == []
    assert {value for section in ("employment", "socials") for value in empty[section].values()} == {None}

    first = await update(client, customer, personal=ADA, employment=WORK)

    found = first["customer"]
    assert (first["changed"], found["version"]) == (True, 2)
    no_more = {"details": None, "state": None, "postalCode": None}
    assert found["personal"] == ADA | {
        "middleName": None,
        "addresses": [no_more | address for address in ADA["addresses"]],  # type: ignore[attr-defined]
    }
    assert found["employment"] == {
        **WORK,
        "officeEmail": "ada@hospital.example",
        "employer": None,
        "employedSince": None,
        "monthsEmployed": None,
        "monthlyIncome": {
            "minimum": {"amount": "150000.00", "amountMinor": 150_000_00, "currency": "NGN"},
            "maximum": {"amount": "5000000000.00"},
        },
    }

    second = await update(client, customer, 2, personal={"firstName": " Ada ", "children": 0}, socials=PAGES)

    found = second["customer"]
    assert (found["personal"]["firstName"], found["personal"]["lastName"], found["personal"]["children"]) == (
        "Ada",
        None,
        0,
    )
    assert found["personal"]["addresses"] == []
    assert found["employment"]["sector"] == "Health", "a section that was left out"
    assert {name: page for name, page in found["socials"].items() if page} == PAGES
    assert (await client.data(READ, {"id": gid(customer)}))["customer"] == found

    cleared = await update(client, customer, 3, personal=None, employment={}, socials={})
    assert set(cleared["customer"]["employment"].values()) == {None}
    assert cleared["customer"]["personal"]["firstName"] == "Ada", "null leaves a section as it is"

    told = await events(api.database, "customer.profile_updated")
    assert [event.subject_id for event in told] == [customer.id] * 3
    assert told[1].details["before"]["first_name"] == "Adaeze"
    assert told[1].details["after"]["instagram"] == "@adaeze"
    assert "sector" not in told[1].details["before"]


async def test_what_is_so_already_changes_nothing(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    await update(client, customer, personal=ADA, employment=WORK, socials=PAGES)
    async with unchanged(api.database, but=["audit_events"]):
        again = await update(client, customer, 2, personal=ADA, employment=WORK, socials=PAGES)
    assert (again["changed"], again["customer"]["version"]) == (False, 2)
    assert len(await events(api.database, "customer.profile_updated")) == 1


async def test_the_present_work_is_counted_in_whole_months(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    began = today().replace(year=today().year - 3, day=1)
    payload = await update(client, customer, employment={"employedSince": began.isoformat()})
    assert payload["customer"]["employment"]["monthsEmployed"] == 36


TOMORROW = "2999-01-01"
WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "born tomorrow": ({"personal": {"dateOfBirth": TOMORROW}}, ["personal", "dateOfBirth"]),
    "born too long ago": ({"personal": {"dateOfBirth": "1880-01-01"}}, ["personal", "dateOfBirth"]),
    "fewer than no children": ({"personal": {"children": -1}}, ["personal", "children"]),
    "too many children": ({"personal": {"children": 51}}, ["personal", "children"]),
    "a long name": ({"personal": {"firstName": "x" * 201}}, ["personal", "firstName"]),
    "a name that no database holds": ({"personal": {"lastName": "a\0b"}}, ["personal", "lastName"]),
    "two lines": ({"personal": {"middleName": "Ada\nObi"}}, ["personal", "middleName"]),
    "an address without a street": (
        {"personal": {"addresses": [{**ADDRESS, "street": " "}]}},
        ["personal", "addresses", "0", "street"],
    ),
    "a country in words": (
        {"personal": {"addresses": [ADDRESS, {**ADDRESS, "country": "Nigeria"}]}},
        ["personal", "addresses", "1", "country"],
    ),
    "six addresses": ({"personal": {"addresses": [ADDRESS] * 6}}, ["personal", "addresses"]),
    "no email": ({"employment": {"officeEmail": "ada at work"}}, ["employment", "officeEmail"]),
    "work from tomorrow": ({"employment": {"employedSince": TOMORROW}}, ["employment", "employedSince"]),
    "a maximum below the minimum": (
        {"employment": {"monthlyIncome": {"minimumMinor": 2, "maximumMinor": 1, "currency": "NGN"}}},
        ["employment", "monthlyIncome", "maximumMinor"],
    ),
    "less than nothing": (
        {"employment": {"monthlyIncome": {"minimumMinor": -1, "currency": "NGN"}}},
        ["employment", "monthlyIncome", "minimumMinor"],
    ),
    "no currency": (
        {"employment": {"monthlyIncome": {"minimumMinor": 1, "currency": "naira"}}},
        ["employment", "monthlyIncome", "currency"],
    ),
    "a page that runs": ({"socials": {"website": "javascript:alert(1)"}}, ["socials", "website"]),
    "a page with a quote": ({"socials": {"x": 'https://x.example/"onload='}}, ["socials", "x"]),
}


async def test_each_value_is_looked_at_and_all_reasons_come_at_once(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    async with unchanged(api.database):
        for name, (sections, field) in WRONG.items():
            payload = await update(client, customer, **sections)
            assert codes(payload) == ["INVALID"], name
            assert payload["userErrors"][0]["field"] == field, name
        several = {"personal": {"children": -1}, "employment": {"officeEmail": "none"}, "socials": {"x": "a b"}}
        assert codes(await update(client, customer, 9, **several)) == ["VERSION_CONFLICT"] + ["INVALID"] * 3
    more_than_is_stored = {"employment": {"monthlyIncome": {"minimumMinor": 2**63, "currency": "NGN"}}}
    for malformed in ({"personal": {"dateOfBirth": "1990-02-30"}}, more_than_is_stored):
        wish = {"customerId": gid(customer), "expectedVersion": 1} | malformed
        assert await client.codes(UPDATE, {"input": wish}) == ["BAD_USER_INPUT"]


async def test_a_stale_version_shows_the_present_state_and_of_many_at_once_one_is_made(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    wishes = [update(client, customer, personal={"children": n, "addresses": [ADDRESS]}) for n in range(6)]
    payloads = await asyncio.gather(*wishes)
    assert sorted(payload["changed"] for payload in payloads) == [False] * 5 + [True]
    [done] = [payload for payload in payloads if payload["changed"]]
    for payload in payloads:
        assert payload["customer"]["version"] == 2
        assert payload["customer"]["personal"] == done["customer"]["personal"]
        assert codes(payload) == ([] if payload is done else ["VERSION_CONFLICT"])
    addresses = await api.database.rows(select(CustomerAddress.__table__.c.customer_id))
    assert len(addresses) == 1


async def test_a_key_repeats_the_answer(api: Api, world: World) -> None:
    client, (customer, other) = await api.sign_in(await world.admin("super_admin")), await world.customers(2)
    first = await update(client, customer, personal=ADA, idempotencyKey="k")
    async with unchanged(api.database):
        again = await update(client, customer, personal=ADA, idempotencyKey="k")
        conflict = await update(client, other, personal=ADA, idempotencyKey="k")
    assert again == first | {"replayed": True}
    assert codes(conflict) == ["IDEMPOTENCY_CONFLICT"]


async def test_who_may_change_whose_profile(api: Api, world: World) -> None:
    """A refusal to who may not tells nothing of what was wrong besides; nor of the profile."""
    office = await world.office()
    manager, colleague = [await world.admin("account_manager", office=office) for _ in range(2)]
    mine, archived = await world.customers(1, office=office, manager=manager), CustomerStatus.ARCHIVED
    away = await world.customer(office=office, manager=manager, status=archived)
    expected = {
        "own": (manager, mine[0], []),
        "archived": (manager, away, ["CUSTOMER_ARCHIVED"]),
        "a colleague's": (colleague, mine[0], ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]),
        "seen in full, without the permission": (await world.admin("compliance_officer"), mine[0], ["FORBIDDEN"]),
        "seen in part": (await world.admin("team_member", office=office), mine[0], ["FORBIDDEN"]),
    }
    for name, (viewer, customer, said) in reversed(expected.items()):
        client = await api.sign_in(viewer)
        payload = await update(client, customer, personal={"firstName": "Ada"})
        assert codes(payload) == said, name
        assert payload["changed"] is not bool(said), name
    borrower = await api.sign_in(mine[0])
    async with unchanged(api.database):
        document = UPDATE.replace(f"customer {{ version {SECTIONS} }}", "changed")
        given = {"input": {"customerId": gid(mine[0]), "expectedVersion": 2, "socials": PAGES}}
        assert codes((await borrower.data(document, given))["updateCustomerProfile"]) == ["FORBIDDEN"]
        assert await api.anonymous.codes(document, given) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("wrong", [{"children": -1}, {"income_minimum_minor": 5, "income_currency": None}])
async def test_the_database_holds_no_profile_that_cannot_be(api: Api, world: World, wrong: dict[str, Any]) -> None:
    customer: Customer = await world.customer()
    with pytest.raises(Exception, match=r"(?i)check"):
        async with api.database.begin() as session:
            session.add(CustomerProfile(customer_id=customer.id, **wrong))
    assert (await current(api.database, customer)).version == 1
