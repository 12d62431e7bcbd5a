"""Assignments that begin later: scheduled by `assignAccountManager`, listed, cancelled, and begun by themselves."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from gql.db.models import Admin, Customer, ScheduledAssignment
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus, CustomerStatus, OfficeStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.services.scheduled_starts import ScheduledStarts
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.api.test_customer_record import ROLES
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, history, outbox, unchanged

SCHEDULED = """
  id customer { id } accountManager { id } scheduledBy { id } reason effectiveAt status refusalCodes createdAt decidedAt
  cancelledBy { id } cancelReason assignment { id endedAt }
"""
ASSIGN = f"""
mutation($input: AssignAccountManagerInput!) {{
  assignAccountManager(input: $input) {{
    customer {{ id version accountManager {{ id }} scheduledAssignment {{ id }} }}
    assignment {{ id }} scheduled {{ {SCHEDULED} }} changed replayed userErrors {{ code message field }}
  }}
}}
"""
CANCEL = f"""
mutation($input: CancelScheduledAssignmentInput!) {{
  cancelScheduledAssignment(input: $input) {{
    customer {{ id scheduledAssignment {{ id }} }} scheduledAssignment {{ {SCHEDULED} }}
    replayed userErrors {{ code message field }}
  }}
}}
"""
LIST = f"""
query($filter: ScheduledAssignmentFilter, $direction: OrderDirection! = ASC) {{
  scheduledAssignments(filter: $filter, direction: $direction, first: 50) {{
    totalCount edges {{ node {{ {SCHEDULED} }} }}
  }}
}}
"""
OF_CUSTOMER = """
query($id: ID!) { customer(id: $id) { scheduledAssignment { id status } access { withheldFields } } }
"""


def moment(**ahead: float) -> datetime:
    """So far from now."""
    return now() + timedelta(**ahead)


async def assign_at(client: Client, customer: Any, manager: Any, at: datetime | str, **given: Any) -> dict[str, Any]:
    """The payload of assigning somebody from a moment on."""
    who = {"customerId": gid(customer), "accountManagerId": manager if isinstance(manager, str) else gid(manager)}
    when = at if isinstance(at, str) else at.isoformat()
    payload: dict[str, Any] = (await client.data(ASSIGN, {"input": who | {"effectiveAt": when} | given}))[
        "assignAccountManager"
    ]
    return payload


async def cancel(client: Client, scheduled: ScheduledAssignment | str, **given: Any) -> dict[str, Any]:
    """The payload of cancelling it."""
    which = scheduled if isinstance(scheduled, str) else gid(scheduled)
    asked = {"input": {"id": which, "reason": "Plans have changed"} | given}
    payload: dict[str, Any] = (await client.data(CANCEL, asked))["cancelScheduledAssignment"]
    return payload


async def listed(client: Client, **variables: Any) -> list[dict[str, Any]]:
    """All that the viewer finds, and that the count says so."""
    found = (await client.data(LIST, variables))["scheduledAssignments"]
    nodes = [edge["node"] for edge in found["edges"]]
    assert found["totalCount"] == len(nodes)
    return nodes


async def begin(api: Api) -> int:
    """What the server or the worker does every few seconds."""
    return await ScheduledStarts(api.database, api.settings.assignment_scope).start_due()


async def make_due(api: Api) -> None:
    """Let the moment of everything that waits have come."""
    of_all = update(ScheduledAssignment).where(ScheduledAssignment.status == ScheduleStatus.PENDING)
    async with api.database.begin() as session:
        await session.execute(of_all.values(effective_at=moment(seconds=-1)))


async def templates(api: Api) -> list[tuple[str, str]]:
    """What was mailed to whom."""
    return [(mail.template, mail.recipient) for mail in await outbox(api.database)]


async def test_it_is_scheduled_and_begins_by_itself_when_it_is_due(api: Api, world: World) -> None:
    boss, ada, bola = await world.admin("super_admin"), *[await world.admin("account_manager") for _ in range(2)]
    client, new_s, customer = await api.sign_in(boss), await api.sign_in(bola), await world.customer(manager=ada)
    at = moment(days=3).replace(microsecond=0)

    payload = await assign_at(client, customer, bola, at, reason="Ada goes on leave", expectedVersion=1)

    assert (codes(payload), payload["changed"], payload["assignment"], payload["replayed"]) == ([], False, None, False)
    scheduled = payload["scheduled"]
    whose = {"accountManager": {"id": gid(ada)}, "scheduledAssignment": {"id": scheduled["id"]}}
    assert payload["customer"] == {"id": gid(customer), "version": 1, **whose}
    assert (scheduled["status"], scheduled["refusalCodes"], scheduled["decidedAt"]) == ("PENDING", [], None)
    assert (scheduled["accountManager"], scheduled["scheduledBy"]) == ({"id": gid(bola)}, {"id": gid(boss)})
    assert (scheduled["reason"], scheduled["assignment"]) == ("Ada goes on leave", None)
    assert datetime.fromisoformat(scheduled["effectiveAt"]) == at
    assert await listed(client) == [scheduled]
    assert await templates(api) == [("assignment_scheduled_manager", bola.email)]
    [event] = await events(api.database, "customer.assignment_scheduled")
    assert (event.actor_id, event.subject_id, event.details["reason"]) == (boss.id, customer.id, "Ada goes on leave")
    assert event.details["after"]["account_manager_id"] == str(bola.id)

    async with unchanged(api.database):  # it isn't due yet
        assert await begin(api) == 0
    assert (await new_s.data(OF_CUSTOMER, {"id": gid(customer)}))["customer"] is None
    await make_due(api)
    assert [await begin(api), await begin(api)] == [1, 0]

    row, spans = await current(api.database, customer), await history(api.database, customer)
    assert (row.account_manager_id, row.version) == (bola.id, 2)
    assert [(span.admin_id, span.assigned_by_id, span.reason) for span in spans[1:]] == [
        (bola.id, boss.id, "Ada goes on leave")
    ]
    [begun] = await listed(client)
    made = {"id": to_global_id(Kind.ASSIGNMENT, spans[-1].id), "endedAt": None}
    assert (begun["status"], begun["assignment"]) == ("STARTED", made)
    seen = (await new_s.data(OF_CUSTOMER, {"id": gid(customer)}))["customer"]
    assert seen["scheduledAssignment"] is None
    assert "scheduledAssignment" not in seen["access"]["withheldFields"]
    assert await templates(api) == [
        ("assignment_scheduled_manager", bola.email),
        ("account_manager_assigned_customer", customer.email),
        ("account_manager_assigned_manager", bola.email),
        ("account_manager_ended_manager", ada.email),
    ]
    [assigned] = await events(api.database, "customer.account_manager_assigned")
    [started] = await events(api.database, "customer.scheduled_assignment_started")
    assert (assigned.actor_id, started.actor_id) == (boss.id, boss.id)
    assert started.details["after"]["assignment_id"] == str(spans[-1].id)


async def test_now_is_now_and_a_moment_without_sense_is_refused(api: Api, world: World) -> None:
    """A clock may be a minute behind; further back, or more than a year ahead, is refused with all other reasons."""
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("account_manager")
    gone, customer = await world.admin("account_manager", status=AdminStatus.INACTIVE), await world.customer()
    async with unchanged(api.database):
        for at in (moment(minutes=-2), moment(days=370)):
            payload = await assign_at(client, customer, gone, at, expectedVersion=7)
            assert codes(payload) == ["VERSION_CONFLICT", "ADMIN_INACTIVE", "INVALID_EFFECTIVE_AT"]
            assert payload["userErrors"][-1]["field"] == ["effectiveAt"]
            assert (payload["customer"]["version"], payload["scheduled"]) == (1, None)
        for wrong in ("2026-12-01T09:00:00", "soon"):  # without an offset it could be any of a day's
            asked = {"customerId": gid(customer), "accountManagerId": gid(ada), "effectiveAt": wrong}
            assert await client.codes(ASSIGN, {"input": asked}) == ["BAD_USER_INPUT"]
    now_is = await assign_at(client, customer, ada, moment(seconds=-30), idempotencyKey="k")
    assert (codes(now_is), now_is["changed"], now_is["scheduled"]) == ([], True, None)
    assert now_is["assignment"] is not None
    assert (await current(api.database, customer)).account_manager_id == ada.id


async def test_all_rules_hold_when_it_is_scheduled(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    client, closed = await api.sign_in(boss), await world.office(status=OfficeStatus.INACTIVE)
    customer, archived = await world.customer(), await world.customer(status=CustomerStatus.ARCHIVED)
    refused: list[tuple[Customer, Any, list[str]]] = [
        (archived, ada, ["CUSTOMER_ARCHIVED"]),
        (customer, unknown(Kind.ADMIN), ["ADMIN_NOT_FOUND"]),
        (customer, await world.admin("auditor"), ["ADMIN_NOT_ELIGIBLE"]),
        (customer, await world.admin("account_manager", office=closed), ["OFFICE_INACTIVE"]),
    ]
    async with unchanged(api.database):
        for whom, manager, why in refused:
            assert codes(await assign_at(client, whom, manager, moment(days=1))) == why
        away = {"customerId": unknown(Kind.CUSTOMER), "accountManagerId": gid(ada)}
        payload = await client.data(ASSIGN, {"input": away | {"effectiveAt": moment(days=1).isoformat()}})
        assert codes(payload["assignAccountManager"]) == ["CUSTOMER_NOT_FOUND"]


async def test_one_at_a_time_is_scheduled_and_the_other_one_is_shown(api: Api, world: World) -> None:
    """Cancelled, it makes room; and an assignment by hand leaves it as it is."""
    ada, bola, chidi = [await world.admin("account_manager") for _ in range(3)]
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer(manager=ada)
    first = (await assign_at(client, customer, bola, moment(days=2)))["scheduled"]
    async with unchanged(api.database):
        second = await assign_at(client, customer, chidi, moment(days=3))
    assert (codes(second), second["scheduled"]) == (["ALREADY_SCHEDULED"], first)
    by_hand = await assign_at(client, customer, chidi, now())
    assert (codes(by_hand), by_hand["changed"]) == ([], True)
    assert by_hand["customer"]["scheduledAssignment"] == {"id": first["id"]}
    await make_due(api)
    assert await begin(api) == 1
    assert (await current(api.database, customer)).account_manager_id == bola.id
    assert codes(await assign_at(client, customer, chidi, moment(days=3))) == []


async def test_a_key_repeats_the_answer_even_once_the_moment_has_passed(api: Api, world: World) -> None:
    ada, client = await world.admin("account_manager"), await api.sign_in(await world.admin("super_admin"))
    customer, at = await world.customer(), moment(days=2)
    first = await assign_at(client, customer, ada, at, idempotencyKey="k")
    assert await assign_at(client, customer, ada, at, idempotencyKey="k") == first | {"replayed": True}
    async with unchanged(api.database):
        other = await assign_at(client, customer, ada, moment(days=3), idempotencyKey="k")
        assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    await make_due(api)
    await begin(api)
    async with unchanged(api.database):
        again = await assign_at(client, customer, ada, at, idempotencyKey="k")
    assert (again["replayed"], again["scheduled"]["status"]) == (True, "STARTED")

    once = await assign_at(client, await world.customer(), ada, moment(days=1), idempotencyKey="c")
    which = once["scheduled"]["id"]
    cancelled = await cancel(client, which, idempotencyKey="k")
    async with unchanged(api.database):
        assert await cancel(client, which, idempotencyKey="k") == cancelled | {"replayed": True}
        assert codes(await cancel(client, which, idempotencyKey="k", reason="no")) == ["IDEMPOTENCY_CONFLICT"]


async def test_what_is_cancelled_never_begins_and_stays_on_record(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    client, customer = await api.sign_in(boss), await world.customer()
    scheduled = (await assign_at(client, customer, ada, moment(days=2)))["scheduled"]

    payload = await cancel(client, scheduled["id"])

    assert codes(payload) == []
    shown = payload["scheduledAssignment"]
    assert (shown["status"], shown["cancelledBy"], shown["cancelReason"]) == (
        "CANCELLED",
        {"id": gid(boss)},
        "Plans have changed",
    )
    assert payload["customer"] == {"id": gid(customer), "scheduledAssignment": None}
    assert (await templates(api))[-1] == ("assignment_off_manager", ada.email)
    [event] = await events(api.database, "customer.scheduled_assignment_cancelled")
    assert event.details["after"] == {"status": "CANCELLED"}
    await make_due(api)
    assert await begin(api) == 0
    assert await listed(client) == [shown]
    async with unchanged(api.database):
        again = await cancel(client, scheduled["id"])
    assert (codes(again), again["scheduledAssignment"]) == (["NOT_ALLOWED"], shown)


async def test_who_scheduled_it_is_told_that_somebody_else_cancelled_it(api: Api, world: World) -> None:
    """Without the customer's name: they may not see them any more. The notification has them as far as they do."""
    office = await world.office()
    boss, planner = await world.admin("super_admin"), await world.admin("portfolio_manager", office=office)
    ada, customer = await world.admin("account_manager"), await world.customer(office=office)
    scheduled = (await assign_at(await api.sign_in(planner), customer, ada, moment(days=2)))["scheduled"]
    assert codes(await cancel(await api.sign_in(boss), scheduled["id"])) == []
    assert (await templates(api))[-2:] == [
        ("assignment_off_manager", ada.email),
        ("assignment_off_scheduler", planner.email),
    ]
    [mail] = [one for one in await outbox(api.database) if one.template == "assignment_off_scheduler"]
    assert customer.name not in str(mail.payload)
    assert mail.payload["cancelled_by_name"] == boss.name


async def test_why_nothing_is_cancelled(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    client = await api.sign_in(boss)
    over = {
        status: await world.scheduled(await world.customer(), ada, boss, status=status)
        for status in ScheduleStatus
        if status is not ScheduleStatus.PENDING
    }
    waits = await world.scheduled(await world.customer(), ada, boss)
    async with unchanged(api.database):
        for status, scheduled in over.items():
            payload = await cancel(client, scheduled)
            assert (codes(payload), payload["scheduledAssignment"]["status"]) == (["NOT_ALLOWED"], status), status
        assert codes(await cancel(client, unknown(Kind.SCHEDULED_ASSIGNMENT))) == ["NOT_FOUND"]
        for wrong in ({"reason": " "}, {"reason": "x" * 501}, {"id": "zz"}, {"id": gid(ada)}):
            asked = {"id": gid(waits), "reason": "r"} | wrong
            assert await client.codes(CANCEL, {"input": asked}) == ["BAD_USER_INPUT"], wrong
        nobody = {"id": gid(waits), "reason": "r"}
        assert await api.anonymous.codes(CANCEL, {"input": nobody}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(LIST) == ["UNAUTHENTICATED"]
    [archived] = await world.customers(1, status=CustomerStatus.ARCHIVED)
    assert codes(await cancel(client, await world.scheduled(archived, ada, boss))) == []


async def test_who_may_schedule_see_and_cancel(api: Api, world: World) -> None:
    """`customer.assign` and full access; whoever doesn't see the history sees nothing of it, there or not."""
    home = await world.office()
    someone, ada = [await world.admin("account_manager", office=home) for _ in range(2)]
    boss, borrower = await world.admin("super_admin", office=home), await world.customer(office=home)
    for role in ROLES:
        viewer = await world.admin(role, office=home)
        client = await api.sign_in(viewer)
        for manager in (viewer, someone):
            customer = await world.customer(office=home, manager=manager)
            waits, free = await world.scheduled(customer, ada, boss), await world.customer(office=home, manager=manager)
            allowed = role in ("super_admin", "portfolio_manager")
            found = (await client.data(OF_CUSTOMER, {"id": gid(customer)}))["customer"]
            sees = found is not None and "scheduledAssignment" not in found["access"]["withheldFields"]
            assert sees is (allowed or manager is viewer or role == "compliance_officer"), (role, manager is viewer)
            assert sees is (found is not None and found["scheduledAssignment"] is not None)
            node = await client.data("query($id: ID!) { node(id: $id) { id } }", {"id": gid(waits)})
            assert (node["node"] is not None) is sees, role
            ids = [one["id"] for one in await listed(client, filter={"customerId": gid(customer)})]
            assert ids == ([gid(waits)] if sees else []), role
            if allowed:
                assert codes(await assign_at(client, free, ada, moment(days=1))) == [], role
                assert codes(await cancel(client, waits)) == [], role
                continue
            async with unchanged(api.database, but=["audit_events"]):  # some roles' reads are put on record
                assert "FORBIDDEN" in codes(await assign_at(client, free, ada, moment(days=1))), role
                taken = codes(await assign_at(client, customer, ada, moment(days=1)))
                assert "ALREADY_SCHEDULED" not in taken, role
                refused = ["FORBIDDEN"] if sees else ["NOT_FOUND", "FORBIDDEN"]
                assert codes(await cancel(client, waits)) == refused, role
    own = await api.sign_in(borrower)
    async with unchanged(api.database):
        assert codes(await assign_at(own, borrower, ada, moment(days=1))) == ["FORBIDDEN"]
        assert codes(await cancel(own, unknown(Kind.SCHEDULED_ASSIGNMENT))) == ["FORBIDDEN"]
        assert await own.codes(LIST) == ["FORBIDDEN"]


async def test_the_list_is_by_moment_and_filtered(api: Api, world: World) -> None:
    boss, ada, bola = await world.admin("super_admin"), *[await world.admin("account_manager") for _ in range(2)]
    client, people = await api.sign_in(boss), await world.customers(4)
    made = [
        await world.scheduled(people[0], ada, boss, effective_at=moment(days=4)),
        await world.scheduled(people[1], bola, boss, effective_at=moment(days=1)),
        await world.scheduled(people[2], ada, boss, effective_at=moment(days=2), status=ScheduleStatus.CANCELLED),
        await world.scheduled(people[3], bola, boss, effective_at=moment(days=3), status=ScheduleStatus.REFUSED),
    ]

    async def places(**variables: Any) -> list[int]:
        found = [one["id"] for one in await listed(client, **variables)]
        return [[gid(one) for one in made].index(one) for one in found]

    assert await places() == [1, 2, 3, 0]
    assert await places(direction="DESC") == [0, 3, 2, 1]
    assert await places(filter={"status": ["PENDING"]}) == [1, 0]
    assert await places(filter={"status": []}) == []
    assert await places(filter={"accountManagerId": gid(ada)}) == [2, 0]
    assert await places(filter={"customerId": gid(people[3])}) == [3]
    assert await places(filter={"accountManagerId": gid(ada), "status": ["PENDING", "REFUSED"]}) == [0]
    [refused] = await listed(client, filter={"status": ["REFUSED"]})
    assert refused["refusalCodes"] == ["ADMIN_INACTIVE"]


async def test_what_may_not_be_any_more_is_refused_when_it_is_due(api: Api, world: World) -> None:
    """As of that moment, for who scheduled it; they are told why and what to do; who was to follow, that it's off."""
    other_branch, boss = await world.office(), await world.admin("super_admin", name="Ife Boss")

    async def become(row: Any, **values: Any) -> None:
        async with api.database.begin() as session:
            await session.execute(update(type(row)).where(type(row).id == row.id).values(**values))

    async def archived(customer: Customer, manager: Admin, by: Admin) -> None:
        await become(customer, status=CustomerStatus.ARCHIVED)

    async def manager_left(customer: Customer, manager: Admin, by: Admin) -> None:
        await become(manager, status=AdminStatus.INACTIVE)

    async def scheduler_left(customer: Customer, manager: Admin, by: Admin) -> None:
        await become(by, status=AdminStatus.INACTIVE)

    async def scheduler_moved(customer: Customer, manager: Admin, by: Admin) -> None:
        await become(by, office_id=other_branch.id)

    async def customer_moved(customer: Customer, manager: Admin, by: Admin) -> None:
        await become(customer, office_id=other_branch.id)

    async def scheduler_may_not(customer: Customer, manager: Admin, by: Admin) -> None:
        await set_roles(api, boss, by, "team_member")

    off, why = "assignment_off_manager", "assignment_refused_scheduler"
    cases: dict[Any, tuple[list[str], list[str]]] = {
        archived: (["CUSTOMER_ARCHIVED"], [why, off]),
        manager_left: (["ADMIN_INACTIVE"], [why]),
        scheduler_left: (["FORBIDDEN"], [off]),
        scheduler_moved: (["CUSTOMER_NOT_FOUND"], [why, off]),
        customer_moved: (["CUSTOMER_NOT_FOUND"], [why, off]),
        scheduler_may_not: (["FORBIDDEN"], [why, off]),
    }
    for change, (expected, mails) in cases.items():
        home = await world.office()
        by = await world.admin("portfolio_manager", office=home, name="Pat Portfolio")
        ada, customer = await world.admin("account_manager", name="Ada Obi"), await world.customer(office=home)
        scheduled = await world.scheduled(customer, ada, by, effective_at=moment(seconds=-1))
        await change(customer, ada, by)
        before = len(await outbox(api.database))
        assert await begin(api) == 1, change
        row = await current(api.database, scheduled)
        assert (row.status, row.refusal_codes, row.assignment_id) == (ScheduleStatus.REFUSED, expected, None), change
        assert (await current(api.database, customer)).account_manager_id is None, change
        sent = (await outbox(api.database))[before:]
        assert [mail.template for mail in sent] == mails, change
        for mail in sent:
            assert mail.recipient == (by.email if mail.template == why else ada.email)
            is_named = not (mail.template == why and expected == ["CUSTOMER_NOT_FOUND"])
            assert (customer.name in str(mail.payload)) is is_named, change
        assert await begin(api) == 0, change
    recorded = await events(api.database, "customer.scheduled_assignment_refused")
    assert [event.details["after"]["refusal_codes"] for event in recorded] == [codes for codes, _ in cases.values()]
    assert {(event.actor_kind, event.actor_id) for event in recorded} == {("SYSTEM", None)}


async def set_roles(api: Api, boss: Admin, whose: Admin, *roles: str) -> None:
    """By the mutation, as a super admin does it."""
    document = "mutation($input: SetAdminRolesInput!) { setAdminRoles(input: $input) { userErrors { code } } }"
    asked = {"adminId": gid(whose), "roleKeys": list(roles), "reason": "Another job"}
    assert codes((await (await api.sign_in(boss)).data(document, {"input": asked}))["setAdminRoles"]) == []


async def test_who_is_the_account_manager_already_stays_and_nobody_is_told(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    customer = await world.customer(manager=ada)
    scheduled = await world.scheduled(customer, ada, boss, effective_at=moment(seconds=-1))
    assert await begin(api) == 1
    row, [span] = await current(api.database, scheduled), await history(api.database, customer)
    assert (row.status, row.assignment_id) == (ScheduleStatus.STARTED, span.id)
    assert (await current(api.database, customer)).version == 1
    assert await templates(api) == []


async def test_the_mails_say_who_when_and_what_to_do(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin", name="Ife Boss"), await world.admin("account_manager", name="Ada Obi")
    client, at = await api.sign_in(boss), moment(days=2)
    kept, off = await world.customer(name="Kemi Kept"), await world.customer(name="Ola Off")
    await assign_at(client, kept, ada, at, reason="Leave")
    await cancel(client, (await assign_at(client, off, ada, at))["scheduled"]["id"])
    async with api.database.begin() as session:
        await session.execute(update(Customer).where(Customer.id == kept.id).values(status=CustomerStatus.ARCHIVED))
    await make_due(api)
    await begin(api)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())

    found = sorted((api.settings.var_dir / "mail").iterdir())
    mails = [parse(path.read_bytes()) for path in found]
    due = f"{at:%d %B %Y, %H:%M} UTC"
    expected = {
        ("You will become the account manager of Kemi Kept", ada.email): [
            due,
            "Ife Boss",
            "Leave",
            "has not been told",
        ],
        ("You will become the account manager of Ola Off", ada.email): [due, "Ife Boss"],
        ("You will not become the account manager of Ola Off", ada.email): [due, "Ife Boss", "Plans have changed"],
        ("The assignment that you scheduled for Kemi Kept", boss.email): [
            "archived",
            "assign an account manager there",
        ],
        ("You will not become the account manager of Kemi Kept", ada.email): ["could not begin any more"],
    }
    assert len(mails) == len(expected)
    for (subject, recipient), words in expected.items():
        [mail] = [one for one in mails if one["Subject"].strip().startswith(subject)]  # a long one is folded
        assert mail["To"] == recipient
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            text = " ".join(body.get_content().split())
            assert all(word in text for word in words), (subject, kind, text)
