"""The customers, groups and lists of the peer `strawberry`, made from ORM entities and by data loaders."""

from datetime import datetime
from typing import Any

import strawberry

from bench.peers.assembling import reason_of
from bench.peers.facts import ACTIONS_BY_CASE, case_of
from bench.peers.strawberry_records import (
    Admin,
    Assignment,
    AssignmentConnection,
    AssignmentEdge,
    Info,
    Loan,
    LoanConnection,
    LoanEdge,
    LoansSummary,
    Office,
    PageInfo,
    loaders_of,
)
from gql.db import models
from gql.domain.ids import Kind, to_global_id
from gql.domain.listing import BY_NAME, BY_SINCE
from gql.domain.paging import Position, encode_cursor


@strawberry.type
class Access:
    level: str
    reason: str
    withheld_fields: list[str]


@strawberry.type
class Action:
    action: str
    allowed: bool
    reason: str | None


@strawberry.type
class Group:
    entity: strawberry.Private[models.Group]
    name: str
    status: str
    description: str
    criteria_text: str
    member_count: int
    maximum_members: int | None
    updated_at: datetime

    @classmethod
    def of(cls, entity: models.Group) -> "Group":
        return cls(
            entity=entity,
            name=entity.name,
            status=entity.status.value,
            description=entity.description,
            criteria_text=entity.criteria_text,
            member_count=entity.member_count,
            maximum_members=entity.maximum_members,
            updated_at=entity.updated_at,
        )

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.GROUP, self.entity.id))

    @strawberry.field
    async def members(self, info: Info, first: int) -> "CustomerConnection":
        rows = await info.context["members_of"](self.entity.id, first + 1)
        edges = [
            CustomerEdge(node=Customer.of(customer), place=(member.since, member.id), membership=member)
            for member, customer in rows[:first]
        ]
        return CustomerConnection.of(edges, more=len(rows) > first)


@strawberry.type
class GroupEdge:
    membership: strawberry.Private[models.Membership]
    since: datetime
    reason: str | None

    @strawberry.field
    async def added_by(self, info: Info) -> Admin | None:
        return await Admin.load(info, self.membership.added_by_id)

    @strawberry.field
    async def node(self, info: Info) -> Group:
        return Group.of(await loaders_of(info).groups.load(self.membership.group_id))


@strawberry.type
class GroupConnection:
    edges: list[GroupEdge]


@strawberry.type
class Customer:
    entity: strawberry.Private[models.Customer]
    number: str
    display_name: str
    status: str
    kind: str
    email: str
    phone: str
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, entity: models.Customer) -> "Customer":
        return cls(
            entity=entity,
            number=entity.number,
            display_name=entity.name,
            status=entity.status.value,
            kind=entity.kind.value,
            email=entity.email,
            phone=entity.phone,
            version=entity.version,
            created_at=entity.created_at,
            updated_at=entity.updated_at,
        )

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(to_global_id(Kind.CUSTOMER, self.entity.id))

    @strawberry.field
    def access(self, info: Info) -> Access:
        reason = reason_of(self.entity.account_manager_id, info.context["scope"].viewer)
        return Access(level="FULL", reason=reason, withheld_fields=[])

    @strawberry.field
    def viewer_actions(self) -> list[Action]:
        case = case_of(self.status, self.entity.account_manager_id)
        return [Action(**action) for action in ACTIONS_BY_CASE[case]]

    @strawberry.field
    async def office(self, info: Info) -> Office:
        return Office.of(await loaders_of(info).offices.load(self.entity.office_id))

    @strawberry.field
    async def account_manager(self, info: Info) -> Admin | None:
        return await Admin.load(info, self.entity.account_manager_id)

    @strawberry.field
    async def assignment_history(self, info: Info, first: int) -> AssignmentConnection:
        history = (await loaders_of(info).assignments.load(self.entity.id))[:first]
        nodes = [Assignment(entity=o, started_at=o.started_at, ended_at=o.ended_at, reason=o.reason) for o in history]
        return AssignmentConnection(edges=[AssignmentEdge(node=node) for node in nodes])

    @strawberry.field
    async def groups(self, info: Info, first: int) -> GroupConnection:
        found = (await loaders_of(info).memberships.load(self.entity.id))[:first]
        return GroupConnection(edges=[GroupEdge(membership=one, since=one.since, reason=one.reason) for one in found])

    @strawberry.field
    async def loans(self, info: Info, first: int) -> LoanConnection:
        found = (await loaders_of(info).loans.load(self.entity.id))[:first]
        nodes = [
            Loan(entity=one, number=one.loan.number, product=one.loan.product, status=one.loan.status.value)
            for one in found
        ]
        return LoanConnection(edges=[LoanEdge(node=node) for node in nodes])

    @strawberry.field
    async def loans_summary(self, info: Info) -> LoansSummary:
        return LoansSummary.of(await loaders_of(info).loans.load(self.entity.id))


@strawberry.type
class CustomerEdge:
    node: Customer
    place: strawberry.Private[Any]
    membership: strawberry.Private[models.Membership | None]

    @strawberry.field
    def cursor(self) -> str:
        return encode_cursor(BY_NAME if self.membership is None else BY_SINCE, Position(*self.place))

    @strawberry.field
    def since(self) -> datetime | None:
        return self.membership.since if self.membership else None

    @strawberry.field
    async def added_by(self, info: Info) -> Admin | None:
        return await Admin.load(info, self.membership.added_by_id if self.membership else None)


@strawberry.type
class CustomerConnection:
    edges: list[CustomerEdge]
    page_info: PageInfo

    @classmethod
    def of(cls, edges: list[CustomerEdge], *, more: bool) -> "CustomerConnection":
        sort = BY_SINCE if edges and edges[-1].membership else BY_NAME
        end = encode_cursor(sort, Position(*edges[-1].place)) if edges else None
        return cls(edges=edges, page_info=PageInfo(has_next_page=more, end_cursor=end))
