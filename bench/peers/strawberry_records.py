"""Object types of the peer `strawberry` that a customer refers to: people, places, assignments, loans."""

from datetime import datetime
from typing import Any

import strawberry

from bench.peers.serving import amount
from bench.peers.strawberry_loaders import Loaders, LoanAndOverdue
from gql.db import models
from gql.domain.ids import Kind, to_global_id

Info = strawberry.Info[Any, Any]


def loaders_of(info: Info) -> Loaders:
    """Those of the request."""
    loaders: Loaders = info.context["loaders"]
    return loaders


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.type
class Office:
    entity: strawberry.Private[models.Office]
    name: str

    @classmethod
    def of(cls, entity: models.Office) -> "Office":
        return cls(entity=entity, name=entity.name)

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.OFFICE, self.entity.id))

    @strawberry.field
    async def parent(self, info: Info) -> "Office | None":
        parent_id = self.entity.parent_id
        return None if parent_id is None else Office.of(await loaders_of(info).offices.load(parent_id))


@strawberry.type
class Role:
    key: str
    name: str


@strawberry.type
class Admin:
    entity: strawberry.Private[models.Admin]
    name: str
    email: str
    status: str

    @classmethod
    async def load(cls, info: Info, key: Any) -> "Admin | None":
        return None if key is None else cls.of(await loaders_of(info).admins.load(key))

    @classmethod
    def of(cls, entity: models.Admin) -> "Admin":
        return cls(entity=entity, name=entity.name, email=entity.email, status=entity.status.value)

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.ADMIN, self.entity.id))

    @strawberry.field
    async def office(self, info: Info) -> Office:
        return Office.of(await loaders_of(info).offices.load(self.entity.office_id))

    @strawberry.field
    async def roles(self, info: Info) -> list[Role]:
        return [Role(key=role.key, name=role.name) for role in await loaders_of(info).roles.load(self.entity.id)]

    @strawberry.field
    async def book_size(self, info: Info) -> int:
        return await loaders_of(info).book_sizes.load(self.entity.id)


@strawberry.type
class Assignment:
    entity: strawberry.Private[models.Assignment]
    started_at: datetime
    ended_at: datetime | None
    reason: str | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.ASSIGNMENT, self.entity.id))

    @strawberry.field
    async def account_manager(self, info: Info) -> Admin | None:
        return await Admin.load(info, self.entity.admin_id)

    @strawberry.field
    async def assigned_by(self, info: Info) -> Admin | None:
        return await Admin.load(info, self.entity.assigned_by_id)


@strawberry.type
class AssignmentEdge:
    node: Assignment


@strawberry.type
class AssignmentConnection:
    edges: list[AssignmentEdge]


@strawberry.type
class Loan:
    entity: strawberry.Private[LoanAndOverdue]
    number: str
    product: str
    status: str

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.LOAN, self.entity.loan.id))

    @strawberry.field
    def outstanding(self) -> Money:
        loan = self.entity.loan
        return Money(amount=amount(loan.outstanding_minor), currency=loan.currency)

    @strawberry.field
    def in_arrears(self) -> bool:
        return self.entity.overdue > 0


@strawberry.type
class LoanEdge:
    node: Loan


@strawberry.type
class LoanConnection:
    edges: list[LoanEdge]


@strawberry.type
class LoanBalance:
    currency: str
    outstanding: Money
    arrears: Money


@strawberry.type
class LoansSummary:
    loans: int
    active_loans: int
    loans_in_arrears: int
    balances: list[LoanBalance]

    @classmethod
    def of(cls, loans: list[LoanAndOverdue]) -> "LoansSummary":
        balances = []
        for currency in sorted({one.loan.currency for one in loans}):
            of_currency = [one for one in loans if one.loan.currency == currency]
            outstanding = sum(one.loan.outstanding_minor for one in of_currency)
            arrears = sum(one.overdue for one in of_currency)
            balances.append(
                LoanBalance(
                    currency=currency,
                    outstanding=Money(amount=amount(outstanding), currency=currency),
                    arrears=Money(amount=amount(arrears), currency=currency),
                )
            )
        return cls(
            loans=len(loans),
            active_loans=sum(one.loan.status.value == "ACTIVE" for one in loans),
            loans_in_arrears=sum(one.overdue > 0 for one in loans),
            balances=balances,
        )
