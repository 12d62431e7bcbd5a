"""`reassignBook`: who is meant, how they are dealt, what a job does to each, and what a dry run says of it."""

from collections import Counter
from typing import Any

from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.domain.enums import CustomerStatus
from gql.services.job_runner import JobRunner
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.factories import World
from tests.records import current, events, history, is_chain, outbox, unchanged

REASSIGN = """
mutation($input: ReassignBookInput!) {
  reassignBook(input: $input) {
    replayed
    job { id kind status total done counts { moved unchanged refused skipped } undoUntil requestedBy { id } }
    plan {
      customers moved unchanged refused refusals { code customers exampleIds } changedViewers
      books { admin { id } before after }
      sightChanges { admin { id } gainsFull gainsLimited losesFull losesAll }
    }
    userErrors { code message field selected counted }
  }
}
"""
JOB = """
query($id: ID!) {
  job(id: $id) {
    status total done counts { moved unchanged refused skipped } failure undoUntil finishedAt
    items(first: 100) {
      totalCount
      edges {
        node {
          position outcome codes to { id } customer { id } previousAccountManager { id } assignment { id batch { id } }
        }
      }
    }
  }
}
"""


async def reassign(client: Client, **given: Any) -> dict[str, Any]:
    """The payload of `reassignBook`."""
    usual = {"reason": "Ada moves to Abuja"}
    payload: dict[str, Any] = (await client.data(REASSIGN, {"input": usual | given}))["reassignBook"]
    return payload


async def work(api: Api, **options: Any) -> None:
    """Do all that waits."""
    runner = JobRunner(api.database, api.settings, **options)
    while await runner.work():
        pass


async def job(client: Client, job_id: str) -> dict[str, Any]:
    """The job as the client reads it."""
    found: dict[str, Any] = (await client.data(JOB, {"id": job_id}))["job"]
    return found


def to(*admins: Admin, **each: int) -> list[dict[str, Any]]:
    """The targets, all alike."""
    return [{"adminId": gid(admin), **(each or {"weight": 1})} for admin in admins]


async def managers(database: Database, customers: list[Customer]) -> Counter[Any]:
    """How many of the customers each admin has."""
    return Counter([(await current(database, customer)).account_manager_id for customer in customers])


async def test_a_book_is_dealt_out_and_everybody_told_once(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin", name="Ife"), await world.admin("account_manager", name="Ada Obi")
    bola, chi = await world.admin("account_manager"), await world.admin("account_manager")
    book = [await world.customer(manager=ada) for _ in range(25)]
    other = await world.customer()
    client = await api.sign_in(boss)

    begun = await reassign(client, fromAdminId=gid(ada), to=[*to(bola, weight=2), *to(chi, weight=1)])

    assert codes(begun) == []
    assert (begun["job"]["status"], begun["job"]["total"], begun["job"]["done"]) == ("QUEUED", 25, 0)
    assert begun["job"]["requestedBy"] == {"id": gid(boss)}
    await work(api, batch=4)
    done = await job(client, begun["job"]["id"])
    assert (done["status"], done["done"], done["finishedAt"] is not None) == ("DONE", 25, True)
    assert done["counts"] == {"moved": 25, "unchanged": 0, "refused": 0, "skipped": 0}
    assert done["undoUntil"] is not None
    assert await managers(api.database, book) == {bola.id: 17, chi.id: 8}
    assert (await current(api.database, other)).account_manager_id is None
    items = [edge["node"] for edge in done["items"]["edges"]]
    assert [item["customer"]["id"] for item in items] == [gid(one) for one in sorted(book, key=lambda one: one.id)]
    assert {item["outcome"] for item in items} == {"MOVED"}
    assert {item["assignment"]["batch"]["id"] for item in items} == {begun["job"]["id"]}
    for customer in book:
        spans = await history(api.database, customer)
        row = await current(api.database, customer)
        assert is_chain(spans)
        assert [span.admin_id for span in spans] == [ada.id, row.account_manager_id]
        assert (row.version, row.updated_at, spans[-1].reason) == (2, spans[-1].started_at, "Ada moves to Abuja")
    mails = Counter((mail.template, mail.recipient) for mail in await outbox(api.database))
    assert mails == {
        **{("account_manager_assigned_customer", customer.email): 1 for customer in book},
        **{("book_changed_manager", manager.email): 1 for manager in (ada, bola, chi)},
        ("job_ended_requester", boss.email): 1,
    }
    found = await events(api.database, "customer.account_manager_assigned")
    assert {event.subject_id for event in found} == {customer.id for customer in book}
    assert len(found) == 25
    assert all(event.details["job_id"] for event in found)


async def test_the_same_again_changes_nothing(api: Api, world: World) -> None:
    ada, bola = await world.admin("account_manager"), await world.admin("account_manager")
    book = [await world.customer(manager=ada) for _ in range(3)]
    client = await api.sign_in(await world.admin("super_admin"))
    asked: dict[str, Any] = {"customerIds": [gid(one) for one in book], "to": to(bola), "idempotencyKey": "k"}
    first, second = await reassign(client, **asked), await reassign(client, **asked)
    assert (first["job"]["id"], second["replayed"]) == (second["job"]["id"], True)
    await work(api)
    async with unchanged(api.database):
        assert codes(await reassign(client, **asked | {"reason": "Another"})) == ["IDEMPOTENCY_CONFLICT"]
    third = await reassign(client, **asked | {"idempotencyKey": None})
    async with unchanged(api.database, but=["jobs", "job_items", "outbox_messages", "notifications"]):
        await work(api)
    assert (await job(client, third["job"]["id"]))["counts"] == {"moved": 0, "unchanged": 3, "refused": 0, "skipped": 0}


async def test_each_customer_passes_the_rules_of_their_turn(api: Api, world: World) -> None:
    """Archived, given to somebody else since the job was asked for, and moved where they may not be."""
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    bola, chi = await world.admin("account_manager"), await world.admin("account_manager")
    client = await api.sign_in(boss)
    fine = await world.customer(manager=ada)
    archived = await world.customer(manager=ada, status=CustomerStatus.ARCHIVED)
    touched = await world.customer(manager=ada)
    customers = [fine, archived, touched]
    begun = await reassign(client, customerIds=[gid(one) for one in customers], to=to(bola))
    mutation = "mutation($input: AssignAccountManagerInput!) { assignAccountManager(input: $input) { changed } }"
    await client.data(mutation, {"input": {"customerId": gid(touched), "accountManagerId": gid(chi)}})
    await work(api)
    done = await job(client, begun["job"]["id"])
    found = {edge["node"]["customer"]["id"]: edge["node"] for edge in done["items"]["edges"]}
    assert [(found[gid(one)]["outcome"], found[gid(one)]["codes"]) for one in customers] == [
        ("MOVED", None),
        ("REFUSED", ["CUSTOMER_ARCHIVED"]),
        ("SKIPPED", ["TOUCHED_SINCE"]),
    ]
    assert (await current(api.database, touched)).account_manager_id == chi.id


async def test_a_dry_run_writes_nothing_and_says_what_then_happens(api: Api, world: World) -> None:
    lagos, abuja = await world.office("Lagos"), await world.office("Abuja")
    boss, ada = await world.admin("super_admin", office=lagos), await world.admin("account_manager", office=lagos)
    bola, team = await world.admin("account_manager", office=lagos), await world.admin("team_member", office=lagos)
    customers = [await world.customer(office=lagos, manager=ada) for _ in range(4)]
    customers += [await world.customer(office=lagos) for _ in range(3)]
    customers += [await world.customer(office=abuja, manager=bola)]
    archived = await world.customer(office=lagos, manager=ada, status=CustomerStatus.ARCHIVED)
    client = await api.sign_in(boss)
    asked: dict[str, Any] = {"customerFilter": {}, "to": to(bola)}

    async with unchanged(api.database):
        plan = (await reassign(client, **asked, dryRun=True))["plan"]

    assert (plan["customers"], plan["moved"], plan["unchanged"], plan["refused"]) == (9, 7, 1, 1)
    assert plan["refusals"] == [{"code": "CUSTOMER_ARCHIVED", "customers": 1, "exampleIds": [gid(archived)]}]
    assert plan["books"] == [
        {"admin": {"id": gid(bola)}, "before": 1, "after": 8},
        {"admin": {"id": gid(ada)}, "before": 5, "after": 1},
    ]
    nothing = {"gainsFull": 0, "gainsLimited": 0, "losesFull": 0, "losesAll": 0}
    sight = {change["admin"]["id"]: change for change in plan["sightChanges"]}
    assert sight == {
        gid(bola): nothing | {"admin": {"id": gid(bola)}, "gainsFull": 7},
        gid(ada): nothing | {"admin": {"id": gid(ada)}, "losesAll": 7},
        gid(team): nothing | {"admin": {"id": gid(team)}, "losesFull": 3},
    }
    begun = await reassign(client, **asked)
    await work(api)
    counts = (await job(client, begun["job"]["id"]))["counts"]
    assert {name: counts[name] for name in ("moved", "unchanged", "refused")} == {
        name: plan[name] for name in ("moved", "unchanged", "refused")
    }
