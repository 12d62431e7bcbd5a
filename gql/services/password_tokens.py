"""Tokens that let whoever got a mail set the account's password: random, good once and for a time.

Only a token's hash is kept here. The token itself is in the mail, and until that is delivered in the outbox.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.authenticate import CUSTOMERS_SHUT_OUT
from gql.auth.passwords import Passwords
from gql.auth.tokens import fingerprint, new_secret
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Credential, Customer, IdempotencyKey, PasswordToken
from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.password_errors import PasswordErrorCode
from gql.domain.time import now
from gql.services.idempotency import conflict

LIVES: Final = {PasswordTokenPurpose.RESET: timedelta(hours=1), PasswordTokenPurpose.INVITATION: timedelta(hours=72)}
LONGEST_LIFE: Final = max(LIVES.values())


@dataclass(frozen=True, slots=True)
class Account:
    """Whose password it is."""

    kind: SubjectKind
    id: UUID
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A token that is good, and the account that it is for."""

    token_id: UUID
    account: Account


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A password to be set by a link's token, and from where."""

    token: str = field(repr=False)
    password: str = field(repr=False)
    client_address: str | None = None
    idempotency_key: str | None = None


async def issue(
    transaction: AsyncSession, purpose: PasswordTokenPurpose, kind: SubjectKind, subject_id: UUID | None
) -> tuple[UUID, str]:
    """A new token of an account, its ID first; earlier ones of the same purpose end. None stands for nobody."""
    token_id, token, moment = new_id(), new_secret(), now()
    is_admin = kind is SubjectKind.ADMIN
    await end_all(transaction, kind, subject_id or token_id, purpose)
    await transaction.execute(
        insert(PasswordToken).values(
            id=token_id,
            purpose=purpose,
            admin_id=subject_id if is_admin else None,
            customer_id=None if is_admin else subject_id,
            token_hash=fingerprint(token),
            created_at=moment,
            expires_at=moment + LIVES[purpose],
        )
    )
    return token_id, token


async def end_all(
    transaction: AsyncSession, kind: SubjectKind, subject_id: UUID, purpose: PasswordTokenPurpose
) -> None:
    """End the account's tokens of a purpose."""
    owner = PasswordToken.admin_id if kind is SubjectKind.ADMIN else PasswordToken.customer_id
    statement = (
        update(PasswordToken)
        .where(owner == subject_id, PasswordToken.purpose == purpose, PasswordToken.ended_at.is_(None))
        .values(ended_at=now())
    )
    await transaction.execute(statement.execution_options(synchronize_session=False))


async def holder_of(database: Database, token: str, purpose: PasswordTokenPurpose) -> Holder | None:
    """Whose good token this is: of an admin who is ACTIVE (INVITED, for an invitation) or a customer not shut out."""
    rows = await database.rows(_holder(token, purpose))
    if not rows:
        return None
    row = rows[0]
    kind = SubjectKind.ADMIN if row.admin_id is not None else SubjectKind.CUSTOMER
    return Holder(row.id, Account(kind, row.admin_id or row.customer_id, row.email, row.name))


async def answer_kept(
    database: Database, passwords: Passwords, wish: NewPassword, operation: str
) -> dict[str, Any] | None:
    """What was answered to the use of a token under this idempotency key; None where it was not used under it.

    Refused where another password was to be set. No hash of the request is kept to tell that: it would be one of the
    password, and far quicker to try passwords on than the one that is stored. So the password is verified.
    """
    if wish.idempotency_key is None:
        return None
    of_its_account = or_(
        Credential.admin_id == PasswordToken.admin_id, Credential.customer_id == PasswordToken.customer_id
    )
    rows = await database.rows(
        select(IdempotencyKey.answer, Credential.password_hash)
        .join(PasswordToken, PasswordToken.id == IdempotencyKey.actor_id)
        .join(Credential, of_its_account)
        .where(
            PasswordToken.token_hash == fingerprint(wish.token),
            IdempotencyKey.operation == operation,
            IdempotencyKey.key == wish.idempotency_key,
        )
    )
    if not rows:
        return None
    if not await passwords.verify(rows[0].password_hash, wish.password):
        raise Refused(conflict(PasswordErrorCode))
    answer: dict[str, Any] = rows[0].answer
    return answer


async def use_up(transaction: AsyncSession, token_id: UUID) -> bool:
    """End a token by its use. Of several uses at once, one is True."""
    statement = (update(PasswordToken).where(*_good(), PasswordToken.id == token_id).values(ended_at=now())).returning(
        PasswordToken.id
    )
    return (await transaction.execute(statement)).first() is not None


async def set_password(transaction: AsyncSession, dialect: Dialect, account: Account, password_hash: str) -> None:
    """Store an account's password, its first or a new one."""
    is_admin = account.kind is SubjectKind.ADMIN
    owner = {"admin_id": account.id if is_admin else None, "customer_id": None if is_admin else account.id}
    password = {"password_hash": password_hash, "changed_at": now()}
    if not await dialect.insert_if_new(transaction, Credential, {"id": new_id(), **owner, **password}):
        column = Credential.admin_id if is_admin else Credential.customer_id
        statement = update(Credential).where(column == account.id).values(**password)
        await transaction.execute(statement.execution_options(synchronize_session=False))


def _good() -> tuple[ColumnElement[bool], ...]:
    return PasswordToken.ended_at.is_(None), PasswordToken.expires_at > now()


def _holder(token: str, purpose: PasswordTokenPurpose) -> Select[UUID, UUID | None, UUID | None, str, str]:
    status = AdminStatus.INVITED if purpose is PasswordTokenPurpose.INVITATION else AdminStatus.ACTIVE
    return (
        select(
            PasswordToken.id,
            PasswordToken.admin_id,
            PasswordToken.customer_id,
            func.coalesce(Admin.email, Customer.email).label("email"),
            func.coalesce(Admin.name, Customer.name).label("name"),
        )
        .outerjoin(Admin, Admin.id == PasswordToken.admin_id)
        .outerjoin(Customer, Customer.id == PasswordToken.customer_id)
        .where(
            *_good(),
            PasswordToken.token_hash == fingerprint(token),
            PasswordToken.purpose == purpose,
            or_(
                Admin.status == status, and_(*(Customer.status != shut_out for shut_out in sorted(CUSTOMERS_SHUT_OUT)))
            ),
        )
    )
