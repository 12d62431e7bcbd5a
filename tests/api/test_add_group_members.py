"""`addGroupMembers`: who is meant, what comes of each, what a trial says of it, and how it is taken back."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from gql.db.models import Admin, AdminRole, Job
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus, CustomerStatus, GroupStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import BUILT_IN_ROLES
from gql.services.job_runner import JobRunner
from tests.api.client import Api, Client, gid
from tests.api.keeping_groups import change, remove
from tests.api.member_jobs import ADD_MANY, add_many, counts, member_job, outcomes
from tests.api.mutations import as_admin, codes, shared_lender
from tests.api.reading import unknown
from tests.api.test_add_group_member_refusals import Lender, _build
from tests.api.test_can_add_member import can_add
from tests.api.test_jobs import cancel, undo
from tests.api.test_reassign_book import work
from tests.databases import DatabaseKind
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, memberships, unchanged


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def boss(api: Api, world: World) -> tuple[Admin, Client]:
    """A super admin, signed in."""
    admin = await world.admin("super_admin", name="Ife Boss")
    return admin, await api.sign_in(admin)


async def test_customers_who_are_named_join_and_each_is_on_record(api: Api, world: World) -> None:
    admin, client = await boss(api, world)
    before, wanted = await world.customers(2), await world.customers(5)
    group = await world.group("2026 SME Loans", members=before)

    begun = await add_many(client, group, customerIds=[gid(one) for one in wanted])

    assert (codes(begun), begun["replayed"]) == ([], False)
    waiting = begun["job"]
    assert (waiting["kind"], waiting["status"], waiting["dryRun"]) == ("ADD_GROUP_MEMBERS", "QUEUED", False)
    assert (waiting["total"], waiting["done"], waiting["group"]) == (5, 0, {"id": gid(group)})
    await work(api, batch=2)
    done = await member_job(client, waiting["id"])
    assert (done["status"], done["done"], done["counts"]) == ("DONE", 5, counts(added=5))
    assert done["group"]["memberCount"] == 7
    nodes = [edge["node"] for edge in done["items"]["edges"]]
    assert {node["customer"]["id"] for node in nodes} == {gid(one) for one in wanted}
    assert {node["outcome"] for node in nodes} == {"ADDED"}
    open_ones = {to_global_id(Kind.MEMBERSHIP, row.id): row for row in await memberships(api.database, group)}
    for node in nodes:
        row = open_ones[node["membership"]["id"]]
        assert (to_global_id(Kind.CUSTOMER, row.customer_id), row.added_by_id, row.reason) == (
            node["customer"]["id"],
            admin.id,
            "The season begins",
        )
    [asked] = await events(api.database, "group.members_job_begun")
    assert (asked.details["count"], asked.details["group_id"]) == (5, str(group.id))
    added = await events(api.database, "group.member_added")
    assert Counter(event.customer_id for event in added) == {one.id: 1 for one in wanted}
    assert {(event.subject_id, event.actor_id) for event in added} == {(group.id, admin.id)}
    assert len({event.details["job_id"] for event in added}) == 1


async def test_some_are_refused_and_the_others_join_all_the_same(api: Api, world: World) -> None:
    """Until the group is full, each by the rules of `addGroupMember`."""
    _, client = await boss(api, world)
    low = await world.risk_category("Low")
    member, joins, suspended = (
        await world.customer(),
        await world.customer(),
        await world.customer(status=CustomerStatus.SUSPENDED),
    )
    too_new = await world.customer(status=CustomerStatus.PENDING)
    walled, one, two = await world.customers(3)
    criteria: dict[str, Any] = {"not": {"status": {"in": ["PENDING"]}}}
    group = await world.group(
        maximum=3, members=[member], criteria=criteria, risk_category=await world.risk_category(excludes=[low])
    )
    await world.group(risk_category=low, members=[walled])
    wanted = [member, joins, suspended, too_new, walled, one, two]

    begun = await add_many(client, group, customerIds=[gid(customer) for customer in reversed(wanted)])
    await work(api, batch=3)

    done = await member_job(client, begun["job"]["id"])
    assert done["counts"] == counts(added=2, unchanged=1, refused=4)
    assert dict(
        zip([node["node"]["customer"]["id"] for node in done["items"]["edges"]], outcomes(done), strict=True)
    ) == {
        gid(member): ("UNCHANGED", []),
        gid(joins): ("ADDED", []),
        gid(suspended): ("REFUSED", ["CUSTOMER_SUSPENDED"]),
        gid(too_new): ("REFUSED", ["CUSTOMER_NOT_ACTIVE", "NOT_ELIGIBLE"]),
        gid(walled): ("REFUSED", ["RISK_CATEGORY_CONFLICT"]),
        gid(one): ("ADDED", []),
        gid(two): ("REFUSED", ["GROUP_FULL"]),
    }
    assert (await current(api.database, group)).member_count == 3


@pytest.mark.parametrize("viewer", ["full", "limited"])
async def test_a_trial_says_of_each_what_can_add_member_says(
    viewer: str, shared: tuple[str, Lender], tmp_path: Path
) -> None:
    """Of every customer and every group; and it changes nothing but the job itself."""
    url, lender = shared
    async with as_admin(url, tmp_path, getattr(lender, viewer)) as (api, client):
        ids = [gid(customer) for customer in lender.customers.values()]
        jobs = ("jobs", "job_items", "audit_events", "outbox_messages", "notifications")
        async with unchanged(api.database, but=jobs):
            for group in lender.groups.values():
                begun = await add_many(client, group, customerIds=ids, dryRun=True)
                if begun["userErrors"]:
                    blocked = (await can_add(client, gid(group), ids[0]))["blockers"]
                    assert [error["code"] for error in begun["userErrors"]] == [
                        blocker["code"] for blocker in blocked if blocker["code"].startswith("GROUP_")
                    ]
                    continue
                await work(api)
                tried = await member_job(client, begun["job"]["id"])
                assert (tried["dryRun"], tried["undoUntil"]) == (True, None)
                for edge in tried["items"]["edges"]:
                    node = edge["node"]
                    said = await can_add(client, gid(group), node["customer"]["id"])
                    told = [blocker["code"] for blocker in said["blockers"]]
                    if node["outcome"] == "UNCHANGED":
                        assert "ALREADY_MEMBER" in told
                    else:
                        assert (node["outcome"], node["codes"] or []) == ("REFUSED" if told else "ADDED", told)
                    assert node["membership"] is None
                assert codes(await undo(client, begun["job"]["id"])) == ["NOT_ALLOWED"]


async def test_a_trial_counts_places_as_if_they_were_taken(api: Api, world: World) -> None:
    """Over all of its batches; and the job then does what the trial said."""
    _, client = await boss(api, world)
    group = await world.group(maximum=5, members=await world.customers(2))
    ids = [gid(one) for one in await world.customers(6)]
    found = []
    for dry_run in (True, False):
        begun = await add_many(client, group, customerIds=ids, dryRun=dry_run)
        await work(api, batch=2)
        done = await member_job(client, begun["job"]["id"])
        found.append((done["counts"], outcomes(done)))
        assert (await current(api.database, group)).member_count == (2 if dry_run else 5)
    assert found[0] == found[1]
    assert found[0][0] == counts(added=3, refused=3)


async def test_by_a_filter_or_another_group_those_are_meant_whom_one_sees(api: Api, world: World) -> None:
    """In full or not; nobody who is out of sight is counted, and nobody hears of them."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    keeper = await api.sign_in(await world.admin("group_administrator", office=lagos))
    here, there = await world.customers(3, office=lagos), await world.customers(2, office=kano)
    manager = await world.admin("account_manager", office=lagos)
    taken = await world.customer(office=lagos, manager=manager)
    source = await world.group(members=[*here[:2], *there, taken])
    by_filter, by_group = await world.group(), await world.group()

    first = await add_many(keeper, by_filter, customerFilter={"status": ["ACTIVE"]})
    second = await add_many(keeper, by_group, fromGroupId=gid(source))

    assert (first["job"]["total"], second["job"]["total"]) == (4, 3)
    await work(api)
    assert await _in(api, by_filter) == {one.id for one in (*here, taken)}
    assert await _in(api, by_group) == {one.id for one in (*here[:2], taken)}
    async with unchanged(api.database):
        assert codes(await add_many(keeper, by_group, customerIds=[gid(there[0])])) == ["CUSTOMER_NOT_FOUND"]
        assert codes(await add_many(keeper, by_group, customerFilter={"officeId": gid(kano)})) == ["NO_CUSTOMERS"]


async def _in(api: Api, group: Any) -> set[Any]:
    return {row.customer_id for row in await memberships(api.database, group) if row.until is None}


async def test_who_is_lost_from_sight_meanwhile_is_refused(api: Api, world: World) -> None:
    """And roles are those of the batch's moment."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    admin = await world.admin("portfolio_manager", office=lagos)
    client = await api.sign_in(admin)
    stays, goes = await world.customers(2, office=lagos)
    group = await world.group()
    begun = await add_many(client, group, customerIds=[gid(stays), gid(goes)])
    async with api.database.begin() as session:
        await session.execute(update(type(goes)).where(type(goes).id == goes.id).values(office_id=kano.id))
    await work(api)
    done = await member_job(client, begun["job"]["id"])
    assert done["counts"] == counts(added=1, refused=1)
    assert outcomes(done) == [("ADDED", []), ("REFUSED", [])]  # why is not for who doesn't see them
    auditor = await api.sign_in(await world.admin("auditor"))
    assert outcomes(await member_job(auditor, begun["job"]["id"]))[1] == ("REFUSED", ["CUSTOMER_NOT_FOUND"])


async def test_who_may_no_more_is_obeyed_in_the_midst(api: Api, world: World) -> None:
    admin, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(4)
    begun = await add_many(client, group, customerIds=[gid(one) for one in wanted])
    runner = JobRunner(api.database, api.settings, batch=2)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    async with api.database.begin() as session:
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))
    assert not await runner.step(job_id)
    row = await current(api.database, Job(id=job_id))
    assert (row.status, row.failure, row.done) == ("FAILED", "FORBIDDEN", 2)
    assert (await current(api.database, group)).member_count == 2
    assert begun["job"]["total"] == 4


async def test_a_job_that_is_stopped_leaves_the_others_out(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(4)
    begun = await add_many(client, group, customerIds=[gid(one) for one in wanted])
    runner = JobRunner(api.database, api.settings, batch=2)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    stopped = await cancel(client, begun["job"]["id"])
    assert (codes(stopped), stopped["job"]) == ([], {"status": "CANCELLED", "done": 2})
    assert not await runner.step(job_id)
    assert (await current(api.database, group)).member_count == 2


async def test_an_undo_removes_those_who_are_still_there_by_it(api: Api, world: World) -> None:
    """Not who was removed since, nor who was a member before."""
    admin, client = await boss(api, world)
    before, gone, back, stays = await world.customers(4)
    group = await world.group(members=[before])
    begun = await add_many(client, group, customerIds=[gid(one) for one in (before, gone, back, stays)])
    assert codes(await undo(client, begun["job"]["id"])) == ["NOT_ALLOWED"]  # it is under way
    await work(api)
    assert (await member_job(client, begun["job"]["id"]))["undoUntil"] is not None
    assert codes(await remove(client, group, gone)) == []
    assert codes(await remove(client, group, back)) == []
    await add_many(client, group, customerIds=[gid(back)])
    await work(api)

    undone = await undo(client, begun["job"]["id"], idempotencyKey="k")

    assert (codes(undone), undone["job"]["kind"]) == ([], "UNDO")
    assert (await undo(client, begun["job"]["id"], idempotencyKey="k"))["replayed"]
    await work(api)
    done = await member_job(client, undone["job"]["id"])
    assert (done["counts"], done["group"]["memberCount"]) == (counts(removed=1, skipped=2), 2)
    assert Counter(code for _, found in outcomes(done) for code in found) == {"TOUCHED_SINCE": 2}
    assert await _in(api, group) == {before.id, back.id}
    [ended] = [row for row in await memberships(api.database, group) if row.customer_id == stays.id]
    assert (ended.removed_by_id, ended.removal_reason) == (admin.id, "By mistake")
    removed = await events(api.database, "group.member_removed")
    assert [event.customer_id for event in removed if "job_id" in event.details] == [stays.id]
    assert codes(await undo(client, undone["job"]["id"])) == ["NOT_ALLOWED"]


async def test_it_is_asked_for_once(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(2)
    ids = [gid(one) for one in wanted]
    first = await add_many(client, group, customerIds=ids, idempotencyKey="k")
    again = await add_many(client, group, customerIds=ids, idempotencyKey="k")
    assert (again["replayed"], again["job"]["id"]) == (True, first["job"]["id"])
    other = await add_many(client, group, customerIds=ids, idempotencyKey="k", dryRun=True)
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    await work(api)
    assert (await current(api.database, group)).member_count == 2


async def test_who_asked_for_it_is_told_of_its_end_by_one_mail(api: Api, world: World) -> None:
    """Which names the group, and no customer."""
    admin, client = await boss(api, world)
    group = await world.group("2026 SME Loans", maximum=1)
    wanted = [await world.customer(name="Chidinma Secretsson"), await world.customer()]
    ids = [gid(one) for one in wanted]
    trial = await add_many(client, group, customerIds=ids, dryRun=True)
    begun = await add_many(client, group, customerIds=ids)
    await work(api)
    undone = await undo(client, begun["job"]["id"])
    await work(api)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    sent = [parse(file.read_bytes()) for file in sorted((api.settings.var_dir / "mail").glob("*.eml"))]
    assert {mail["To"] for mail in sent} == {admin.email}
    texts = {str(mail["Subject"]): mail.get_body(("plain",)).get_content() for mail in sent}  # type: ignore[union-attr]
    assert set(texts) == {
        "The trial of adding members is done: 2026 SME Loans",
        "Adding members is done: 2026 SME Loans",
        "Removing members is done: 2026 SME Loans",
    }
    assert "Would join:  1" in texts["The trial of adding members is done: 2026 SME Loans"]
    assert "Added:       1" in texts["Adding members is done: 2026 SME Loans"]
    assert "Removed:     1" in texts["Removing members is done: 2026 SME Loans"]
    assert not any("Secretsson" in text for text in texts.values())
    assert len({trial["job"]["id"], begun["job"]["id"], undone["job"]["id"]}) == 3


async def test_refusals_begin_nothing(api: Api, world: World) -> None:
    """Each with its code."""
    _, client = await boss(api, world)
    may_not, nobody = await api.sign_in(await world.admin("auditor")), await world.customer()
    customer = await api.sign_in(nobody)
    ids, group = [gid(nobody)], await world.group()
    archived = await world.group(status=GroupStatus.ARCHIVED)
    inactive, suspended = [await world.group(status=status) for status in (GroupStatus.INACTIVE, GroupStatus.SUSPENDED)]
    full, empty = await world.group(maximum=1, members=[nobody]), await world.group()
    refused: list[tuple[Client, Any, dict[str, Any], list[str]]] = [
        (may_not, group, {"customerIds": ids}, ["FORBIDDEN"]),
        (may_not, group, {"customerIds": ids, "dryRun": True}, ["FORBIDDEN"]),
        (may_not, archived, {"fromGroupId": gid(archived)}, ["FORBIDDEN"]),
        (customer, group, {"customerIds": ids}, ["FORBIDDEN"]),
        (client, unknown(Kind.GROUP), {"customerIds": ids}, ["GROUP_NOT_FOUND"]),
        (client, group, {"fromGroupId": unknown(Kind.GROUP)}, ["GROUP_NOT_FOUND"]),
        (client, archived, {"customerIds": ids}, ["GROUP_ARCHIVED"]),
        (client, inactive, {"customerIds": ids}, ["GROUP_NOT_ACTIVE"]),
        (client, suspended, {"customerIds": ids}, ["GROUP_SUSPENDED"]),
        (client, full, {"customerIds": ids}, ["GROUP_FULL"]),
        (client, group, {"fromGroupId": gid(group)}, ["SAME_GROUP"]),
        (client, group, {"fromGroupId": gid(empty)}, ["NO_CUSTOMERS"]),
        (client, group, {"customerFilter": {"status": ["BLACKLISTED"]}}, ["NO_CUSTOMERS"]),
        (client, group, {"customerFilter": {"status": []}}, ["NO_CUSTOMERS"]),
        (client, group, {"customerIds": [*ids, unknown(Kind.CUSTOMER)]}, ["CUSTOMER_NOT_FOUND"]),
    ]
    malformed: list[dict[str, Any]] = [
        {},
        {"customerIds": ids, "customerFilter": {}},
        {"customerIds": []},
        {"customerIds": ids * 2},
        {"customerIds": [gid(group)]},
        {"customerIds": ids, "reason": " "},
        {"fromGroupId": gid(nobody)},
    ]
    async with unchanged(api.database):
        for who, where, asked, expected in refused:
            assert codes(await add_many(who, where, **asked)) == expected, asked
        for asked in malformed:
            wish = {"groupId": gid(group), "reason": "r"} | asked
            assert await client.codes(ADD_MANY, {"input": wish}) == ["BAD_USER_INPUT"], asked
        wish = {"groupId": gid(group), "reason": "r", "customerIds": ids}
        assert await api.anonymous.codes(ADD_MANY, {"input": wish}) == ["UNAUTHENTICATED"]
        [told] = (await add_many(client, full, customerIds=ids))["userErrors"]
        assert (told["currentMembers"], told["maximumMembers"]) == (1, 1)


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_each_role_may_or_not(role: str, api: Api, world: World) -> None:
    office = await world.office()
    client = await api.sign_in(await world.admin(role, office=office))
    group, customer = await world.group(), await world.customer(office=office)
    keeps = role in {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
    found = codes(await add_many(client, group, customerIds=[gid(customer)]))
    assert found == ([] if keeps else ["FORBIDDEN"])
    await work(api)
    assert (await current(api.database, group)).member_count == int(keeps)


async def test_who_may_steer_it(api: Api, world: World) -> None:
    """Who asked for it and who audits, if they may change members."""
    _, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(1)
    begun = (await add_many(client, group, customerIds=[gid(wanted[0])]))["job"]["id"]
    other = await api.sign_in(await world.admin("group_administrator"))
    auditor = await api.sign_in(await world.admin("auditor"))
    compliance = await api.sign_in(await world.admin("compliance_officer"))
    async with unchanged(api.database):
        for steer in (cancel, undo):
            assert codes(await steer(other, begun)) == ["NOT_FOUND"]
            assert codes(await steer(auditor, begun)) == ["FORBIDDEN"]
    assert codes(await cancel(compliance, begun)) == []


async def test_a_requester_who_left_ends_it(api: Api, world: World) -> None:
    admin, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(1)
    await add_many(client, group, customerIds=[gid(wanted[0])])
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == admin.id).values(status=AdminStatus.INACTIVE))
    await work(api)
    assert (await current(api.database, group)).member_count == 0


async def test_a_group_that_is_archived_meanwhile_takes_nobody_more(api: Api, world: World) -> None:
    _, client = await boss(api, world)
    group, wanted = await world.group(), await world.customers(3)
    begun = await add_many(client, group, customerIds=[gid(one) for one in wanted])
    runner = JobRunner(api.database, api.settings, batch=1)
    job_id = await runner.claim()
    assert job_id is not None
    await runner.step(job_id)
    assert (await change(client, "archiveGroup", group))["changed"]
    while await runner.step(job_id):
        pass
    done = await member_job(client, begun["job"]["id"])
    assert (done["status"], done["counts"]) == ("DONE", counts(added=1, refused=2))
