"""Upkeep: what has ended is deleted once its time has come, and nothing else is."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from gql.auth.passwords import Passwords
from gql.auth.tokens import fingerprint
from gql.db.engine import Database
from gql.db.models import AuditEvent, IdempotencyKey, RefreshToken, Session, Throttle
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.services.sessions import Sessions, SignIn
from gql.services.throttles import Limit, Throttles
from gql.services.upkeep import Upkeep, run_upkeep
from gql.settings import Settings
from tests.auth.accounts import KEY, access_tokens, begin_session
from tests.factories import PASSWORD, World
from tests.records import unchanged

SETTINGS = Settings.model_validate(
    {"secret_key": KEY, "refresh_token_days": 14, "ended_sessions_kept_days": 30, "idempotency_keys_kept_hours": 48}
)


async def _move(database: Database, model: Any, key: Any, **moments: timedelta) -> None:
    """Put moments of a row so far from now."""
    values = {name: now() + distance for name, distance in moments.items()}
    async with database.begin() as transaction:
        await transaction.execute(update(model).where(model.id == key).values(**values))


async def _token(database: Database, session: Session, used: timedelta | None = None) -> str:
    """A refresh token of a session, used so long ago."""
    text = new_id().hex
    values = {
        "session_id": session.id,
        "token_hash": fingerprint(text),
        "issued_at": now() - timedelta(days=90),
        "used_at": None if used is None else now() - used,
    }
    async with database.begin() as transaction:
        await transaction.execute(insert(RefreshToken).values(**values))
    return text


async def _count(database: Database, model: Any) -> int:
    [[count]] = await database.rows(select(func.count()).select_from(model))
    return int(count)


async def _until_cleared(database: Database) -> None:
    """Wait until no session is left."""
    for _ in range(1_000):
        if not await _count(database, Session):
            return
        await asyncio.sleep(0.01)
    pytest.fail("nothing was cleared")


async def test_sessions_go_with_their_tokens_when_they_ended_long_enough_ago(database: Database) -> None:
    ada = await World(database).admin("auditor")
    [lasting, ended, ended_long_ago, revoked] = [await begin_session(database, ada) for _ in range(4)]
    for session in (lasting, ended, ended_long_ago, revoked):
        await _token(database, session)
    await _move(database, Session, ended.id, expires_at=timedelta(days=-29))
    await _move(database, Session, ended_long_ago.id, expires_at=timedelta(days=-31))
    await _move(database, Session, revoked.id, expires_at=timedelta(days=-31), revoked_at=timedelta(days=-40))

    assert await Upkeep(database, SETTINGS).clear() == {"refresh_tokens": 2, "sessions": 2}

    assert {row.id for row in await database.rows(select(Session.id))} == {lasting.id, ended.id}
    assert {row.session_id for row in await database.rows(select(RefreshToken.session_id))} == {lasting.id, ended.id}


async def test_a_used_token_is_kept_as_long_as_its_coming_again_must_be_seen(database: Database) -> None:
    ada = await World(database).admin("auditor")
    session = await begin_session(database, ada)
    newest = await _token(database, session)
    recent = await _token(database, session, used=timedelta(days=13))
    await _token(database, session, used=timedelta(days=15))

    assert await Upkeep(database, SETTINGS).clear() == {"refresh_tokens": 1}

    passwords = Passwords(1)
    sessions = Sessions(database, passwords, access_tokens(), SETTINGS)
    with pytest.raises(Refused):
        await sessions.refresh(recent)
    passwords.close()
    [row] = await database.rows(select(Session.revoked_because))
    assert row.revoked_because == "refresh token used twice"
    kept = {row.token_hash for row in await database.rows(select(RefreshToken.token_hash))}
    assert kept == {fingerprint(newest), fingerprint(recent)}


async def test_idempotency_keys_are_kept_for_their_time(database: Database) -> None:
    keys = [
        {
            "id": new_id(),
            "actor_id": new_id(),
            "operation": "addGroupMember",
            "key": str(hours),
            "request_hash": "",
            "answer": {},
            "created_at": now() - timedelta(hours=hours),
        }
        for hours in (0, 47, 49)
    ]
    async with database.begin() as transaction:
        await transaction.execute(insert(IdempotencyKey), keys)

    assert await Upkeep(database, SETTINGS).clear() == {"idempotency_keys": 1}

    assert {row.key for row in await database.rows(select(IdempotencyKey.key))} == {"0", "47"}
    with pytest.raises(ValueError, match="24"):
        Settings.model_validate({"idempotency_keys_kept_hours": 23})


async def test_tries_that_count_no_more_go(database: Database) -> None:
    throttles = Throttles(database, KEY)
    await throttles.begin({throttles.key("old"): Limit(5, timedelta(seconds=0))})
    await throttles.begin({throttles.key("new"): Limit(5, timedelta(minutes=1))})

    assert await Upkeep(database, SETTINGS).clear() == {"throttles": 1}

    assert [row.key for row in await database.rows(select(Throttle.key))] == [throttles.key("new")]


async def test_a_working_lender_loses_nothing(database: Database) -> None:
    world = World(database)
    ada = await world.admin("auditor")
    await world.password(ada)
    passwords = Passwords(1)
    sessions = Sessions(database, passwords, access_tokens(), SETTINGS)
    signed_in = await sessions.sign_in(SignIn(ada.email, PASSWORD, SubjectKind.ADMIN))
    await sessions.refresh(signed_in.refresh_token)
    passwords.close()

    async with unchanged(database):
        assert await Upkeep(database, SETTINGS).clear() == {}


async def test_many_rows_go_in_small_batches_and_the_record_stays(database: Database) -> None:
    """Each batch is a transaction of its own, in between which others write."""
    ada = await World(database).admin("auditor")
    for _ in range(7):
        session = await begin_session(database, ada, lasts=timedelta(days=-31))
        await _token(database, session, used=timedelta(days=40))
    events = await _count(database, AuditEvent)
    sent: list[str] = []
    end = database.listen(lambda statement, _parameters: sent.append(statement))

    assert await Upkeep(database, SETTINGS, batch=3).clear() == {"refresh_tokens": 7, "sessions": 7}

    end()
    assert len([statement for statement in sent if statement.startswith("DELETE FROM sessions")]) == 3
    assert await _count(database, Session) == await _count(database, RefreshToken) == 0
    assert await _count(database, AuditEvent) == events


async def test_several_at_once_share_the_work(database: Database) -> None:
    ada = await World(database).admin("auditor")
    for _ in range(6):
        await begin_session(database, ada, lasts=timedelta(days=-31))

    cleared = await asyncio.gather(*(Upkeep(database, SETTINGS, batch=2).clear() for _ in range(3)))

    assert sum(each.get("sessions", 0) for each in cleared) == 6


async def test_it_runs_until_it_is_stopped_and_survives_a_broken_database(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await World(database).admin("auditor")
    await begin_session(database, ada, lasts=timedelta(days=-31))
    broken = Database(database_url)
    stop, rows, failures = asyncio.Event(), broken.rows, iter([OSError("gone")])

    async def failing_once(*arguments: Any, **options: Any) -> Any:
        for failure in failures:
            raise failure
        return await rows(*arguments, **options)

    monkeypatch.setattr(broken, "rows", failing_once)
    running = asyncio.create_task(Upkeep(broken, SETTINGS, pause_seconds=0.01).run(stop))
    await _until_cleared(database)
    stop.set()
    await running
    await broken.close()


async def test_the_worker_does_it_with_a_connection_of_its_own(database: Database, database_url: str) -> None:
    ada = await World(database).admin("auditor")
    await begin_session(database, ada, lasts=timedelta(days=-31))
    stop = asyncio.Event()
    settings = Settings.model_validate({"database_url": database_url})
    running = asyncio.create_task(run_upkeep(settings, stop))
    await _until_cleared(database)
    stop.set()
    await running
