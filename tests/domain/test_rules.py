"""The rules of the two main mutations: each reason has its code and a sentence, and all are told together."""

from collections.abc import Iterable
from uuid import UUID

import pytest

from gql.domain.assignments import AssignErrorCode, Candidate, candidate_refusals, customer_refusals
from gql.domain.enums import AdminStatus, CustomerStatus, GroupStatus, OfficeStatus
from gql.domain.errors import Refusal
from gql.domain.memberships import (
    AddMemberErrorCode,
    Conflict,
    GroupFacts,
    customer_status_refusal,
    group_refusals,
    pair_refusals,
    warnings,
)

LAGOS, KANO, GROUP = (UUID(int=number) for number in range(1, 4))


def codes(refusals: Iterable[Refusal]) -> list[str]:
    """The codes, each of which must come with a sentence and a field."""
    found = list(refusals)
    assert all(refusal.message.endswith(".") and refusal.field for refusal in found)
    return [refusal.code for refusal in found]


def test_an_active_admin_of_an_active_office_can_hold_a_book() -> None:
    """With no scope set, of any office."""
    able = Candidate(AdminStatus.ACTIVE, LAGOS, OfficeStatus.ACTIVE, never_holds_book=False)

    assert codes(candidate_refusals(able, None)) == []
    assert codes(candidate_refusals(able, frozenset({LAGOS}))) == []
    assert codes(candidate_refusals(able, frozenset({KANO}))) == [AssignErrorCode.OUTSIDE_SCOPE]


@pytest.mark.parametrize("status", [AdminStatus.INVITED, AdminStatus.INACTIVE])
def test_all_that_is_wrong_with_a_candidate_is_told(status: AdminStatus) -> None:
    """Together, so that nobody mends one thing after the other."""
    unable = Candidate(status, LAGOS, OfficeStatus.INACTIVE, never_holds_book=True)

    assert codes(candidate_refusals(unable, frozenset())) == [
        AssignErrorCode.ADMIN_INACTIVE,
        AssignErrorCode.ADMIN_NOT_ELIGIBLE,
        AssignErrorCode.OFFICE_INACTIVE,
        AssignErrorCode.OUTSIDE_SCOPE,
    ]


@pytest.mark.parametrize("status", CustomerStatus)
def test_only_an_archived_customer_gets_no_manager(status: CustomerStatus) -> None:
    """Blacklisted and suspended ones need one all the more."""
    archived = [AssignErrorCode.CUSTOMER_ARCHIVED] if status is CustomerStatus.ARCHIVED else []

    assert codes(customer_refusals(status, 3, None)) == archived
    assert codes(customer_refusals(status, 3, 3)) == archived
    assert codes(customer_refusals(status, 3, 2)) == [*archived, AssignErrorCode.VERSION_CONFLICT]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (CustomerStatus.PENDING, AddMemberErrorCode.CUSTOMER_NOT_ACTIVE),
        (CustomerStatus.ACTIVE, None),
        (CustomerStatus.INACTIVE, AddMemberErrorCode.CUSTOMER_NOT_ACTIVE),
        (CustomerStatus.SUSPENDED, AddMemberErrorCode.CUSTOMER_SUSPENDED),
        (CustomerStatus.BLACKLISTED, AddMemberErrorCode.CUSTOMER_BLACKLISTED),
        (CustomerStatus.ARCHIVED, AddMemberErrorCode.CUSTOMER_ARCHIVED),
    ],
)
def test_only_active_customers_join_groups(status: CustomerStatus, code: AddMemberErrorCode | None) -> None:
    """Each status has its code."""
    refusal = customer_status_refusal(status, ("customerId",))

    assert (refusal and refusal.code) == code


def test_a_suspended_customer_is_told_in_the_words_of_the_guide() -> None:
    """The sentence that staff know."""
    refusal = customer_status_refusal(CustomerStatus.SUSPENDED)

    assert refusal is not None
    assert "suspended accounts cannot be added" in refusal.message


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (GroupStatus.ACTIVE, []),
        (GroupStatus.INACTIVE, [AddMemberErrorCode.GROUP_NOT_ACTIVE]),
        (GroupStatus.SUSPENDED, [AddMemberErrorCode.GROUP_SUSPENDED]),
        (GroupStatus.ARCHIVED, [AddMemberErrorCode.GROUP_ARCHIVED]),
    ],
)
def test_only_active_groups_take_members(status: GroupStatus, expected: list[AddMemberErrorCode]) -> None:
    """And a full one says so besides."""
    assert codes(group_refusals(GroupFacts(status, 4, 5))) == expected
    assert codes(group_refusals(GroupFacts(status, 400, None))) == expected
    assert codes(group_refusals(GroupFacts(status, 5, 5))) == [*expected, AddMemberErrorCode.GROUP_FULL]


def test_a_full_group_gives_both_numbers() -> None:
    """In the sentence and as facts; a limit that was lowered below the count is full, too."""
    [full] = group_refusals(GroupFacts(GroupStatus.ACTIVE, 7, 5))

    assert "7 of 5 members" in full.message
    assert full.facts == {"current_members": 7, "maximum_members": 5}


def test_a_pair_is_refused_for_all_its_reasons() -> None:
    """Duplicate, criterion and each conflicting group."""
    refusals = list(
        pair_refusals(
            identifier="email",
            already_member=True,
            failed_criterion="office is Lagos",
            names_criterion=True,
            conflicts=[Conflict(GROUP, "High risk"), Conflict(KANO, "Watch list")],
            names_conflicts=True,
        )
    )

    assert codes(refusals) == [
        AddMemberErrorCode.ALREADY_MEMBER,
        AddMemberErrorCode.NOT_ELIGIBLE,
        AddMemberErrorCode.RISK_CATEGORY_CONFLICT,
        AddMemberErrorCode.RISK_CATEGORY_CONFLICT,
    ]
    assert {refusal.field for refusal in refusals} == {("email",)}
    assert refusals[1].facts == {"criterion": "office is Lagos"}
    assert "High risk" in refusals[2].message


def test_a_criterion_is_not_named_to_who_may_not_know() -> None:
    """It would say what a limited view withholds."""
    [refusal] = pair_refusals(
        identifier="customerId",
        already_member=False,
        failed_criterion="office is Lagos",
        names_criterion=False,
        conflicts=[],
        names_conflicts=True,
    )

    assert "Lagos" not in refusal.message
    assert refusal.facts == {}


def test_conflicting_groups_are_neither_named_nor_counted_to_who_may_not_know() -> None:
    """They are some of the customer's groups."""
    [refusal] = pair_refusals(
        identifier="customerId",
        already_member=False,
        failed_criterion=None,
        names_criterion=False,
        conflicts=[Conflict(GROUP, "High risk"), Conflict(KANO, "Watch list")],
        names_conflicts=False,
    )

    assert codes([refusal]) == [AddMemberErrorCode.RISK_CATEGORY_CONFLICT]
    assert "High risk" not in refusal.message
    assert refusal.facts == {}


@pytest.mark.parametrize(
    ("members", "maximum", "message"),
    [
        (89, 100, None),
        (90, 100, "room for 10 more"),
        (100, 100, "full now"),
        (1, 1, "full now"),
        (13, 15, None),
        (14, 15, "room for 1 more"),
        (0, 1, None),
        (5_000, None, None),
    ],
)
def test_a_group_that_fills_up_says_so(members: int, maximum: int | None, message: str | None) -> None:
    """From nine tenths on; a group without a limit never."""
    found = warnings(members, maximum)

    assert len(found) == (0 if message is None else 1)
    assert all(message and message in warned.message for warned in found)
