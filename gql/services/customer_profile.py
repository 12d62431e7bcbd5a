"""Change what is known of a customer, section by section."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.addresses import address_of
from gql.db.engine import Database
from gql.db.models import Customer, CustomerAddress, CustomerProfile
from gql.domain import profile as rules
from gql.domain.errors import Refusal
from gql.domain.profile import Employment, Personal, Socials
from gql.domain.roles import Permission
from gql.domain.time import now, today
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.idempotency import Once

_ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class UpdateProfile:
    """The wish: sections that are None stay as they are, others are replaced, whole.

    `expected_version` is the version that the wisher saw.
    """

    customer_id: UUID
    expected_version: int
    personal: Personal | None = None
    employment: Employment | None = None
    socials: Socials | None = None
    idempotency_key: str | None = None


async def update_profile(database: Database, actor: Actor, viewer: AdminViewer, wish: UpdateProfile) -> Recorded:
    """Replace the sections that the wish has.

    Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "updateCustomerProfile", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        customer = await changeable_customer(
            session,
            viewer,
            wish.customer_id,
            Permission.CUSTOMER_WRITE,
            expected_version=wish.expected_version,
            also=_refusals(wish),
        )
        changed = await _change(session, actor, customer, wish)
        await once.keep({"changed": changed})
        return Recorded(customer.id, None, changed)


def _refusals(wish: UpdateProfile) -> Iterator[Refusal]:
    if wish.personal is not None:
        yield from rules.personal_refusals(wish.personal, today())
    if wish.employment is not None:
        email = wish.employment.office_email
        is_one = email is None or address_of(email) is not None
        yield from rules.employment_refusals(wish.employment, today(), email_is_one=is_one)
    if wish.socials is not None:
        yield from rules.socials_refusals(wish.socials)


async def _change(session: AsyncSession, actor: Actor, customer: Customer, wish: UpdateProfile) -> bool:
    """Whether anything is new."""
    after = _values(wish)
    profile = await session.get(CustomerProfile, customer.id)
    before = {name: getattr(profile, name, None) for name in after if name != _ADDRESSES}
    if _ADDRESSES in after:
        before[_ADDRESSES] = await _addresses(session, customer.id)
    new = sorted(name for name in after if before[name] != after[name])
    if not new:
        return False
    if profile is None:
        profile = CustomerProfile(customer_id=customer.id)
        session.add(profile)
    for name in new:
        if name == _ADDRESSES:
            await _replace_addresses(session, customer.id, after[_ADDRESSES])
        else:
            setattr(profile, name, after[name])
    customer.version += 1
    customer.updated_at = max(now(), customer.updated_at)
    details = {"before": _facts(before, new), "after": _facts(after, new)}
    audit.record(
        session,
        actor,
        "customer.profile_updated",
        subject_kind="customer",
        subject_id=customer.id,
        details=details,
    )
    return True


def _values(wish: UpdateProfile) -> dict[str, Any]:
    """What the given sections say, by column; and the addresses."""
    employment = wish.employment
    if employment is not None and employment.office_email is not None:
        employment = replace(employment, office_email=address_of(employment.office_email))
    values: dict[str, Any] = {}
    for section in (wish.personal, employment, wish.socials):
        if section is not None:
            values |= asdict(section)
    if _ADDRESSES in values:
        values[_ADDRESSES] = list(values[_ADDRESSES])
    return values


async def _addresses(session: AsyncSession, customer_id: UUID) -> list[dict[str, Any]]:
    of_customer = CustomerAddress.customer_id == customer_id
    rows = await session.scalars(select(CustomerAddress).where(of_customer).order_by(CustomerAddress.position))
    return [{name: getattr(row, name) for name in rules.Address.__slots__} for row in rows]


async def _replace_addresses(session: AsyncSession, customer_id: UUID, addresses: list[dict[str, Any]]) -> None:
    await session.execute(delete(CustomerAddress).where(CustomerAddress.customer_id == customer_id))
    session.add_all(
        CustomerAddress(customer_id=customer_id, position=place, **address) for place, address in enumerate(addresses)
    )


def _facts(values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """As JSON holds them."""
    return {name: value.isoformat() if isinstance(value := values[name], date) else value for name in names}
