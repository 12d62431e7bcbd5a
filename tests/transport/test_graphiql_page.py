"""The page and its files as HTTP answers, with GraphiQL installed and without."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gql.transport.graphiql import install, page
from tests.transport.scripted_api import ScriptedApi, http_client, scripted_app

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server whose `vendor` folder holds small stand-ins for the fetched files."""
    for name in install.FILES.values():
        (tmp_path / name).write_text(f"/* {name} */")
    (tmp_path / install.MARKER).write_text(install.lock_checksum())
    monkeypatch.setattr(page, "VENDOR", tmp_path)
    monkeypatch.setattr(page, "is_installed", lambda: install.is_installed(tmp_path))
    page._read_bundle.cache_clear()
    async with http_client(scripted_app(ScriptedApi())) as opened:
        yield opened
    page._read_bundle.cache_clear()


async def test_a_browser_gets_the_page_and_every_file_it_names(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={"Accept": BROWSER})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    named = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert len(named) >= 7
    kinds = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
    for address in named:
        assert address.startswith("/graphiql/"), "nothing comes from elsewhere"
        file = await client.get(address)
        assert file.status_code == 200
        assert file.headers["content-type"] == kinds[address.rpartition(".")[2]]
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_scripts_import_only_files_that_are_served(client: httpx.AsyncClient) -> None:
    for script in page.STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', script.read_text()):
            assert (await client.get(f"/graphiql/any/{name}")).status_code == 200


async def test_every_answer_carries_the_content_security_policy(client: httpx.AsyncClient) -> None:
    for address in ("/graphql", "/graphiql/any/app.js", "/graphiql/any/missing.js"):
        answer = await client.get(address, headers={"Accept": BROWSER})
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_page_has_no_inline_script_or_style(client: httpx.AsyncClient) -> None:
    html = (await client.get("/graphql", headers={"Accept": BROWSER})).text

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


async def test_an_unchanged_file_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for address in ("/graphql", "/graphiql/any/app.css"):
        first = await client.get(address, headers={"Accept": BROWSER})
        again = await client.get(address, headers={"Accept": BROWSER, "If-None-Match": f"W/{first.headers['etag']}"})
        assert again.status_code == 304
        assert again.content == b""


async def test_a_page_from_before_an_upgrade_still_gets_its_files_but_must_not_keep_them(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/graphiql/0123456789abcdef/app.js")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["missing.js", "index.html", "%2e%2e/page.py", "..%2fpage.py", "vendor/lock.sha256"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/graphiql/any/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        (BROWSER, "", True),
        ("text/html", "", True),
        ("application/json, text/html;q=0.5", "", False),
        ("application/json", "", False),
        ("application/graphql-response+json, application/json;q=0.9", "", False),
        ("*/*", "", False),
        ("", "", False),
        ("text/html;q=0", "", False),
        ("text/html;q=broken", "", False),
        (BROWSER, "?query={viewer{permissions}}", False),
    ],
)
async def test_only_a_browser_gets_the_page(
    client: httpx.AsyncClient, accept: str, query: str, *, expected: bool
) -> None:
    answer = await client.get(f"/graphql{query}", headers={"Accept": accept})

    assert (answer.status_code == 200) is expected


async def test_without_its_files_the_page_says_how_to_install_them_and_needs_no_restart(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = (tmp_path / install.MARKER).rename(tmp_path / "kept")

    answer = await client.get("/graphql", headers={"Accept": BROWSER})
    assert answer.status_code == 503
    assert "python -m gql.transport.graphiql.install" in answer.text
    assert (await client.get("/graphiql/any/app.js")).status_code == 404

    kept.rename(tmp_path / install.MARKER)
    assert (await client.get("/graphql", headers={"Accept": BROWSER})).status_code == 200
