"""The `lenddesk` command: what an operator does with it, and what they are told when it can't be done.

Run in this process, since to start one takes seconds; tests/e2e starts them.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select, text, update
from typer.testing import CliRunner, Result

from gql.cli import app
from gql.db.engine import Database
from gql.db.models import Admin, Customer, OutboxMessage
from gql.domain.enums import OutboxStatus
from tests.api.client import open_api
from tests.command import SECRET_KEY
from tests.databases import fresh_database
from tests.delivery.conftest import enqueue
from tests.factories import World

ROOT = Path(__file__).parent.parent
Answer = TypeVar("Answer")
PASSWORD = "a long enough password"


@dataclass
class Operator:
    """Runs the command in a folder, which is VAR_DIR too, by default on a new SQLite file there."""

    folder: Path
    environment: pytest.MonkeyPatch

    @property
    def url(self) -> str:
        """That file."""
        return f"sqlite:///{self.folder}/lenddesk.db"

    def run(self, *arguments: str, database_url: str | None = None, **settings: str) -> Result:
        """What came of it. Only what is told may come of it: no exception leaves the command."""
        for name, value in {"DATABASE_URL": database_url or self.url, "VAR_DIR": str(self.folder), **settings}.items():
            self.environment.setenv(name, value)
        result = CliRunner().invoke(app, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def create_admin(self, **changes: str) -> Result:
        """Create the first admin, or one with these facts changed."""
        facts = {"email": "Ada@Lender.example", "name": "Ada Obi", "office": "Head office", "password": PASSWORD}
        database_url = changes.pop("database_url", None)
        options = [part for name, value in (facts | changes).items() for part in (f"--{name}", value)]
        return self.run("create-admin", *options, database_url=database_url)


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator with an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Operator(tmp_path, monkeypatch)


def on(database_url: str, work: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """What comes of work on a database, which is opened for it and closed again."""

    async def run() -> Answer:
        database = Database(database_url)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def count(database_url: str, table: type) -> int:
    """The rows of a table."""
    [row] = on(database_url, lambda database: database.rows(select(func.count()).select_from(table)))
    return int(row[0])


def test_a_new_installation_migrates_seeds_and_keeps_its_demo(operator: Operator) -> None:
    for _ in range(2):  # a second time there is nothing to do
        assert operator.run("migrate").exit_code == 0
    first = operator.run("seed", "--if-empty", "--customers", "200")
    assert first.exit_code == 0, first.output
    assert re.search(r"Wrote [\d,]+ rows", first.stdout)
    assert count(operator.url, Customer) == 200
    for options in ((), ("--if-empty",)):
        again = operator.run("seed", *options, "--customers", "300")
        assert (again.exit_code, "left as it is" in again.stdout) == (0, True)
    assert count(operator.url, Customer) == 200


def test_a_database_with_a_real_lender_in_it_is_never_seeded(operator: Operator) -> None:
    """The demo's password is public."""

    with fresh_database("sqlite") as url:
        on(url, lambda database: World(database).customer())
        refused = operator.run("seed", "--customers", "200", database_url=url)
        assert (refused.exit_code, "not a demo" in refused.stderr) == (1, True)
        left = operator.run("seed", "--if-empty", "--customers", "200", database_url=url)
        assert (left.exit_code, "left as it is" in left.stdout) == (0, True)
        assert "lenddesk-demo-only" not in left.output + refused.output
        assert (count(url, Customer), count(url, Admin)) == (1, 0)


def test_a_demo_that_is_too_small_is_refused_with_the_least(operator: Operator) -> None:
    with fresh_database("sqlite") as url:
        refused = operator.run("seed", "--customers", "5", database_url=url)
    assert (refused.exit_code, "200" in refused.stderr) == (1, True)


def test_the_schema_is_written_and_its_drift_is_seen(operator: Operator) -> None:
    assert operator.run("schema", "--check").exit_code == 1, "there is no file yet"
    assert operator.run("schema").exit_code == 0
    written = operator.folder / "schema.graphql"
    assert written.read_text() == (ROOT / "schema.graphql").read_text(), "the committed file is not the present schema"
    assert operator.run("schema", "--check").exit_code == 0
    written.write_text(written.read_text().replace("type Customer ", "type Client "))
    drift = operator.run("schema", "--check")
    assert (drift.exit_code, "make schema" in drift.stderr) == (1, True)
    assert "type Client " in written.read_text(), "a check writes nothing"


SIGN_IN = """mutation($password: String!) { signIn(input: { email: "ada@lender.example", password: $password }) {
    viewer { admin { name office { name } roles { key } } } userErrors { code } } }"""


def test_the_first_admin_of_an_empty_database_can_sign_in(operator: Operator, database_url: str) -> None:
    made = operator.create_admin(database_url=database_url)
    assert (made.exit_code, "Ada@Lender.example" in made.stdout) == (0, True)
    assert PASSWORD not in made.output

    async def sign_in(password: str) -> Any:
        async with open_api(database_url, operator.folder) as api:
            return (await api.anonymous.data(SIGN_IN, {"password": password}))["signIn"]

    admin = {"name": "Ada Obi", "office": {"name": "Head office"}, "roles": [{"key": "super_admin"}]}
    assert asyncio.run(sign_in(PASSWORD)) == {"viewer": {"admin": admin}, "userErrors": []}
    refused = {"viewer": None, "userErrors": [{"code": "INVALID_CREDENTIALS"}]}
    assert asyncio.run(sign_in("another password")) == refused


def test_an_admin_who_can_not_be_made_is_refused_with_every_reason(operator: Operator) -> None:
    with fresh_database("sqlite") as url:
        wrong = operator.create_admin(database_url=url, email="nobody", name=" ", password="short")
        assert (wrong.exit_code, len(wrong.stderr.strip().splitlines())) == (1, 3)
        assert operator.create_admin(database_url=url).exit_code == 0
        again = operator.create_admin(database_url=url)
        assert (again.exit_code, "exists already" in again.stderr) == (1, True)
        assert count(url, Admin) == 1


def test_mails_that_were_given_up_are_counted_and_put_back(operator: Operator, database_url: str) -> None:
    async def give_one_up(database: Database) -> None:
        [first, *_] = await enqueue(database, 3)
        async with database.begin() as session:
            given_up = update(OutboxMessage).where(OutboxMessage.id == first).values(status=OutboxStatus.DEAD)
            await session.execute(given_up)

    on(database_url, give_one_up)
    for options, put_back, dead, pending in (((), False, 1, 2), (("--requeue",), True, 0, 3)):
        told = operator.run("outbox", *options, database_url=database_url)
        assert told.exit_code == 0
        assert ("1 put back" in told.stdout) is put_back
        assert re.search(rf"^dead +{dead}$", told.stdout, re.MULTILINE)
        assert re.search(rf"^pending +{pending}$", told.stdout, re.MULTILINE)
        assert "oldest waiting for" in told.stdout


async def _forget_tables(database: Database) -> None:
    async with database.begin() as session:
        await session.execute(text("ALTER TABLE outbox_messages RENAME TO gone"))


def test_a_forgotten_migration_is_named(operator: Operator, database_url: str) -> None:
    on(database_url, _forget_tables)
    told = operator.run("outbox", database_url=database_url)
    assert (told.exit_code, "lenddesk migrate" in told.stderr) == (1, True)


@pytest.mark.parametrize("command", ["migrate", "seed", "outbox"])
def test_a_database_out_of_reach_is_named_without_its_password(operator: Operator, command: str) -> None:
    told = operator.run(command, database_url="postgresql://lenddesk:hush-hush@127.0.0.1:1/lenddesk")
    assert (told.exit_code, "DATABASE_URL" in told.stderr) == (1, True)
    assert "hush-hush" not in told.output


@pytest.mark.parametrize("url", ["mysql://root:hush-hush@localhost/lender", "hush-hush", "sqlite://", "postgresql://"])
@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "seed"])
def test_a_database_url_that_can_not_be_is_told_in_a_sentence(command: str, url: str, operator: Operator) -> None:
    told = operator.run(command, DATABASE_URL=url)
    assert (told.exit_code, "DATABASE_URL: Write postgresql://" in told.stderr) == (1, True)
    assert "hush-hush" not in told.output


@pytest.mark.parametrize("url", ["hush-hush", "smtp//mail.example", "http://mail.example", "smtp://"])
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_mail_server_s_url_that_can_not_be_is_told_in_a_sentence(command: str, url: str, operator: Operator) -> None:
    told = operator.run(command, SMTP_URL=url)
    assert (told.exit_code, "SMTP_URL: Write smtp://" in told.stderr) == (1, True)
    assert "hush-hush" not in told.output


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_sender_without_an_address_is_told_in_a_sentence(command: str, operator: Operator) -> None:
    told = operator.run(command, MAIL_FROM="nobody")
    assert (told.exit_code, "MAIL_FROM: Write an address" in told.stderr) == (1, True)


def test_settings_that_can_not_be_are_all_named_and_no_secret_is_repeated(operator: Operator) -> None:
    told = operator.run("serve", SECRET_KEY="hush-hush", PORT="eighty", LOG_LEVEL="loud")
    assert told.exit_code == 1
    for name in ("SECRET_KEY", "PORT", "LOG_LEVEL"):
        assert name in told.stderr
    assert "hush-hush" not in told.output


_TELLS_WHAT_IT_LOADED = """
import gc, sys
from gql import command
def freeze():  # which a server does once it is made
    needless = {"alembic", "cryptography", "gql.demo", "pygments", "rich", "sqlite3", "typer", "watchfiles"}
    print({name for name in needless if sys.modules.get(name) is not None})
    sys.exit()
gc.freeze = freeze
command.main()
"""


def _serve(**settings: str) -> subprocess.CompletedProcess[str]:
    """`lenddesk serve`, which ends when the server is made, on PostgreSQL, and tells what it needn't have loaded."""
    variables = os.environ | {"DATABASE_URL": "postgresql://nobody@localhost/nothing", "SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-c", _TELLS_WHAT_IT_LOADED, "serve"]
    return subprocess.run(command, env=variables | settings, capture_output=True, text=True, check=False)


def test_a_server_does_not_load_what_it_does_not_need() -> None:
    """Each of these takes between 1 and 10 MB of every process."""
    assert _serve().stdout == "set()\n"


def test_a_server_that_can_not_start_tells_why_as_other_commands_do() -> None:
    told = _serve(PORT="eighty")
    assert (told.returncode, "PORT: " in told.stderr, "Traceback" in told.stderr) == (1, True, False)
