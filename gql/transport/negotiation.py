"""Which media type a client gets, by its Accept header (GraphQL over HTTP)."""

from functools import lru_cache

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

_OFFERED = {
    JSON: JSON,
    GRAPHQL_RESPONSE: GRAPHQL_RESPONSE,
    EVENT_STREAM: EVENT_STREAM,
    "*/*": JSON,
    "application/*": JSON,
}


@lru_cache(maxsize=256)
def response_type(accept: str) -> str | None:
    """The media type to answer with: what the client ranks highest, the first of equals; None for none of ours.

    A client that accepts anything gets application/json, which older ones expect.
    """
    best, best_quality = None, 0.0
    for part in accept.split(",") if accept.strip() else [JSON]:
        media_type, *parameters = (piece.strip().lower() for piece in part.split(";"))
        offered = _OFFERED.get(media_type)
        if offered is not None and quality(parameters) > best_quality:
            best, best_quality = offered, quality(parameters)
    return best


def quality(parameters: list[str]) -> float:
    """The `q` among a media range's parameters, in lower case; 1 where there is none."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
