"""The proportions of a lender of usual size, and what grows with it; made in memory."""

from collections import Counter
from datetime import date

from gql.demo.lender import Lender
from gql.demo.plan import Plan, Row
from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.ids import new_id
from gql.domain.roles import BUILT_IN_ROLES

DAY = date(2026, 11, 20)
ROLE_IDS = {key: new_id() for key in BUILT_IN_ROLES}


def rows_of_the_usual_lender() -> dict[str, list[Row]]:
    """All rows of 5,000 customers, without a database."""
    lender = Lender(Plan(customers=5000, seed=2026, today=DAY))
    rows = lender.frame(ROLE_IDS)
    for batch in lender.batches(1_000):
        for table, of_batch in batch.items():
            rows.setdefault(table, []).extend(row._asdict() for row in of_batch)
    for change, group in zip(lender.group_updates(), rows["groups"], strict=True):
        assert change["of_group"] == group["id"]
        group["member_count"] = change["member_count"]
    return rows


def test_the_usual_lender_has_believable_proportions() -> None:
    """5,000 customers: who is assigned, who borrows, who is late, and how large manager1's book is."""
    rows = rows_of_the_usual_lender()
    customers = rows["customers"]
    admins = {row["email"]: row for row in rows["admins"]}
    offices = {row["id"]: row["office_id"] for row in rows["admins"]}
    assigned = [row for row in customers if row["account_manager_id"]]
    active = {row["id"] for row in customers if row["status"] is CustomerStatus.ACTIVE}
    borrowers = {row["customer_id"] for row in rows["loans"]}
    running = [row["id"] for row in rows["loans"] if row["status"] is LoanStatus.ACTIVE]
    late = {
        row["loan_id"]
        for row in rows["loan_instalments"]
        if row["due_on"] < DAY and row["paid_minor"] < row["due_minor"]
    }
    books = Counter(row["account_manager_id"] for row in assigned)
    strangers = sum(offices[row["account_manager_id"]] != row["office_id"] for row in assigned)
    assert len(customers) == 5000
    assert 0.55 < len(assigned) / 5000 < 0.65
    assert 85 <= books[admins["manager1@lenddesk.example"]["id"]] <= 115
    assert 0.03 < strangers / len(assigned) < 0.08
    assert len(active) / 5000 > 0.65
    assert 0.55 < len(borrowers & active) / len(active) < 0.7
    assert 0.1 < len(late.intersection(running)) / len(running) < 0.25
    assert {row["currency"] for row in rows["loans"]} == {"NGN", "USD"}
    assert 900 <= max(row["member_count"] for row in rows["groups"]) <= 1200


def test_a_larger_lender_has_more_groups_and_longer_numbers() -> None:
    """A group more for each 2,000 customers, 500 at most; the number of digits is one for all."""
    lender = Lender(Plan(customers=1_000_000, seed=2026, today=DAY))
    groups = lender.frame(ROLE_IDS)["groups"]
    assert len({group["name"] for group in groups}) == len(groups) == 500
    first = [row._asdict() for row in next(lender.batches(1_000))["customers"]]
    assert first[0]["number"] == "LD-0000001"
    assert len({row["phone"] for row in first}) == len({row["email"] for row in first}) == len(first)
