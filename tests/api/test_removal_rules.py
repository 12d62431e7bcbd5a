"""Rules by which members leave a group by themselves: by their status, and once their loans are paid back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gql.db.models import Admin, Customer, DueRemoval, Group, GroupCheck, Loan, Membership
from gql.domain.customer_status import StatusAction
from gql.domain.enums import AdminStatus, CustomerStatus, GroupStatus, LoanStatus, SubjectKind
from gql.domain.loan_requests import RequestStatus
from gql.domain.removal_rules import LEAVING
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from gql.services import removal_rules
from gql.services.group_upkeep import GroupUpkeep
from gql.services.membership_removals import end_membership
from tests.api.client import Api, Client, gid
from tests.api.drifting import ACTIVE_ONLY, check, proposed
from tests.api.keeping_groups import TERMS, change, codes, document, keep, remove
from tests.api.mutations import add
from tests.api.test_customer_status import change as change_status
from tests.api.test_loan_payments import record
from tests.api.test_loan_requests import ask
from tests.factories import World
from tests.records import current, events, memberships, outbox, unchanged

RULES = "query($id: ID!) { group(id: $id) { version removalRules { statuses onLoanGraduation } } }"
NOTICES = "{ notifications(first: 10) { edges { node { event customer { id } job { id } group { id } } } } }"
NO_RULES = {"statuses": [], "onLoanGraduation": False}
KEEPERS = {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
BY_LOANS = {"onLoanGraduation": True}


async def rules(client: Client, group_id: str) -> dict[str, Any]:
    """A group's, as it tells them."""
    found: dict[str, Any] = (await client.data(RULES, {"id": group_id}))["group"]["removalRules"]
    return found


async def due(api: Api) -> list[Any]:
    """What is to be looked at."""
    return list(await api.database.rows(select(DueRemoval.__table__)))


async def still_in(api: Api, group: Group) -> set[Any]:
    """The customers of the open memberships, which are as many as the group counts."""
    found = [row.customer_id for row in await memberships(api.database, group) if row.until is None]
    assert (await current(api.database, group)).member_count == len(found)
    return set(found)


async def test_rules_are_kept_changed_and_taken_away(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("portfolio_manager"))
    given = {"statuses": ["SUSPENDED", "ARCHIVED", "SUSPENDED"], "onLoanGraduation": True}

    made = await keep(client, "createGroup", **TERMS, removalRules=given, idempotencyKey="k")

    assert codes(made) == []
    group_id = made["group"]["id"]
    assert await rules(client, group_id) == {"statuses": ["ARCHIVED", "SUSPENDED"], "onLoanGraduation": True}
    [event] = await events(api.database, "group.created")
    after = event.details["after"]
    assert (after["removal_statuses"], after["removes_graduated"]) == (["ARCHIVED", "SUSPENDED"], True)
    async with unchanged(api.database):
        assert (await keep(client, "createGroup", **TERMS, removalRules=given, idempotencyKey="k"))["replayed"]
        other = await keep(client, "createGroup", **TERMS, removalRules=BY_LOANS, idempotencyKey="k")
        assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
        same = await keep(client, "updateGroup", groupId=group_id, expectedVersion=1, removalRules=given)
        assert (codes(same), same["changed"]) == ([], False)
    named = await keep(client, "updateGroup", groupId=group_id, expectedVersion=1, name="2027 SME Loans")
    assert codes(named) == []
    assert (await rules(client, group_id))["onLoanGraduation"], "what is left out stays"
    fewer = {"statuses": ["BLACKLISTED"]}
    assert codes(await keep(client, "updateGroup", groupId=group_id, expectedVersion=2, removalRules=fewer)) == []
    assert await rules(client, group_id) == {"statuses": ["BLACKLISTED"], "onLoanGraduation": False}
    [_, changed] = await events(api.database, "group.updated")
    assert changed.details["after"] == {"removal_statuses": ["BLACKLISTED"], "removes_graduated": False}
    assert codes(await keep(client, "updateGroup", groupId=group_id, expectedVersion=3, removalRules=None)) == []
    assert await rules(client, group_id) == NO_RULES
    assert await rules(client, gid(await world.group())) == NO_RULES


async def test_what_is_no_rule_is_refused(api: Api, world: World) -> None:
    client, group = await api.sign_in(await world.admin("super_admin")), await world.group()
    update_it = {"groupId": gid(group), "expectedVersion": 1}
    async with unchanged(api.database):
        for mutation, given in (("createGroup", TERMS), ("updateGroup", update_it)):
            for status in ("ACTIVE", "PENDING"):
                refused = await keep(client, mutation, **given, removalRules={"statuses": ["SUSPENDED", status]})
                assert (codes(refused), refused["userErrors"][0]["field"]) == (["INVALID"], ["removalRules"])
            wrong = {"input": given | {"removalRules": {"statuses": ["GONE"]}}}
            assert (await client.answer(document(mutation), wrong)).get("errors")


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_who_makes_the_rule_about_loans_sees_them(role: str, api: Api, world: World) -> None:
    """Or they would learn by it whose loans are paid back; statuses are everybody's to see who sees a customer."""
    client = await api.sign_in(await world.admin(role))
    group = await world.group("Graduates of 2026", graduate=True)
    by_status = {"statuses": ["SUSPENDED"]}
    update_it = {"groupId": gid(await world.group("Of no rule")), "expectedVersion": 1}
    if role == "group_administrator":
        async with unchanged(api.database):
            for mutation, given in (("createGroup", TERMS), ("updateGroup", update_it)):
                refused = await keep(client, mutation, **given, removalRules=BY_LOANS)
                assert (codes(refused), refused["userErrors"][0]["field"]) == (["FORBIDDEN"], ["removalRules"])
        kept = {"groupId": gid(group), "expectedVersion": 1, "removalRules": BY_LOANS | by_status}
        assert codes(await keep(client, "updateGroup", **kept)) == [], "what others made can be kept"
        assert codes(await keep(client, "createGroup", **TERMS, removalRules=by_status)) == []
    elif role in KEEPERS:
        assert codes(await keep(client, "createGroup", **TERMS, removalRules=BY_LOANS)) == []
    else:
        async with unchanged(api.database):
            assert codes(await keep(client, "createGroup", **TERMS, removalRules=by_status)) == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("what", "before"),
    [
        (StatusAction.SUSPEND, CustomerStatus.ACTIVE),
        (StatusAction.BLACKLIST, CustomerStatus.ACTIVE),
        (StatusAction.DEACTIVATE, CustomerStatus.ACTIVE),
        (StatusAction.ARCHIVE, CustomerStatus.INACTIVE),
    ],
)
async def test_who_gets_such_a_status_leaves_soon_after(
    what: StatusAction, before: CustomerStatus, api: Api, world: World
) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    customer, other = [await world.customer(status=before) for _ in range(2)]
    after = {
        StatusAction.SUSPEND: CustomerStatus.SUSPENDED,
        StatusAction.BLACKLIST: CustomerStatus.BLACKLISTED,
        StatusAction.DEACTIVATE: CustomerStatus.INACTIVE,
        StatusAction.ARCHIVE: CustomerStatus.ARCHIVED,
    }[what]
    leaves = await world.group(members=[customer], leave_by=[after])
    stays = await world.group(members=[customer, other], leave_by=sorted(LEAVING - {after}))
    without = await world.group(members=[customer])
    async with api.database.begin() as session:  # as if all had been looked at today
        for group in (leaves, stays):
            session.add(GroupCheck(group_id=group.id, checked_at=now(), failures=0))

    assert codes(await change_status(boss, what, customer)) == []

    assert await still_in(api, leaves) == {customer.id}, "nobody waits for a group"
    assert [row.customer_id for row in await due(api)] == [customer.id]
    await GroupUpkeep(api.database).work()
    assert await still_in(api, leaves) == set()
    assert await still_in(api, stays) == {customer.id, other.id}
    assert await still_in(api, without) == {customer.id}
    assert await due(api) == []
    [ended] = await memberships(api.database, leaves)
    reason = f"By the group's rule: the customer is {after.lower()}."
    assert (ended.removed_by_id, ended.removal_reason) == (None, reason)
    [event] = await events(api.database, "group.member_removed")
    assert (event.actor_kind, event.actor_id, event.subject_id) == (SubjectKind.SYSTEM, None, leaves.id)
    assert event.customer_id == customer.id
    assert (event.details["rule"], event.details["reason"]) == ("STATUS", reason)


async def test_who_is_as_before_by_then_stays(api: Api, world: World) -> None:
    """Also whose group has lost the rule meanwhile, or was archived; and who was removed by hand is not twice."""
    boss = await api.sign_in(await world.admin("super_admin"))
    back, ruled, archived, gone = await world.customers(4)
    leave_by = [CustomerStatus.SUSPENDED]
    groups = [await world.group(members=[one], leave_by=leave_by) for one in (back, ruled, archived, gone)]
    for customer in (back, ruled, archived, gone):
        await change_status(boss, StatusAction.SUSPEND, customer)
    assert len(await due(api)) == 4
    await change_status(boss, StatusAction.REINSTATE, back)
    assert codes(await keep(boss, "updateGroup", groupId=gid(groups[1]), expectedVersion=1, removalRules=None)) == []
    assert codes(await change(boss, "archiveGroup", groups[2])) == []
    assert codes(await remove(boss, groups[3], gone)) == []

    await GroupUpkeep(api.database).work()

    for group, customer in zip(groups[:3], (back, ruled, archived), strict=True):
        assert await still_in(api, group) == {customer.id}
    assert await due(api) == []
    assert len(await events(api.database, "group.member_removed")) == 1, "the one by hand"


async def test_a_new_rule_counts_for_those_who_are_in_already(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    suspended, active = await world.customer(status=CustomerStatus.SUSPENDED), await world.customer()
    group = await world.group(members=[suspended, active], leave_by=[CustomerStatus.ARCHIVED])
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {suspended.id, active.id}
    given = {"groupId": gid(group), "expectedVersion": 1, "removalRules": {"statuses": ["SUSPENDED"]}}
    assert codes(await keep(boss, "updateGroup", **given)) == []
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {active.id}


async def test_whom_nobody_wrote_down_is_found_at_night(api: Api, world: World) -> None:
    """Whatever way the change came: here the row was changed behind the services' back."""
    people = await world.customers(5)
    group = await world.group(members=people, leave_by=[CustomerStatus.SUSPENDED])
    await GroupUpkeep(api.database).work()
    assert len(await still_in(api, group)) == 5
    async with api.database.begin() as session:
        await session.execute(update(Customer).values(status=CustomerStatus.SUSPENDED))
    await GroupUpkeep(api.database).work()
    assert len(await still_in(api, group)) == 5, "it is still the same day"
    async with api.database.begin() as session:
        await session.execute(update(GroupCheck).values(checked_at=now() - timedelta(days=1)))
    await GroupUpkeep(api.database, batch=2).work()
    assert await still_in(api, group) == set()


async def test_who_leaves_by_a_rule_is_not_proposed(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    suspended, inactive = [
        await world.customer(status=status) for status in (CustomerStatus.SUSPENDED, CustomerStatus.INACTIVE)
    ]
    group = await world.group(members=[suspended, inactive], criteria=ACTIVE_ONLY, leave_by=[CustomerStatus.SUSPENDED])
    assert codes(await check(boss, group)) == []
    assert [one["customer"]["id"] for one in await proposed(boss, group)] == [gid(inactive)]
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {inactive.id}


async def test_who_pays_back_the_last_of_it_graduates(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    done, owes = await world.customers(2)
    group = await world.group(members=[done, owes], graduate=True)
    loans = [await world.loan(one, principal=300, instalments=3) for one in (done, owes)]
    await GroupUpkeep(api.database).work()
    assert len(await still_in(api, group)) == 2
    assert codes(await record(boss, loans[1], 100)) == []
    assert await due(api) == []
    assert codes(await record(boss, loans[0], 300)) == []
    assert len(await due(api)) == 1

    await GroupUpkeep(api.database).work()

    assert await still_in(api, group) == {owes.id}
    [event] = await events(api.database, "group.member_removed")
    reason = "By the group's rule: the customer's loans are paid back."
    assert (event.details["rule"], event.details["reason"]) == ("LOAN_GRADUATION", reason)
    assert codes(await add(boss, group, done)) == [], "they can come back"
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {owes.id, done.id}, "and have paid back nothing since"


async def test_who_asks_for_another_loan_has_not_graduated_until_that_is_refused(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    asks, waits = await world.customers(2)
    group = await world.group(members=[asks, waits], graduate=True)
    requests = [await world.loan_request(asks), await world.loan_request(waits, status=RequestStatus.APPROVED)]
    for customer in (asks, waits):
        assert codes(await record(boss, await world.loan(customer, principal=300, instalments=3), 300)) == []
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {asks.id, waits.id}
    withdrawn = await ask(boss, "withdrawLoanRequest", requestId=gid(requests[0]), reason="No more")
    assert codes(withdrawn) == []
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {waits.id}, "what is approved is still to be paid out"


async def test_what_is_no_graduation(api: Api, world: World) -> None:
    """Never to have had a loan; one of before, or one that was written off, whatever else is paid back."""
    never, before, written_off, also_owes, graduated = people = await world.customers(5)
    old = await world.loan(before, instalments=1, paid=1, status=LoanStatus.CLOSED)
    async with api.database.begin() as session:
        await session.execute(update(Loan).where(Loan.id == old.id).values(outstanding_minor=0))
    group = await world.group(members=people, graduate=True)
    await world.loan(written_off, instalments=1, paid=1, status=LoanStatus.CLOSED)
    await world.loan(written_off, status=LoanStatus.WRITTEN_OFF)
    await world.loan(also_owes, instalments=1, paid=1, status=LoanStatus.CLOSED)
    await world.loan(also_owes)
    await world.loan(graduated, instalments=1, paid=1, status=LoanStatus.CLOSED)

    await GroupUpkeep(api.database).work()

    assert await still_in(api, group) == {never.id, before.id, written_off.id, also_owes.id}


async def test_a_change_of_status_waits_for_no_group(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer()
    group = await world.group(members=[customer], leave_by=[CustomerStatus.SUSPENDED])
    if api.database.is_sqlite:
        pytest.skip("it has one writer at a time")
    async with api.database.begin() as session:
        await session.execute(select(Group.id).where(Group.id == group.id).with_for_update())
        done = await asyncio.wait_for(change_status(boss, StatusAction.SUSPEND, customer), 1.5)
    assert codes(done) == []


@pytest.mark.parametrize("held", [Customer.id, DueRemoval.customer_id])
async def test_who_is_just_held_is_passed_over_and_leaves_later(held: Any, api: Api, world: World) -> None:
    """Whether somebody changes the customer, or another process looks at them: the others leave meanwhile."""
    boss = await api.sign_in(await world.admin("super_admin"))
    busy, *_ = people = await world.customers(4)
    group = await world.group(members=people, leave_by=[CustomerStatus.SUSPENDED])
    for customer in people:
        await change_status(boss, StatusAction.SUSPEND, customer)
    if api.database.is_sqlite:
        pytest.skip("it has one writer at a time")
    async with api.database.begin() as session:
        await session.execute(select(held).where(held == busy.id).with_for_update())
        await GroupUpkeep(api.database).work()
        assert await still_in(api, group) == {busy.id}
    assert [(row.customer_id, row.failures) for row in await due(api)] == [(busy.id, 0)]
    await _now(api)
    await GroupUpkeep(api.database).work()
    assert (await still_in(api, group), await due(api)) == (set(), [])


async def test_what_fails_is_tried_again_and_keeps_nobody_from_leaving(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    poor, *others = people = await world.customers(4)
    group = await world.group(members=people, leave_by=[CustomerStatus.SUSPENDED])
    for customer in people:
        await change_status(boss, StatusAction.SUSPEND, customer)
    end, broken = end_membership, {poor.id}

    def failing_for_one(session: Any, actor: Any, group: Any, membership: Membership, *rest: Any, **facts: Any) -> None:
        if membership.customer_id in broken:
            raise RuntimeError("broken")
        end(session, actor, group, membership, *rest, **facts)

    monkeypatch.setattr(removal_rules, "end_membership", failing_for_one)
    await GroupUpkeep(api.database).work()
    assert len(await still_in(api, group)) == 4
    assert {row.failures for row in await due(api)} == {1}
    assert all(row.try_at > now() for row in await due(api))
    await _now(api)
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {poor.id}
    [waiting] = await due(api)
    assert waiting.failures == 2
    broken.clear()
    await _now(api)
    await GroupUpkeep(api.database).work()
    assert (await still_in(api, group), await due(api)) == (set(), [])
    assert {one.id for one in others} | {poor.id} == {
        event.customer_id for event in await events(api.database, "group.member_removed")
    }


async def _now(api: Api) -> None:
    async with api.database.begin() as session:
        await session.execute(update(DueRemoval).values(try_at=now()))


async def notices(client: Client) -> list[dict[str, Any]]:
    """One's own, the last first."""
    return [edge["node"] for edge in (await client.data(NOTICES))["notifications"]["edges"]]


async def test_who_answers_for_the_group_is_told_once_of_all_whom_they_see(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    owner = await world.admin("group_administrator", office=home, name="Ola Owner")
    boss = await api.sign_in(await world.admin("super_admin"))
    near = await world.customers(3, office=home)
    far = await world.customer(office=away)
    lapsed = await world.customer(office=home, status=CustomerStatus.INACTIVE)
    group = await world.group(
        "Watched closely",
        members=[*near, far, lapsed],
        leave_by=[CustomerStatus.SUSPENDED],
        criteria=ACTIVE_ONLY,
        owner=owner,
    )
    for customer in (*near, far):
        await change_status(boss, StatusAction.SUSPEND, customer)

    await GroupUpkeep(api.database).work()

    assert await still_in(api, group) == {lapsed.id}
    client = await api.sign_in(owner)
    told = {"event": "GROUP_DRIFTED", "customer": None, "job": None, "group": {"id": gid(group)}}
    assert await notices(client) == [told]
    [mail] = await outbox(api.database)
    assert (mail.template, mail.recipient) == ("group_drifted_owner", owner.email)
    assert mail.payload == {"name": "Ola Owner", "group_name": "Watched closely", "removed": 3, "proposed": 1}
    await GroupUpkeep(api.database).work()
    assert len(await notices(client)) == 1
    again = await world.customer(office=home)
    assert codes(await add(boss, group, again)) == []
    await change_status(boss, StatusAction.SUSPEND, again)
    await GroupUpkeep(api.database).work()
    assert len(await notices(client)) == 1, "not twice within the hour"
    assert codes(await remove(boss, group, lapsed)) == []
    async with api.database.begin() as session:
        await session.execute(update(GroupCheck).values(told_at=now() - timedelta(hours=2)))
    await GroupUpkeep(api.database).work()
    assert len(await notices(client)) == 2
    assert [one.payload["removed"] for one in await outbox(api.database)] == [3, 1], "nobody by hand"


async def test_nobody_is_told_who_sees_none_of_them_or_has_left(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    blind = await world.admin("group_administrator", office=home)
    inactive = await world.admin("super_admin")
    boss = await api.sign_in(await world.admin("super_admin"))
    client = await api.sign_in(blind)
    for owner in (blind, inactive, None):
        customer = await world.customer(office=away)
        await world.group(members=[customer], leave_by=[CustomerStatus.SUSPENDED], owner=owner)
        await change_status(boss, StatusAction.SUSPEND, customer)
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == inactive.id).values(status=AdminStatus.INACTIVE))
    await GroupUpkeep(api.database).work()
    assert len(await events(api.database, "group.member_removed")) == 3
    assert await outbox(api.database) == []
    assert await notices(client) == []


async def test_a_group_that_is_archived_keeps_its_members(api: Api, world: World) -> None:
    boss = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer()
    group = await world.group(members=[customer], leave_by=[CustomerStatus.SUSPENDED], status=GroupStatus.ARCHIVED)
    await change_status(boss, StatusAction.SUSPEND, customer)
    assert await due(api) == []
    await GroupUpkeep(api.database).work()
    assert await still_in(api, group) == {customer.id}
