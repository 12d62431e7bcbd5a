"""Figures of a group, against sums over those of its members whom each viewer sees, which are worked out here."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from gql.db.models import Admin, Customer, Group, Loan, LoanInstalment, LoanPayment, Office
from gql.domain.enums import GroupStatus, LoanStatus
from gql.domain.ids import Kind, new_id
from gql.domain.repayment import ratio
from gql.domain.roles import Permission
from gql.domain.time import today
from tests.api.client import Api, Client, gid
from tests.api.reading import role_with, shared, unknown
from tests.factories import World
from tests.sql_counter import count_statements

FIGURES = """
fragment Figures on MemberFigures {
  members counted suppressed activeLoans activeLoansInArrears delinquencyRate
  currencies { currency suppressed
    portfolio { daysPastDue outstanding { amountMinor currency } par1 { amount { amountMinor } }
      par30 { amount { amountMinor } } par60 { amount { amountMinor } } par90 { amount { amountMinor } ratio } }
    repayment { expected { amountMinor } collected { amountMinor } instalmentsDue instalmentsOnTime onTimeRate }
  }
}
"""
STATISTICS = f"""
query($id: ID!, $since: Date!, $until: Date, $interval: StatisticsInterval! = MONTH) {{ group(id: $id) {{
  memberCount members {{ totalCount }}
  statistics(since: $since, until: $until, interval: $interval) {{
    since until changes {{ since until joined left }} figures {{ ...Figures }}
    offices {{ office {{ name }} figures {{ ...Figures }} }} otherOffices {{ ...Figures }}
    accountManagers {{ accountManager {{ name }} figures {{ ...Figures }} }} otherAccountManagers {{ ...Figures }}
  }} }} }} {FIGURES}
"""
_SINCE = 60
"""Days before today on which the period begins, unless told otherwise."""


def ago(days: int) -> date:
    """So many days before today."""
    return today() - timedelta(days=days)


def at(days: int, hour: int = 12) -> datetime:
    """A moment of that day."""
    return datetime.combine(ago(days), time(hour), UTC)


@dataclass(frozen=True)
class Lent:
    """A loan. Instalments are (days ago, due, paid, whether in time); payments (days ago, amount)."""

    currency: str
    instalments: tuple[tuple[int, int, int, bool], ...]
    payments: tuple[tuple[int, int], ...] = ()
    status: LoanStatus = LoanStatus.ACTIVE

    @property
    def outstanding(self) -> int:
        """Of all instalments."""
        return sum(due - paid for _, due, paid, _ in self.instalments)

    @property
    def late(self) -> int:
        """Days since the oldest instalment that is overdue was due; 0 where none is."""
        return max((days for days, due, paid, _ in self.instalments if paid < due and days > 0), default=0)


LATE = Lent("NGN", ((40, 1_000, 0, False), (-20, 500, 0, False)))
PUNCTUAL = Lent("NGN", ((40, 1_000, 1_000, True), (-20, 500, 0, False)), ((41, 1_000),))
LATER = Lent("USD", ((100, 300, 0, False), (70, 300, 0, False)))
REPAID = Lent("USD", ((50, 200, 200, False),), ((30, 200),), LoanStatus.CLOSED)
LOST = Lent("NGN", ((300, 900, 100, False),), ((20, 100),), LoanStatus.WRITTEN_OFF)


@dataclass
class Member:
    """A customer, with what was lent to them, and since how many days they are or were in the group."""

    customer: Customer
    joined: int
    left: int | None = None
    lent: list[Lent] = field(default_factory=list)


@dataclass
class House:
    """A lender, with a group of twenty, and for those who don't see all of these, one of whom they see."""

    viewers: dict[str, Admin]
    members: dict[str, list[Member]]
    """By office and account manager."""
    group: Group
    of_seen: dict[str, Group]
    empty: Group
    archived: Group
    wide: Group
    """One customer in each of 23 offices, each with an account manager of their own."""


SEES = {
    # Of whom the viewer sees anything, and of whom all.
    "super_admin": ("lagos ikeja nobodys kano", "lagos ikeja nobodys kano"),
    "compliance_officer": ("lagos ikeja nobodys kano", "lagos ikeja nobodys kano"),
    "auditor": ("lagos ikeja nobodys kano", ""),
    "portfolio_manager": ("lagos ikeja nobodys", "lagos ikeja nobodys"),
    "group_administrator": ("lagos ikeja nobodys", ""),
    "collections_officer": ("lagos ikeja nobodys", ""),
    "team_member": ("ikeja nobodys", "nobodys"),
    "bola": ("lagos", "lagos"),
    "chidi": ("ikeja nobodys", "ikeja"),
}
READS_PAST = {
    "super_admin": "lagos kano",
    "compliance_officer": "lagos kano",
    "auditor": "lagos kano",
    "portfolio_manager": "lagos",
    "group_administrator": "lagos",
    "bola": "lagos",
}
"""Of whom the viewer may read that they left: who has left are one of Lagos and one of Kano."""


async def _lend(world: World, customer: Customer, lent: Lent) -> None:
    total = sum(due for _, due, _, _ in lent.instalments)
    loan = Loan(
        id=new_id(),
        number=f"L{new_id().hex}",
        customer_id=customer.id,
        product="Any",
        status=lent.status,
        currency=lent.currency,
        principal_minor=total,
        outstanding_minor=lent.outstanding,
        disbursed_at=at(400),
    )
    async with world.database.begin() as session:
        session.add(loan)
        await session.flush()
        for place, (days, due, paid, in_time) in enumerate(lent.instalments):
            settled = None if paid < due else ago(days + 1 if in_time else days - 3)
            part = {"due_minor": due, "paid_minor": paid, "settled_on": settled}
            session.add(LoanInstalment(loan_id=loan.id, sequence=place + 1, due_on=ago(days), **part))
        for days, amount in lent.payments:
            session.add(LoanPayment(loan_id=loan.id, amount_minor=amount, received_at=at(days)))
        reversed_one = {"reversed_at": at(1), "reversal_reason": "Never came."}
        session.add(LoanPayment(loan_id=loan.id, amount_minor=77, received_at=at(5), **reversed_one))


async def _join(world: World, group: Group, member: Member) -> None:
    until = None if member.left is None else at(member.left)
    await world.membership(group, member.customer, since=at(member.joined), until=until)


async def _house(world: World) -> House:
    head = await world.office("Head")
    lagos, kano = [await world.office(name, parent=head) for name in ("Lagos", "Kano")]
    ikeja = await world.office("Ikeja", parent=lagos)
    await world.role(role_with("lister", Permission.CUSTOMER_READ, Permission.GROUP_READ))
    of_head, of_lagos = (
        ("super_admin", "compliance_officer", "auditor", "lister"),
        (
            "portfolio_manager",
            "group_administrator",
            "collections_officer",
        ),
    )
    viewers = {key: await world.admin(key, office=head) for key in of_head}
    viewers |= {key: await world.admin(key, office=lagos) for key in of_lagos}
    viewers["team_member"] = await world.admin("team_member", office=ikeja)
    viewers["bola"] = await world.admin("account_manager", office=lagos, name="Bola")
    viewers["chidi"] = await world.admin("account_manager", office=ikeja, name="Chidi")
    members = {
        "lagos": await _members(world, 6, lagos, viewers["bola"]),
        "ikeja": await _members(world, 5, ikeja, viewers["chidi"]),
        "nobodys": await _members(world, 2, ikeja, None),
        "kano": await _members(world, 7, kano, None),
    }
    members["lagos"][2].lent.append(REPAID)
    members["ikeja"][2].lent.append(LOST)
    for member in members["kano"]:
        member.lent.append(LATER)
    for member in (one for each in members.values() for one in each):
        for lent in member.lent:
            await _lend(world, member.customer, lent)
    past = {
        "lagos": await _members(world, 1, lagos, viewers["bola"]),
        "kano": await _members(world, 1, kano, None),
    }
    for [one] in past.values():
        one.joined, one.left = 50, 10
    group = await world.group("Everybody")
    of_seen = {key: await world.group(f"Those whom {key} sees") for key in SEES}
    for name, each in [*members.items(), *past.items()]:
        for member in each:
            for into in (group, *(of_seen[key] for key, (seen, _) in SEES.items() if name in seen.split())):
                await _join(world, into, member)
    wide = await world.group("Wide")
    for number in range(23):
        manager = await world.admin("account_manager", office=head)
        office = await world.office(f"Branch {number:02}", parent=head)
        await world.membership(wide, await world.customer(office=office, manager=manager))
    archived = await world.group(
        "Archived", status=GroupStatus.ARCHIVED, members=[one.customer for one in members["lagos"]]
    )
    return House(viewers, members, group, of_seen, await world.group("Empty"), archived, wide)


async def _members(world: World, how_many: int, office: Office, manager: Admin | None) -> list[Member]:
    """Every third is late, every third pays, and every third owes nothing."""
    facts: Any = {"office": office} if manager is None else {"office": office, "manager": manager}
    customers = await world.customers(how_many, **facts)
    lent = [[LATE], [PUNCTUAL], []]
    return [Member(one, joined=number, lent=list(lent[number % 3])) for number, one in enumerate(customers)]


house, database_url = shared(_house)


def _of(house: House, names: str) -> list[Member]:
    return [member for name in names.split() for member in house.members[name]]


def _figures(members: Iterable[Member], since: int = _SINCE, until: int = 0) -> dict[str, Any]:
    """The figures of customers of whom all is seen, without regard to how few they are."""
    lent = [one for member in members for one in member.lent]
    active = [one for one in lent if one.status is LoanStatus.ACTIVE]
    late = [one for one in active if one.late]
    return {
        "activeLoans": len(active),
        "activeLoansInArrears": len(late),
        "delinquencyRate": ratio(len(late), len(active)),
        "currencies": {
            currency: _in(currency, [one for one in lent if one.currency == currency], since, until)
            for currency in sorted({one.currency for one in lent})
        },
    }


def _in(currency: str, lent: Sequence[Lent], since: int, until: int) -> dict[str, Any]:
    active = [one for one in lent if one.status is LoanStatus.ACTIVE]
    outstanding = sum(one.outstanding for one in active)
    at_risk = {n: sum(one.outstanding for one in active if one.late >= n) for n in (1, 30, 60, 90)}
    due = [one for each in lent for one in each.instalments if until <= one[0] <= since]
    over = [one for one in due if one[0] > 0]
    in_time = sum(one[3] for one in over)
    return {
        "portfolio": {
            "daysPastDue": max((one.late for one in lent), default=0),
            "outstanding": {"amountMinor": outstanding, "currency": currency},
            **{f"par{n}": {"amount": {"amountMinor": amount}} for n, amount in at_risk.items()},
            "par90": {"amount": {"amountMinor": at_risk[90]}, "ratio": ratio(at_risk[90], outstanding)},
        },
        "repayment": {
            "expected": {"amountMinor": sum(one[1] for one in due)},
            "collected": {
                "amountMinor": sum(n for each in lent for days, n in each.payments if until <= days <= since)
            },
            "instalmentsDue": len(over),
            "instalmentsOnTime": in_time,
            "onTimeRate": ratio(in_time, len(over)),
        },
    }


def _told(figures: dict[str, Any]) -> dict[str, Any]:
    """What the API tells that is not left out, in the same form."""
    assert not figures["suppressed"]
    currencies = {}
    for one in figures["currencies"]:
        assert one["suppressed"] == (one["portfolio"] is None) == (one["repayment"] is None)
        if not one["suppressed"]:
            currencies[one["currency"]] = {name: one[name] for name in ("portfolio", "repayment")}
    names = ("activeLoans", "activeLoansInArrears", "delinquencyRate")
    return {name: figures[name] for name in names} | {"currencies": currencies}


def _is_left_out(figures: dict[str, Any]) -> bool:
    names = ("activeLoans", "activeLoansInArrears", "delinquencyRate", "currencies")
    if figures["suppressed"]:
        assert [figures[name] for name in names] == [None] * 4
    return bool(figures["suppressed"])


async def _ask(client: Client, group: Group, **given: Any) -> dict[str, Any]:
    """The group with its statistics."""
    variables = {"id": gid(group), "since": str(ago(_SINCE))} | given
    found: dict[str, Any] = (await client.data(STATISTICS, variables))["group"]
    return found


async def test_figures_of_a_group_are_those_worked_out_by_hand(api: Api, house: House) -> None:
    """All twenty: eight are late with a loan in naira, seven pay theirs, five have none; one of those was a loss."""
    found = await _ask(await api.sign_in(house.viewers["super_admin"]), house.group)
    statistics = found["statistics"]
    assert (statistics["since"], statistics["until"]) == (str(ago(_SINCE)), str(today()))
    assert (found["memberCount"], found["members"]["totalCount"]) == (20, 20)
    assert statistics["figures"] == {
        "members": 20,
        "counted": 20,
        "suppressed": False,
        "activeLoans": 8 + 7 + 7,
        "activeLoansInArrears": 8 + 7,
        "delinquencyRate": 0.6818,
        "currencies": [
            {
                "currency": "NGN",
                "suppressed": False,
                "portfolio": {
                    "daysPastDue": 300,  # the loss, which is not outstanding any more
                    "outstanding": {"amountMinor": 8 * 1_500 + 7 * 500, "currency": "NGN"},
                    "par1": {"amount": {"amountMinor": 12_000}},
                    "par30": {"amount": {"amountMinor": 12_000}},
                    "par60": {"amount": {"amountMinor": 0}},
                    "par90": {"amount": {"amountMinor": 0}, "ratio": 0.0},
                },
                "repayment": {
                    "expected": {"amountMinor": 15 * 1_000},
                    "collected": {"amountMinor": 7 * 1_000 + 100},
                    "instalmentsDue": 15,
                    "instalmentsOnTime": 7,
                    "onTimeRate": 0.4667,
                },
            },
            {
                "currency": "USD",
                "suppressed": False,
                "portfolio": {
                    "daysPastDue": 100,
                    "outstanding": {"amountMinor": 7 * 600, "currency": "USD"},
                    "par1": {"amount": {"amountMinor": 4_200}},
                    "par30": {"amount": {"amountMinor": 4_200}},
                    "par60": {"amount": {"amountMinor": 4_200}},
                    "par90": {"amount": {"amountMinor": 4_200}, "ratio": 1.0},
                },
                "repayment": {
                    "expected": {"amountMinor": 200},
                    "collected": {"amountMinor": 200},
                    "instalmentsDue": 1,
                    "instalmentsOnTime": 0,
                    "onTimeRate": 0.0,
                },
            },
        ],
    }


@pytest.mark.parametrize("viewer", SEES)
async def test_members_count_whom_one_sees_and_loans_of_whom_one_may_read_them(
    viewer: str, api: Api, house: House
) -> None:
    found = await _ask(await api.sign_in(house.viewers[viewer]), house.group)
    seen, read = [_of(house, names) for names in SEES[viewer]]
    figures = found["statistics"]["figures"]
    assert found["memberCount"] == 20
    assert (figures["members"], figures["counted"]) == (len(seen), len(read))
    assert figures["members"] == found["members"]["totalCount"]
    if len(read) in (1, 2, 3, 4):
        assert _is_left_out(figures)
        return
    expected = _figures(read)
    expected["currencies"] = {
        currency: one
        for currency, one in expected["currencies"].items()
        if len([m for m in read if any(lent.currency == currency for lent in m.lent)]) >= 5
    }
    assert _told(figures) == expected
    for each in ("offices", "accountManagers"):
        assert sum(one["figures"]["members"] for one in found["statistics"][each]) == len(seen)
        assert sum(one["figures"]["counted"] for one in found["statistics"][each]) == len(read)


async def test_figures_by_office_and_by_account_manager(api: Api, house: House) -> None:
    """The largest first. One of Lagos had a loan in dollars, and only Kano has any besides: neither is told."""
    statistics = (await _ask(await api.sign_in(house.viewers["super_admin"]), house.group))["statistics"]
    by_office = {one["office"]["name"]: one["figures"] for one in statistics["offices"]}
    assert [one["figures"]["members"] for one in statistics["offices"]] == [7, 7, 6]
    for name, who in (("Lagos", "lagos"), ("Ikeja", "ikeja nobodys"), ("Kano", "kano")):
        expected = _figures(_of(house, who))
        told = _told(by_office[name])
        expected["currencies"].pop("USD", None)
        expected["currencies"] = {k: v for k, v in expected["currencies"].items() if k in told["currencies"]}
        assert told == expected, name
        assert [one["suppressed"] for one in by_office[name]["currencies"] if one["currency"] == "USD"] in ([True], [])
    by_manager = {(one["accountManager"] or {}).get("name"): one["figures"] for one in statistics["accountManagers"]}
    assert [one["figures"]["members"] for one in statistics["accountManagers"]] == [9, 6, 5]
    assert set(by_manager) == {None, "Bola", "Chidi"}
    assert by_manager[None]["activeLoans"] == _figures(_of(house, "nobodys kano"))["activeLoans"]
    assert statistics["otherOffices"] is statistics["otherAccountManagers"] is None


async def test_what_stands_for_few_is_left_out_and_what_would_tell_it(api: Api, house: House) -> None:
    """Of the portfolio manager's thirteen, two are nobody's: beside all others they would be what is left."""
    statistics = (await _ask(await api.sign_in(house.viewers["portfolio_manager"]), house.group))["statistics"]
    told = [
        (
            one["accountManager"] and one["accountManager"]["name"],
            one["figures"]["counted"],
            _is_left_out(one["figures"]),
        )
        for one in statistics["accountManagers"]
    ]
    assert told == [("Bola", 6, False), ("Chidi", 5, True), (None, 2, True)]
    assert not _is_left_out(statistics["figures"])
    [usd] = [one for one in statistics["figures"]["currencies"] if one["currency"] == "USD"]
    assert usd == {"currency": "USD", "suppressed": True, "portfolio": None, "repayment": None}


@pytest.mark.parametrize("viewer", SEES)
async def test_who_is_not_seen_changes_nothing(viewer: str, api: Api, house: House) -> None:
    """A group has the same statistics without those whom the viewer doesn't see; but for the true count."""
    client = await api.sign_in(house.viewers[viewer])
    found, without = [await _ask(client, group) for group in (house.group, house.of_seen[viewer])]
    assert found["statistics"] == without["statistics"]
    assert found["members"] == without["members"]
    assert without["memberCount"] == len(_of(house, SEES[viewer][0]))


@pytest.mark.parametrize("viewer", SEES)
@pytest.mark.parametrize("interval", ["DAY", "WEEK", "MONTH"])
async def test_who_joined_and_who_left_are_those_of_whom_one_may_know(
    viewer: str, interval: str, api: Api, house: House
) -> None:
    """Members by the day since when they are in; of those who left, whoever may read past memberships."""
    client = await api.sign_in(house.viewers[viewer])
    statistics = (await _ask(client, house.group, interval=interval))["statistics"]
    past = len(READS_PAST.get(viewer, "").split())
    joined: Counter[date] = Counter(ago(member.joined) for member in _of(house, SEES[viewer][0]))
    joined[ago(50)] += past
    left: Counter[date] = Counter({ago(10): past})
    parts = statistics["changes"]
    assert (parts[0]["since"], parts[-1]["until"]) == (str(ago(_SINCE)), str(today()))
    for part in parts:
        days = [date.fromisoformat(part["since"])]
        while str(days[-1]) < part["until"]:
            days.append(days[-1] + timedelta(days=1))
        assert (part["joined"], part["left"]) == (sum(joined[day] for day in days), sum(left[day] for day in days))
    assert sum(part["joined"] for part in parts) == len(_of(house, SEES[viewer][0])) + past


async def test_leaves_are_those_that_auditors_can_list(api: Api, house: House) -> None:
    listed = "query($id: ID!) { group(id: $id) { formerMembers { totalCount } } }"
    for viewer in ("super_admin", "compliance_officer", "auditor"):
        client = await api.sign_in(house.viewers[viewer])
        former = (await client.data(listed, {"id": gid(house.group)}))["group"]["formerMembers"]["totalCount"]
        changes = (await _ask(client, house.group))["statistics"]["changes"]
        assert sum(part["left"] for part in changes) == former == 2


async def test_both_ends_of_the_period_belong_to_it(api: Api, house: House) -> None:
    """What was due or came on the first day and on the last, who joined then and who left; nothing a day besides."""
    client = await api.sign_in(house.viewers["super_admin"])
    everybody = _of(house, SEES["super_admin"][0])
    for since, until in ((50, 10), (49, 11), (41, 40), (40, 30), (39, 31), (30, 20), (0, 0)):
        given = {"since": str(ago(since)), "until": str(ago(until)), "interval": "DAY"}
        statistics = (await _ask(client, house.group, **given))["statistics"]
        assert (statistics["since"], statistics["until"]) == (given["since"], given["until"])
        assert _told(statistics["figures"]) == _figures(everybody, since, until), (since, until)
        changes = statistics["changes"]
        assert len(changes) == since - until + 1
        is_in = [until <= one.joined <= since for one in everybody] + [until <= 50 <= since] * 2
        assert sum(part["joined"] for part in changes) == sum(is_in), (since, until)
        assert sum(part["left"] for part in changes) == 2 * (until <= 10 <= since), (since, until)


async def test_a_group_without_members_and_one_that_is_archived(api: Api, house: House) -> None:
    """Nobody's figures are nothing, and nothing of them is left out."""
    client = await api.sign_in(house.viewers["super_admin"])
    empty = (await _ask(client, house.empty))["statistics"]
    assert empty["figures"] == {
        "members": 0,
        "counted": 0,
        "suppressed": False,
        "activeLoans": 0,
        "activeLoansInArrears": 0,
        "delinquencyRate": None,
        "currencies": [],
    }
    assert (empty["offices"], empty["accountManagers"], empty["otherOffices"]) == ([], [], None)
    assert {(part["joined"], part["left"]) for part in empty["changes"]} == {(0, 0)}
    archived = (await _ask(client, house.archived))["statistics"]
    assert _told(archived["figures"])["activeLoans"] == _figures(_of(house, "lagos"))["activeLoans"]


async def test_the_largest_are_told_and_the_others_together(api: Api, house: House) -> None:
    """Of 23 offices and account managers, 20; each has one customer, of whom nothing else is told."""
    statistics = (await _ask(await api.sign_in(house.viewers["super_admin"]), house.wide))["statistics"]
    for cells, others in (("offices", "otherOffices"), ("accountManagers", "otherAccountManagers")):
        assert [one["figures"]["members"] for one in statistics[cells]] == [1] * 20
        assert all(_is_left_out(one["figures"]) for one in statistics[cells])
        assert (statistics[others]["members"], _is_left_out(statistics[others])) == (3, True)
    whole = statistics["figures"]
    assert (whole["members"], whole["activeLoans"], whole["delinquencyRate"], whole["currencies"]) == (23, 0, None, [])


async def test_who_may_not_see_members_gets_none_of_it(api: Api, house: House) -> None:
    found = await _ask_without_members(await api.sign_in(house.viewers["lister"]), house.group)
    assert found == {"memberCount": 20, "statistics": None}
    client = await api.sign_in(house.viewers["super_admin"])
    variables = {"id": unknown(Kind.GROUP), "since": str(today())}
    assert (await client.data(STATISTICS, variables))["group"] is None
    assert await api.anonymous.codes(STATISTICS, variables) == ["UNAUTHENTICATED"]
    member = await api.sign_in(house.members["lagos"][0].customer)
    assert await member.codes(STATISTICS, variables | {"id": gid(house.group)}) == ["FORBIDDEN"]


async def _ask_without_members(client: Client, group: Group) -> dict[str, Any]:
    query = "query($id: ID!, $since: Date!) { group(id: $id) { memberCount statistics(since: $since) { since } } }"
    found: dict[str, Any] = (await client.data(query, {"id": gid(group), "since": str(today())}))["group"]
    return found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"since": str(ago(-1))}, "`since` is after `until`."),
        ({"since": str(ago(3)), "until": str(ago(4))}, "`since` is after `until`."),
        ({"since": str(ago(3)), "until": str(ago(-1))}, "`until` lies in the future."),
        ({"since": str(ago(120)), "interval": "DAY"}, "The period has 121 parts of a day; at most 120 are told."),
        ({"since": "0001-01-01"}, "at most 120 are told."),
    ],
)
async def test_a_period_that_is_none_or_too_long_is_refused(
    given: dict[str, str], message: str, api: Api, house: House
) -> None:
    client = await api.sign_in(house.viewers["super_admin"])
    answer = await client.answer(STATISTICS, {"id": gid(house.group)} | given)
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert message in error["message"]


async def test_statements_are_as_many_for_twenty_members_as_for_none(api: Api, house: House) -> None:
    client = await api.sign_in(house.viewers["super_admin"])
    counts = []
    for group in (house.group, house.wide, house.archived, house.empty):
        with count_statements(api.database) as recorder:
            await _ask(client, group)
        counts.append(len(recorder))
    assert max(counts[:3]) - counts[3] <= 2  # offices and account managers are named where there are any
    assert counts[0] <= counts[3] + 2 <= 11
