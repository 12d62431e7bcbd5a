"""`dryRun` of assigning one customer, and of ending that: the rules of the real thing, nothing written, and who gains
and loses sight.
"""

from datetime import timedelta
from typing import Any

from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.factories import World
from tests.records import unchanged

PLAN = "plan { changes changedViewers sightChanges { admin { id } gainsFull gainsLimited losesFull losesAll } }"
ASSIGN = f"""mutation($input: AssignAccountManagerInput!) {{ done: assignAccountManager(input: $input) {{
  changed replayed customer {{ version }} assignment {{ id }} scheduled {{ id }} {PLAN}
  userErrors {{ code message field }}
}} }}"""
UNASSIGN = f"""mutation($input: UnassignAccountManagerInput!) {{ done: unassignAccountManager(input: $input) {{
  changed replayed customer {{ version }} assignment {{ id }} {PLAN} userErrors {{ code message field }}
}} }}"""


async def _send(client: Client, document: str, customer: Any, dry_run: bool = True, **given: Any) -> dict[str, Any]:
    whom = customer if isinstance(customer, str) else gid(customer)
    asked = {"customerId": whom, "dryRun": dry_run} | given
    payload: dict[str, Any] = (await client.data(document, {"input": asked}))["done"]
    return payload


def _sight(payload: dict[str, Any]) -> dict[str, str]:
    """What changes for each admin, who is told of one customer alone."""
    found = {}
    for change in payload["plan"]["sightChanges"]:
        [kind] = [name for name in ("gainsFull", "gainsLimited", "losesFull", "losesAll") if change[name]]
        assert change[kind] == 1
        found[change["admin"]["id"]] = kind
    assert payload["plan"]["changedViewers"] == len(found)
    return found


async def test_a_dry_run_tells_who_gains_and_loses_sight(api: Api, world: World) -> None:
    """And what is told comes true: each sees the customer then as it said."""
    lagos = await world.office()
    boss = await world.admin("portfolio_manager", office=lagos)
    ada, bola = [await world.admin("account_manager", office=lagos) for _ in range(2)]
    team, auditor = await world.admin("team_member", office=lagos), await world.admin("auditor")
    mine, nobodys = await world.customer(office=lagos, manager=ada), await world.customer(office=lagos)
    client = await api.sign_in(boss)
    later = (now() + timedelta(days=3)).isoformat()

    async with unchanged(api.database):
        moved = await _send(client, ASSIGN, mine, accountManagerId=gid(bola), idempotencyKey="k")
        in_time = await _send(client, ASSIGN, mine, accountManagerId=gid(bola), effectiveAt=later)
        given = await _send(client, ASSIGN, nobodys, accountManagerId=gid(bola))
        same = await _send(client, ASSIGN, mine, accountManagerId=gid(ada))
        ended = await _send(client, UNASSIGN, mine, expectedVersion=1, reason="Leaves")
        nothing = await _send(client, UNASSIGN, nobodys, expectedVersion=1, reason="Leaves")
    plans = (moved, in_time, given, same, ended, nothing)
    assert all(codes(one) == [] and not one["changed"] and one["assignment"] is None for one in plans)
    assert [one["plan"]["changes"] for one in plans] == [True, True, True, False, True, False]
    assert _sight(moved) == _sight(in_time) == {gid(bola): "gainsFull", gid(ada): "losesAll"}
    assert _sight(given) == {gid(bola): "gainsFull", gid(ada): "losesAll", gid(team): "losesFull"}
    assert _sight(ended) == {gid(ada): "losesFull", gid(bola): "gainsLimited", gid(team): "gainsFull"}
    assert _sight(same) == _sight(nothing) == {}

    done = await _send(client, UNASSIGN, mine, dry_run=False, expectedVersion=1, reason="Leaves")
    assert (done["changed"], done["plan"]) == (True, None)
    level = "query($id: ID!) { customer(id: $id) { access { level } } }"
    for admin, expected in ((ada, "LIMITED"), (bola, "LIMITED"), (team, "FULL"), (auditor, "LIMITED")):
        seen = await (await api.sign_in(admin)).data(level, {"id": gid(mine)})
        assert seen["customer"]["access"]["level"] == expected


async def test_a_dry_run_is_refused_as_the_real_thing_is(api: Api, world: World) -> None:
    """With the same codes, for who may not, too; and writes nothing either."""
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager")
    gone = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    mine, archived = await world.customer(manager=ada), await world.customer(status=CustomerStatus.ARCHIVED)
    client, manager, customer = [await api.sign_in(who) for who in (boss, ada, mine)]
    past, missing = (now() - timedelta(days=3)).isoformat(), unknown(Kind.CUSTOMER)
    to, ending = {"accountManagerId": gid(ada)}, {"expectedVersion": 1, "reason": "Leaves"}
    cases: list[tuple[Client, str, Any, dict[str, Any], list[str]]] = [
        (client, ASSIGN, missing, to, ["CUSTOMER_NOT_FOUND"]),
        (client, ASSIGN, archived, {"accountManagerId": gid(gone)}, ["CUSTOMER_ARCHIVED", "ADMIN_INACTIVE"]),
        (client, ASSIGN, mine, {"accountManagerId": unknown(Kind.ADMIN)}, ["ADMIN_NOT_FOUND"]),
        (client, ASSIGN, mine, to | {"expectedVersion": 9}, ["VERSION_CONFLICT"]),
        (client, ASSIGN, mine, to | {"effectiveAt": past}, ["INVALID_EFFECTIVE_AT"]),
        (manager, ASSIGN, mine, to, ["FORBIDDEN"]),
        (customer, ASSIGN, mine, to, ["FORBIDDEN"]),
        (client, UNASSIGN, missing, ending, ["CUSTOMER_NOT_FOUND"]),
        (client, UNASSIGN, mine, ending | {"expectedVersion": 9}, ["VERSION_CONFLICT"]),
        (manager, UNASSIGN, mine, ending, ["FORBIDDEN"]),
        (customer, UNASSIGN, mine, ending, ["FORBIDDEN"]),
    ]
    async with unchanged(api.database):
        for who, document, whom, given, expected in cases:
            for dry_run in (True, False):
                payload = await _send(who, document, whom, dry_run, **given)
                assert (codes(payload), payload["plan"]) == (expected, None), (given, dry_run)
                stale = expected == ["VERSION_CONFLICT"]
                assert (payload["customer"] == {"version": 1}) == stale
        asked = {"input": {"customerId": gid(mine), **to, "dryRun": True}}
        assert await api.anonymous.codes(ASSIGN, asked) == ["UNAUTHENTICATED"]
