"""`proposeRebalance`: who should hand which customers to whom; of whose books, and nothing of whom one doesn't see."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gql.db.models import Admin, Customer, CustomerTag, Office
from gql.db.references import References
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid, open_api
from tests.api.reading import MALFORMED_IDS, shared, unknown
from tests.factories import World
from tests.records import unchanged
from tests.sql_counter import count_statements

PROPOSE = """
query($office: ID!, $by: BalanceBy = COUNT, $constraints: RebalanceConstraints) {
  proposeRebalance(officeId: $office, balanceBy: $by, constraints: $constraints) {
    balanceBy isBalanced limitReached lowerBoundOnMoves isProvenFewest method
    moves { customerId number displayName fromAdminId toAdminId amount { amountMinor currency } }
    loads { admin { id } seenCustomers movableCustomers inBand
      before { customers amount { amountMinor } } after { customers amount { amountMinor } } }
    lowest { customers amount { amount } } highest { customers amount { amount } }
    imbalanceBefore { customers } imbalanceAfter { customers }
  }
}
"""


@dataclass(frozen=True)
class Branch:
    """An office where one account manager has ten customers and two have none, with an office beneath it."""

    office: Office
    beneath: Office
    busy: Admin
    idle: tuple[Admin, Admin]
    absent: Admin
    below: Admin
    book: tuple[Customer, ...]
    """Of the busy one: an archived customer, one who is tagged, one of the office beneath, then seven others."""
    viewers: dict[str, Admin]
    customer: Customer


_BLINKERED = Role(
    key="blinkered",
    name="Blinkered",
    description="Assigns, but may not know how large books are.",
    permissions=frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_ASSIGN}),
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)
_HALF = Role(
    key="half",
    name="Half",
    description="Sees the office's customers in full, and only that office's.",
    permissions=frozenset({Permission.CUSTOMER_READ, Permission.CUSTOMER_ASSIGN, Permission.WORKLOAD_READ}),
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.OWN_OFFICE,
)


async def _build(world: World) -> Branch:
    office = await world.office("Lagos")
    beneath = await world.office("Ikeja", parent=office)
    for role in (_BLINKERED, _HALF):
        await world.role(role)
    busy = await world.admin("account_manager", office=office)
    idle = [await world.admin("account_manager", office=office) for _ in range(2)]
    absent = await world.admin("account_manager", office=office, status=AdminStatus.INACTIVE)
    below = await world.admin("account_manager", office=beneath)
    archived = await world.customer(office=office, manager=busy, status=CustomerStatus.ARCHIVED)
    tagged = await world.customer(office=office, manager=busy)
    elsewhere = await world.customer(office=beneath, manager=busy)
    others = await world.customers(7, office=office, manager=busy)
    for paid, customer in enumerate((elsewhere, *others[:5])):
        await world.loan(customer, paid=paid % 3)
    async with world.database.begin() as session:
        session.add(CustomerTag(customer_id=tagged.id, tag="do not move"))
    # Of another office: nobody who asks takes part.
    head = await world.office("Head")
    keys = [*BUILT_IN_ROLES, "blinkered"]
    viewers = {key: await world.admin(key, office=head) for key in keys}
    # These work there; but an auditor never has a book.
    viewers["portfolio_manager"] = await world.admin("portfolio_manager", "auditor", office=office)
    viewers["half"] = await world.admin("half", "auditor", office=office)
    return Branch(
        office,
        beneath,
        busy,
        (idle[0], idle[1]),
        absent,
        below,
        (archived, tagged, elsewhere, *others),
        viewers,
        others[0],
    )


branch, database_url = shared(_build)


async def _ask(client: Client, office: Office, by: str = "COUNT", **constraints: Any) -> dict[str, Any]:
    data = await client.data(PROPOSE, {"office": gid(office), "by": by, "constraints": constraints})
    found: dict[str, Any] = data["proposeRebalance"]
    return found


def _loads(proposal: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {one["admin"]["id"]: (one["before"]["customers"], one["after"]["customers"]) for one in proposal["loads"]}


async def test_a_book_is_shared_out_by_the_fewest_moves_and_nothing_is_written(branch: Branch, api: Api) -> None:
    client = await api.sign_in(branch.viewers["super_admin"])
    async with unchanged(api.database):
        found = await _ask(client, branch.office)
    first, second = map(gid, branch.idle)
    assert _loads(found) == {gid(branch.busy): (10, 4), first: (0, 3), second: (0, 3)}
    assert (len(found["moves"]), found["lowerBoundOnMoves"], found["isProvenFewest"]) == (6, 6, True)
    assert (found["isBalanced"], found["limitReached"]) == (True, False)
    assert (found["lowest"]["customers"], found["highest"]["customers"]) == (3, 4)
    assert (found["imbalanceBefore"]["customers"], found["imbalanceAfter"]["customers"]) == (12, 0)
    stay = {gid(customer) for customer in branch.book[:3]}  # archived, tagged, of the office beneath
    names = {gid(customer): (customer.number, customer.name) for customer in branch.book}
    for move in found["moves"]:
        assert move["customerId"] not in stay
        assert (move["number"], move["displayName"]) == names[move["customerId"]]
        assert (move["fromAdminId"], move["amount"]) == (gid(branch.busy), None)
        assert move["toAdminId"] in (first, second)
    [busy] = [one for one in found["loads"] if one["admin"]["id"] == gid(branch.busy)]
    assert (busy["seenCustomers"], busy["movableCustomers"]) == (10, 7)


async def test_constraints_are_kept(branch: Branch, api: Api) -> None:
    client = await api.sign_in(branch.viewers["super_admin"])
    busy, first = gid(branch.busy), gid(branch.idle[0])
    two = await _ask(client, branch.office, adminIds=[busy, first])
    assert _loads(two) == {busy: (10, 5), first: (0, 5)}
    few = await _ask(client, branch.office, maximumMoves=2)
    assert (len(few["moves"]), few["isBalanced"], few["limitReached"]) == (2, False, True)
    assert few["lowerBoundOnMoves"] == 2
    kept = [gid(customer) for customer in branch.book[3:8]]
    stuck = await _ask(client, branch.office, doNotMove=kept)
    assert {move["customerId"] for move in stuck["moves"]} == {gid(customer) for customer in branch.book[8:]}
    assert (stuck["isBalanced"], stuck["limitReached"]) == (False, False)
    tagless = await _ask(client, branch.office, doNotMove=kept, doNotMoveTags=["VIP"])
    assert gid(branch.book[1]) in {move["customerId"] for move in tagless["moves"]}
    again = await _ask(client, branch.office, doNotMove=kept, doNotMoveTags=[" Do not  MOVE "])
    assert again["moves"] == stuck["moves"]
    capped = await _ask(client, branch.office, tolerancePercent=100, maximumCustomers=5)
    assert max(after for _, after in _loads(capped).values()) == len(capped["moves"]) == 5
    tree = await _ask(client, branch.office, includeSubtree=True)
    assert gid(branch.below) in _loads(tree)
    [moved] = [one["movableCustomers"] for one in tree["loads"] if one["admin"]["id"] == busy]
    assert moved == 8
    assert gid(branch.absent) not in _loads(tree)


async def test_by_money_what_loans_are_owed_is_split(branch: Branch, api: Api) -> None:
    client = await api.sign_in(branch.viewers["super_admin"])
    found = await _ask(client, branch.office, "OUTSTANDING", tolerancePercent=40)
    before = sum(one["before"]["amount"]["amountMinor"] for one in found["loads"])
    after = {one["admin"]["id"]: one["after"]["amount"]["amountMinor"] for one in found["loads"]}
    owing = "loansSummary { balances { outstanding { amountMinor } } }"
    summary = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ id {owing} }} }} }}"
    nodes = (await client.data(summary, {"ids": [gid(one) for one in branch.book]}))["nodes"]
    owed = {
        node["id"]: sum(one["outstanding"]["amountMinor"] for one in node["loansSummary"]["balances"]) for node in nodes
    }
    assert before == sum(owed.values()) == sum(after.values()) > 0
    assert all(
        move["amount"] == {"amountMinor": owed[move["customerId"]], "currency": "NGN"} for move in found["moves"]
    )
    assert found["moves"]
    assert len(found["moves"]) >= found["lowerBoundOnMoves"] > 0
    arrears = await _ask(client, branch.office, "ARREARS")
    assert arrears["balanceBy"] == "ARREARS"
    other = await _ask(client, branch.office, "OUTSTANDING", currency="USD")
    assert (other["moves"], other["isBalanced"]) == ([], True)


async def test_of_customers_whom_one_does_not_see_in_full_only_the_true_count_is_told(branch: Branch, api: Api) -> None:
    """The book has a customer of the office beneath, whom this viewer sees in part: nothing is told of them."""
    client = await api.sign_in(branch.viewers["half"])
    unseen = gid(branch.book[2])
    for by in ("COUNT", "OUTSTANDING"):
        found = await _ask(client, branch.office, by, includeSubtree=True, tolerancePercent=0)
        assert unseen not in {move["customerId"] for move in found["moves"]}
        [busy] = [one for one in found["loads"] if one["admin"]["id"] == gid(branch.busy)]
        assert (busy["before"]["customers"], busy["seenCustomers"], busy["movableCustomers"]) == (10, 9, 7)
    whole = await _ask(await api.sign_in(branch.viewers["super_admin"]), branch.office, "OUTSTANDING")
    [all_of_it] = [one["before"]["amount"]["amountMinor"] for one in whole["loads"] if one["before"]["customers"]]
    assert 0 < busy["before"]["amount"]["amountMinor"] < all_of_it


async def test_it_takes_no_more_statements_however_many_moves_there_are(branch: Branch, api: Api) -> None:
    """Offices, who takes part, their books, what is owed; then the customers who move, and who is named."""
    client, counts = await api.sign_in(branch.viewers["super_admin"]), []
    for most in (1, 3):
        api.database.references = References()
        with count_statements(api.database) as recorder:
            found = await _ask(client, branch.office, "OUTSTANDING", tolerancePercent=40, maximumMoves=most)
        assert 0 < len(found["moves"]) <= most
        counts.append(len(recorder))
    assert counts[0] == counts[1] <= 9, counts


async def test_only_who_assigns_and_reads_workloads_is_answered(branch: Branch, api: Api) -> None:
    variables = {"office": gid(branch.office)}
    for key, admin in branch.viewers.items():
        codes = await (await api.sign_in(admin)).codes(PROPOSE, variables)
        may = key in ("super_admin", "portfolio_manager", "half")
        assert codes == ([] if may else ["FORBIDDEN"]), key
    assert await api.anonymous.codes(PROPOSE, variables) == ["UNAUTHENTICATED"]
    assert await (await api.sign_in(branch.customer)).codes(PROPOSE, variables) == ["FORBIDDEN"]


async def test_what_cannot_be_worked_out_says_why(branch: Branch, api: Api) -> None:
    client = await api.sign_in(branch.viewers["super_admin"])
    assert (await client.data(PROPOSE, {"office": unknown(Kind.OFFICE)}))["proposeRebalance"] is None
    refused: list[tuple[dict[str, Any], str]] = [
        ({"adminIds": [gid(branch.absent), gid(branch.busy)]}, "adminIds"),
        ({"adminIds": [gid(branch.below), gid(branch.busy)]}, "adminIds"),
        ({"adminIds": [unknown(Kind.ADMIN), gid(branch.busy)]}, "adminIds"),
        ({"adminIds": [gid(branch.busy)]}, "no two account managers"),
        ({"adminIds": [unknown(Kind.ADMIN)] * 101}, "at most 100"),
        ({"doNotMove": [unknown(Kind.CUSTOMER)] * 1_001}, "at most 1,000"),
        ({"doNotMoveTags": ["x"] * 21}, "at most 20"),
        ({"maximumMoves": 0}, "maximumMoves"),
        ({"maximumMoves": 1_001}, "maximumMoves"),
        ({"maximumCustomers": 0}, "maximumCustomers"),
        ({"tolerancePercent": 101}, "tolerancePercent"),
        ({"currency": "NGN"}, "for money"),
    ]
    for constraints, words in refused:
        answer = await client.answer(PROPOSE, {"office": gid(branch.office), "constraints": constraints})
        [error] = answer["errors"]
        assert (error["extensions"]["code"], words in error["message"]) == ("BAD_USER_INPUT", True), constraints
    for malformed in MALFORMED_IDS:
        assert await client.codes(PROPOSE, {"office": malformed}) == ["BAD_USER_INPUT"], malformed
    lower = {"office": gid(branch.office), "by": "ARREARS", "constraints": {"currency": "ngn"}}
    assert await client.codes(PROPOSE, lower) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("scope", ["office", "ancestors", "assigner"])
async def test_the_setting_of_who_may_come_from_where_is_obeyed(
    branch: Branch, database_url: str, tmp_path: Path, scope: str
) -> None:
    async with open_api(database_url, tmp_path, assignment_scope=scope) as api:
        client = await api.sign_in(branch.viewers["half" if scope == "assigner" else "super_admin"])
        found = await _ask(client, branch.office, includeSubtree=True)
        below = [move["customerId"] for move in found["moves"] if move["toAdminId"] == gid(branch.below)]
        if scope == "assigner":  # who sees the one office only
            assert gid(branch.below) not in _loads(found)
        else:  # of their own office alone: the one customer who is of it
            assert below == [gid(branch.book[2])]
