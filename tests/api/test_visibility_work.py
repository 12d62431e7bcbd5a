"""A customer whom the viewer may not see costs what one costs who doesn't exist: the same statements, in the same order.

Time would tell them apart otherwise. `make soak` measures it; this is what it comes from.
"""

import pytest

from tests.api.client import Api, Client
from tests.api.test_visibility_unseen import OPERATIONS, SOME_UNSEEN, identifiers, of_nobody_there
from tests.api.visibility_world import NOBODY, SOMEONE, Lender, Subject
from tests.sql_counter import count_statements

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _statements(api: Api, client: Client, operation: str, variables: dict[str, str]) -> list[str]:
    with count_statements(api.database) as recorder:
        await client.post(operation, variables)
    return recorder.statements


async def _told_apart(api: Api, client: Client, lender: Lender, subjects: list[Subject]) -> list[tuple[str, str]]:
    """The operations that send other statements for one of the customers than for nobody."""
    nobody = of_nobody_there(lender)
    for operation in OPERATIONS.values():  # offices and admins are kept from here on
        await client.post(operation, nobody)
    return [
        (name, subject.name)
        for name, operation in OPERATIONS.items()
        for subject in subjects
        if await _statements(api, client, operation, identifiers(lender, subject))
        != await _statements(api, client, operation, nobody)
    ]


@pytest.mark.parametrize("viewer", SOME_UNSEEN)
async def test_who_is_not_visible_costs_what_one_costs_who_does_not_exist(
    viewer: str, lender: Lender, lender_api: Api
) -> None:
    client = await lender.sign_in(lender_api, viewer)
    sights = lender.sights(viewer)
    unseen = [subject for subject in lender.subjects if sights[subject.name].level == "NONE"]
    one_of_each = [next(subject for subject in unseen if subject.holder == holder) for holder in (SOMEONE, NOBODY)]
    assert await _told_apart(lender_api, client, lender, one_of_each) == []


async def test_the_comparison_tells_visible_customers_from_nobody(lender: Lender, lender_api: Api) -> None:
    """Or the test above would prove nothing."""
    client = await lender.sign_in(lender_api, "super_admin")
    told = {name for name, _ in await _told_apart(lender_api, client, lender, [lender.subjects[0]])}
    assert {"assign", "add by ID", "add by email", "add by number"} <= told
