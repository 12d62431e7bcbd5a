"""What every demo lender holds, as rows of a database."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import phonenumbers
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import bindparam, select, text

from gql.db.engine import Database
from gql.db.models import (
    Admin,
    Credential,
    Customer,
    CustomerNote,
    CustomerTag,
    Group,
    Guarantor,
    Loan,
    LoanRequest,
    Membership,
    NextOfKin,
    Notification,
    Office,
    OwnNotification,
    Role,
    SavingsAccount,
    TierDecision,
    UnusedGroupDigest,
)
from gql.db.models.base import Base, UTCDateTime
from gql.db.queries.bank_details import bank_accounts_of, identifiers_of
from gql.db.queries.me import OWN_GROUPS
from gql.db.queries.own_loans import next_payments_of
from gql.db.queries.profiles import addresses_of, next_of_kin_of, profiles_of
from gql.demo import PASSWORD, seed
from gql.domain.enums import AdminStatus, CustomerStatus, GroupPurpose, GroupStatus, LoanStatus, OfficeStatus
from gql.domain.group_reviews import status_at
from gql.domain.interactions import InteractionKind
from gql.domain.listing import BY_SINCE
from gql.domain.loan_requests import RequestStatus
from gql.domain.notifications import NotificationEvent, OwnEvent
from gql.domain.paging import page_request
from gql.domain.profile import EmploymentStatus, Gender
from gql.domain.search import reversed_search_key, search_key
from gql.domain.unused_groups import keep_refusals
from tests.databases import DatabaseKind, fresh_database
from tests.vaults import VAULT

DAY = date(2026, 11, 20)
START_OF_DAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def lender_url(database_kind: DatabaseKind) -> Any:
    """A lender of 800 customers, which these tests only read."""
    with fresh_database(database_kind) as url:
        yield url


@pytest.fixture
async def lender(lender_url: str) -> AsyncIterator[Database]:
    """The same, opened; seeded by whoever is first."""
    database = Database(lender_url)
    await seed(database, customers=800, today=DAY, vault=VAULT)
    yield database
    await database.close()


BROKEN = {
    "the history is a chain without gaps, whose last span is open": """
        SELECT customer_id FROM (
            SELECT customer_id, started_at, ended_at,
                   lead(started_at) OVER (PARTITION BY customer_id ORDER BY started_at) AS next_start
            FROM assignments) AS spans
        WHERE ended_at IS DISTINCT FROM next_start OR ended_at = started_at""",
    "the open assignment is the customer's manager": """
        SELECT c.id FROM customers c LEFT JOIN assignments a ON a.customer_id = c.id AND a.ended_at IS NULL
        WHERE a.admin_id IS DISTINCT FROM c.account_manager_id""",
    "the customer's row knows the oldest unpaid instalment": """
        SELECT id FROM customers c WHERE oldest_unpaid_due_on IS DISTINCT FROM (
            SELECT min(due_on) FROM loans JOIN loan_instalments i ON i.loan_id = loans.id
            WHERE loans.customer_id = c.id AND paid_minor < due_minor)""",
    "nobody follows themselves": """
        SELECT customer_id FROM (
            SELECT customer_id, admin_id,
                   lead(admin_id) OVER (PARTITION BY customer_id ORDER BY started_at) AS next_admin
            FROM assignments) AS spans
        WHERE admin_id = next_admin""",
    "a history has three spans at most": "SELECT customer_id FROM assignments GROUP BY 1 HAVING count(*) > 3",
    "only the eligible hold customers": """
        SELECT a.id FROM assignments a JOIN admins m ON m.id = a.admin_id JOIN offices o ON o.id = m.office_id
        WHERE m.status <> 'ACTIVE' OR o.status <> 'ACTIVE' OR EXISTS (
            SELECT 1 FROM admin_roles x JOIN roles r ON r.id = x.role_id
            WHERE x.admin_id = m.id AND r.never_holds_book)""",
    "nobody acted before they joined": """
        SELECT a.id FROM assignments a JOIN admins m ON m.id = a.admin_id JOIN admins b ON b.id = a.assigned_by_id
        JOIN customers c ON c.id = a.customer_id
        WHERE a.started_at < m.created_at OR a.started_at < b.created_at OR a.started_at < c.created_at""",
    "memberCount is the number of open memberships": """
        SELECT id FROM groups g WHERE member_count <> (
            SELECT count(*) FROM memberships m WHERE m.group_id = g.id AND m.until IS NULL)""",
    "memberships lie within the life of both sides": """
        SELECT m.id FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id
        WHERE m.since < g.created_at OR m.since < c.created_at OR m.since > g.updated_at OR g.status = 'INACTIVE'""",
    "a group that was ever in use has its status by somebody, from a day of its life": """
        SELECT id FROM groups WHERE (status = 'INACTIVE') <> (status_changed_at IS NULL)
            OR (status_reason IS NULL) <> (status_changed_by_id IS NULL)
            OR status_changed_at NOT BETWEEN created_at AND :now
            OR (sensitivity = 'SENSITIVE') <> (review_interval_days IS NOT NULL)""",
    "nobody is in two categories that exclude each other": """
        SELECT m1.customer_id FROM risk_category_exclusions x
        JOIN groups g1 ON g1.risk_category_id = x.category_id
        JOIN groups g2 ON g2.risk_category_id = x.other_category_id
        JOIN memberships m1 ON m1.group_id = g1.id AND m1.until IS NULL
        JOIN memberships m2 ON m2.group_id = g2.id AND m2.until IS NULL AND m2.customer_id = m1.customer_id""",
    "who is proposed is in the group and not active, and so is who was kept; all others fit": """
        SELECT p.id FROM proposed_removals p JOIN memberships m ON m.id = p.membership_id
        JOIN customers c ON c.id = m.customer_id
        WHERE m.until IS NOT NULL OR c.status = 'ACTIVE' OR m.group_id <> p.group_id OR m.customer_id <> p.customer_id
            OR p.found_at < m.since OR p.found_at > :now OR p.decided_at < p.found_at OR p.decided_at > :now
        UNION ALL SELECT m.id FROM memberships m JOIN customers c ON c.id = m.customer_id
        JOIN group_checks k ON k.group_id = m.group_id LEFT JOIN proposed_removals p ON p.membership_id = m.id
        WHERE m.until IS NULL AND c.status <> 'ACTIVE' AND p.id IS NULL""",
    "nobody is in a group by whose rules they leave": """
        SELECT m.id FROM memberships m JOIN groups g ON g.id = m.group_id JOIN customers c ON c.id = m.customer_id
        WHERE m.until IS NULL AND CAST(g.removal_statuses AS TEXT) LIKE '%' || c.status || '%'""",
    "payments make up what is paid, and what isn't is outstanding": """
        SELECT l.id FROM loans l
        JOIN (SELECT loan_id, sum(due_minor) AS due, sum(paid_minor) AS paid FROM loan_instalments GROUP BY 1) AS i
             ON i.loan_id = l.id
        LEFT JOIN (
            SELECT loan_id, sum(amount_minor) AS come FROM loan_payments WHERE reversed_at IS NULL GROUP BY 1
        ) AS p ON p.loan_id = l.id
        WHERE i.paid <> coalesce(p.come, 0) OR l.outstanding_minor <> i.due - i.paid OR i.due < l.principal_minor""",
    "every loan has a schedule": """
        SELECT id FROM loans l WHERE NOT EXISTS (SELECT 1 FROM loan_instalments i WHERE i.loan_id = l.id)""",
    "a loan is closed once nothing is outstanding": """
        SELECT id FROM loans WHERE (status = 'CLOSED') <> (outstanding_minor = 0)""",
    "instalments come after the money, payments too": """
        SELECT l.id FROM loans l JOIN loan_payments p ON p.loan_id = l.id JOIN customers c ON c.id = l.customer_id
        WHERE p.received_at < l.disbursed_at OR l.disbursed_at < c.created_at""",
    "an instalment was settled once it was paid, and not before the money came": """
        SELECT i.id FROM loan_instalments i JOIN loans l ON l.id = i.loan_id
        WHERE (i.settled_on IS NULL) <> (i.paid_minor < i.due_minor) OR i.settled_on < date(l.disbursed_at)""",
    "a request is its customer's, and reviewed and decided in that order, by another than who submitted it": """
        SELECT r.id FROM loan_requests r JOIN customers c ON c.id = r.customer_id
        WHERE r.office_id <> c.office_id OR (r.account_manager_id IS NULL) <> (c.account_manager_id IS NULL)
            OR r.account_manager_id <> c.account_manager_id OR r.submitted_at < c.created_at
            OR r.review_started_at < r.submitted_at OR r.decided_at < r.review_started_at OR r.decided_at > :now
            OR r.submitted_by_id IN (r.reviewer_id, r.decided_by_id)
            OR (r.status = 'SUBMITTED') <> (r.reviewer_id IS NULL)""",
    "a loan came of a request for it that was approved before": """
        SELECT r.id FROM loan_requests r JOIN loans l ON l.id = r.loan_id
        WHERE r.status <> 'APPROVED' OR r.decided_at > l.disbursed_at OR r.customer_id <> l.customer_id
            OR r.amount_minor <> l.principal_minor OR r.currency <> l.currency OR r.product <> l.product""",
    "a status but ACTIVE has its reason, and only that": """
        SELECT id FROM customers WHERE (status = 'ACTIVE') <> (status_reason IS NULL)""",
    "a status was set by somebody, but for a registration": """
        SELECT id FROM customers WHERE (status = 'PENDING') <> (status_changed_by_id IS NULL)""",
    "changes of a status are a chain from PENDING to the present one": """
        SELECT c.id FROM customers c LEFT JOIN customer_status_changes s
            ON s.customer_id = c.id AND s.changed_at = c.status_changed_at AND s.status_after = c.status
        WHERE (c.status = 'PENDING') <> (s.id IS NULL)
        UNION ALL SELECT s.id FROM (SELECT id, status_before, lag(status_after, 1, 'PENDING')
            OVER (PARTITION BY customer_id ORDER BY changed_at, id) AS before FROM customer_status_changes) AS s
        WHERE s.status_before <> s.before""",
    "a version counts assignments, changes of status and the decision of a tier": """
        SELECT c.id FROM customers c WHERE c.version <> 1
            + (SELECT count(*) FROM assignments a WHERE a.customer_id = c.id)
            + (SELECT count(*) FROM customer_status_changes s WHERE s.customer_id = c.id)
            + (SELECT count(*) FROM tier_decisions t WHERE t.customer_id = c.id)""",
    "who has a tier has a reason for it": """
        SELECT c.id FROM customers c LEFT JOIN tier_decisions t ON t.customer_id = c.id
        WHERE (c.tier IS NULL) <> (t.customer_id IS NULL) OR t.decided_at NOT BETWEEN c.created_at AND c.updated_at""",
    "a relation is written from both sides": """
        SELECT r.id FROM customer_relations r LEFT JOIN customer_relations o ON o.customer_id = r.related_id
            AND o.related_id = r.customer_id AND o.since = r.since AND (r.relation, o.relation) IN (
                ('EMPLOYER', 'EMPLOYEE'), ('EMPLOYEE', 'EMPLOYER'),
                ('GUARANTOR', 'GUARANTEED'), ('GUARANTEED', 'GUARANTOR'))
        WHERE o.id IS NULL""",
    "a guarantor who is a customer is related, and the other way round": """
        SELECT g.id FROM guarantors g FULL JOIN (SELECT * FROM customer_relations WHERE relation = 'GUARANTOR') AS r
            ON r.customer_id = g.customer_id AND r.related_id = g.guarantor_id
        WHERE r.id IS NULL AND g.guarantor_id IS NOT NULL OR g.id IS NULL""",
    "whose employer is a customer is employed, by that name": """
        SELECT r.id FROM customer_relations r JOIN customers e ON e.id = r.related_id
        LEFT JOIN customer_profiles p ON p.customer_id = r.customer_id
        WHERE r.relation = 'EMPLOYER' AND (p.employer_name <> e.name OR p.employment_status <> 'EMPLOYED')""",
    "who has a profile lives somewhere, and nobody else": """
        SELECT p.customer_id FROM customer_profiles p FULL JOIN
            (SELECT customer_id FROM customer_addresses WHERE position = 0) AS a ON a.customer_id = p.customer_id
        WHERE p.customer_id IS NULL OR a.customer_id IS NULL""",
    "a closed account is empty, and has an end": """
        SELECT id FROM savings_accounts WHERE (status = 'CLOSED') <> (closed_at IS NOT NULL)
            OR (status = 'CLOSED' AND balance_minor <> 0)""",
    "an open membership of a blacklisted customer is flagged, and no other": """
        SELECT m.id FROM memberships m JOIN customers c ON c.id = m.customer_id
        WHERE (m.flag IS NOT NULL) <> (m.until IS NULL AND c.status = 'BLACKLISTED')""",
    "what is due is of its customer's office and account manager": """
        SELECT i.id FROM interactions i JOIN customers c ON c.id = i.customer_id WHERE i.done_at IS NULL
            AND (i.office_id <> c.office_id OR i.account_manager_id IS DISTINCT FROM c.account_manager_id)""",
    "who put an interaction on record looked after the customer; customers ask for callbacks themselves": """
        SELECT i.id FROM interactions i WHERE (i.kind = 'CALLBACK_REQUEST') <> (i.author_id IS NULL)
            OR i.author_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.customer_id = i.customer_id
                AND a.admin_id = i.author_id AND a.started_at <= i.occurred_at AND a.ended_at IS NULL)""",
    "what is done was done after it was on record, by somebody": """
        SELECT id FROM interactions WHERE logged_at < occurred_at OR logged_at > :now OR done_at < logged_at
            OR done_at > :now OR (done_at IS NULL) <> (done_by_id IS NULL) OR due_at < occurred_at""",
    "an audit event tells of what is in its customer's history, or of what was denied": """
        SELECT e.id FROM audit_events e WHERE NOT e.denied
            AND NOT EXISTS (SELECT 1 FROM customer_status_changes s WHERE s.customer_id = e.subject_id
                AND s.changed_at = e.at AND s.changed_by_id = e.actor_id AND e.action = 'customer.status_changed')
            AND NOT EXISTS (SELECT 1 FROM assignments a WHERE a.customer_id = e.subject_id AND a.started_at = e.at
                AND a.assigned_by_id = e.actor_id AND e.action = 'customer.account_manager_assigned')""",
    "who is told of a customer has or had them, and at that moment": """
        SELECT n.id FROM notifications n WHERE n.read_at < n.created_at OR n.read_at > :now OR NOT EXISTS (
            SELECT 1 FROM assignments a WHERE a.customer_id = n.customer_id AND a.admin_id = n.admin_id
            AND n.created_at = CASE n.event WHEN 'CUSTOMER_ASSIGNED' THEN a.started_at ELSE a.ended_at END)
        AND n.event NOT IN ('GROUP_REVIEW_DUE', 'GROUP_REVIEW_OVERDUE', 'GROUPS_UNUSED')""",
    "who is told of a group answers for it": """
        SELECT n.id FROM notifications n LEFT JOIN groups g ON g.id = n.group_id
        WHERE n.event IN ('GROUP_REVIEW_DUE', 'GROUP_REVIEW_OVERDUE')
            AND (g.owner_id IS DISTINCT FROM n.admin_id OR n.created_at < g.next_review_at)""",
    "a signature counts who was in the group then": """
        SELECT r.id FROM group_reviews r WHERE member_count <> (
            SELECT count(*) FROM memberships m WHERE m.group_id = r.group_id AND m.since <= r.signed_at
            AND (m.until IS NULL OR m.until > r.signed_at))
        OR due_at > signed_at OR joined > member_count OR signed_at > :now""",
    "and who came and went since the one before": """
        SELECT id FROM (SELECT r.*, lag(r.signed_at) OVER (PARTITION BY group_id ORDER BY signed_at) AS earlier
            FROM group_reviews r) AS r
        WHERE removed <> (SELECT count(*) FROM memberships m WHERE m.group_id = r.group_id AND m.until <= r.signed_at
            AND (earlier IS NULL OR m.until > earlier))
        OR joined <> (SELECT count(*) FROM memberships m WHERE m.group_id = r.group_id AND m.since <= r.signed_at
            AND (m.until IS NULL OR m.until > r.signed_at) AND (earlier IS NULL OR m.since > earlier))""",
    "the last signature is the group's, and what happened last is its last use": """
        SELECT id FROM groups g
        WHERE reviewed_at IS DISTINCT FROM (SELECT max(signed_at) FROM group_reviews r WHERE r.group_id = g.id)
            OR last_used_at < reviewed_at OR last_used_at < created_at OR last_used_at > :now
            OR last_used_at < (SELECT max(since) FROM memberships m WHERE m.group_id = g.id)
            OR last_used_at < (SELECT max(until) FROM memberships m WHERE m.group_id = g.id)""",
    "a person has a BVN, a company a tax ID": """
        SELECT c.id FROM customers c LEFT JOIN customer_identifiers i ON i.customer_id = c.id
            AND i.kind = CASE c.kind WHEN 'PERSON' THEN 'BVN' ELSE 'TAX_ID' END
        WHERE i.id IS NULL""",
    "one account of each customer is the primary one": """
        SELECT c.id FROM customers c LEFT JOIN bank_accounts b ON b.customer_id = c.id AND b.is_primary
        WHERE b.id IS NULL""",
    "nothing is yet to happen": """
        SELECT id FROM customers WHERE created_at > :now OR updated_at > :now OR status_changed_at > :now
            OR status_changed_at < created_at OR updated_at < status_changed_at
        UNION ALL SELECT id FROM admins WHERE created_at > :now OR updated_at > :now OR updated_at < created_at
        UNION ALL SELECT id FROM assignments WHERE started_at > :now
        UNION ALL SELECT id FROM memberships WHERE since > :now OR until > :now
        UNION ALL SELECT id FROM groups WHERE created_at > :now OR updated_at > :now
        UNION ALL SELECT id FROM customer_notes WHERE created_at > :now
        UNION ALL SELECT id FROM customer_relations WHERE since > :now
        UNION ALL SELECT id FROM savings_accounts WHERE opened_at > :now OR closed_at > :now
        UNION ALL SELECT id FROM loan_payments WHERE received_at > :now OR reversed_at > :now""",
    "who can sign in has a password, and only they": """
        SELECT a.id FROM admins a LEFT JOIN credentials c ON c.admin_id = a.id
        WHERE (a.status = 'ACTIVE') <> (c.id IS NOT NULL)""",
}


@pytest.mark.parametrize("rule", BROKEN)
async def test_no_row_breaks_the_rule(lender: Database, rule: str) -> None:
    """Each statement finds the rows that would."""
    statement = text(BROKEN[rule])
    if ":now" in BROKEN[rule]:
        statement = statement.bindparams(bindparam("now", START_OF_DAY, UTCDateTime()))
    assert await lender.rows(statement) == []


async def test_offices_are_a_tree_of_three_levels(lender: Database) -> None:
    """One root, one office that is closed."""
    offices = {row.id: row for row in await lender.rows(select(Office.id, Office.parent_id, Office.status))}

    def level(office: Any) -> int:
        return 1 if office.parent_id is None else 1 + level(offices[office.parent_id])

    levels = Counter(level(office) for office in offices.values())
    assert set(levels) == {1, 2, 3}
    assert levels[1] == 1
    assert 12 <= len(offices) <= 15
    assert Counter(office.status for office in offices.values())[OfficeStatus.INACTIVE] == 1


async def staff(lender: Database) -> dict[str, Any]:
    """The admins by email, each with the keys of their roles."""
    admins = await lender.rows(
        select(Admin.email, Admin.id, Admin.status, Admin.office_id, Office.parent_id).join(Office)
    )
    roles: dict[Any, set[str]] = {}
    for row in await lender.rows(text("SELECT x.admin_id, r.key FROM admin_roles x JOIN roles r ON r.id = x.role_id")):
        roles.setdefault(str(row.admin_id).replace("-", ""), set()).add(row.key)
    return {row.email.split("@")[0]: (row, roles[row.id.hex]) for row in admins}


SIGN_INS = {
    "super": "super_admin",
    "compliance": "compliance_officer",
    "portfolio": "portfolio_manager",
    "groups": "group_administrator",
    "manager1": "account_manager",
    "manager2": "account_manager",
    "collections": "collections_officer",
    "team": "team_member",
    "auditor": "auditor",
}


async def test_everybody_of_the_contract_can_sign_in(lender: Database) -> None:
    """Nine admins with a role each, and a customer, all with the one public password."""
    admins = await staff(lender)
    for name, role in SIGN_INS.items():
        admin, roles = admins[name]
        assert (admin.email, admin.status, roles) == (f"{name}@lenddesk.example", AdminStatus.ACTIVE, {role})
    desk, region = admins["manager1"][0].office_id, admins["manager1"][0].parent_id
    assert {admins[name][0].office_id for name in ("manager2", "team")} == {desk}
    assert {admins[name][0].office_id for name in ("portfolio", "groups", "collections")} == {region}
    [customer] = await lender.rows(
        select(Customer.id, Customer.status, Customer.account_manager_id).where(
            Customer.email == "customer1@lenddesk.example"
        )
    )
    assert (customer.status, customer.account_manager_id) == (CustomerStatus.ACTIVE, admins["manager1"][0].id)
    credentials = await lender.rows(select(Credential.customer_id, Credential.password_hash))
    assert {row.customer_id for row in credentials} == {None, customer.id}
    assert all(Argon2Hasher().verify(PASSWORD, hashed) for hashed in {row.password_hash for row in credentials})


async def test_forty_admins_fill_every_role(lender: Database) -> None:
    """Most of them active; some invited, some gone, some with two roles."""
    admins = await staff(lender)
    statuses = Counter(admin.status for admin, _ in admins.values())
    built_in = {row.key for row in await lender.rows(select(Role.key))}
    assert len(admins) == 40
    assert set().union(*(roles for _, roles in admins.values())) == built_in
    assert statuses[AdminStatus.ACTIVE] >= 30
    assert statuses[AdminStatus.INVITED] >= 2
    assert statuses[AdminStatus.INACTIVE] >= 2
    assert any(len(roles) == 2 for _, roles in admins.values())


async def test_each_refusal_has_a_customer_to_show_it_on(lender: Database) -> None:
    """In manager1's office: of each status one of manager1, of manager2 and of nobody, in no group at all."""
    admins = await staff(lender)
    member = select(Membership.id).where(Membership.customer_id == Customer.id).exists()
    rows = await lender.rows(
        select(Customer.status, Customer.account_manager_id).where(
            Customer.office_id == admins["manager1"][0].office_id, ~member
        )
    )
    there = {tuple(row) for row in rows}
    for holder in (admins["manager1"][0].id, admins["manager2"][0].id, None):
        assert {(status, holder) for status in CustomerStatus} <= there


async def test_names_numbers_and_addresses_reach_nobody(lender: Database) -> None:
    """Emails at domains that can't exist, phones that can be dialled but that no network has; keys that are found."""
    for row in await lender.rows(select(Customer)):
        assert row.email.endswith(".example")
        assert row.number.startswith("LD-")
        assert row.search_name == search_key(row.name)
        assert row.search_name_reversed == reversed_search_key(row.name)
        phone = phonenumbers.parse(row.phone)
        assert row.phone == phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.E164)
        assert phone.country_code == 234
        assert phonenumbers.is_possible_number(phone)
        assert not phonenumbers.is_valid_number(phone)


async def test_manager1_has_something_overdue_and_something_ahead(lender: Database) -> None:
    """Of every kind of interaction there is one somewhere; customer1 waits for no call, and can ask for one."""
    interactions = Base.metadata.tables["interactions"].c
    admins = await staff(lender)
    of_manager1 = (interactions.account_manager_id == admins["manager1"][0].id, interactions.done_at.is_(None))
    due = [row.due_at for row in await lender.rows(select(interactions.due_at).where(*of_manager1)) if row.due_at]
    assert min(due) < START_OF_DAY < max(due)
    assert {row.kind for row in await lender.rows(select(interactions.kind))} == set(InteractionKind)
    customer1 = select(Customer.id).where(Customer.email == "customer1@lenddesk.example").scalar_subquery()
    still_open = (interactions.due_at.is_not(None), interactions.done_at.is_(None))
    theirs = select(interactions.due_at).where(interactions.customer_id == customer1)
    assert await lender.rows(theirs)
    assert not await lender.rows(theirs.where(*still_open))


async def test_customer1_has_something_to_see_in_each_part_of_the_app(lender: Database) -> None:
    """A loan that is being paid back, whose next payment is ahead, and one that is paid; and a profile in full."""
    [me] = await lender.rows(select(Customer.id).where(Customer.email == "customer1@lenddesk.example"))
    [payment] = await next_payments_of(lender, [me.id])
    assert payment is not None
    assert payment.due_on > DAY
    loans = await lender.rows(select(Loan.status, Loan.disbursed_at).where(Loan.customer_id == me.id))
    assert sorted(loan.status for loan in loans) == [LoanStatus.ACTIVE, LoanStatus.CLOSED]
    [profile], [addresses] = await profiles_of(lender, [me.id]), await addresses_of(lender, [me.id])
    assert (profile.gender, profile.employment_status) == (Gender.FEMALE, EmploymentStatus.EMPLOYED)
    assert None not in (profile.date_of_birth, profile.employer_name, profile.payroll_cycle, profile.income_currency)
    assert addresses
    for read in (next_of_kin_of, identifiers_of, bank_accounts_of):
        [found] = await read(lender, [me.id])
        assert found, read
    told = OwnNotification.__table__.c
    rows = await lender.rows(select(told.event, told.read_at).where(told.customer_id == me.id))
    assert [row.event for row in rows] == [OwnEvent.CONTACT_CHANGED] * 2
    assert {row.read_at is None for row in rows} == {True, False}


async def test_customer1_is_told_of_a_group(lender: Database) -> None:
    """And of none that they should not know."""
    [me] = await lender.rows(select(Customer.id).where(Customer.email == "customer1@lenddesk.example"))
    [page] = await OWN_GROUPS.pages(lender, [me.id], page_request(BY_SINCE, 10, None, None, None))
    assert [edge.node.name for edge in page.edges] == ["SMS Repayment Reminders"]


async def test_manager1_was_told_of_some_and_has_not_read_all(lender: Database) -> None:
    told, admins = Notification.__table__.c, await staff(lender)
    of_manager1 = select(told.event, told.read_at).where(told.admin_id == admins["manager1"][0].id)
    rows = await lender.rows(of_manager1)
    assert {row.event for row in rows} == {NotificationEvent.CUSTOMER_ASSIGNED, NotificationEvent.CUSTOMER_LEFT}
    assert {row.read_at is None for row in rows} == {True, False}


async def test_loan_requests_are_of_every_status(lender: Database) -> None:
    """And some wait in the queue of the account manager who can sign in."""
    c = LoanRequest.__table__.c
    rows = await lender.rows(select(c.status, c.account_manager_id))
    assert {row.status for row in rows} == set(RequestStatus)
    [manager] = await lender.rows(select(Admin.id).where(Admin.email == "manager1@lenddesk.example"))
    waits = (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW)
    assert any(row.account_manager_id == manager.id and row.status in waits for row in rows)


async def test_reviews_of_groups_are_due_overdue_and_signed_and_one_group_is_unused(lender: Database) -> None:
    """All that there is to tell of that was told."""
    groups = {group.name: group for group in await lender.rows(select(Group))}
    states = {
        name: status_at(START_OF_DAY, group.next_review_at)
        for name, group in groups.items()
        if group.next_review_at is not None
    }
    assert states == {"High risk watch": "NOT_DUE", "Prime borrowers": "DUE", "Manual Review Hold": "OVERDUE"}
    assert all(groups[name].review_told == state for name, state in states.items())
    unused = [
        group
        for group in groups.values()
        if not [*keep_refusals(group.status, group.last_used_at, group.kept_until, START_OF_DAY, 365)]
    ]
    assert "Diaspora Remittance Borrowers" in {group.name for group in unused}
    [digest] = await lender.rows(select(UnusedGroupDigest))
    assert {group.owner_id for group in unused} == {digest.admin_id}
    told = [
        row.event for row in await lender.rows(select(Notification).where(Notification.admin_id == digest.admin_id))
    ]
    assert sorted(told) == ["GROUPS_UNUSED", "GROUP_REVIEW_DUE", "GROUP_REVIEW_DUE", "GROUP_REVIEW_OVERDUE"]


async def test_groups_serve_every_flow(lender: Database) -> None:
    """Every status and purpose; a full one, two that exclude each other, one with criteria, all of them active."""
    groups = await lender.rows(select(Group))
    assert len(groups) == 30
    assert {group.status for group in groups} == set(GroupStatus)
    assert {group.purpose for group in groups} == set(GroupPurpose)
    active = [group for group in groups if group.status is GroupStatus.ACTIVE]
    by_name = {group.name: group for group in active}
    assert by_name["2026 Founders Circle"].member_count == by_name["2026 Founders Circle"].maximum_members == 25
    assert by_name["High risk watch"].risk_category_id != by_name["Prime borrowers"].risk_category_id
    assert "2026 SME Loans" in by_name
    assert len(await lender.rows(text("SELECT 1 FROM risk_category_exclusions"))) == 1
    assert [group.removal_statuses for group in groups if group.removal_statuses] == [["ARCHIVED", "BLACKLISTED"]]
    proposals = await lender.rows(text("SELECT status, count(*) AS n FROM proposed_removals GROUP BY 1"))
    assert {row.status for row in proposals} == {"PROPOSED", "KEPT"}
    assert sum(group.maximum_members is None for group in groups) > 15
    assert len(await lender.rows(select(Membership.id).where(Membership.until.is_not(None)))) > 20


async def test_members_meet_the_criteria(lender: Database) -> None:
    """Active, and in an office beneath the one that is named."""
    [group] = await lender.rows(select(Group).where(Group.name == "South West Active Borrowers"))
    status, place = group.criteria["all"]
    [office] = place["office"]["in"]
    assert status == {"status": {"in": ["ACTIVE"]}}
    assert place["office"]["include_subtree"] is True
    members = await lender.rows(
        select(Customer.status, Office.id, Office.parent_id)
        .join(Membership, Membership.customer_id == Customer.id)
        .join(Office, Office.id == Customer.office_id)
        .where(Membership.group_id == group.id, Membership.until.is_(None))
    )
    assert members
    assert {member.status for member in members} == {CustomerStatus.ACTIVE}
    assert all(office in (str(member.id), str(member.parent_id)) for member in members)


async def test_profiles_have_something_to_look_at(lender: Database) -> None:
    """Of each kind of record many, and all of them on the customer who can sign in."""
    [first] = await lender.rows(select(Customer.id).where(Customer.email == "customer1@lenddesk.example"))
    for model in (NextOfKin, Guarantor, CustomerNote, CustomerTag, SavingsAccount, TierDecision):
        customers = [row.customer_id for row in await lender.rows(select(model.customer_id))]
        assert len(customers) > 100, model
        assert first.id in customers, model
    relations = await lender.rows(text("SELECT relation, count(*) AS n FROM customer_relations GROUP BY 1"))
    assert len(relations) == 4
    assert min(row.n for row in relations) > 20
