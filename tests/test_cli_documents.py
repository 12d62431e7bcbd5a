"""`lenddesk documents`: what an operator registers, sees and removes, and what is refused."""

import json
from pathlib import Path

import pytest

from gql.services.documents import Document
from tests.test_cli import Operator, operator

__all__ = ["operator"]

VIEWER, GROUPS = "query Viewer { viewer { permissions } }", "query Groups { groups(first: 3) { edges { cursor } } }"


@pytest.fixture
def migrated(operator: Operator) -> Operator:
    """An operator whose database has its tables."""
    assert operator.run("migrate").exit_code == 0
    return operator


def listed(operator: Operator) -> list[tuple[str, str]]:
    """The SHA-256 and the operations of each document that is shown."""
    lines = operator.run("documents", "list").stdout.splitlines()
    return [(line.split()[0], line.split(maxsplit=2)[2]) for line in lines]


def test_files_manifests_and_folders_are_registered_once(migrated: Operator, tmp_path: Path) -> None:
    folder = tmp_path / "documents" / "deeper"
    folder.mkdir(parents=True)
    (folder / "viewer.graphql").write_text(VIEWER)
    (folder.parent / "relay.json").write_text(json.dumps({Document(GROUPS, "").sha256: GROUPS}))
    apollo = tmp_path / "apollo.json"
    apollo.write_text(json.dumps({"operations": [{"id": Document(GROUPS, "").sha256, "body": GROUPS}]}))

    told = migrated.run("documents", "register", str(folder.parent), str(apollo)).stdout
    assert told == "3 documents, 2 of them new.\n"
    assert sorted(listed(migrated)) == sorted(
        [(Document(VIEWER, "").sha256, "Viewer"), (Document(GROUPS, "").sha256, "Groups")]
    )
    assert "0 of them new" in migrated.run("documents", "register", str(apollo)).stdout


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.graphql", "query {", "Syntax Error"),
        ("foreign.graphql", "{ shoes }", "Cannot query field 'shoes'"),
        ("latin.graphql", b"{ viewer { permissions } } # \xe9", "utf-8"),
        ("broken.json", "{", "Expecting"),
        ("empty.json", "{}", "no manifest"),
        ("list.json", "[]", "no manifest"),
        ("wrong.json", json.dumps({"0" * 64: VIEWER}), "is not the SHA-256"),
        ("odd.json", json.dumps({"operations": [{"id": 1, "body": 2}]}), "is not the SHA-256"),
    ],
)
def test_one_wrong_file_and_nothing_is_registered(
    migrated: Operator, tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    good, bad = tmp_path / "viewer.graphql", tmp_path / name
    good.write_text(VIEWER)
    bad.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = migrated.run("documents", "register", str(good), str(bad))
    assert result.exit_code == 1
    assert name in result.stderr.replace("\n", "")
    assert reason in " ".join(result.stderr.split())
    assert listed(migrated) == []


def test_a_file_that_is_not_there_is_told(migrated: Operator) -> None:
    result = migrated.run("documents", "register", "nowhere.graphql")
    assert (result.exit_code, "no such file" in result.stderr) == (1, True)


def test_a_document_is_removed_once(migrated: Operator, tmp_path: Path) -> None:
    (tmp_path / "viewer.graphql").write_text(VIEWER)
    migrated.run("documents", "register", str(tmp_path / "viewer.graphql"))
    [(sha256, _)] = listed(migrated)
    assert migrated.run("documents", "remove", sha256).exit_code == 0
    assert listed(migrated) == []
    assert migrated.run("documents", "remove", sha256).exit_code == 1
