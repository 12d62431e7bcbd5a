"""What tests of signing in share."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from gql.auth.passwords import Passwords
from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Customer, Role, Session
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.time import now

KEY = "a key for tests that is long enough"


def access_tokens(life: timedelta = timedelta(minutes=10)) -> AccessTokens:
    """Tokens as the server under test issues them."""
    return AccessTokens(KEY, life)


async def begin_session(database: Database, subject: Admin | Customer, lasts: timedelta = timedelta(days=1)) -> Session:
    """A session of somebody who signed in before."""
    is_admin = isinstance(subject, Admin)
    session = Session(
        admin_id=subject.id if is_admin else None,
        customer_id=None if is_admin else subject.id,
        created_at=now(),
        expires_at=now() + lasts,
    )
    async with database.begin() as transaction:
        transaction.add(session)
    return session


async def set_admin_status(database: Database, admin: Admin, status: AdminStatus) -> None:
    """As an administrator would."""
    async with database.begin() as transaction:
        await transaction.execute(update(Admin).where(Admin.id == admin.id).values(status=status))


async def set_customer_status(database: Database, customer: Customer, status: CustomerStatus) -> None:
    """As a compliance officer would."""
    async with database.begin() as transaction:
        await transaction.execute(update(Customer).where(Customer.id == customer.id).values(status=status))


async def set_role(database: Database, admin: Admin, key: str) -> None:
    """Give an admin this role instead of all others."""
    async with database.begin() as transaction:
        role_id = await transaction.scalar(select(Role.id).where(Role.key == key))
        await transaction.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))
        await transaction.execute(insert(AdminRole).values(admin_id=admin.id, role_id=role_id))


def count_work(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each run of the real hasher, as it goes on working."""
    work: list[str] = []
    real_hash, real_verify = passwords._hasher.hash, passwords._hasher.verify

    def noted_hash(password: str | bytes) -> str:
        work.append("hash")
        return real_hash(password)

    def noted_verify(password: str | bytes, stored: str | bytes) -> bool:
        work.append("verify")
        return real_verify(password, stored)

    monkeypatch.setattr(passwords._hasher, "hash", noted_hash)
    monkeypatch.setattr(passwords._hasher, "verify", noted_verify)
    return work
