"""Two who sign, or decide, at once: it is done once, and all others are told so."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from gql.db.models import GroupReview
from gql.domain.time import now
from tests.api.client import gid
from tests.api.keeping_groups import change, codes, keep, remove
from tests.api.mutations import add
from tests.api.reviewing_groups import keep_unused, sign
from tests.records import current, events
from tests.services.conftest import Crowd

YEAR = timedelta(days=365)


async def test_of_many_who_sign_one_does(crowd: Crowd) -> None:
    for _ in range(3):
        group = await crowd.world.group(review_days=30, due_at=now())
        signed = await asyncio.gather(*(sign(crowd.client, group) for _ in range(8)))
        assert sorted(code for payload in signed for code in codes(payload)) == ["REVIEW_NOT_DUE"] * 7
        rows = await crowd.database.rows(select(GroupReview.signed_at).where(GroupReview.group_id == group.id))
        row = await current(crowd.database, group)
        assert [one.signed_at for one in rows] == [row.reviewed_at]
        assert row.next_review_at == row.reviewed_at + timedelta(days=30)


async def test_with_one_key_all_are_told_of_the_same_signature(crowd: Crowd) -> None:
    group = await crowd.world.group(review_days=30, due_at=now())
    signed = await asyncio.gather(*(sign(crowd.client, group, idempotencyKey="k") for _ in range(5)))
    assert [codes(payload) for payload in signed] == [[]] * 5
    assert sorted(payload["replayed"] for payload in signed) == [False] + [True] * 4
    assert len({payload["review"]["signedAt"] for payload in signed}) == 1


async def test_of_many_who_keep_a_group_one_does(crowd: Crowd) -> None:
    group = await crowd.world.group(last_used_at=now() - YEAR)
    kept = await asyncio.gather(*(keep_unused(crowd.client, group) for _ in range(6)))
    assert sorted(code for payload in kept for code in codes(payload)) == ["NOT_UNUSED"] * 5
    assert len(await events(crowd.database, "group.kept")) == 1


async def test_what_is_archived_or_changed_meanwhile_is_signed_as_it_was_or_not_at_all(crowd: Crowd) -> None:
    for _ in range(3):
        group = await crowd.world.group(review_days=30, due_at=now())
        signed, archived = await asyncio.gather(sign(crowd.client, group), change(crowd.client, "archiveGroup", group))
        assert codes(archived) == []
        assert codes(signed) in ([], ["GROUP_ARCHIVED"])
        assert (await current(crowd.database, group)).next_review_at is None
        other = await crowd.world.group(review_days=30, due_at=now())
        new = {"groupId": gid(other), "expectedVersion": 1, "reviewIntervalDays": 10}
        signed, changed = await asyncio.gather(sign(crowd.client, other), keep(crowd.client, "updateGroup", **new))
        row = await current(crowd.database, other)
        assert codes(changed) == []
        assert row.next_review_at - row.reviewed_at == timedelta(days=10)


async def test_a_signature_counts_each_who_came_or_went_once(crowd: Crowd) -> None:
    """Whoever joins or leaves at that moment is in the counts of this signature or of the next."""
    people = await crowd.world.customers(12)
    group = await crowd.world.group(members=people[:6], review_days=1, due_at=now())
    assert codes(await sign(crowd.client, group)) == []
    await crowd.world.let_time_pass(group, days=1)
    await asyncio.gather(
        sign(crowd.client, group),
        *(add(crowd.client, group, customer) for customer in people[6:]),
        *(remove(crowd.client, group, customer) for customer in people[:4]),
    )
    await crowd.world.let_time_pass(group, days=1)
    assert codes(await sign(crowd.client, group)) == []
    columns = (GroupReview.member_count, GroupReview.joined, GroupReview.removed)
    _first, second, third = await crowd.database.rows(select(*columns).order_by(GroupReview.signed_at))
    assert (second.joined + third.joined, second.removed + third.removed) == (6, 4)
    assert second.member_count == 6 + second.joined - second.removed
    assert third.member_count == 8
