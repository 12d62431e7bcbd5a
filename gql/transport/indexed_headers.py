"""A request whose headers are found without going through all of them each time: ten are looked for in each request."""

from functools import cached_property
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope


class IndexedRequest(Request):
    """Starlette's, with such headers."""

    @cached_property
    def headers(self) -> Headers:
        """Those of the request."""
        return IndexedHeaders(self.scope)


class IndexedHeaders(Headers):
    """Starlette's, with an index of names in lower case."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._index: dict[str, list[str]] = {}
        for name, value in self._list:
            self._index.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))

    def getlist(self, key: str) -> list[str]:
        """All values of a name, in the order in which they came."""
        return self._index.get(key.lower(), [])

    def __getitem__(self, key: str) -> str:
        return self._index[key.lower()][0]

    def get(self, key: str, default: Any = None) -> Any:
        """The first value of a name."""
        found = self._index.get(key.lower())
        return default if found is None else found[0]

    def __contains__(self, key: Any) -> bool:
        return key.lower() in self._index
