"""The forty admins: who they are, and what they may do."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.offices import DemoOffice
from gql.demo.plan import Draw, Plan, Row
from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.search import search_key

DOMAIN = "lenddesk.example"
SUPER, MANAGER_1, MANAGER_2 = f"super@{DOMAIN}", f"manager1@{DOMAIN}", f"manager2@{DOMAIN}"

_ACTIVE, _INVITED, _INACTIVE = AdminStatus.ACTIVE, AdminStatus.INVITED, AdminStatus.INACTIVE


class _Spec(NamedTuple):
    name: str
    office: str
    roles: str
    """Keys of roles, between spaces."""
    local: str | None = None
    """Left part of the email address; first and last name where it is left out."""
    status: AdminStatus = _ACTIVE


_SPECS = (
    _Spec("Folasade Adeyinka", "head", "super_admin", "super"),
    _Spec("Emeka Nwachukwu", "head", "super_admin"),
    _Spec("Ngozi Umeh", "head", "compliance_officer", "compliance"),
    _Spec("Bashir Galadima", "head", "compliance_officer"),
    _Spec("Osaze Edokpolo", "head", "compliance_officer", status=_INVITED),
    _Spec("Tamuno Briggs", "head", "auditor", "auditor"),
    _Spec("Yetunde Ogunleye", "head", "auditor"),
    _Spec("Chinedu Obiora", "head", "portfolio_manager"),
    _Spec("Halima Danladi", "head", "portfolio_manager group_administrator"),
    _Spec("Ifeoma Anozie", "head", "account_manager"),
    _Spec("Babatunde Olaniyan", "southwest", "portfolio_manager", "portfolio"),
    _Spec("Amarachi Eze", "southwest", "group_administrator", "groups"),
    _Spec("Sule Abdulkadir", "southwest", "collections_officer", "collections"),
    _Spec("Kehinde Oyewole", "southwest", "collections_officer", status=_INACTIVE),
    _Spec("Tolulope Bankole", "ikeja", "account_manager", "manager1"),
    _Spec("Chiamaka Okoro", "ikeja", "account_manager", "manager2"),
    _Spec("Efe Oghenovo", "ikeja", "team_member", "team"),
    _Spec("Segun Adewale", "ikeja", "account_manager"),
    _Spec("Zainab Lawal", "ikeja", "account_manager", status=_INACTIVE),
    _Spec("Ikenna Maduka", "ikeja", "account_manager", status=_INVITED),
    _Spec("Bukola Adeniran", "lekki", "account_manager"),
    _Spec("Nkechi Ibe", "lekki", "account_manager team_member"),
    _Spec("Rotimi Alabi", "ibadan", "account_manager"),
    _Spec("Musa Garkuwa", "ibadan", "team_member"),
    _Spec("Ronke Sowande", "abeokuta", "account_manager collections_officer"),
    _Spec("Aisha Maikudi", "north", "portfolio_manager"),
    _Spec("Danjuma Pam", "north", "collections_officer"),
    _Spec("Grace Audu", "wuse", "account_manager"),
    _Spec("Ibrahim Wada", "wuse", "account_manager"),
    _Spec("Hauwa Jibrin", "wuse", "team_member"),
    _Spec("Kabiru Rano", "kano", "account_manager"),
    _Spec("Rabi Indabawa", "kano", "team_member", status=_INACTIVE),
    _Spec("Yakubu Zango", "kaduna", "account_manager"),
    _Spec("Plangnan Dung", "jos", "account_manager"),
    _Spec("Obinna Chukwuma", "southeast", "portfolio_manager"),
    _Spec("Ebiere Dokubo", "southeast", "group_administrator"),
    _Spec("Uchenna Ugwu", "enugu", "account_manager"),
    _Spec("Kosisochukwu Nwosu", "onitsha", "account_manager"),
    _Spec("Ibiso Hart", "portharcourt", "account_manager"),
    _Spec("Blessing Nsikak", "portharcourt", "team_member", status=_INVITED),
)


@dataclass(frozen=True, slots=True)
class DemoAdmin:
    """An admin. `office` is the key of theirs."""

    id: UUID
    name: str
    email: str
    phone: str | None
    office: str
    roles: tuple[str, ...]
    status: AdminStatus
    created_at: datetime
    updated_at: datetime


class Staff:
    """All admins, and who does what in the customers' histories."""

    def __init__(self, admins: Sequence[DemoAdmin], offices: Mapping[str, DemoOffice]) -> None:
        self.admins = admins
        self.by_email = {admin.email: admin for admin in admins}
        self.working = [admin for admin in admins if _works(admin)]
        self.managers: dict[str, list[DemoAdmin]] = defaultdict(list)
        """Of each office, the account managers who are eligible to hold a book there."""
        self.all_managers: list[DemoAdmin] = []
        for admin in admins:
            if "account_manager" in admin.roles and may_hold_book(admin, offices[admin.office]):
                self.managers[admin.office].append(admin)
                self.all_managers.append(admin)
        self._portfolio = {
            admin.office: admin for admin in reversed(self.working) if admin.roles[0] == "portfolio_manager"
        }
        self._super = self.by_email[SUPER]
        self.compliance = [admin for admin in self.working if admin.roles[0] == "compliance_officer"]

    def assigner(self, draw: Draw, office: DemoOffice) -> DemoAdmin:
        """Who assigns the customers of an office: mostly its region's portfolio manager."""
        return self._super if draw.chance(0.1) else self._portfolio[office.region]

    def judge(self, draw: Draw, office: DemoOffice) -> DemoAdmin:
        """Who changes the status of an office's customers."""
        return draw.pick(self.compliance) if draw.chance(0.6) else self._portfolio[office.region]


def _works(admin: DemoAdmin) -> bool:
    return admin.status is AdminStatus.ACTIVE


def may_hold_book(admin: DemoAdmin, office: DemoOffice) -> bool:
    """Whether the admin, who is of that office, is eligible as account manager."""
    never = any(BUILT_IN_ROLES[role].never_holds_book for role in admin.roles)
    return _works(admin) and office.status is OfficeStatus.ACTIVE and not never


def make_staff(plan: Plan, offices: Mapping[str, DemoOffice]) -> Staff:
    """All admins, in a fixed order. Those who are active joined before the first customer came."""
    draw = plan.draw("staff")
    return Staff([_admin(draw, plan, offices, number, spec) for number, spec in enumerate(_SPECS)], offices)


def _admin(draw: Draw, plan: Plan, offices: Mapping[str, DemoOffice], number: int, spec: _Spec) -> DemoAdmin:
    joined = draw.moment(offices[spec.office].created_at, plan.opened)
    changed = joined
    if spec.status is _INVITED:
        joined = changed = draw.moment(plan.now - timedelta(days=14), plan.now)
    elif spec.status is _INACTIVE:
        changed = draw.moment(plan.now - timedelta(days=400), plan.now)
    local = spec.local or search_key(spec.name).replace(" ", ".")
    return DemoAdmin(
        id=draw.id_at(joined),
        name=spec.name,
        email=f"{local}@{DOMAIN}",
        phone=None if spec.status is _INVITED else f"+234850{1_000_000 + number * 7919}",
        office=spec.office,
        roles=tuple(spec.roles.split()),
        status=spec.status,
        created_at=joined,
        updated_at=changed,
    )


def admin_rows(staff: Staff, offices: Mapping[str, DemoOffice]) -> list[Row]:
    """The rows of the admins."""
    return [
        {
            "id": admin.id,
            "email": admin.email,
            "name": admin.name,
            "search_name": search_key(admin.name),
            "phone": admin.phone,
            "office_id": offices[admin.office].id,
            "status": admin.status,
            "created_at": admin.created_at,
            "updated_at": admin.updated_at,
        }
        for admin in staff.admins
    ]


def admin_role_rows(staff: Staff, role_ids: Mapping[str, UUID]) -> list[Row]:
    """The rows of who has which role; `role_ids` is by the role's key."""
    return [{"admin_id": admin.id, "role_id": role_ids[role]} for admin in staff.admins for role in admin.roles]
