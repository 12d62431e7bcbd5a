"""A batch that can't be written: put off while other jobs go on, and given up in the end, with a word to who asked."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
import structlog
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from gql.db.engine import Database
from gql.db.models import Job, OutboxMessage
from gql.delivery.worker import make_dispatcher
from gql.domain.errors import Unavailable
from gql.domain.ids import Kind, parse_id_of
from gql.domain.time import now
from gql.services import job_batches, job_items
from gql.services.job_failures import TO_TELL
from gql.services.job_runner import JobRunner
from tests.api.client import Api, gid
from tests.api.test_deactivate_admin import activate, deactivate
from tests.api.test_hand_over import hand_over
from tests.api.test_jobs import Lender, moving
from tests.api.test_notifications import told
from tests.api.test_reassign_book import job, managers, reassign, to, work
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current

SECRET = "Adaeze Okafor, 22212345678"


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No outcome can be written of a second batch of two customers."""
    _poison(monkeypatch, RuntimeError(SECRET))
    return monkeypatch


def _poison(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    keep = job_items.keep_outcomes

    async def fail(batch: Any) -> None:
        if any(position in (2, 3) for *_, position in batch.outcomes):
            raise error
        await keep(batch)

    monkeypatch.setattr(job_batches, "keep_outcomes", fail)


async def _wait_over(api: Api) -> None:
    """As if the waits of all jobs were over."""
    async with api.database.begin() as session:
        await session.execute(update(Job).where(Job.lease_until.is_not(None)).values(lease_until=now()))


async def mails_of(api: Api) -> list[EmailMessage]:
    """All that were sent."""
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    return [parse(file.read_bytes()) for file in (api.settings.var_dir / "mail").glob("*.eml")]


def bodies(mail: EmailMessage) -> list[str]:
    """What it says, as plain text and as HTML."""
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]  # type: ignore[union-attr]


async def test_it_is_given_up_after_some_tries_and_others_go_on_meanwhile(
    api: Api, world: World, poisoned: pytest.MonkeyPatch
) -> None:
    lender = await moving(api, world)
    cleo, theirs = await world.admin("account_manager"), await world.customer()
    after = (await reassign(lender.client, customerIds=[gid(theirs)], to=to(cleo)))["job"]["id"]

    with structlog.testing.capture_logs() as logged:
        await work(api, batch=2)

    assert (await job(lender.client, after))["status"] == "DONE"
    waiting = await job(lender.client, lender.job_id)
    assert (waiting["status"], waiting["done"], waiting["failure"]) == ("RUNNING", 2, None)
    assert [(one["event"], one["error"]) for one in logged] == [("jobs.batch_failed", "RuntimeError")]
    waits = []
    while (row := await current(api.database, Job(id=parse_id_of(Kind.JOB, lender.job_id)))).status == "RUNNING":
        assert row.lease_until is not None
        waits.append((row.lease_until - now()).total_seconds())
        assert not await JobRunner(api.database, api.settings, batch=2).work(), "nobody tries before it has waited"
        await _wait_over(api)
        await work(api, batch=2)
    assert len(waits) == api.settings.job_tries - 1
    assert waits == sorted(waits), "each wait is longer"

    over = await job(lender.client, lender.job_id)
    assert (over["status"], over["done"], over["failure"]) == ("FAILED", 2, "INTERNAL_SERVER_ERROR")
    assert await managers(api.database, lender.book) == {lender.bola.id: 2, lender.ada.id: 4}
    [mail] = [one for one in await mails_of(api) if one["To"] == lender.boss.email and "ended early" in one["Subject"]]
    text = bodies(mail)[0]
    assert "something went wrong on our side" in text
    assert "Not done:    4" in text
    assert SECRET not in text
    outcomes = [edge["node"]["outcome"] for edge in over["items"]["edges"]]
    assert outcomes == ["MOVED", "MOVED", None, None, None, None]

    poisoned.undo()
    again = (await reassign(lender.client, fromAdminId=gid(lender.ada), to=to(lender.bola)))["job"]["id"]
    await work(api, batch=2)
    done = await job(lender.client, again)
    assert (done["status"], done["counts"]["moved"]) == ("DONE", 4)


async def test_a_batch_that_succeeds_in_the_end_is_no_failure(
    api: Api, world: World, poisoned: pytest.MonkeyPatch
) -> None:
    """Nor are its tries counted with those of a later batch."""
    lender = await moving(api, world)
    for _ in range(api.settings.job_tries - 1):
        await work(api, batch=2)
        await _wait_over(api)
    poisoned.undo()
    await work(api, batch=2)
    row = await current(api.database, Job(id=parse_id_of(Kind.JOB, lender.job_id)))
    assert (row.status, row.failures, row.changed) == ("DONE", 0, 6)


async def _tries(api: Api, lender: Lender) -> int:
    """Have the lender's job tried until it has ended; answers how often."""
    for tries in range(1, 30):
        with suppress(DBAPIError):  # after which `JobRunner.run` goes on
            await work(api, batch=2)
        await _wait_over(api)
        if (await job(lender.client, lender.job_id))["status"] != "RUNNING":
            return tries
    raise AssertionError("it is tried for ever")


async def test_a_setting_says_how_often_it_is_tried(api: Api, world: World, poisoned: pytest.MonkeyPatch) -> None:
    lender = await moving(api, world)
    few = replace(api, settings=api.settings.model_copy(update={"job_tries": 2}))
    assert await _tries(few, lender) == 2


async def test_a_database_in_trouble_is_given_longer_and_others_go_on_meanwhile(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What always takes longer than the database allows is no less for ever than what always fails."""
    _poison(monkeypatch, Unavailable())
    lender = await moving(api, world)
    cleo, theirs = await world.admin("account_manager"), await world.customer()
    after = (await reassign(lender.client, customerIds=[gid(theirs)], to=to(cleo)))["job"]["id"]
    await work(api, batch=2)
    assert (await job(lender.client, after))["status"] == "DONE"
    await _wait_over(api)
    assert await _tries(api, lender) == 2 * api.settings.job_tries - 1
    over = await job(lender.client, lender.job_id)
    assert (over["status"], over["done"], over["failure"]) == ("FAILED", 2, "INTERNAL_SERVER_ERROR")


async def test_a_job_whose_end_nobody_can_be_told_of_ends_all_the_same(api: Api, world: World) -> None:
    """Its last customers fail with the mail that says how it ended, and so does giving it up."""
    lender = await moving(api, world)
    await _refuse_mails(api.database, "job_ended_requester")
    assert await _tries(api, lender) == api.settings.job_tries + TO_TELL
    over = await job(lender.client, lender.job_id)
    assert (over["status"], over["done"], over["failure"]) == ("FAILED", 4, "INTERNAL_SERVER_ERROR")
    assert over["finishedAt"] is not None


async def _refuse_mails(database: Database, template: str) -> None:
    """The database itself takes none of this template any more."""
    when = f"BEFORE INSERT ON {OutboxMessage.__tablename__}"
    which = f"WHEN (NEW.template = '{template}')"
    sqlite = (f"CREATE TRIGGER refuse {when} {which} BEGIN SELECT RAISE(ABORT, 'refused'); END",)
    postgresql = (
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$",
        f"CREATE TRIGGER refuse {when} FOR EACH ROW {which} EXECUTE FUNCTION refuse()",
    )
    async with database.begin() as session:
        for statement in sqlite if database.is_sqlite else postgresql:
            await session.execute(text(statement))


@pytest.mark.parametrize("hands_over", [False, True])
async def test_who_deactivated_its_requester_is_told_that_it_failed(api: Api, world: World, hands_over: bool) -> None:
    lender = await moving(api, world)
    someone, chief = await world.admin("super_admin"), await world.admin("super_admin", name="Chief Eze")
    before, client = await api.sign_in(someone), await api.sign_in(chief)
    runner = JobRunner(api.database, api.settings, batch=2)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    await deactivate(before, lender.boss)
    await activate(before, lender.boss)  # whose deactivation it was that counts now is the last one's
    if hands_over:
        assert not (await hand_over(client, lender.boss, to=to(lender.bola, weight=1)))["userErrors"]
    else:
        await deactivate(client, lender.boss)

    assert not await runner.step(job_id)

    assert (await job(client, lender.job_id))["failure"] == "FORBIDDEN"
    assert [(one["event"], one["job"]["id"]) for one in await told(client)] == [("JOB_ENDED", lender.job_id)]
    assert await told(before) == []
    [mail] = [one for one in await mails_of(api) if "ended early" in one["Subject"]]
    assert (mail["To"], mail["Subject"]) == (chief.email, "A change of account managers by Ife Boss ended early")
    for body in bodies(mail):
        assert "Ife Boss, whose account you deactivated," in body
        assert "Not done" in body
        assert "Ada moves to Abuja" in body
    assert "Not done:    4" in bodies(mail)[0]


async def test_nobody_is_told_who_has_left_as_well(api: Api, world: World) -> None:
    lender = await moving(api, world)
    chief, last = await world.admin("super_admin"), await world.admin("super_admin")
    await deactivate(await api.sign_in(chief), lender.boss)
    client = await api.sign_in(last)
    await deactivate(client, chief)
    await work(api)
    assert (await job(client, lender.job_id))["failure"] == "FORBIDDEN"
    assert [one for one in await mails_of(api) if "ended early" in one["Subject"]] == []
