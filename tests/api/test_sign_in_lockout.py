"""`signIn` after too many failures: RATE_LIMITED, to the letter the same for accounts that exist and that don't."""

import httpx
import pytest
import uvicorn

from gql.serving import uvicorn_options
from gql.settings import Settings
from tests.api.client import Api, Client
from tests.api.test_sign_in import SIGN_IN
from tests.factories import PASSWORD, World


async def _body(client: Client, email: str, password: str) -> str:
    response = await client.post(SIGN_IN, {"input": {"email": email, "password": password}})
    assert response.status_code == 200
    return response.text


async def test_a_locked_account_answers_as_one_that_does_not_exist(api: Api, world: World) -> None:
    ada = await world.admin("super_admin", email="ada@lender.example")
    await world.password(ada)
    for email in (ada.email, "nobody@lender.example"):
        for _ in range(5):
            assert "INVALID_CREDENTIALS" in await _body(api.anonymous, email, "wrong")

    answers = {await _body(api.anonymous, ada.email, password) for password in (PASSWORD, "wrong")}
    answers.add(await _body(api.anonymous, "nobody@lender.example", "wrong"))
    [answer] = answers
    assert '"code":"RATE_LIMITED"' in answer
    assert "accessToken" not in answer


async def test_whoever_is_signed_in_stays_so_while_the_account_is_locked(api: Api, world: World) -> None:
    ada = await world.admin("super_admin")
    await world.password(ada)
    client = await api.sign_in(ada)
    for _ in range(6):
        await _body(api.anonymous, ada.email, "wrong")
    assert await client.codes("{ viewer { admin { name } } }") == []


@pytest.mark.parametrize(
    ("trusted", "told_apart"), [("", False), ("10.9.0.1", False), ("10.0.0.7", True), ("10.9.0.1, 10.0.0.0/24", True)]
)
async def test_only_a_trusted_proxy_tells_the_client_s_address(
    api: Api, world: World, trusted: str, told_apart: bool
) -> None:
    """Otherwise whoever writes the header would have a new address with each try."""
    ada = await world.admin("super_admin")
    await world.password(ada)
    options = uvicorn_options(Settings.model_validate({"trusted_proxies": trusted}))
    config = uvicorn.Config(api.app, lifespan="off", **options)
    config.load()
    behind = httpx.ASGITransport(config.loaded_app, client=("10.0.0.7", 50_000))
    async with httpx.AsyncClient(transport=behind) as http:
        for number in range(5):
            await _body(Client(http, {"X-Forwarded-For": f"203.0.113.{number}"}), ada.email, "wrong")
        last = await _body(Client(http, {"X-Forwarded-For": "203.0.113.99"}), ada.email, PASSWORD)
    assert ('"code":"RATE_LIMITED"' not in last) is told_apart


@pytest.mark.parametrize("wrong", ["*", "proxy.example", "10.0.0.1/8"])
def test_a_proxy_that_is_no_address_is_told_at_the_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="Write addresses or networks"):
        Settings.model_validate({"trusted_proxies": wrong})
