"""A customer whom the viewer may not see costs what one costs who doesn't exist: the same statements, in their order.

Time would tell them apart otherwise. `make soak` measures it; this is what it comes from.
"""

from collections.abc import Mapping, Sequence

import pytest

from gql.db.models import Admin, Customer
from tests.api.client import Api, Client
from tests.api.test_visibility_unseen import OPERATIONS, SOME_UNSEEN, identifiers, of_nobody_there
from tests.api.visibility_world import Lender, Subject
from tests.factories import World
from tests.sql_counter import count_statements

_SIGN_IN = """
    mutation($email: String!, $audience: Audience!) {
        signIn(input: { email: $email, password: "not the password", audience: $audience }) { userErrors { code } }
    }
"""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _statements(api: Api, client: Client, operation: str, variables: dict[str, str]) -> list[str]:
    with count_statements(api.database) as recorder:
        await client.post(operation, variables)
    return recorder.statements


async def _told_apart(
    api: Api, client: Client, lender: Lender, subjects: list[Subject], operations: Mapping[str, str] = OPERATIONS
) -> list[tuple[str, str]]:
    """The operations that send other statements for one of the customers than for nobody."""
    nobody = of_nobody_there(lender)
    for operation in operations.values():  # offices and admins are kept from here on
        await client.post(operation, nobody)
    told = []
    for name, operation in operations.items():
        expected = await _statements(api, client, operation, nobody)
        for subject in subjects:
            one = identifiers(lender, subject)
            as_nobody = await _statements(api, client, operation, one) == expected
            if not as_nobody and await _costs_differ(api, client, operation, one, nobody):
                told.append((name, subject.name))
    return told


async def _costs_differ(
    api: Api, client: Client, operation: str, one: dict[str, str], other: dict[str, str], turns: int = 3
) -> bool:
    """Each time: what the server puts on record by itself, of requests before, may come between."""
    for _ in range(turns):
        if await _statements(api, client, operation, one) == await _statements(api, client, operation, other):
            return False
    return True


@pytest.mark.parametrize("viewer", SOME_UNSEEN)
async def test_who_is_not_visible_costs_what_one_costs_who_does_not_exist(
    viewer: str, lender: Lender, lender_api: Api
) -> None:
    client = await lender.sign_in(lender_api, viewer)
    assert await _told_apart(lender_api, client, lender, lender.one_unseen_of_each_holder(viewer)) == []


async def test_the_comparison_tells_visible_customers_from_nobody(lender: Lender, lender_api: Api) -> None:
    """Or the test above would prove nothing."""
    client = await lender.sign_in(lender_api, "super_admin")
    harmless = {name: OPERATIONS[name] for name in ("assign", "add by ID", "add by email", "add by number")}
    told = await _told_apart(lender_api, client, lender, [lender.subjects[0]], harmless)
    assert {name for name, _ in told} == harmless.keys()


@pytest.mark.parametrize("audience", ["ADMIN", "CUSTOMER"])
async def test_a_wrong_password_costs_the_same_whether_there_is_the_account(
    audience: str, lender: Lender, lender_api: Api
) -> None:
    """Of an account with a password, one without, and none at all; the hashing is `tests/auth/test_passwords.py`'s."""
    admins, customers = [lender.viewer, lender.someone], [subject.customer for subject in lender.subjects[:2]]
    people: Sequence[Admin | Customer] = admins if audience == "ADMIN" else customers
    world = World(lender_api.database)
    await world.password(people[0])
    emails = ["first@lender.example", *(one.email for one in people), "nobody@lender.example"]
    first, *sent = [  # the first one makes the row by which failures of the address are counted
        sorted(await _statements(lender_api, lender_api.anonymous, _SIGN_IN, {"email": email, "audience": audience}))
        for email in emails  # sorted, since rows are locked in the order of their keys, which are hashes
    ]
    assert first
    assert sent[0] == sent[1] == sent[2]
