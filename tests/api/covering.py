"""The three mutations of covers as a console sends them, and time that passes for a cover."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from gql.db.engine import AnyRow
from gql.db.models import AuditEvent, Cover
from gql.domain.ids import parse_global_id
from gql.domain.time import now
from tests.api.client import Api, Client, gid

COVER = """
  id kind status reason startsAt endsAt endedAt endReason delegate { id } manager { id } grantedBy { id }
  endedBy { id } customer { id }
"""
_CHANGE = "changed replayed userErrors { code message field }"
GRANT = f"mutation($input: GrantCoverInput!) {{ grantCover(input: $input) {{ cover {{ {COVER} }} {_CHANGE} }} }}"
BREAK = f"""mutation($input: BreakGlassInput!) {{
  breakGlass(input: $input) {{ cover {{ {COVER} }} customer {{ id access {{ level reason }} }} {_CHANGE} }}
}}"""
END = f"mutation($input: EndCoverInput!) {{ endCover(input: $input) {{ cover {{ {COVER} }} {_CHANGE} }} }}"


def hours(number: float) -> str:
    """So many hours from now."""
    return (now() + timedelta(hours=number)).isoformat()


def granting(manager: Any, delegate: Any, **more: Any) -> dict[str, Any]:
    """The variables of GRANT."""
    usual = {"endsAt": hours(24), "reason": "Annual leave"}
    return {"input": {"managerId": gid(manager), "delegateId": gid(delegate)} | usual | more}


async def grant(client: Client, manager: Any, delegate: Any, **more: Any) -> dict[str, Any]:
    """The payload of `grantCover`."""
    data = await client.data(GRANT, granting(manager, delegate, **more))
    return data["grantCover"]  # type: ignore[no-any-return]


async def break_glass(client: Client, customer: Any = None, **more: Any) -> dict[str, Any]:
    """The payload of `breakGlass`."""
    named = {} if customer is None else {"customerId": gid(customer)}
    data = await client.data(BREAK, {"input": named | {"reason": "Fraud alert by phone"} | more})
    return data["breakGlass"]  # type: ignore[no-any-return]


async def end(client: Client, cover: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The payload of `endCover`."""
    data = await client.data(END, {"input": {"coverId": cover["id"], "reason": "Back early"} | more})
    return data["endCover"]  # type: ignore[no-any-return]


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of the refusals, where nothing else may claim that something was done."""
    refusals = payload["userErrors"]
    assert all(error["message"].endswith(".") for error in refusals)
    assert not (refusals and (payload["changed"] or payload["cover"] or payload.get("customer")))
    return [error["code"] for error in refusals]


async def move(api: Api, cover: dict[str, Any], **moments: datetime) -> None:
    """As if it had been granted for another time."""
    async with api.database.begin() as session:
        await session.execute(update(Cover).where(Cover.id == key_of(cover)).values(moments))


def key_of(cover: dict[str, Any]) -> UUID:
    """Inside."""
    return parse_global_id(cover["id"])[1]


async def reads_on_record(api: Api) -> list[AnyRow]:
    """The events of customers who were read, once those on their way have come."""
    await api.app.state.reads.flush()
    of_reads = or_(AuditEvent.action == "customer.read", AuditEvent.action == "customer.read_under_cover")
    return list(await api.database.rows(select(AuditEvent.__table__).where(of_reads).order_by(AuditEvent.id)))
