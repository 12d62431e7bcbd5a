"""Search boxes: a customer by email, phone, number or name as people type them, and nothing by accident."""

from dataclasses import dataclass
from json import dumps

import pytest

from gql.db.models import Admin, Office
from gql.domain.enums import CustomerKind
from tests.api.client import Api, Client, gid
from tests.api.reading import names, shared
from tests.factories import World

SEARCH = """
query($search: String) {
  customers(search: $search, orderBy: { field: NAME }) { totalCount edges { node { displayName } } }
}
"""
"""Ordered, a list has those who are called so, and nobody whose name is merely similar (tests of relevance)."""

PEOPLE = (
    # name, email, phone, number
    ("Adaeze Okafor", "adaeze@home.example", "+2348031234567", "C100001"),
    ("Adamu Bello", "a.bello@home.example", "+2348031234568", "C100002"),
    ("Ṣọlá Adébáyọ̀", "sola_a@home.example", "+2348051112222", "C100003"),
    ("Ngozi Ada Eze", "ngozi@home.example", "+447400123456", "C100004"),
    ("Zenith & Sons Ltd", "office@zenith.example", "+2347001112223", "C100005"),
    ("Ɓala O'Neil", "bala@home.example", "+2348090000001", "C100006"),
    ("100% Cocoa", "cocoa@home.example", "+2348090000002", "C100007"),
    ("Wild_Card", "wildcard@home.example", "+2348090000003", "C100008"),
    ("Yusuf Danladi", "yusuf@home.example", "+2348090000004", "LD-02000009"),
)


@dataclass(frozen=True)
class Found:
    """A lender whose customers are easily mistaken for each other."""

    office: Office
    viewer: Admin


async def _found(world: World) -> Found:
    office = await world.office("Òyó Office, Lagos (1)")
    viewer = await world.admin("super_admin", office=office, name="Ṣadé")
    for name, email, phone, number in PEOPLE:
        await world.customer(
            office=office,
            name=name,
            email=email,
            phone=phone,
            number=number,
            kind=CustomerKind.COMPANY if "Ltd" in name else CustomerKind.PERSON,
        )
    await world.group("100% Cocoa")
    return Found(office, viewer)


found, database_url = shared(_found)


async def _search(client: Client, term: str) -> list[str]:
    customers = (await client.data(SEARCH, {"search": term}))["customers"]
    assert customers["totalCount"] == len(customers["edges"])
    return names(customers)


async def _finds(client: Client, name: str, *terms: str) -> None:
    for term in terms:
        assert await _search(client, term) == [name], term


async def test_by_the_whole_email_in_any_case(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(client, "Adaeze Okafor", "adaeze@home.example", "ADAEZE@Home.Example", "  adaeze@home.example\n")
    for part in ("adaeze@", "@home.example", "adaeze@home", "daeze@home.example", "adaeze@home.example.ng"):
        assert await _search(client, part) == [], part


async def test_by_phone_as_people_write_it(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(
        client,
        "Adaeze Okafor",
        "+2348031234567",
        "08031234567",
        "0803 123 4567",
        "0803-123-4567",
        "(0803) 123 4567",
        "+234 803 123 4567",
        " +234-(0)803-123-4567 ",
        "2348031234567",
        "002348031234567",
        "00 234 803 123 4567",
        "009 234 803 123 4567",
    )
    await _finds(client, "Ngozi Ada Eze", "+44 7400 123456")
    for part in ("0803123456", "080312345678", "8031234", "+234803123456", "07400 123456"):
        assert await _search(client, part) == [], part


async def test_by_number_in_any_case(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(client, "Adaeze Okafor", "C100001", "c100001", " c100001 ")
    for part in ("C10000", "C1000011", "100001"):
        assert await _search(client, part) == [], part


async def test_a_number_as_this_lender_gives_it_is_found_as_it_is_read_out(api: Api, found: Found) -> None:
    """Letters, hyphen and spaces may be left out or be others; digits may not, zeros in front neither."""
    client = await api.sign_in(found.viewer)
    for typed in ("LD-02000009", "ld-02000009", "LD02000009", "ld 02000009", "LD\u201302000009", " 02000009 "):
        await _finds(client, "Yusuf Danladi", typed)
    for part in ("LD-0200000", "2000009", "LD-2000009", "L-02000009", "LD-02000009-1"):
        assert await _search(client, part) == [], part


async def test_by_first_or_last_name_in_either_order(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(
        client,
        "Adaeze Okafor",
        "adaeze",
        "okafor",
        "Adaeze Okafor",
        "OKAFOR ADAEZE",
        "okafor, adaeze",
        "  okafor   a ",
        "oka",
        "adaeze o",
    )
    await _finds(client, "Ngozi Ada Eze", "ngozi ada", "eze", "eze ngozi", "eze ngozi ada")
    assert await _search(client, "ada") == ["Adaeze Okafor", "Adamu Bello"]
    assert await _search(client, "kafor") == []


async def test_accents_and_hooks_need_not_be_typed_and_may_be(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(client, "Ṣọlá Adébáyọ̀", "sola", "Ṣọlá", "adebayo", "ADÉBÁYỌ̀", "adebayo sola", "Ṣọlá Adébáyọ̀")
    await _finds(client, "Ɓala O'Neil", "bala", "Ɓala", "bala o'neil", "bala o neil", "ɓALA O-NEIL")
    assert await _search(client, "Àdá") == ["Adaeze Okafor", "Adamu Bello"]


async def test_a_company_by_its_name_with_or_without_its_punctuation(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    await _finds(client, "Zenith & Sons Ltd", "zenith", "Zenith & Sons Ltd", "zenith sons", "ltd zenith")
    assert await _search(client, "zenith and sons") == []


async def test_wildcards_and_sql_are_letters_like_any_other(api: Api, found: Found) -> None:
    """What is no letter or digit parts words in names, and is itself in emails."""
    client = await api.sign_in(found.viewer)
    ada = ["Adaeze Okafor", "Adamu Bello"]
    for term, matches in {
        "100%": ["100% Cocoa"],
        "10%cocoa": [],
        "a%": [*ada, "Ṣọlá Adébáyọ̀"],
        "ada%": ada,
        "%ada%": ada,
        "ad_eze": [],
        "wild_card": ["Wild_Card"],
        "wild%card": ["Wild_Card"],
        "wildXcard": [],
        "sola_a@home.example": ["Ṣọlá Adébáyọ̀"],
        "solaXa@home.example": [],
        "sola%a@home.example": [],
        "%@home.example": [],
        "x@y.example' OR '1'='1": [],
        "'; drop table customers; --": [],
        "' OR '1'='1": [],
        "adaeze' OR 1=1": [],
        "C1%00001": [],
        "ada\U0010ffff": ada,
        "ада": [],
    }.items():
        assert await _search(client, term) == matches, term


BOXES = (
    "query($search: String) { customers(search: $search) { totalCount } }",
    "query($search: String) { offices(search: $search) { totalCount } }",
    "query($search: String) { admins(search: $search) { totalCount } }",
    "query($search: String) { groups(search: $search) { totalCount } }",
    "query($search: String, $office: ID!) { assignableManagers(officeId: $office, search: $search) { totalCount } }",
)


@pytest.mark.parametrize("box", BOXES, ids=["customers", "offices", "admins", "groups", "assignableManagers"])
async def test_a_search_for_nothing_is_bad_input_in_every_box(box: str, api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    office = gid(found.office)
    for nothing in ("", " ", "\t\n", "...", "%", "_", "--", "'", "&", "😀", "a\0", "\0", "x" * 255, "́"):
        assert await client.codes(box, {"search": nothing, "office": office}) == ["BAD_USER_INPUT"], nothing
    for wrong in (7, ["a"], {"a": "b"}, True):
        assert await client.codes(box, {"search": wrong, "office": office}) == ["BAD_USER_INPUT"], wrong
    everything = await client.data(box, {"search": None, "office": office})
    assert await client.data(box, {"office": office}) == everything


async def test_half_a_character_is_an_error_with_a_code(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    body = dumps({"query": BOXES[0], "variables": {"search": "a\ud800"}})
    headers = client.headers | {"Content-Type": "application/json"}
    response = await api.http.post("http://lenddesk.test/graphql", content=body, headers=headers)
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_USER_INPUT"]
    assert await client.codes('{ customers(search: "a\\uD800") { totalCount } }') == ["GRAPHQL_PARSE_FAILED"]


async def test_a_name_is_found_whole_in_every_box(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    for box, name, typed in (
        ("customers", "100% Cocoa", "100 cocoa"),
        ("groups", "100% Cocoa", "100% COCOA"),
        ("offices", "Òyó Office, Lagos (1)", "oyo office lagos 1"),
        ("admins", "Ṣadé", "SADE"),
    ):
        query = f"query($search: String) {{ {box}(search: $search) {{ totalCount }} }}"
        for term in (name, typed):
            assert await client.data(query, {"search": term}) == {box: {"totalCount": 1}}, term


async def test_a_search_is_one_more_condition_beside_the_filters(api: Api, found: Found) -> None:
    client = await api.sign_in(found.viewer)
    query = """
    query($filter: CustomerFilter) {
      customers(search: "ada", filter: $filter, orderBy: { field: NAME }) { edges { node { displayName } } }
    }
    """
    both = ["Adaeze Okafor", "Adamu Bello"]
    for narrow, expected in (({"hasAccountManager": False}, both), ({"status": ["ARCHIVED"]}, [])):
        assert names((await client.data(query, {"filter": narrow}))["customers"]) == expected
