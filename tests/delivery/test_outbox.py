"""Claims, leases and outcomes, in the database."""

from datetime import timedelta

from sqlalchemy import text, update

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.delivery.outbox import (
    Settlement,
    claim_due,
    due_messages,
    outbox_summary,
    requeue_dead,
    settle,
)
from gql.domain.enums import OutboxStatus
from gql.domain.time import now
from tests.delivery.conftest import enqueue, stored

MINUTE = timedelta(minutes=1)


async def test_a_claimed_message_is_nobody_elses_until_the_lease_ends(database: Database, database_url: str) -> None:
    [key] = await enqueue(database)
    other = Database(database_url)
    [first] = await claim_due(database, limit=10, lease=MINUTE)
    assert (first.id, first.attempt) == (key, 1)
    assert await claim_due(other, limit=10, lease=MINUTE) == []

    await expire(database)
    [second] = await claim_due(other, limit=10, lease=MINUTE)
    assert (second.id, second.attempt) == (key, 2)
    await other.close()


async def test_the_longest_due_are_claimed_first_and_no_more_than_asked(database: Database) -> None:
    keys = await enqueue(database, 5)
    claimed = await claim_due(database, limit=3, lease=MINUTE)
    assert {message.id for message in claimed} <= set(keys)
    assert len(claimed) == 3
    assert len(await claim_due(database, limit=3, lease=MINUTE)) == 2


async def test_messages_of_another_channel_are_left_alone(database: Database) -> None:
    await enqueue(database)
    async with database.begin() as session:
        await session.execute(update(OutboxMessage).values(channel="webhook"))
    assert await claim_due(database, limit=10, lease=MINUTE) == []


async def test_after_the_lease_a_failure_is_the_new_holders_to_tell_but_a_delivery_is_a_fact(
    database: Database,
) -> None:
    [key] = await enqueue(database)
    [late] = await claim_due(database, limit=1, lease=MINUTE)
    await expire(database)
    [present] = await claim_due(database, limit=1, lease=MINUTE)

    await settle(database, [Settlement(late, OutboxStatus.DEAD, error="SMTPDataError 554")])
    await settle(database, [Settlement(late, OutboxStatus.PENDING, error="Timeout", retry_at=now())])
    row = await stored(database, key)
    assert (row.status, row.not_before, row.last_error) == (OutboxStatus.PENDING, present.lease_until, None)

    await settle(database, [Settlement(late, OutboxStatus.DELIVERED)])
    await settle(database, [Settlement(present, OutboxStatus.DEAD, error="SMTPDataError 554")])
    row = await stored(database, key)
    assert (row.status, row.last_error) == (OutboxStatus.DELIVERED, None)
    assert row.delivered_at is not None


async def test_summary_and_requeue(database: Database) -> None:
    assert (await outbox_summary(database)).oldest_waiting is None
    await enqueue(database, 4)
    claimed = await claim_due(database, limit=3, lease=MINUTE)
    dead = [Settlement(message, OutboxStatus.DEAD, error="SMTPDataError 554") for message in claimed[:2]]
    await settle(database, [*dead, Settlement(claimed[2], OutboxStatus.DELIVERED)])
    async with database.begin() as session:
        waiting = update(OutboxMessage).where(OutboxMessage.status == OutboxStatus.PENDING)
        await session.execute(waiting.values(created_at=now() - timedelta(hours=3)))

    summary = await outbox_summary(database)
    assert summary.counts == {OutboxStatus.PENDING: 1, OutboxStatus.DELIVERED: 1, OutboxStatus.DEAD: 2}
    assert summary.oldest_waiting is not None
    assert timedelta(hours=3) <= summary.oldest_waiting < timedelta(hours=3, minutes=1)

    assert await requeue_dead(database) == 2
    assert await requeue_dead(database) == 0
    again = await claim_due(database, limit=10, lease=MINUTE)
    assert {message.id for message in claimed[:2]} < {message.id for message in again}
    assert {message.attempt for message in again} == {1}


async def test_polling_reads_the_index_of_waiting_messages_only(database: Database) -> None:
    plan = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    async with database.begin() as session:
        if not database.is_sqlite:
            await session.execute(text("SET LOCAL enable_seqscan = off"))  # else an empty table is just read
        statement = due_messages(50).compile(
            database.writer.sync_engine, compile_kwargs={"render_postcompile": True, "literal_binds": True}
        )
        lines = (await session.execute(text(f"{plan} {statement}"))).all()
    assert "ix_outbox_messages_waiting" in str(lines)


async def expire(database: Database) -> None:
    """Let the leases of all claims end."""
    async with database.begin() as session:
        await session.execute(update(OutboxMessage).values(not_before=now() - timedelta(seconds=1)))
