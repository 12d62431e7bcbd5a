"""What the lender knows of its customers' lives, who stands by them, and what staff noted.

Of a large lender's customers a share has all this: the demo is for looking at, and its rows cost time.
"""

from collections import deque
from datetime import timedelta
from uuid import UUID

from gql.demo.customers import CustomerRow, DemoCustomer
from gql.demo.names import person_name
from gql.demo.plan import Batch, Draw, Plan, Weighted
from gql.demo.profile_rows import (
    AddressRow,
    DecisionRow,
    GuarantorRow,
    NextOfKinRow,
    NoteRow,
    ProfileRow,
    RelationRow,
    SavingsRow,
    TagRow,
)
from gql.demo.profile_words import (
    AREAS,
    GUARANTORS_ARE,
    INCOMES,
    KIN_ARE,
    NOTES,
    SAVINGS_PRODUCTS,
    SECTORS,
    STREETS,
    TAGS,
    TIER_REASONS,
)
from gql.demo.staff import Staff
from gql.domain.back_office import CustomerTier, SavingsStatus
from gql.domain.enums import CustomerKind, CustomerStatus
from gql.domain.profile import (
    AddressKind,
    EducationLevel,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    PayrollCycle,
    ResidenceType,
)
from gql.domain.relations import INVERSE, Relation

_ALL_OF_THE_FIRST = 5_000
_ONE_IN = 20
"""Of the customers after them."""
_EMPLOYERS = 40
"""The latest companies, among whom employers are."""
_TIERS = Weighted(tuple(CustomerTier), (40, 30, 20, 10))
_WORK = Weighted(tuple(EmploymentStatus), (55, 35, 3, 3, 4))
_SAVINGS = Weighted(tuple(SavingsStatus), (80, 12, 8))


class Profiles:
    """Makes what goes with the customers, who must come in order: employers and guarantors are earlier ones."""

    TABLES = (
        "customer_profiles",
        "customer_addresses",
        "customer_relations",
        "guarantors",
        "next_of_kin",
        "customer_notes",
        "customer_tags",
        "tier_decisions",
        "savings_accounts",
    )

    def __init__(self, plan: Plan, staff: Staff) -> None:
        self._plan, self._staff = plan, staff
        self._companies: deque[CustomerRow] = deque(maxlen=_EMPLOYERS)
        self._last: CustomerRow | None = None

    def add(self, rows: Batch, draw: Draw, index: int, customer: DemoCustomer) -> None:
        """Add the customer's rows, none for most of a large lender's; a tier is in the customer's own row, too."""
        if index >= _ALL_OF_THE_FIRST and index % _ONE_IN:
            return
        by = self._staff.assigner(draw, customer.office).id
        self._set_tier(rows, draw, index, customer, by)
        row = customer.row
        employer = self._employer(draw, index, row)
        rows["customer_profiles"].append(self._profile(draw, customer, employer))
        rows["customer_addresses"] += _addresses(draw, row)
        if employer is not None:
            rows["customer_relations"] += self._relation(draw, row, employer, Relation.EMPLOYER, by)
        self._add_guarantors(rows, draw, index, row, by)
        if index == 0 or draw.chance(0.6):
            moment = draw.moment(row.created_at, self._plan.now)
            kin = NextOfKinRow(
                draw.id_at(moment), row.id, person_name(draw), draw.pick(KIN_ARE), _phone(draw), by, moment
            )
            rows["next_of_kin"].append(kin)
        rows["customer_notes"] += self._notes(draw, index, row, by)
        tags = sorted({draw.pick(TAGS) for _ in range(2 if index == 0 else draw.below(3))})
        rows["customer_tags"] += [TagRow(row.id, tag) for tag in tags]
        rows["savings_accounts"] += self._savings(draw, index, row)
        if row.kind is CustomerKind.COMPANY:
            self._companies.append(row)
        self._last = row

    def _set_tier(self, rows: Batch, draw: Draw, index: int, customer: DemoCustomer, by: UUID) -> None:
        row = customer.row
        if row.status is not CustomerStatus.ACTIVE or not (index == 0 or draw.chance(0.3)):
            return
        customer.row = row._replace(tier=draw.weighted(_TIERS), version=row.version + 1)
        decided = draw.moment(row.created_at, row.updated_at)
        rows["tier_decisions"].append(DecisionRow(row.id, draw.pick(TIER_REASONS), by, decided))

    def _employer(self, draw: Draw, index: int, row: CustomerRow) -> CustomerRow | None:
        """A company that was a customer before; few people have one."""
        if row.kind is CustomerKind.COMPANY or not self._companies or not draw.chance(0.25):
            return None
        return draw.pick(self._companies)

    def _profile(self, draw: Draw, customer: DemoCustomer, employer: CustomerRow | None) -> ProfileRow:
        """Customer 1, who sees it in the app, has work, and the gender that her name tells."""
        row, is_first = customer.row, customer.is_customer_1
        least, most = draw.pick(INCOMES)
        if row.kind is CustomerKind.COMPANY:
            site = f"https://{row.email.partition('@')[2]}" if draw.chance(0.3) else None
            nothing = (None,) * 8
            sector = draw.pick(SECTORS)
            return ProfileRow(row.id, *nothing, None, sector, None, None, None, least * 10, None, "NGN", site)
        status = EmploymentStatus.EMPLOYED if employer or is_first else draw.weighted(_WORK)
        is_employed = status is EmploymentStatus.EMPLOYED
        first, *_, last = row.name.split()
        return ProfileRow(
            row.id,
            first,
            last,
            Gender.FEMALE if is_first else draw.pick((Gender.FEMALE, Gender.MALE)),
            (row.created_at - timedelta(days=draw.randint(21 * 366, 60 * 365))).date(),
            draw.pick(tuple(MaritalStatus)),
            draw.below(6),
            draw.pick(tuple(ResidenceType)),
            draw.pick(tuple(EducationLevel)),
            status,
            draw.pick(SECTORS),
            employer.name if employer else f"{last} & Partners" if is_employed else None,
            PayrollCycle.MONTHLY if is_employed else None,
            (row.created_at - timedelta(days=draw.below(3_000))).date() if is_employed else None,
            least,
            most,
            "NGN",
            None,
        )

    def _relation(
        self, draw: Draw, row: CustomerRow, other: CustomerRow, relation: Relation, by: UUID
    ) -> tuple[RelationRow, RelationRow]:
        """From both sides."""
        since = draw.moment(row.created_at, self._plan.now)
        return (
            RelationRow(draw.id_at(since), row.id, other.id, relation, since, by),
            RelationRow(draw.id_at(since), other.id, row.id, INVERSE[relation], since, by),
        )

    def _add_guarantors(self, rows: Batch, draw: Draw, index: int, row: CustomerRow, by: UUID) -> None:
        if index == 0 or draw.chance(0.3):
            moment = draw.moment(row.created_at, self._plan.now)
            key, name, what = draw.id_at(moment), person_name(draw), draw.pick(GUARANTORS_ARE)
            rows["guarantors"].append(GuarantorRow(key, row.id, None, name, what, _phone(draw), by, moment))
        if self._last is not None and draw.chance(0.08):
            link = self._relation(draw, row, self._last, Relation.GUARANTOR, by)
            rows["customer_relations"] += link
            since, key = link[0].since, draw.id_at(link[0].since)
            what = draw.pick(GUARANTORS_ARE)
            rows["guarantors"].append(GuarantorRow(key, row.id, self._last.id, None, what, None, by, since))

    def _notes(self, draw: Draw, index: int, row: CustomerRow, by: UUID) -> list[NoteRow]:
        moments = [draw.moment(row.created_at, self._plan.now) for _ in range(3 if index == 0 else draw.below(3))]
        return [NoteRow(draw.id_at(moment), row.id, draw.pick(NOTES), by, moment) for moment in moments]

    def _savings(self, draw: Draw, index: int, row: CustomerRow) -> list[SavingsRow]:
        made = []
        for number in range(2 if index == 0 else int(draw.chance(0.4))):
            opened = draw.moment(row.created_at, self._plan.now)
            status = SavingsStatus.ACTIVE if index == 0 else draw.weighted(_SAVINGS)
            is_closed = status is SavingsStatus.CLOSED
            made.append(
                SavingsRow(
                    draw.id_at(opened),
                    row.id,
                    f"SV-{row.number[3:]}-{number + 1}",
                    SAVINGS_PRODUCTS[number],
                    status,
                    "NGN",
                    0 if is_closed else draw.randint(500, 2_000_000) * 100,
                    opened,
                    draw.moment(opened, self._plan.now) if is_closed else None,
                )
            )
        return made


def _addresses(draw: Draw, row: CustomerRow) -> list[AddressRow]:
    kinds = (AddressKind.HOME, AddressKind.WORK)[: 1 + draw.chance(0.2)]
    made = []
    for position, kind in enumerate(kinds):
        city, state = draw.pick(AREAS)
        street = f"{draw.randint(1, 180)} {draw.pick(STREETS)}"
        made.append(AddressRow(row.id, position, kind, street, city, state, "NG"))
    return made


def _phone(draw: Draw) -> str:
    """A number in a range that no network has been given."""
    return f"+23484{draw.below(10**8):08d}"
