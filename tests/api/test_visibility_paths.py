"""Whoever looks, by whatever path: exactly the customers whom the design's table lets them see, as fully as it says."""

import pytest

from tests.api.client import Api
from tests.api.visibility_paths import PATHS
from tests.api.visibility_world import ROLES, VIEWERS, Lender

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_each_path_leads_to_the_customers_whom_the_viewer_sees_and_to_no_other(
    viewer: str, lender: Lender, lender_api: Api
) -> None:
    client = await lender.sign_in(lender_api, viewer)
    sights = lender.sights(viewer)
    wrong = {}
    for name, path in PATHS.items():
        expected = {
            subject.name: sights[subject.name].level
            for subject in lender.subjects
            if sights[subject.name].level != "NONE" and path.leads(viewer, subject, sights[subject.name])
        }
        met = await path.walk(client, lender, viewer)
        if met != expected:
            wrong[name] = {"missed": expected.items() - met.items(), "must not see": met.items() - expected.items()}
    assert not wrong


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_lists_come_in_the_order_asked_for(viewer: str, lender: Lender, lender_api: Api) -> None:
    client = await lender.sign_in(lender_api, viewer)
    for descending in (False, True):
        suffix = ", descending" if descending else ""
        by_name = list(await PATHS[f"by name{suffix}"].walk(client, lender, viewer))
        assert by_name == sorted(lender.seen(viewer), reverse=descending)
        by_creation = list(await PATHS[f"by creation{suffix}"].walk(client, lender, viewer))
        created = {subject.name: subject.customer.created_at for subject in lender.subjects}
        assert by_creation == sorted(by_creation, key=lambda name: created[name], reverse=descending)
    for way in ("pages forwards", "pages backwards"):
        assert list(await PATHS[way].walk(client, lender, viewer)) == sorted(lender.seen(viewer))


async def test_the_table_is_of_every_kind_of_sight(lender: Lender) -> None:
    """A lender in which nobody saw anything would pass the tests above."""
    for viewer in ROLES:
        levels = set(lender.seen(viewer).values())
        assert "FULL" in levels
        assert lender.sights(viewer).keys() == {subject.name for subject in lender.subjects}
    assert lender.seen("group_reader") == {"the viewer's, own": "FULL", "the viewer's, elsewhere": "FULL"}
