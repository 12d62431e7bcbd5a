"""When a non-null field fails, its siblings are cancelled: but not what other parts of the answer wait for with them.

Loaders share one future between all who ask for a key in the same turn.
"""

from pathlib import Path
from typing import Any

import pytest
import strawberry

from gql.db.engine import Database
from gql.db.loaders import Loaders, View
from gql.domain.policies import access_map
from gql.execution.documents import Request
from gql.execution.limits import Limits
from gql.execution.pipeline import Pipeline
from tests.api.client import open_api
from tests.factories import World


@strawberry.type
class Branch:
    """An office, as loaded."""

    name: str


def _load(root: "Desk", info: strawberry.Info[Any, Any]) -> Any:
    return info.context.loaders.load("office", root.office_id)


@strawberry.type
class Desk:
    """Stands in an office; some are broken."""

    office_id: strawberry.Private[Any]
    broken: strawberry.Private[bool] = False

    branch: Branch = strawberry.field(resolver=_load, graphql_type=Branch)

    @strawberry.field
    def drawer(self) -> str:
        """Not null, so that the whole desk is null where it is stuck."""
        return self.work()

    @strawberry.field
    async def lamp(self) -> str:
        """The same, awaited."""
        return self.work()

    def work(self) -> str:
        """Raises where the desk is broken."""
        if self.broken:
            raise ValueError("stuck")
        return "fine"


@strawberry.type
class Query:
    """Two desks of one office."""

    @strawberry.field
    def broken(self, info: strawberry.Info[Any, Any]) -> Desk | None:
        """Has something that fails."""
        return Desk(office_id=info.context.office_id, broken=True)

    @strawberry.field
    def whole(self, info: strawberry.Info[Any, Any]) -> Desk | None:
        """Has nothing that fails."""
        return Desk(office_id=info.context.office_id)


class Context:
    """Real loaders, and the office of the desks."""

    def __init__(self, database: Database, office_id: Any) -> None:
        self.loaders = Loaders(View(database, access_map(office_id, office_id, frozenset(), ())))
        self.office_id = office_id


@pytest.mark.parametrize("failing", ["drawer", "lamp"])
@pytest.mark.parametrize(
    "query",
    [
        "{ broken { branch { name } FAILING } whole { branch { name } } }",
        "{ broken { FAILING branch { name } } whole { branch { name } } }",
        "{ whole { branch { name } } broken { branch { name } FAILING } }",
        "{ a: broken { branch { name } FAILING } b: broken { branch { name } FAILING } whole { branch { name } } }",
    ],
)
async def test_a_failing_field_leaves_the_rest_of_the_answer_whole(
    database: Database, query: str, failing: str
) -> None:
    office = await World(database).office("Ikeja")
    pipeline = Pipeline(
        strawberry.Schema(query=Query)._schema, Limits(), lambda error, stage: {"message": error.message}
    )
    request = Request(query.replace("FAILING", failing), {}, None)
    outcome = await pipeline.run(request, Context(database, office.id), refuse_introspection=None)
    data = outcome.payload["data"]
    assert data.pop("whole") == {"branch": {"name": "Ikeja"}}
    assert set(data.values()) == {None}
    assert {error["message"] for error in outcome.payload["errors"]} == {"stuck"}


async def test_the_same_through_the_api(database_url: str, tmp_path: Path) -> None:
    async with open_api(database_url, tmp_path) as api:
        world = World(api.database)
        client = await api.sign_in(await world.admin("auditor", office=await world.office("Ikeja")))
        query = """
            { a: viewer { admin { office { parent { name } admins { totalCount } children(first: 0) { totalCount } } } }
              b: viewer { admin { office { parent { name } admins { totalCount } } } } }
        """
        answer = await client.answer(query)
    assert answer["data"] == {
        "a": {"admin": None},
        "b": {"admin": {"office": {"parent": None, "admins": {"totalCount": 1}}}},
    }
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
