"""Builders that put a small lender into a database: terse to call, with sensible defaults.

    world = World(database)
    lagos = await world.office("Lagos")
    ada = await world.admin("portfolio_manager", office=lagos)
    customer = await world.customer(office=lagos, manager=ada)

Each answers with the row as it was written (a detached model object), and keeps repeated columns right in the tables.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypedDict, Unpack

from sqlalchemy import select, update

from gql.db.engine import Database
from gql.db.models import (
    Admin,
    AdminRole,
    Assignment,
    AuditEvent,
    BankAccount,
    Base,
    Cover,
    Credential,
    Customer,
    Document,
    FailedCriterion,
    Group,
    GroupReview,
    Identifier,
    Interaction,
    Loan,
    LoanInstalment,
    LoanPayment,
    LoanRequest,
    Membership,
    Notification,
    Office,
    OwnNotification,
    ProposedRemoval,
    RiskCategory,
    RiskCategoryExclusion,
    Role,
    ScheduledAssignment,
    StatusChange,
)
from gql.domain.bank_accounts import ACCOUNT_NUMBER
from gql.domain.covers import CoverKind
from gql.domain.customer_documents import DocumentKind
from gql.domain.customer_status import StatusAction
from gql.domain.enums import (
    AdminStatus,
    CustomerKind,
    CustomerStatus,
    GroupPurpose,
    GroupStatus,
    LoanStatus,
    OfficeStatus,
    SubjectKind,
)
from gql.domain.group_reviews import IN_USE
from gql.domain.identifiers import IdentifierKind
from gql.domain.ids import new_id
from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.domain.loan_requests import RequestStatus
from gql.domain.notifications import NotificationEvent, OwnEvent
from gql.domain.proposed_removals import ProposalStatus
from gql.domain.repayment import PaymentMethod
from gql.domain.roles import Role as DomainRole
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.search import reversed_search_key, search_key
from gql.domain.time import now, today
from gql.vault.numbers import sealed_values
from tests.cheap_hashes import CHEAP
from tests.vaults import VAULT

PASSWORD = "correct horse battery staple"
"""What `World.password` sets unless told otherwise."""

_HASHER = CHEAP()
_BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)


class CustomerFacts(TypedDict, total=False):
    """What may be said of a new customer. Left out: ACTIVE, nobody's, with a name and addresses of its own."""

    office: Office | None
    manager: Admin | None
    status: CustomerStatus
    kind: CustomerKind
    name: str
    email: str
    phone: str
    number: str
    created_at: datetime


class World:
    """The lender of one test. Have one per database: it numbers what it makes.

    Its clock starts on 5 January 2026 and moves on by a minute with each thing made, so that the order in which a test
    makes its rows is their order by `created_at`.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._numbers = count(1)
        self._moments = count()
        self._head_office: Office | None = None

    async def office(
        self, name: str | None = None, *, parent: Office | None = None, status: OfficeStatus = OfficeStatus.ACTIVE
    ) -> Office:
        """A branch, at the root of the tree unless it has a parent."""
        name = name or f"Office {next(self._numbers):04}"
        office = Office(
            id=new_id(),
            name=name,
            search_name=search_key(name),
            parent_id=parent.id if parent else None,
            status=status,
            created_at=self.moment(),
        )
        await self._insert([office])
        return office

    async def role(self, role: DomainRole) -> DomainRole:
        """A role of the lender's own, beside the built-in ones, which every database has."""
        row = Role(
            key=role.key,
            name=role.name,
            description=role.description,
            permissions=sorted(role.permissions),
            assigned_level=role.assigned,
            unassigned_level=role.unassigned,
            scope=role.scope,
            shown_when_limited=sorted(role.shown_when_limited),
            never_holds_book=role.never_holds_book,
            reads_audited=role.reads_audited,
            built_in=False,
        )
        await self._insert([row])
        return role

    async def admin(
        self,
        *role_keys: str,
        office: Office | None = None,
        name: str | None = None,
        email: str | None = None,
        phone: str | None = None,
        status: AdminStatus = AdminStatus.ACTIVE,
    ) -> Admin:
        """A team member with these roles; without an office, in the head office that the world makes when needed."""
        number, moment = next(self._numbers), self.moment()
        name = name or f"Admin {number:04}"
        admin = Admin(
            id=new_id(),
            name=name,
            search_name=search_key(name),
            email=email or f"admin{number:04}@lender.example",
            phone=phone,
            office_id=(office or await self._default_office()).id,
            status=status,
            created_at=moment,
            updated_at=moment,
        )
        async with self.database.begin() as session:
            session.add(admin)
            await session.flush()
            for key in role_keys:
                role_id = (await session.execute(select(Role.id).where(Role.key == key))).scalar_one()
                session.add(AdminRole(admin_id=admin.id, role_id=role_id))
        return admin

    async def customer(self, **facts: Unpack[CustomerFacts]) -> Customer:
        """One customer; without an office, in the head office that the world makes when needed."""
        [customer] = await self.customers(1, **facts)
        return customer

    async def customers(self, how_many: int, /, **facts: Unpack[CustomerFacts]) -> list[Customer]:
        """Several customers alike, in the order of their creation."""
        home = facts.get("office") or await self._default_office()
        customers = [self._customer(home, **facts) for _ in range(how_many)]
        assignments = [
            Assignment(customer_id=customer.id, admin_id=customer.account_manager_id, started_at=customer.created_at)
            for customer in customers
            if customer.account_manager_id
        ]
        await self._insert(customers, assignments)
        return customers

    def _customer(self, home: Office, /, **facts: Unpack[CustomerFacts]) -> Customer:
        serial = next(self._numbers)
        moment = facts.get("created_at") or self.moment()
        name = facts.get("name", f"Customer {serial:04}")
        manager = facts.get("manager")
        return Customer(
            id=new_id(),
            number=facts.get("number", f"C{serial:06}"),
            kind=facts.get("kind", CustomerKind.PERSON),
            name=name,
            search_name=search_key(name),
            search_name_reversed=reversed_search_key(name),
            email=facts.get("email", f"customer{serial:04}@customers.example"),
            phone=facts.get("phone", f"+234803{serial:07}"),
            status=facts.get("status", CustomerStatus.ACTIVE),
            status_changed_at=moment,
            office_id=home.id,
            account_manager_id=manager.id if manager else None,
            version=1,
            created_at=moment,
            updated_at=moment,
        )

    async def assignment(
        self,
        customer: Customer,
        manager: Admin,
        *,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        assigned_by: Admin | None = None,
        reason: str | None = None,
    ) -> Assignment:
        """A span of the customer's history. An open one closes the span before it and makes the customer the manager's.

        Spans must not overlap: give `ended_at` and `started_at` to write the past.
        """
        started = started_at or self.moment()
        assignment = Assignment(
            id=new_id(),
            customer_id=customer.id,
            admin_id=manager.id,
            assigned_by_id=assigned_by.id if assigned_by else None,
            reason=reason,
            started_at=started,
            ended_at=ended_at,
        )
        async with self.database.begin() as session:
            if ended_at is None:
                still_open = (Assignment.customer_id == customer.id) & Assignment.ended_at.is_(None)
                await session.execute(update(Assignment).where(still_open).values(ended_at=started))
                own_row = Customer.id == customer.id
                await session.execute(update(Customer).where(own_row).values(account_manager_id=manager.id))
            session.add(assignment)
        if ended_at is None:
            customer.account_manager_id = manager.id
        return assignment

    async def status_change(
        self, customer: Customer, *, reason: str = "As agreed.", changed_at: datetime | None = None
    ) -> StatusChange:
        """An entry of the customer's history, that it was activated; the customer's own row stays as it is."""
        change = StatusChange(
            id=new_id(),
            customer_id=customer.id,
            action=StatusAction.ACTIVATE,
            status_before=CustomerStatus.PENDING,
            status_after=CustomerStatus.ACTIVE,
            reason=reason,
            changed_at=changed_at or self.moment(),
        )
        await self._insert([change])
        return change

    async def interaction(
        self,
        customer: Customer,
        *,
        kind: InteractionKind = InteractionKind.CALL,
        summary: str = "We spoke.",
        occurred_at: datetime | None = None,
        author: Admin | None = None,
        due_at: datetime | None = None,
        done_by: Admin | None = None,
    ) -> Interaction:
        """An interaction; with `due_at` something is to be done next, and has been if somebody did."""
        moment = occurred_at or self.moment()
        interaction = Interaction(
            id=new_id(),
            customer_id=customer.id,
            office_id=customer.office_id,
            account_manager_id=customer.account_manager_id,
            kind=kind,
            direction=InteractionDirection.INBOUND,
            summary=summary,
            occurred_at=moment,
            logged_at=moment,
            author_id=author.id if author else None,
            next_step="Call again." if due_at else None,
            due_at=due_at,
            done_at=moment if done_by else None,
            done_by_id=done_by.id if done_by else None,
            next_step_outcome="Called." if done_by else None,
        )
        await self._insert([interaction])
        return interaction

    async def event(
        self,
        action: str = "customer.updated",
        *,
        about: Customer | None = None,
        actor: Admin | Customer | None = None,
        details: dict[str, Any] | None = None,
        **facts: Any,
    ) -> AuditEvent:
        """An audit event: of its customer, unless it has another `subject_kind` and `subject_id`."""
        kind = SubjectKind.ADMIN if isinstance(actor, Admin) else SubjectKind.CUSTOMER
        made = {
            "id": new_id(),
            "at": self.moment(),
            "actor_kind": SubjectKind.SYSTEM if actor is None else kind,
            "actor_id": None if actor is None else actor.id,
            "action": action,
            "subject_kind": "customer",
            "subject_id": None if about is None else about.id,
            "customer_id": None if about is None else about.id,
            "details": details or {},
            "request_id": "a request",
            "address": "192.0.2.1",
            "denied": False,
        }
        event = AuditEvent(**made | facts)
        await self._insert([event])
        return event

    async def cover(
        self,
        delegate: Admin,
        manager: Admin | None = None,
        *,
        customer: Customer | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> Cover:
        """A cover of a manager's book, or (with `customer`) a customer opened; for an hour, unless told otherwise."""
        moment = now()
        cover = Cover(
            id=new_id(),
            kind=CoverKind.LEAVE if customer is None else CoverKind.BREAK_GLASS,
            delegate_id=delegate.id,
            manager_id=None if manager is None else manager.id,
            customer_id=None if customer is None else customer.id,
            granted_by_id=delegate.id if manager is None else manager.id,
            reason="On leave.",
            starts_at=starts_at or moment,
            ends_at=ends_at or moment + timedelta(hours=1),
            created_at=moment,
        )
        await self._insert([cover])
        return cover

    async def notification(
        self,
        admin: Admin,
        event: NotificationEvent = NotificationEvent.COVER_ENDED,
        *,
        customer: Customer | None = None,
        created_at: datetime | None = None,
    ) -> Notification:
        """Something that the admin was told and hasn't read."""
        notification = Notification(
            id=new_id(),
            admin_id=admin.id,
            event=event,
            customer_id=None if customer is None else customer.id,
            created_at=created_at or self.moment(),
        )
        await self._insert([notification])
        return notification

    async def own_notification(self, customer: Customer, event: OwnEvent = OwnEvent.OFFICE_CHANGED) -> OwnNotification:
        """Something that the customer was told and hasn't read."""
        notification = OwnNotification(id=new_id(), customer_id=customer.id, event=event, created_at=self.moment())
        await self._insert([notification])
        return notification

    async def identifier(
        self, customer: Customer, kind: IdentifierKind = IdentifierKind.BVN, value: str | None = None
    ) -> Identifier:
        """A number of the customer's, sealed by the tests' key."""
        key, number = new_id(), value or f"222{next(self._numbers):08}"
        values = sealed_values(VAULT, Identifier, key, kind, number)
        identifier = Identifier(id=key, customer_id=customer.id, kind=kind, recorded_at=self.moment(), **values)
        await self._insert([identifier])
        return identifier

    async def bank_account(
        self,
        customer: Customer,
        *,
        number: str | None = None,
        is_primary: bool = False,
        added_at: datetime | None = None,
    ) -> BankAccount:
        """A naira account of the customer's, its number sealed by the tests' key."""
        key, number = new_id(), number or f"{next(self._numbers):010}"
        account = BankAccount(
            id=key,
            customer_id=customer.id,
            bank_name="First Bank",
            bank_code="011",
            account_name=customer.name,
            currency="NGN",
            is_primary=is_primary,
            added_at=added_at or self.moment(),
            **sealed_values(VAULT, BankAccount, key, ACCOUNT_NUMBER, number),
        )
        await self._insert([account])
        return account

    async def document(
        self, customer: Customer, *, name: str = "passport.pdf", uploaded_at: datetime | None = None
    ) -> Document:
        """A document whose bytes have come, as far as its record says."""
        moment = uploaded_at or self.moment()
        document = Document(
            id=new_id(),
            customer_id=customer.id,
            kind=DocumentKind.IDENTITY,
            name=name,
            content_type="application/pdf",
            size=9,
            sha256="0" * 64,
            store_key=new_id().hex,
            created_at=moment,
            uploaded_at=moment,
        )
        await self._insert([document])
        return document

    async def risk_category(self, name: str | None = None, *, excludes: Sequence[RiskCategory] = ()) -> RiskCategory:
        """A category of risk, which no customer may be in together with those that it excludes."""
        category = RiskCategory(id=new_id(), name=name or f"Risk {next(self._numbers):04}", description="A risk.")
        pairs = [sorted((category.id, other.id)) for other in excludes]
        exclusions = [RiskCategoryExclusion(category_id=one, other_category_id=two) for one, two in pairs]
        await self._insert([category], exclusions)
        return category

    async def group(
        self,
        name: str | None = None,
        *,
        status: GroupStatus = GroupStatus.ACTIVE,
        purpose: GroupPurpose = GroupPurpose.SEGMENT,
        description: str = "Customers of a segment.",
        criteria_text: str = "Anybody.",
        criteria: dict[str, Any] | None = None,
        minimum: int | None = None,
        maximum: int | None = None,
        risk_category: RiskCategory | None = None,
        visible_to_customers: bool = False,
        leave_by: Sequence[CustomerStatus] = (),
        graduate: bool = False,
        owner: Admin | None = None,
        members: Sequence[Customer] = (),
        review_days: int | None = None,
        due_at: datetime | None = None,
        last_used_at: datetime | None = None,
    ) -> Group:
        """A group, ACTIVE and open to everybody unless told otherwise, with these members.

        With `review_days` it is reviewed, next at `due_at`. It was used today, unless told otherwise.
        """
        moment = self.moment()
        is_reviewed = review_days is not None and status in IN_USE
        name = name or f"Group {next(self._numbers):04}"
        group = Group(
            id=new_id(),
            name=name,
            search_name=search_key(name),
            status=status,
            purpose=purpose,
            description=description,
            criteria_text=criteria_text,
            criteria=criteria,
            minimum_members=minimum,
            visible_to_customers=visible_to_customers,
            removal_statuses=sorted(leave_by),
            removes_graduated=graduate,
            owner_id=owner.id if owner else None,
            maximum_members=maximum,
            member_count=len(members),
            risk_category_id=risk_category.id if risk_category else None,
            review_interval_days=review_days,
            next_review_at=(due_at or now() + timedelta(days=review_days or 0)) if is_reviewed else None,
            last_used_at=last_used_at or now(),
            version=1,
            created_at=moment,
            updated_at=moment,
        )
        memberships = [Membership(group_id=group.id, customer_id=member.id, since=self.moment()) for member in members]
        await self._insert([group], memberships)
        return group

    async def let_time_pass(self, group: Group, *, days: int) -> None:
        """So many days since a group was last reviewed: its review is due so much earlier."""
        [row] = await self.database.rows(select(Group.next_review_at, Group.reviewed_at).where(Group.id == group.id))
        passed = {name: value - timedelta(days=days) for name, value in row._asdict().items() if value is not None}
        if passed:
            async with self.database.begin() as session:
                await session.execute(update(Group).where(Group.id == group.id).values(passed))

    async def group_review(self, group: Group, signer: Admin, *, signed_at: datetime | None = None) -> GroupReview:
        """A signed review of all that is there, the last one unless there is a later one."""
        signed = signed_at or self.moment()
        review = GroupReview(
            id=new_id(),
            group_id=group.id,
            signed_by_id=signer.id,
            signed_at=signed,
            due_at=signed,
            note="As it should be.",
            member_count=group.member_count,
            joined=0,
            removed=0,
        )
        async with self.database.begin() as session:
            session.add(review)
            repeated = {"reviewed_at": signed, "reviewed_by_id": signer.id}
            await session.execute(update(Group).where(Group.id == group.id).values(repeated))
        return review

    async def membership(
        self,
        group: Group,
        customer: Customer,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        added_by: Admin | None = None,
        reason: str | None = None,
    ) -> Membership:
        """A span of a customer in a group, open unless it has an end; `group.member_count` follows."""
        membership = Membership(
            id=new_id(),
            group_id=group.id,
            customer_id=customer.id,
            since=since or self.moment(),
            until=until,
            added_by_id=added_by.id if added_by else None,
            reason=reason,
        )
        async with self.database.begin() as session:
            session.add(membership)
            if until is None:
                one_more = {"member_count": Group.member_count + 1}
                await session.execute(update(Group).where(Group.id == group.id).values(one_more))
        if until is None:
            group.member_count += 1
        return membership

    async def proposed_removal(self, membership: Membership, *, found_at: datetime | None = None) -> ProposedRemoval:
        """That a member should leave, undecided: they aren't blacklisted, as the group's rule was once."""
        criterion = FailedCriterion(
            id=new_id(),
            group_id=membership.group_id,
            digest=str(next(self._numbers)),
            part={"status": {"in": ["BLACKLISTED"]}},
        )
        proposal = ProposedRemoval(
            id=new_id(),
            group_id=membership.group_id,
            membership_id=membership.id,
            customer_id=membership.customer_id,
            criterion_id=criterion.id,
            status=ProposalStatus.PROPOSED,
            found_at=found_at or self.moment(),
        )
        await self._insert([criterion], [proposal])
        return proposal

    async def loan(
        self,
        customer: Customer,
        *,
        principal: int = 300_000_00,
        instalments: int = 3,
        paid: int = 0,
        overdue_days: int = 0,
        currency: str = "NGN",
        product: str = "Salary loan",
        status: LoanStatus = LoanStatus.ACTIVE,
        disbursed_at: datetime | None = None,
    ) -> Loan:
        """A loan in equal monthly instalments without interest, of which the first `paid` are paid.

        `principal` is in minor units. The first instalment that is not paid is due in 30 days, or was `overdue_days`
        ago; the sum still due is `outstanding_minor`.
        """
        due, rest = divmod(principal, instalments)
        assert rest == 0, "take a principal that the instalments divide"
        loan = Loan(
            id=new_id(),
            number=f"L{next(self._numbers):06}",
            customer_id=customer.id,
            product=product,
            status=status,
            currency=currency,
            principal_minor=principal,
            outstanding_minor=due * (instalments - paid),
            disbursed_at=disbursed_at or self.moment(),
        )
        next_due = today() + timedelta(days=-overdue_days if overdue_days else 30)
        payments = [
            LoanPayment(id=new_id(), loan_id=loan.id, amount_minor=due, received_at=self.moment()) for _ in range(paid)
        ]
        settled = [payment.received_at.date() for payment in payments]
        schedule = [
            LoanInstalment(
                id=new_id(),
                loan_id=loan.id,
                sequence=sequence + 1,
                due_on=_months_from(next_due, sequence - paid),
                due_minor=due,
                paid_minor=due if sequence < paid else 0,
                settled_on=settled[sequence] if sequence < paid else None,
            )
            for sequence in range(instalments)
        ]
        await self._insert([loan], [*schedule, *payments])
        return loan

    async def schedule(self, loan: Loan) -> list[LoanInstalment]:
        """A loan's instalments, in their order."""
        of_loan = select(LoanInstalment).where(LoanInstalment.loan_id == loan.id).order_by(LoanInstalment.sequence)
        async with self.database.begin() as session:
            return list((await session.scalars(of_loan)).all())

    async def payment(self, loan: Loan, *, amount: int = 100, received_at: datetime | None = None) -> LoanPayment:
        """A payment that was reversed at once: the loan stays as it is."""
        moment = received_at or self.moment()
        payment = LoanPayment(
            id=new_id(),
            loan_id=loan.id,
            amount_minor=amount,
            received_at=moment,
            method=PaymentMethod.CASH,
            reversed_at=moment,
            reversal_reason="As a test wants it.",
        )
        await self._insert([payment])
        return payment

    async def payment_on(self, loan: Loan) -> LoanPayment:
        """The first payment on a loan."""
        of_loan = select(LoanPayment).where(LoanPayment.loan_id == loan.id).order_by(LoanPayment.received_at)
        async with self.database.begin() as session:
            return (await session.scalars(of_loan.limit(1))).one()

    async def loan_request(
        self,
        customer: Customer,
        *,
        status: RequestStatus = RequestStatus.SUBMITTED,
        amount: int = 100_000_00,
        currency: str = "NGN",
        submitted_by: Admin | None = None,
        submitted_at: datetime | None = None,
        loan: Loan | None = None,
    ) -> LoanRequest:
        """What a customer asks to be lent; one that is decided was so at once, by nobody."""
        moment = submitted_at or self.moment()
        is_open = status in (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW)
        request = LoanRequest(
            id=new_id(),
            customer_id=customer.id,
            office_id=customer.office_id,
            account_manager_id=customer.account_manager_id,
            product="Salary loan",
            amount_minor=amount,
            currency=currency,
            purpose="School fees",
            status=status,
            submitted_by_id=submitted_by.id if submitted_by else None,
            submitted_at=moment,
            decided_at=None if is_open else moment,
            decision_reason=None if is_open else "As agreed.",
            loan_id=loan.id if loan else None,
        )
        await self._insert([request])
        return request

    async def scheduled(
        self,
        customer: Customer,
        manager: Admin,
        by: Admin,
        *,
        effective_at: datetime | None = None,
        status: ScheduleStatus = ScheduleStatus.PENDING,
        reason: str | None = None,
    ) -> ScheduledAssignment:
        """An assignment that begins in a week, or at that moment; one that is over was so at once."""
        moment, is_cancelled = self.moment(), status is ScheduleStatus.CANCELLED
        started = None
        if status is ScheduleStatus.STARTED:
            started = await self.assignment(customer, manager, started_at=moment)
        scheduled = ScheduledAssignment(
            id=new_id(),
            customer_id=customer.id,
            office_id=customer.office_id,
            account_manager_id=customer.account_manager_id,
            admin_id=manager.id,
            scheduled_by_id=by.id,
            reason=reason,
            effective_at=effective_at or now() + timedelta(days=7),
            status=status,
            refusal_codes=["ADMIN_INACTIVE"] if status is ScheduleStatus.REFUSED else [],
            created_at=moment,
            decided_at=None if status is ScheduleStatus.PENDING else moment,
            decided_by_id=by.id if is_cancelled else None,
            cancel_reason="As agreed." if is_cancelled else None,
            assignment_id=None if started is None else started.id,
        )
        await self._insert([scheduled])
        return scheduled

    async def password(self, subject: Admin | Customer, password: str = PASSWORD) -> str:
        """Let an admin or a customer sign in with a password, hashed cheaply; answers the password."""
        credential = Credential(
            admin_id=subject.id if isinstance(subject, Admin) else None,
            customer_id=subject.id if isinstance(subject, Customer) else None,
            password_hash=_HASHER.hash(password),
            changed_at=self.moment(),
        )
        await self._insert([credential])
        return password

    def moment(self) -> datetime:
        """The world's clock, a minute later at each call."""
        return _BEGINNING + timedelta(minutes=next(self._moments))

    async def _default_office(self) -> Office:
        if self._head_office is None:
            self._head_office = await self.office("Head office")
        return self._head_office

    async def _insert(self, *stages: Sequence[Base]) -> None:
        """Write the rows in one transaction, each stage after those that it refers to."""
        async with self.database.begin() as session:
            for rows in stages:
                session.add_all(rows)
                await session.flush()


def _months_from(day: date, months: int) -> date:
    """Near enough for a schedule: months of 30 days."""
    return day + timedelta(days=30 * months)
