"""A plan that fails although nothing is wrong is a fault of ours: the client gets the answer, and we a log line."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from gql.execution import answering
from gql.execution.plan import Resolved
from gql.execution.run import Run
from tests.api.client import Api
from tests.factories import World


async def _fails(run: Run, resolved: Sequence[Resolved]) -> list[Any]:
    raise LookupError("something of the row's")


async def test_the_client_gets_the_careful_walks_answer_and_we_learn_of_it(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await api.sign_in(await world.admin("auditor", name="Audu Auditor"))
    monkeypatch.setattr(answering, "rendered", _fails)
    with caplog.at_level(logging.ERROR):
        data = await client.data("{ viewer { admin { name } } }")
    assert data == {"viewer": {"admin": {"name": "Audu Auditor"}}}
    [record] = [record for record in caplog.records if record.name == "gql.execution.answering"]
    assert "LookupError" in record.getMessage()
    assert "something of the row's" not in record.getMessage()


async def test_a_refused_field_is_no_fault_of_the_plan(
    api: Api, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = await api.sign_in(await world.admin("auditor"))
    with caplog.at_level(logging.ERROR):
        assert await client.codes("{ me { number } }") == ["FORBIDDEN"]
    assert [record for record in caplog.records if record.name == "gql.execution.answering"] == []
