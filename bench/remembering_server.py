"""The bench's server, which remembers what its database has answered: `bench.left_out` sees what is left without it.

`python -m bench.remembering_server loads sign-in` remembers what loaders answered, and who made a request. Nobody
changes anything meanwhile.
"""

import sys
from collections.abc import Hashable, Sequence
from typing import Any

from bench import server
from gql.auth.authenticate import viewer_of as look_who
from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.loaders import Loaders
from gql.domain.viewer import Viewer
from gql.transport import graphql_http

LOADS, SIGN_IN = "loads", "sign-in"


def remember_loads() -> None:
    """Ask each loader once for the same keys. What root fields read by themselves is still read."""
    known: dict[Hashable, Sequence[Any]] = {}
    read = Loaders.batch

    async def batch(self: Loaders, name: str, argument: Any, keys: Sequence[Any]) -> Sequence[Any]:
        asked = name, argument, tuple(keys)
        if asked not in known:
            known[asked] = await read(self, name, argument, keys)
        return known[asked]

    Loaders.batch = batch  # type: ignore[method-assign]


def remember_viewers() -> None:
    """Look once who a token is."""
    known: dict[str | None, Viewer] = {}

    async def viewer_of(database: Database, tokens: AccessTokens, authorization: str | None) -> Viewer:
        if authorization not in known:
            known[authorization] = await look_who(database, tokens, authorization)
        return known[authorization]

    vars(graphql_http)["viewer_of"] = viewer_of


if __name__ == "__main__":
    if LOADS in sys.argv:
        remember_loads()
    if SIGN_IN in sys.argv:
        remember_viewers()
    server.main()
