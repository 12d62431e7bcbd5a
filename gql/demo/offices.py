"""The tree of offices: the head office, three regions, and the branches where customers bank."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.plan import Plan, Row
from gql.domain.enums import OfficeStatus
from gql.domain.search import search_key


class _Spec(NamedTuple):
    key: str
    name: str
    parent: str | None
    customers: int
    """Share of the customers, in percent."""
    status: OfficeStatus = OfficeStatus.ACTIVE


_SPECS = (
    _Spec("head", "Head Office, Lagos", None, 3),
    _Spec("southwest", "South West Region", "head", 0),
    _Spec("north", "Northern Region", "head", 0),
    _Spec("southeast", "South East and South South Region", "head", 0),
    _Spec("ikeja", "Ikeja Branch", "southwest", 12),
    _Spec("lekki", "Lekki Branch", "southwest", 11),
    _Spec("ibadan", "Ibadan Branch", "southwest", 10),
    _Spec("abeokuta", "Abeokuta Branch", "southwest", 7),
    _Spec("wuse", "Abuja Wuse Branch", "north", 13),
    _Spec("kano", "Kano Branch", "north", 10),
    _Spec("kaduna", "Kaduna Branch", "north", 7),
    _Spec("jos", "Jos Branch", "north", 2, OfficeStatus.INACTIVE),
    _Spec("enugu", "Enugu Branch", "southeast", 8),
    _Spec("onitsha", "Onitsha Branch", "southeast", 7),
    _Spec("portharcourt", "Port Harcourt Branch", "southeast", 10),
)


@dataclass(frozen=True, slots=True)
class DemoOffice:
    """An office and its place in the tree. `region` is the key of the office below the head that it belongs to."""

    id: UUID
    key: str
    name: str
    parent_id: UUID | None
    region: str
    status: OfficeStatus
    customers: int
    created_at: datetime

    def row(self) -> Row:
        """Its row."""
        return {
            "id": self.id,
            "name": self.name,
            "search_name": search_key(self.name),
            "parent_id": self.parent_id,
            "status": self.status,
            "created_at": self.created_at,
        }


def make_offices(plan: Plan) -> Mapping[str, DemoOffice]:
    """All offices by key, each after its parent. They open in the first two months."""
    draw = plan.draw("offices")
    made: dict[str, DemoOffice] = {}
    for number, spec in enumerate(_SPECS):
        opened = plan.founded + timedelta(days=4 * number, hours=8, minutes=draw.randrange(480))
        made[spec.key] = DemoOffice(
            id=draw.id_at(opened),
            key=spec.key,
            name=spec.name,
            parent_id=made[spec.parent].id if spec.parent else None,
            region=spec.parent if spec.parent not in (None, "head") else spec.key,
            status=spec.status,
            customers=spec.customers,
            created_at=opened,
        )
    return made
