"""What every answer carries, whatever it answers: for its receiver alone, framed by nobody, never guessed at."""

from collections.abc import Sequence

Header = tuple[bytes, bytes]

_ALWAYS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
# One year. Without includeSubDomains: what else is served beneath this name is not ours to promise.
_OVER_TLS: Header = (b"strict-transport-security", b"max-age=31536000")


def security_headers(*, over_tls: bool) -> tuple[Header, ...]:
    """The headers, names in lower case. `over_tls`: clients must never come by plain HTTP again."""
    return (*_ALWAYS, _OVER_TLS) if over_tls else _ALWAYS


def completed(own: Sequence[Header], headers: Sequence[Header]) -> list[Header]:
    """An answer's own headers, and those of the others that it has not set itself, as GraphiQL's page does."""
    names = {name for name, _ in own}
    return [*own, *[header for header in headers if header[0] not in names]]
