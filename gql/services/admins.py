"""Accounts of team members."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.auth.password_rules import flaw_of
from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Credential, Office, Role
from gql.domain.enums import AdminStatus, OfficeStatus, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.names import LONGEST_NAME, is_name
from gql.domain.search import search_key
from gql.domain.time import now
from gql.services import audit
from gql.services.audit import Actor

_OPERATOR = Actor(SubjectKind.SYSTEM, None)


class CreateAdminErrorCode(StrEnum):
    """Why an account was not made."""

    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_NAME = "INVALID_NAME"
    INVALID_OFFICE_NAME = "INVALID_OFFICE_NAME"
    INVALID_PASSWORD = "INVALID_PASSWORD"  # noqa: S105 - a code, no password
    ROLE_NOT_FOUND = "ROLE_NOT_FOUND"
    OFFICE_NOT_FOUND = "OFFICE_NOT_FOUND"
    EMAIL_TAKEN = "EMAIL_TAKEN"


async def create_admin(
    database: Database, passwords: Passwords, *, email: str, name: str, office: str, role: str, password: str
) -> UUID:
    """Make an ACTIVE admin who signs in with this password, for the operator at the command line; answers the ID.

    `role` is a role's key. `office` is an office's name; in a database without offices it becomes the head office.
    Raises Refused (CreateAdminErrorCode) with all that is malformed; or, where nothing is, with the role and office
    that aren't there; or with the email that is taken. Nothing is written then.
    """
    address, name, office = address_of(email), name.strip(), office.strip()
    malformed = list(_malformed(address, name, office, password))
    if address is None or malformed:
        raise Refused(*malformed)
    password_hash = await passwords.hash(password)  # takes long, so not while the transaction holds its locks
    async with database.begin() as session:
        role_id, office_id = await _place(session, role, office)
        admin_id = await _insert(database, session, address, name, office_id)
        await session.execute(insert(AdminRole).values(admin_id=admin_id, role_id=role_id))
        await session.execute(
            insert(Credential).values(admin_id=admin_id, password_hash=password_hash, changed_at=now())
        )
        _record(session, "admin.created", "admin", admin_id, {"office_id": str(office_id), "roles": [role]})
    return admin_id


def _malformed(address: str | None, name: str, office: str, password: str) -> Iterator[Refusal]:
    if address is None:
        yield _refusal(CreateAdminErrorCode.INVALID_EMAIL, "email", "This is not an email address.")
    if not is_name(name):
        yield _refusal(CreateAdminErrorCode.INVALID_NAME, "name", f"A name has 1 to {LONGEST_NAME} characters.")
    if not is_name(office):
        message = f"An office's name has 1 to {LONGEST_NAME} characters."
        yield _refusal(CreateAdminErrorCode.INVALID_OFFICE_NAME, "office", message)
    flaw = flaw_of(password, address or "", name)
    if flaw is not None:
        yield _refusal(CreateAdminErrorCode.INVALID_PASSWORD, "password", flaw)


async def _place(session: AsyncSession, role: str, office: str) -> tuple[UUID, UUID]:
    """The IDs of the role and of the office. Raises Refused with whichever isn't there."""
    roles = {row.key: row.id for row in await session.execute(select(Role.key, Role.id).order_by(Role.key))}
    role_id = roles.get(role)
    office_id = await session.scalar(select(Office.id).where(Office.name == office))
    if office_id is None and not await session.scalar(select(exists(select(Office.id)))):
        office_id = await _found_head_office(session, office)
    if role_id is not None and office_id is not None:
        return role_id, office_id
    refusals = []
    if role_id is None:
        message = f"There is no such role. The roles are: {', '.join(roles)}."
        refusals.append(_refusal(CreateAdminErrorCode.ROLE_NOT_FOUND, "role", message))
    if office_id is None:
        refusals.append(_refusal(CreateAdminErrorCode.OFFICE_NOT_FOUND, "office", "There is no office of this name."))
    raise Refused(*refusals)


async def _found_head_office(session: AsyncSession, name: str) -> UUID:
    office_id = new_id()
    values = {"id": office_id, "name": name, "search_name": search_key(name), "status": OfficeStatus.ACTIVE}
    await session.execute(insert(Office).values(**values, created_at=now()))
    _record(session, "office.created", "office", office_id, {"name": name})
    return office_id


async def _insert(database: Database, session: AsyncSession, address: str, name: str, office_id: UUID) -> UUID:
    admin_id, moment = new_id(), now()
    values = {
        "id": admin_id,
        "email": address,
        "name": name,
        "search_name": search_key(name),
        "office_id": office_id,
        "status": AdminStatus.ACTIVE,
        "created_at": moment,
        "updated_at": moment,
    }
    if not await database.dialect.insert_if_new(session, Admin, values):
        message = "An admin with this email address exists already."
        raise Refused(_refusal(CreateAdminErrorCode.EMAIL_TAKEN, "email", message))
    return admin_id


def _refusal(code: CreateAdminErrorCode, field: str, message: str) -> Refusal:
    return Refusal(code, message, (field,))


def _record(session: AsyncSession, action: str, kind: str, subject_id: UUID, details: dict[str, Any]) -> None:
    audit.record(session, _OPERATOR, action, subject_kind=kind, subject_id=subject_id, details=details)
