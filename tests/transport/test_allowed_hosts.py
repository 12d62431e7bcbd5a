"""Which host names are answered to: pages of others, made to resolve to our address, get nothing."""

from pathlib import Path

import pytest

from gql.settings import Settings
from tests.api.client import open_api
from tests.transport.conftest import Lender

BY_DEFAULT = Settings.model_fields["allowed_hosts"].default


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        ({}, "localhost", 404),
        ({}, "LOCALHOST:8000", 404),
        ({}, "127.0.0.1:8000", 404),
        ({}, "[::1]:8000", 404),
        ({}, "[::1]", 404),
        ({"host": "10.1.2.3"}, "10.1.2.3:8000", 404),
        ({"host": "fd00::7"}, "[fd00::7]:8000", 404),
        ({"allowed_hosts": "api.lender.example, back.lender.example"}, "back.lender.example", 404),
        ({"allowed_hosts": "API.lender.example"}, "api.Lender.example:443", 404),
        ({"allowed_hosts": "api.lender.example"}, "localhost", 421),
        ({"allowed_hosts": "*"}, "anything.example", 404),
        ({}, "elsewhere.example", 421),
        ({}, "localhost.elsewhere.example", 421),
        ({}, "localhost:8000:80", 421),
        ({}, "localhost:x", 421),
        ({}, "elsewhere.example#localhost", 421),
        ({}, "", 421),
        ({"allowed_hosts": "api.lender.example"}, "lender.example", 421),
        ({"allowed_hosts": "api.lender.example"}, "x-api.lender.example", 421),
    ],
)
async def test_only_hosts_that_are_listed_are_answered_to(
    quiet_lender: Lender, tmp_path: Path, settings: dict[str, str], host: str, status: int
) -> None:
    async with open_api(quiet_lender.database_url, tmp_path, **({"allowed_hosts": BY_DEFAULT} | settings)) as api:
        response = await api.http.get("http://lenddesk.test/nothing", headers={"Host": host})
        assert response.status_code == status
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_probes_may_use_any_host(quiet_lender: Lender, tmp_path: Path) -> None:
    """Load balancers ask by address."""
    async with open_api(quiet_lender.database_url, tmp_path, allowed_hosts="api.lender.example") as api:
        for path in ("/livez", "/readyz"):
            assert (await api.http.get(f"http://10.9.8.7{path}")).status_code == 200
        assert (await api.http.get("http://10.9.8.7/graphql")).status_code == 421


async def test_two_hosts_are_none(quiet_lender: Lender, tmp_path: Path) -> None:
    async with open_api(quiet_lender.database_url, tmp_path) as api:
        twice = [("Host", "lenddesk.test"), ("Host", "elsewhere.example")]
        assert (await api.http.get("http://lenddesk.test/nothing", headers=twice)).status_code == 400
