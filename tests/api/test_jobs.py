"""Jobs: crashes, runners side by side, stopping, taking back, who reads them, and what people are told at the end."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import update

from gql.db.models import Admin, AdminRole, Customer, Job
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind
from gql.services import job_batches
from gql.services.job_runner import JobRunner
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_reassign_book import job, managers, reassign, to, work
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, history, is_chain, outbox, unchanged

UNDO = "mutation($input: UndoJobInput!) { undoJob(input: $input) { replayed job { id kind undoOf { id } } PROBLEMS } }"
CANCEL = "mutation($input: CancelJobInput!) { cancelJob(input: $input) { replayed job { status done } PROBLEMS } }"


def _whole(document: str) -> str:
    return document.replace("PROBLEMS", "userErrors { code message field }")


async def undo(client: Client, job_id: str, **given: Any) -> dict[str, Any]:
    """The payload of `undoJob`."""
    asked = {"jobId": job_id, "reason": "By mistake"} | given
    payload: dict[str, Any] = (await client.data(_whole(UNDO), {"input": asked}))["undoJob"]
    return payload


async def cancel(client: Client, job_id: str) -> dict[str, Any]:
    """The payload of `cancelJob`."""
    payload: dict[str, Any] = (await client.data(_whole(CANCEL), {"input": {"jobId": job_id}}))["cancelJob"]
    return payload


class Lender:
    """A boss, two managers, and the first one's book, about to move to the other."""

    boss: Admin
    ada: Admin
    bola: Admin
    book: list[Customer]
    client: Client
    job_id: str


async def moving(api: Api, world: World, customers: int = 6) -> Lender:
    """The lender, whose job waits."""
    lender = Lender()
    lender.boss = await world.admin("super_admin", name="Ife Boss")
    lender.ada, lender.bola = [await world.admin("account_manager", name=name) for name in ("Ada Obi", "Bola Ade")]
    lender.book = [await world.customer(manager=lender.ada) for _ in range(customers)]
    lender.client = await api.sign_in(lender.boss)
    begun = await reassign(lender.client, fromAdminId=gid(lender.ada), to=to(lender.bola))
    lender.job_id = begun["job"]["id"]
    return lender


async def assert_each_moved_once(api: Api, lender: Lender) -> None:
    """No row is done twice, none left out, and what is counted is what was done."""
    assert await managers(api.database, lender.book) == {lender.bola.id: len(lender.book)}
    for customer in lender.book:
        spans = await history(api.database, customer)
        assert (len(spans), is_chain(spans)) == (2, True)
    found = await events(api.database, "customer.account_manager_assigned")
    assert Counter(event.subject_id for event in found) == dict.fromkeys((one.id for one in lender.book), 1)
    mails = Counter(mail.template for mail in await outbox(api.database))
    assert mails == {
        "account_manager_assigned_customer": len(lender.book),
        "book_changed_manager": 2,
        "job_ended_requester": 1,
    }
    assert (await job(lender.client, lender.job_id))["counts"]["moved"] == len(lender.book)


async def test_another_runner_goes_on_where_one_died(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two batches, and in the midst of one: what wasn't committed is done anew, what was is not."""
    lender = await moving(api, world)
    dead = JobRunner(api.database, api.settings, batch=2)
    job_id = await dead.claim()
    assert job_id is not None
    await dead.step(job_id)
    with monkeypatch.context() as dying:
        dying.setattr(job_batches, "keep_outcomes", _die)
        with pytest.raises(SystemExit):
            await dead.step(job_id)
    other = JobRunner(api.database, api.settings, batch=2)
    assert await other.claim() is None
    async with api.database.begin() as session:  # as it does by itself, in half a minute
        await session.execute(update(Job).values(lease_until=world.moment()))
    assert await other.work()
    assert not await dead.step(job_id)
    await assert_each_moved_once(api, lender)


async def _die(*_: Any) -> None:
    raise SystemExit("killed")


async def test_runners_side_by_side_do_each_row_once(api: Api, world: World) -> None:
    """Even where two hold a job at once: the lease of the first has run out, and it doesn't know."""
    lender = await moving(api, world)
    runners = [JobRunner(api.database, api.settings, batch=1, lease_seconds=0.001) for _ in range(3)]

    async def run(runner: JobRunner) -> None:
        for _ in range(20):
            await runner.work()

    await asyncio.gather(*map(run, runners))
    await work(api)
    await assert_each_moved_once(api, lender)


async def test_single_assignments_and_a_job_leave_one_chain(api: Api, world: World) -> None:
    """Whoever decides later than the job was asked for wins."""
    lender = await moving(api, world)
    chi = await world.admin("account_manager")
    singles = [assign(lender.client, customer, chi) for customer in lender.book]
    await asyncio.gather(work(api, batch=2), *singles)
    for customer in lender.book:
        spans = await history(api.database, customer)
        assert is_chain(spans)
        assert spans[-1].admin_id == (await current(api.database, customer)).account_manager_id == chi.id


async def test_it_is_stopped_between_batches(api: Api, world: World) -> None:
    lender = await moving(api, world)
    runner = JobRunner(api.database, api.settings, batch=2)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    stopped = await cancel(lender.client, lender.job_id)
    assert stopped["job"] == {"status": "CANCELLED", "done": 2}
    assert not await runner.step(job_id)
    assert await managers(api.database, lender.book) == {lender.ada.id: 4, lender.bola.id: 2}
    assert Counter(mail.template for mail in await outbox(api.database))["book_changed_manager"] == 2
    again = await cancel(lender.client, lender.job_id)
    assert codes(again) == ["NOT_ALLOWED"]


async def test_who_may_no_more_is_obeyed_in_the_midst(api: Api, world: World) -> None:
    """Permissions are those of each batch's moment, not of the request's."""
    lender = await moving(api, world)
    runner = JobRunner(api.database, api.settings, batch=2)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == lender.boss.id).values(status=AdminStatus.INACTIVE))
    assert not await runner.step(job_id)
    row = await current(api.database, Job(id=job_id))
    assert (row.status, row.failure, row.done) == ("FAILED", "FORBIDDEN", 2)
    assert await managers(api.database, lender.book) == {lender.ada.id: 4, lender.bola.id: 2}


async def test_an_undo_gives_back_those_whom_nobody_touched(api: Api, world: World) -> None:
    """To who had them, or to nobody; once; not where somebody decided since; and no undo is undone."""
    lender = await moving(api, world, customers=2)
    touched, kept = lender.book
    nobodys, chi = await world.customer(), await world.admin("account_manager")
    listed = [gid(one) for one in (touched, kept, nobodys)]
    await cancel(lender.client, lender.job_id)
    begun = (await reassign(lender.client, customerIds=listed, to=to(lender.bola)))["job"]["id"]
    assert codes(await undo(lender.client, begun)) == ["NOT_ALLOWED"]  # it is under way
    await work(api)
    await assign(lender.client, touched, chi)
    async with api.database.begin() as session:  # no decision about who looks after them
        await session.execute(update(Customer).where(Customer.id == kept.id).values(phone="+2348000000000", version=9))

    undone = await undo(lender.client, begun, idempotencyKey="k")

    assert (codes(undone), undone["job"]["kind"], undone["job"]["undoOf"]) == ([], "UNDO", {"id": begun})
    again = await undo(lender.client, begun, idempotencyKey="k")
    assert (again["replayed"], again["job"]["id"]) == (True, undone["job"]["id"])
    assert codes(await undo(lender.client, begun)) == ["NOT_ALLOWED"]
    await work(api)
    now = [(await current(api.database, one)).account_manager_id for one in (touched, kept, nobodys)]
    assert now == [chi.id, lender.ada.id, None]
    done = await job(lender.client, undone["job"]["id"])
    assert done["counts"] == {"moved": 2, "unchanged": 0, "refused": 0, "skipped": 1}
    assert done["undoUntil"] is None
    assert codes(await undo(lender.client, undone["job"]["id"])) == ["NOT_ALLOWED"]
    assert [one.ended_at is not None for one in await history(api.database, nobodys)] == [True]


async def test_an_undo_comes_too_late(api: Api, world: World) -> None:
    lender = await moving(api, world, customers=1)
    await work(api)
    async with api.database.begin() as session:
        long_ago = world.moment()
        await session.execute(update(Job).values(created_at=long_ago, finished_at=long_ago))
    async with unchanged(api.database):
        assert codes(await undo(lender.client, lender.job_id)) == ["NOT_ALLOWED"]


async def test_each_person_gets_one_mail_that_names_no_more_than_twenty(api: Api, world: World) -> None:
    lender = await moving(api, world, customers=23)
    await work(api)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    sent = [parse(file.read_bytes()) for file in (api.settings.var_dir / "mail").glob("*.eml")]
    texts = {str(mail["To"]): mail.get_body(("plain",)).get_content() for mail in sent}  # type: ignore[union-attr]
    assert len(sent) == len(texts) == 23 + 3
    gained, lost = texts[lender.bola.email], texts[lender.ada.email]
    assert "Ife Boss has changed the account managers" in gained
    assert "You are now the account manager of 23 more:" in gained
    assert "You are no longer the account manager of 23:" in lost
    for text in (gained, lost):
        assert text.count("\n- ") == 20
        assert "and 3 more." in text
        assert "Ada moves to Abuja" in text
    assert "Changed:     23" in texts[lender.boss.email]


async def test_who_reads_a_job_and_what_of_it(api: Api, world: World) -> None:
    """Who asked for it and who has audit.read; an account manager learns of it by an assignment, and no more."""
    lender = await moving(api, world, customers=1)
    await work(api)
    auditor, chi = await world.admin("auditor"), await world.admin("portfolio_manager")
    asked = "query($id: ID!) { job(id: $id) { total } node(id: $id) { id } jobs { totalCount } }"
    nothing = {"job": None, "node": None, "jobs": {"totalCount": 0}}
    everything = {"job": {"total": 1}, "node": {"id": lender.job_id}, "jobs": {"totalCount": 1}}
    for who, seen in ((lender.boss, everything), (auditor, everything), (chi, nothing), (lender.bola, nothing)):
        assert await (await api.sign_in(who)).data(asked, {"id": lender.job_id}) == seen, who.email
    batch = """query($id: ID!) { customer(id: $id) { assignmentHistory(first: 1) { edges { node {
        batch { id reason requestedBy { id } total counts { moved } items { totalCount } undoUntil } } } } } }"""
    found = await (await api.sign_in(lender.bola)).data(batch, {"id": gid(lender.book[0])})
    assert found["customer"]["assignmentHistory"]["edges"][0]["node"]["batch"] == {
        "id": lender.job_id,
        "reason": "Ada moves to Abuja",
        "requestedBy": {"id": gid(lender.boss)},
        "total": None,
        "counts": None,
        "items": None,
        "undoUntil": None,
    }
    limited = await (await api.sign_in(auditor)).data(
        "query($id: ID!) { job(id: $id) { items { edges { node { customer { id } assignment { id }"
        " previousAccountManager { id } codes } } } } }",
        {"id": lender.job_id},
    )
    [edge] = limited["job"]["items"]["edges"]
    assert edge["node"] == {
        "customer": {"id": gid(lender.book[0])},
        "assignment": None,
        "previousAccountManager": None,
        "codes": None,
    }


async def test_refusals_write_nothing(api: Api, world: World) -> None:
    """Who may not, what isn't there, and what doesn't fit: each with its code."""
    ada, gone = await world.admin("account_manager"), await world.admin("account_manager", status=AdminStatus.INACTIVE)
    auditor, boss = await world.admin("auditor"), await world.admin("super_admin")
    mine, other = await world.customer(manager=ada), await world.customer()
    client, may_not, customer = [await api.sign_in(who) for who in (boss, auditor, mine)]
    ids = [gid(mine), gid(other)]
    refused: list[tuple[Client, dict[str, Any], list[str]]] = [
        (may_not, {"customerIds": ids, "to": to(ada)}, ["FORBIDDEN"]),
        (customer, {"customerIds": ids, "to": to(ada)}, ["FORBIDDEN"]),
        (may_not, {"customerIds": ids, "to": to(ada), "dryRun": True}, ["FORBIDDEN"]),
        (client, {"customerIds": [unknown(Kind.CUSTOMER)], "to": to(ada)}, ["CUSTOMER_NOT_FOUND"]),
        (client, {"customerIds": ids, "fromAdminId": gid(ada), "to": to(boss)}, ["NOT_IN_BOOK"]),
        (client, {"fromAdminId": gid(boss), "to": to(ada)}, ["NO_CUSTOMERS"]),
        (client, {"customerIds": ids, "to": to(ada, count=3)}, ["COUNT_MISMATCH"]),
        (client, {"customerFilter": {}, "to": to(ada, count=3)}, ["COUNT_MISMATCH"]),
        (client, {"customerIds": ids, "to": to(gone, auditor)}, ["ADMIN_INACTIVE", "ADMIN_NOT_ELIGIBLE"]),
        (client, {"moves": [{"customerId": ids[0], "adminId": unknown(Kind.ADMIN)}]}, ["ADMIN_NOT_FOUND"]),
    ]
    malformed: list[dict[str, Any]] = [
        {"to": to(ada)},
        {"customerFilter": {}, "customerIds": ids, "to": to(ada)},
        {"customerIds": ids},
        {"customerIds": [], "to": to(ada)},
        {"customerIds": [ids[0]] * 2, "to": to(ada)},
        {"customerIds": ids, "to": to(ada, ada)},
        {"customerIds": ids, "to": to(ada, weight=0)},
        {"customerIds": ids, "to": to(ada, weight=1, count=1)},
        {"customerIds": ids, "to": [*to(ada, weight=1), *to(boss, count=1)]},
        {"customerIds": ids, "to": []},
        {"moves": [{"customerId": ids[0], "adminId": gid(ada)}], "to": to(ada)},
        {"customerFilter": {"accountManagerId": gid(boss)}, "fromAdminId": gid(ada), "to": to(ada)},
        {"customerIds": ids, "to": to(ada), "reason": " "},
    ]
    document = "mutation($input: ReassignBookInput!) { reassignBook(input: $input) { replayed } }"
    async with unchanged(api.database):
        for who, asked, expected in refused:
            assert codes(await reassign(who, **asked)) == expected, asked
        for asked in malformed:
            assert await client.codes(document, {"input": {"reason": "r"} | asked}) == ["BAD_USER_INPUT"], asked
        assert await api.anonymous.codes(document, {"input": {"reason": "r"}}) == ["UNAUTHENTICATED"]
        for steer in (undo, cancel):
            assert codes(await steer(client, unknown(Kind.JOB))) == ["NOT_FOUND"]
            assert codes(await steer(may_not, unknown(Kind.JOB))) == ["NOT_FOUND", "FORBIDDEN"]


async def test_a_proposal_is_committed_as_it_was_edited(api: Api, world: World) -> None:
    ada, bola = await world.admin("account_manager"), await world.admin("account_manager")
    one, two = await world.customer(), await world.customer(manager=ada)
    client = await api.sign_in(await world.admin("super_admin"))
    moves = [{"customerId": gid(one), "adminId": gid(ada)}, {"customerId": gid(two), "adminId": gid(bola)}]
    plan = (await reassign(client, moves=moves, dryRun=True))["plan"]
    assert (plan["moved"], [book["admin"]["id"] for book in plan["books"]]) == (2, [gid(ada), gid(bola)])
    assert codes(await reassign(client, moves=moves)) == []
    await work(api)
    assert [(await current(api.database, customer)).account_manager_id for customer in (one, two)] == [ada.id, bola.id]


async def test_a_requester_moves_only_whom_they_see_in_full(api: Api, world: World) -> None:
    """A portfolio manager's filter ends at their offices, and a group at whom they see."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    boss, ada = await world.admin("portfolio_manager", office=lagos), await world.admin("account_manager", office=lagos)
    here, there = await world.customer(office=lagos), await world.customer(office=kano)
    client = await api.sign_in(boss)
    await reassign(client, customerFilter={}, to=to(ada))
    await work(api)
    assert [(await current(api.database, one)).account_manager_id for one in (here, there)] == [ada.id, None]
    assert codes(await reassign(client, customerIds=[gid(there)], to=to(ada))) == ["CUSTOMER_NOT_FOUND"]


async def test_roles_are_read_anew_for_each_batch(api: Api, world: World) -> None:
    lender = await moving(api, world)
    async with api.database.begin() as session:
        await session.execute(AdminRole.__table__.delete().where(AdminRole.admin_id == lender.boss.id))  # type: ignore[attr-defined]
    await work(api)
    assert await managers(api.database, lender.book) == {lender.ada.id: 6}
