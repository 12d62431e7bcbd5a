"""Serves GraphiQL from this server alone: the page at GET /graphql, its files under /graphiql/.

Nothing is loaded from elsewhere, and the content security policy holds the page to that: no inline script or style, no
foreign host, no frame around it. The files' addresses carry a checksum of them all, so that browsers may keep them for
ever and still get new ones after an upgrade.
"""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from gql.transport.graphiql.install import COMMAND, FILES, VENDOR, is_installed
from gql.transport.negotiation import quality

STATIC = Path(__file__).parent / "static"
PAGE = "index.html"
FOREVER = "public, max-age=31536000, immutable"

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self' ws:; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

NOT_INSTALLED = f"""GraphiQL is not installed on this server. The API at POST /graphql works without it.

To install it, run this command where the server runs, then reload the page:

    {COMMAND}
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that the page loads."""

    body: bytes
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """The page and its files, as they were when first asked for; `version` is a checksum of them all."""

    page: bytes
    assets: dict[str, Asset]
    version: str


async def graphiql_page(request: Request) -> Response:
    """The GraphiQL page; 503 with the command that installs it where its files have not been fetched."""
    bundle = _bundle()
    headers = SECURITY_HEADERS | {"Cache-Control": "no-cache", "Vary": "Accept"}
    if bundle is None:
        return PlainTextResponse(NOT_INSTALLED, 503, headers)
    etag = f'"{bundle.version}"'
    headers["ETag"] = etag
    if _has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(bundle.page, headers=headers, media_type="text/html")


def wants_page(request: Request) -> bool:
    """Whether a GET of /graphql comes from a person's browser: it ranks HTML before JSON and carries no query."""
    if "query" in request.query_params or "extensions" in request.query_params:
        return False
    ranks = {"text/html": 0.0, "application/json": 0.0, "application/graphql-response+json": 0.0}
    for part in request.headers.get("accept", "").split(","):
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_type in ranks:
            ranks[media_type] = quality(parameters)
    html = ranks.pop("text/html")
    return html > 0 and html >= max(ranks.values())


def graphiql_routes() -> list[BaseRoute]:
    """The route of the page's files; the page itself shares /graphql with the API and is `graphiql_page`."""
    return [Route("/graphiql/{version}/{name:path}", _asset, methods=["GET"], name="graphiql-asset")]


async def _asset(request: Request) -> Response:
    bundle = _bundle()
    asset = bundle.assets.get(request.path_params["name"]) if bundle is not None else None
    if bundle is None or asset is None:
        return PlainTextResponse("Not found.\n", 404, SECURITY_HEADERS)
    # A page loaded before an upgrade asks for its old version: it gets the present file, but must not keep it.
    current = request.path_params["version"] == bundle.version
    headers = SECURITY_HEADERS | {"Cache-Control": FOREVER if current else "no-cache", "ETag": asset.etag}
    if _has_already(request, asset.etag):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, headers=headers | {"Content-Type": asset.media_type})


def _bundle() -> Bundle | None:
    """The page and its files, or None while they are not installed: no restart is needed once they are."""
    return _read_bundle() if is_installed() else None


@functools.cache
def _read_bundle() -> Bundle:
    paths = {f"vendor/{name}": VENDOR / name for name in FILES.values()}
    paths |= {path.name: path for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA_TYPES}
    assets = {name: _read_asset(path) for name, path in paths.items()}
    page = (STATIC / PAGE).read_text(encoding="utf-8")
    checksum = hashlib.sha256(page.encode())
    for name, asset in assets.items():
        checksum.update(f"{name}{asset.etag}".encode())
    version = checksum.hexdigest()[:16]
    return Bundle(page.replace("{version}", version).encode(), assets, version)


def _read_asset(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, MEDIA_TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _has_already(request: Request, etag: str) -> bool:
    """Whether If-None-Match names this ETag; a proxy that compresses may have made it a weak one (W/)."""
    known = request.headers.get("if-none-match", "")
    return any(candidate.strip().removeprefix("W/") in {etag, "*"} for candidate in known.split(","))
