"""`groupReviews`, `signGroupReview` and what a signer sees: due in time, signed once, and on record."""

from datetime import timedelta
from typing import Any

import pytest

from gql.domain.enums import GroupPurpose, GroupStatus
from gql.domain.group_reviews import GRACE
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Permission
from gql.domain.time import now
from gql.services.group_reminders import GroupReminders
from tests.api.client import Api, gid
from tests.api.keeping_groups import TERMS, change, codes, keep, remove
from tests.api.mutations import add
from tests.api.reading import moment, role_with, unknown
from tests.api.reviewing_groups import DUE, ONE, SHEET, SIGN, UNUSED, due, keep_unused, menu, one, sign
from tests.api.test_keep_groups import KEEPERS
from tests.factories import World
from tests.records import current, events, unchanged

DAY = timedelta(days=1)


async def test_a_review_is_signed_and_due_again_an_interval_later(api: Api, world: World) -> None:
    """With what has changed since the one before; the group itself stays as it was."""
    keeper = await world.admin("group_administrator")
    people, due_at = await world.customers(4), now() - DAY
    group = await world.group("2026 SME Loans", members=people[:2], review_days=30, due_at=due_at)
    client = await api.sign_in(keeper)
    assert await due(client) == ["2026 SME Loans"]
    before = await one(client, group)
    assert (before["review"]["status"], before["review"]["lastSignedAt"], menu(before)["SIGN_REVIEW"]) == (
        "DUE",
        None,
        None,
    )

    done = await sign(client, group, expectedVersion=1, idempotencyKey="k")

    assert (codes(done), done["changed"], done["group"]["version"]) == ([], True, 1)
    review, state = done["review"], done["group"]["review"]
    signed_at = moment(review["signedAt"])
    assert signed_at is not None
    assert (moment(review["dueAt"]), review["signedBy"], review["note"]) == (
        due_at,
        {"id": gid(keeper)},
        "All of them still belong in it.",
    )
    assert (review["memberCount"], review["joinedCount"], review["removedCount"]) == (2, 2, 0)
    assert (state["status"], state["lastSignedBy"], moment(state["lastSignedAt"])) == (
        "NOT_DUE",
        {"id": gid(keeper)},
        signed_at,
    )
    assert moment(state["dueAt"]) == signed_at + timedelta(days=30)
    assert await due(client) == []
    [event] = await events(api.database, "group.review_signed")
    assert (event.actor_id, event.subject_id) == (keeper.id, group.id)
    assert event.details | {"review_id": None} == {
        "review_id": None,
        "due_at": due_at.isoformat(),
        "note": "All of them still belong in it.",
        "members": 2,
        "joined": 2,
        "removed": 0,
    }
    async with unchanged(api.database):
        again = await sign(client, group, expectedVersion=1, idempotencyKey="k")
        other = await sign(client, group, idempotencyKey="k")
    assert (again["replayed"], again["review"]) == (True, review)
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]


async def test_a_second_review_counts_from_the_first(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who came and who left since; who signs sees as much before, of customers whom they see."""
    boss, people = await world.admin("super_admin"), await world.customers(5)
    group = await world.group(members=people[:3], review_days=10, due_at=now())
    client = await api.sign_in(boss)
    assert codes(await sign(client, group)) == []
    await remove(client, group, people[0])
    await remove(client, group, people[1])
    assert codes(await add(client, group, people[3])) == []
    assert codes(await add(client, group, people[0])) == []
    sheet = (await client.data(SHEET, {"id": gid(group)}))["groupReviewSheet"]
    assert (sheet["joined"], sheet["left"], sheet["misfits"]) == (2, 2, None)
    assert sheet["since"] == (await one(client, group))["review"]["lastSignedAt"]
    monkeypatch.setattr("gql.services.group_reviews.now", lambda: now() + 10 * DAY)
    second = (await sign(client, group, note="Two came, two left."))["review"]
    assert (second["memberCount"], second["joinedCount"], second["removedCount"]) == (3, 2, 2)
    listed = (await one(client, group))["reviews"]
    assert listed["totalCount"] == 2
    assert [edge["node"]["note"] for edge in listed["edges"]] == [
        "Two came, two left.",
        "All of them still belong in it.",
    ]


async def test_a_signer_sees_the_changes_of_whom_they_see(api: Api, world: World) -> None:
    """Of customers elsewhere neither who came, nor who left, nor who doesn't fit; the signature's counts are true."""
    here, there = await world.office(), await world.office()
    near, far = await world.customers(2, office=here), await world.customers(3, office=there)
    rule = {"office": {"in": [str((await world.office()).id)], "include_subtree": False}}
    group = await world.group(members=[*near, *far], criteria=rule, review_days=10, due_at=now())
    await world.membership(group, far[0], since=world.moment(), until=world.moment())
    local = await api.sign_in(await world.admin("portfolio_manager", office=here))
    boss = await api.sign_in(await world.admin("super_admin"))
    seen = [(await who.data(SHEET, {"id": gid(group)}))["groupReviewSheet"] for who in (local, boss)]
    assert [(sheet["joined"], sheet["left"], sheet["misfits"], sheet["since"]) for sheet in seen] == [
        (2, 0, 2, None),
        (5, 1, 5, None),
    ]
    signed = (await sign(local, group))["review"]
    assert (signed["memberCount"], signed["joinedCount"], signed["removedCount"]) == (5, 5, 1)


async def test_to_the_microsecond(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Just before it is due nobody can sign, and from then on they can."""
    due_at = now() + DAY
    group = await world.group(review_days=30, due_at=due_at)
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        for early in (DAY, timedelta(microseconds=1)):
            monkeypatch.setattr("gql.services.group_reviews.now", lambda early=early: due_at - early)
            refused = await sign(client, group)
            assert (codes(refused), refused["review"]) == (["REVIEW_NOT_DUE"], None)
            assert moment(refused["group"]["review"]["dueAt"]) == due_at
    monkeypatch.setattr("gql.services.group_reviews.now", lambda: due_at)
    assert codes(await sign(client, group)) == []
    assert (await current(api.database, group)).next_review_at == due_at + 30 * DAY


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [
        (GroupStatus.ARCHIVED, 30, ["GROUP_ARCHIVED"]),
        (GroupStatus.INACTIVE, 30, ["GROUP_NOT_ACTIVE"]),
        (GroupStatus.ACTIVE, None, ["NOT_REVIEWED"]),
        (GroupStatus.ARCHIVED, None, ["GROUP_ARCHIVED", "NOT_REVIEWED"]),
        (GroupStatus.SUSPENDED, 30, []),
    ],
)
async def test_what_is_not_reviewed_is_not_signed(
    status: GroupStatus, days: int | None, expected: list[str], api: Api, world: World
) -> None:
    """As the menu has said before."""
    group = await world.group(status=status, review_days=days, due_at=now())
    client = await api.sign_in(await world.admin("super_admin"))
    found = await one(client, group)
    assert (menu(found)["SIGN_REVIEW"] is None) is (not expected)
    assert (found["review"] is None) is bool(expected)
    if not expected:
        assert codes(await sign(client, group)) == []
        return
    async with unchanged(api.database):
        assert codes(await sign(client, group)) == expected
    assert (await client.data(SHEET, {"id": gid(group)}))["groupReviewSheet"] is None


async def test_other_refusals_change_nothing(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    group = await world.group(review_days=30, due_at=now())
    async with unchanged(api.database):
        stale = await sign(client, group, expectedVersion=2)
        missing = {"input": {"groupId": unknown(Kind.GROUP), "note": "Fine"}}
        assert codes((await client.data(SIGN, missing))["signGroupReview"]) == ["GROUP_NOT_FOUND"]
        for note in ("", "  ", "x" * 2_001):
            assert await client.codes(SIGN, {"input": {"groupId": gid(group), "note": note}}) == ["BAD_USER_INPUT"]
        for document, given in ((SHEET, {"id": "nothing"}), (DUE, {"filter": {"ownerId": "nobody"}})):
            assert await client.codes(document, given) == ["BAD_USER_INPUT"]
    assert (codes(stale), stale["group"]["version"]) == (["VERSION_CONFLICT"], 1)
    assert (await client.data(SHEET, {"id": unknown(Kind.GROUP)}))["groupReviewSheet"] is None


async def test_who_comes_second_hears_who_was_first(api: Api, world: World) -> None:
    first, second = await world.admin("super_admin", name="Ada Obi"), await world.admin("compliance_officer")
    group = await world.group(review_days=30, due_at=now())
    client = await api.sign_in(second)
    assert codes(await sign(await api.sign_in(first), group)) == []
    async with unchanged(api.database):
        refused = await sign(client, group, expectedVersion=1)
    assert codes(refused) == ["REVIEW_NOT_DUE"]
    assert "Ada Obi" in refused["userErrors"][0]["message"]
    assert refused["group"]["review"]["lastSignedBy"] == {"id": gid(first)}


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_signs_and_all_staff_see_what_is_due(role: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin(role))
    group = await world.group("Prime borrowers", review_days=30, due_at=now())
    assert await due(client) == ["Prime borrowers"]
    found = await one(client, group)
    assert (found["review"]["status"], found["reviews"]["totalCount"]) == ("DUE", 0)
    if role in KEEPERS:
        assert codes(await sign(client, group)) == []
        return
    assert "Ask a group administrator" in (menu(found)["SIGN_REVIEW"] or "")
    async with unchanged(api.database):
        assert codes(await sign(client, group)) == ["FORBIDDEN"]


async def test_without_sign_in_or_as_a_customer_there_is_nothing(api: Api, world: World) -> None:
    customer, group = await api.sign_in(await world.customer()), await world.group(review_days=30, due_at=now())
    given = {"input": {"groupId": gid(group), "note": "Fine"}}
    async with unchanged(api.database):
        assert await api.anonymous.codes(SIGN, given) == ["UNAUTHENTICATED"]
        assert codes(await sign(customer, group)) == ["FORBIDDEN"]
        for document in (DUE, SHEET):
            assert await api.anonymous.codes(document, {"id": gid(group)}) == ["UNAUTHENTICATED"]
            assert await customer.codes(document, {"id": gid(group)}) == ["FORBIDDEN"]


async def test_without_the_permissions_to_read_there_is_nothing(api: Api, world: World) -> None:
    """Neither who has signed what to who may not read members, nor anything to who may not read groups."""
    await world.role(role_with("plain", Permission.CUSTOMER_READ))
    await world.role(role_with("lister", Permission.CUSTOMER_READ, Permission.GROUP_READ))
    plain, lister = [await world.admin(role) for role in ("plain", "lister")]
    group = await world.group("Prime borrowers", review_days=30, due_at=now(), last_used_at=now() - 400 * DAY)
    await world.group_review(group, lister)
    nobody, listing = await api.sign_in(plain), await api.sign_in(lister)
    assert await due(listing) == ["Prime borrowers"]
    found = await one(listing, group)
    assert (found["review"]["lastSignedBy"], found["reviews"]) == ({"id": gid(lister)}, None)
    assert await listing.codes(SHEET, {"id": gid(group)}) == ["FORBIDDEN"]
    for document in (DUE, UNUSED, SHEET):
        assert await nobody.codes(document, {"id": gid(group)}) == ["FORBIDDEN"]
    async with unchanged(api.database):
        assert codes(await sign(nobody, group)) == ["GROUP_NOT_FOUND", "FORBIDDEN"]
        assert codes(await keep_unused(nobody, group)) == ["GROUP_NOT_FOUND", "FORBIDDEN"]
        assert codes(await sign(listing, group)) == ["FORBIDDEN"]


async def test_a_notification_shows_the_group_to_who_reads_groups(api: Api, world: World) -> None:
    await world.role(role_with("plain", Permission.CUSTOMER_READ))
    ada, bola = await world.admin("account_manager"), await world.admin("plain")
    names = {"Ada's": ada, "Bola's": bola}
    for name, owner in names.items():
        await world.group(name, owner=owner, review_days=30, due_at=now())
    assert await GroupReminders(api.database, 365).tell() == {"reviews_told": 2, "digests_told": 0}
    told = "{ notifications { edges { node { event group { name } customer { id } job { id } } } } }"
    for owner, group in ((ada, {"name": "Ada's"}), (bola, None)):
        [edge] = (await (await api.sign_in(owner)).data(told))["notifications"]["edges"]
        assert edge["node"] == {"event": "GROUP_REVIEW_DUE", "group": group, "customer": None, "job": None}


async def test_the_list_has_what_is_due_the_longest_overdue_first(api: Api, world: World) -> None:
    """Filtered by state, owner and purpose, each alone and together; groups out of use are in none."""
    ada, bola = await world.admin("group_administrator"), await world.admin("account_manager")
    risk, moment_now = GroupPurpose.RISK, now()
    for name, after, facts in (
        ("Late", -GRACE - DAY, {"owner": ada}),
        ("Later", -GRACE - 2 * DAY, {"owner": bola, "purpose": risk}),
        ("Now", -DAY, {"owner": ada, "purpose": risk}),
        ("Soon", DAY, {"owner": bola}),
        ("Suspended", -2 * DAY, {"status": GroupStatus.SUSPENDED}),
        ("Archived", -DAY, {"status": GroupStatus.ARCHIVED}),
        ("Inactive", -DAY, {"status": GroupStatus.INACTIVE}),
    ):
        await world.group(name, review_days=30, due_at=moment_now + after, **facts)
    await world.group("Never", owner=ada)
    client = await api.sign_in(ada)
    assert await due(client) == ["Later", "Late", "Suspended", "Now"]
    assert await due(client, status=["OVERDUE"]) == ["Later", "Late"]
    assert await due(client, status=["DUE"]) == ["Suspended", "Now"]
    assert await due(client, status=["NOT_DUE"]) == ["Soon"]
    assert await due(client, status=["NOT_DUE", "OVERDUE"]) == ["Later", "Late", "Soon"]
    assert await due(client, status=["NOT_DUE", "DUE", "OVERDUE"]) == ["Later", "Late", "Suspended", "Now", "Soon"]
    assert await due(client, status=[]) == []
    assert await due(client, ownerId=gid(bola)) == ["Later"]
    assert await due(client, purpose=["RISK"]) == ["Later", "Now"]
    assert await due(client, ownerId=gid(ada), purpose=["RISK"], status=["DUE", "NOT_DUE"]) == ["Now"]


async def test_the_interval_and_the_status_move_what_is_due(api: Api, world: World) -> None:
    """From creation to the archive, by the API alone."""
    client = await api.sign_in(await world.admin("super_admin"))
    made = (await keep(client, "createGroup", **TERMS, reviewIntervalDays=30))["group"]
    group = await world.group(review_days=30)
    assert (await client.data(ONE, {"id": made["id"]}))["group"]["review"] is None
    await change(client, "suspendGroup", group)
    row = await current(api.database, group)
    due_at = row.next_review_at
    await change(client, "reinstateGroup", group)
    assert (await current(api.database, group)).next_review_at == due_at
    longer = {"groupId": gid(group), "expectedVersion": 3, "reviewIntervalDays": 45}
    await keep(client, "updateGroup", **longer)
    assert (await current(api.database, group)).next_review_at == due_at + 15 * DAY
    await keep(client, "updateGroup", groupId=gid(group), expectedVersion=4, reviewIntervalDays=None)
    assert (await one(client, group))["review"] is None
    await keep(client, "updateGroup", groupId=gid(group), expectedVersion=5, reviewIntervalDays=7)
    row = await current(api.database, group)
    assert row.next_review_at == row.updated_at + 7 * DAY
    await change(client, "archiveGroup", group)
    assert (await one(client, group))["review"] is None
    await change(client, "reinstateGroup", group)
    assert (await one(client, group))["review"] is None
    await change(client, "activateGroup", group)
    row = await current(api.database, group)
    assert row.next_review_at == row.status_changed_at + 7 * DAY


async def test_history_is_paged_and_for_who_reads_members(api: Api, world: World, monkeypatch: Any) -> None:
    group = await world.group(review_days=1, due_at=now())
    boss = await api.sign_in(await world.admin("super_admin"))
    start = now()
    for day in range(5):
        monkeypatch.setattr("gql.services.group_reviews.now", lambda day=day: start + day * DAY)
        assert codes(await sign(boss, group, note=f"Day {day}")) == []
    page = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { group(id: $id) {
      reviews(first: $first, after: $after, last: $last, before: $before) {
        pageInfo { hasNextPage hasPreviousPage endCursor startCursor } edges { node { note } } } } }"""
    notes, after = [], None
    while True:
        found = (await boss.data(page, {"id": gid(group), "first": 2, "after": after}))["group"]["reviews"]
        notes += [edge["node"]["note"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert notes == [f"Day {day}" for day in reversed(range(5))]
    back = (await boss.data(page, {"id": gid(group), "last": 2}))["group"]["reviews"]
    assert [edge["node"]["note"] for edge in back["edges"]] == ["Day 1", "Day 0"]
