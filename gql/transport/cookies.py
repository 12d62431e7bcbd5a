"""Sessions of single-page applications: tokens in cookies that no script can read and no other site can use.

A browser adds cookies to requests that another site made it send. So they are taken only with a header that no other
site can add without asking first (CORS, which is not offered here), and only where the browser says, as far as it
says anything, that the request comes from the console itself. Who sends a bearer token has no need of cookies, and
those that come with it are not looked at.
"""

from collections.abc import Collection, Iterator

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from gql.context import BrowserSession
from gql.domain.errors import ErrorCode
from gql.domain.time import now
from gql.transport.request_body import BadRequest

CLIENT_HEADER = "X-LendDesk-Client"
WEB = "web"
ACCESS_COOKIE = "__Host-lenddesk-access"
REFRESH_COOKIE = "__Host-lenddesk-refresh"
"""The prefix has browsers refuse them from any other host, without TLS, or for a part of the site only."""

_HTTP_OF = {"ws": "http", "wss": "https"}
_OWN_SITES = ("same-origin", "none")


def authorization(http: HTTPConnection) -> str | None:
    """The Authorization header, or what it would be with the token of the cookie."""
    given = http.headers.get("authorization")
    token = http.cookies.get(ACCESS_COOKIE)
    return f"Bearer {token}" if given is None and token else given


def browser_session(http: HttpRequest, origins: Collection[str]) -> BrowserSession | None:
    """The session of a client that keeps its tokens in cookies; None of any other client.

    Raises BadRequest (403) where a request with cookies doesn't show that the console sent it.
    """
    is_web = http.headers.get(CLIENT_HEADER, "").strip().lower() == WEB
    has_cookies = ACCESS_COOKIE in http.cookies or REFRESH_COOKIE in http.cookies
    if not is_web and ("authorization" in http.headers or not has_cookies):
        return None
    for wrong in _signs_of_another_site(http, origins, is_web):
        raise BadRequest(403, wrong, ErrorCode.FORBIDDEN)
    return BrowserSession(http.cookies.get(REFRESH_COOKIE))


def is_from_console(http: HTTPConnection, origins: Collection[str]) -> bool:
    """Whether the page that sends this is one of ours or of the console, as far as its browser says so.

    Ours are those of the Host that was asked for; with TLS also where a proxy ends that.
    """
    origin, host = http.headers.get("origin"), http.headers.get("host", "")
    scheme = _HTTP_OF.get(http.scope["scheme"], http.scope["scheme"])
    return origin is None or origin in origins or origin in (f"https://{host}", f"{scheme}://{host}")


def write_cookies(response: Response, session: BrowserSession | None, refresh_token_seconds: int) -> None:
    """Have the browser keep the tokens that were issued, or forget those that have ended."""
    if session is None:
        return
    if session.issued is not None:
        access_seconds = max(1, int((session.issued.expires_at - now()).total_seconds()))
        _set(response, ACCESS_COOKIE, session.issued.access_token, access_seconds)
        _set(response, REFRESH_COOKIE, session.issued.refresh_token, refresh_token_seconds)
    elif session.ended:
        for name in (ACCESS_COOKIE, REFRESH_COOKIE):
            _set(response, name, "", 0)


def _signs_of_another_site(http: HttpRequest, origins: Collection[str], is_web: bool) -> Iterator[str]:
    if not is_web:
        yield f"A request with cookies takes the header `{CLIENT_HEADER}: {WEB}`."
    if not is_from_console(http, origins):
        yield "This origin is not the console's. Add it to CONSOLE_ORIGINS if it should be."
    if http.headers.get("sec-fetch-site", "none") not in _OWN_SITES:
        yield "The request comes from another site."


def _set(response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")
