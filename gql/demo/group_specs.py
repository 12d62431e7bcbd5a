"""The demo's groups as a lender would set them up: purpose, description, documented criteria, and who is in them."""

from collections.abc import Callable
from dataclasses import dataclass

from gql.demo.customers import DemoCustomer
from gql.demo.loans import Borrowing
from gql.domain.enums import CustomerKind, CustomerStatus, GroupPurpose, GroupStatus

Suits = Callable[[DemoCustomer, Borrowing], bool]
"""Whether a customer belongs into a group."""

HIGH_RISK, PRIME = "High risk", "Prime"
CRITERIA_REGION = "southwest"
"""Key of the office beneath which the members of the group with machine-read criteria have theirs."""


def _anybody(_customer: DemoCustomer, _borrowing: Borrowing) -> bool:
    return True


def _person(customer: DemoCustomer, _borrowing: Borrowing) -> bool:
    return customer.row.kind is CustomerKind.PERSON


def _company(customer: DemoCustomer, _borrowing: Borrowing) -> bool:
    return customer.row.kind is CustomerKind.COMPANY


def _in_arrears(_customer: DemoCustomer, borrowing: Borrowing) -> bool:
    return borrowing.in_arrears


def _on_time(_customer: DemoCustomer, borrowing: Borrowing) -> bool:
    return borrowing.pays_on_time


def _of_offices(*keys: str) -> Suits:
    return lambda customer, _borrowing: customer.office.key in keys


def _active_in_region(customer: DemoCustomer, _borrowing: Borrowing) -> bool:
    return customer.row.status is CustomerStatus.ACTIVE and customer.office.region == CRITERIA_REGION


@dataclass(frozen=True, slots=True)
class GroupSpec:
    """A group. `weight` is how often a customer is thought of for it, compared with the other groups."""

    name: str
    purpose: GroupPurpose
    weight: int
    age_days: int
    description: str
    criteria_text: str
    suits: Suits = _anybody
    status: GroupStatus = GroupStatus.ACTIVE
    maximum: int | None = None
    filled_to: int | None = None
    """Number of open memberships at which the demo stops to add; no bound where it is None."""
    first_come: bool = False
    """Whether the first customers are all in it, up to `filled_to`."""
    risk: str | None = None
    has_criteria: bool = False
    wants_active: bool = False
    """Whether its rule asks for an active status alone, which some members have lost since."""
    leave_by: tuple[CustomerStatus, ...] = ()
    """Statuses by which members have left by themselves."""


_PRODUCT, _RISK, _GEOGRAPHY = GroupPurpose.PRODUCT, GroupPurpose.RISK, GroupPurpose.GEOGRAPHY
_SEGMENT, _CAMPAIGN, _OTHER = GroupPurpose.SEGMENT, GroupPurpose.CAMPAIGN, GroupPurpose.OTHER
_COLLECTIONS = GroupPurpose.COLLECTIONS
_INACTIVE, _SUSPENDED, _ARCHIVED = GroupStatus.INACTIVE, GroupStatus.SUSPENDED, GroupStatus.ARCHIVED
_G = GroupSpec

SPECS = (
    _G("2026 SME Loans", _PRODUCT, 60, 290, "Companies offered this year's SME working capital terms.",
       "Registered companies with six months of trading records.", _company),
    _G("2026 Founders Circle", _SEGMENT, 0, 280, "The first borrowers, invited to our yearly dinner and to pilots.",
       "The 25 longest-standing borrowers who accept the invitation.", maximum=25, filled_to=25, first_come=True),
    _G("SMS Repayment Reminders", _CAMPAIGN, 120, 1500, "Receives a text three days before each instalment.",
       "Every active borrower who agreed to be reminded by text.", wants_active=True),
    _G("High risk watch", _RISK, 90, 900, "Accounts that a risk analyst looks at each week.",
       "Any loan in arrears; reviewed monthly, removed after three payments on time.", _in_arrears, risk=HIGH_RISK),
    _G("Prime borrowers", _RISK, 20, 900, "Lower rates and quicker decisions for the most reliable borrowers.",
       "No late instalment on any loan.", _on_time, risk=PRIME),
    _G("South West Active Borrowers", _GEOGRAPHY, 45, 700, "Active borrowers of the South West Region's branches.",
       "Active status, and an office in the South West Region or beneath it.", _active_in_region, has_criteria=True),
    _G("2026 Salary Advance Pilot", _PRODUCT, 20, 250, "Tests the two-month salary advance with instant payout.",
       "Salaried persons whose employer confirmed the standing order.", _person, maximum=200, filled_to=120),
    _G("2026 Asset Finance Applicants", _PRODUCT, 40, 220, "Companies in line for vehicle and machine finance.",
       "Companies with audited accounts of the last year.", _company),
    _G("School Fees September 2026", _CAMPAIGN, 30, 130, "Parents told of the school fees loan before term begins.",
       "Persons who asked about school fees, or had such a loan.", _person),
    _G("Lagos Market Traders", _SEGMENT, 70, 1100, "Traders of the Ikeja and Lekki markets, visited on market days.",
       "A stall in a Lagos market and daily takings of more than ₦20,000.", _of_offices("ikeja", "lekki"),
       leave_by=(CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED)),
    _G("Northern Grain Farmers", _SEGMENT, 60, 820, "Growers of maize, millet and sorghum, lent to by season.",
       "Two hectares or more under grain, in the Northern Region.", _of_offices("kano", "kaduna", "jos")),
    _G("Abuja Professionals", _SEGMENT, 50, 760, "Salaried staff around the Wuse branch, served by telephone.",
       "Confirmed employment in the Federal Capital Territory.", _of_offices("wuse")),
    _G("Rivers and Enugu Enterprises", _GEOGRAPHY, 50, 640, "Enterprises of the south-east, for regional reporting.",
       "Served by the Enugu or the Port Harcourt branch.", _of_offices("enugu", "portharcourt")),
    _G("Onitsha Importers", _GEOGRAPHY, 60, 500, "Importers at the Onitsha main market, followed for currency risk.",
       "Goods bought abroad in two of the last four quarters.", _of_offices("onitsha"), maximum=150, filled_to=90),
    _G("Women in Business", _SEGMENT, 18, 950, "Women who own or run an enterprise; mentoring and lower fees.",
       "A woman owns half of the enterprise or more, or manages it."),
    _G("Arrears under 30 Days", _COLLECTIONS, 100, 1300, "Called by the branch within two working days.",
       "An instalment unpaid for 1 to 30 days.", _in_arrears),
    _G("Arrears over 30 Days", _COLLECTIONS, 100, 1300, "Handled by the collections officers, with a payment plan.",
       "An instalment unpaid for more than 30 days.", _in_arrears),
    _G("Payment Plan Agreed", _COLLECTIONS, 40, 600, "Customers who keep to a signed plan; no calls while they do.",
       "A signed payment plan that is not broken.", _in_arrears),
    _G("Top-up Offer November 2026", _CAMPAIGN, 30, 40, "Offered a second loan on the first one's terms.",
       "Half of the present loan repaid, nothing late.", _on_time),
    _G("Insurance Cover Pilot", _OTHER, 12, 180, "Credit life cover at no charge, to learn how often it is claimed.",
       "Borrowers aged 21 to 60 who signed the cover note.", _person, maximum=80, filled_to=60),
    _G("Customer Advisory Panel", _OTHER, 8, 410, "Asked for their opinion on new products, four times a year.",
       "Two years with us, and willing to attend.", maximum=40, filled_to=31),
    _G("USD Trade Finance Clients", _PRODUCT, 30, 560, "Companies with loans in dollars, reported to treasury.",
       "A domiciliary account and a confirmed export or import contract.", _company),
    _G("Loyalty Rewards Test", _CAMPAIGN, 15, 330, "Points for each instalment paid early; stopped for a review.",
       "Chosen at random among active borrowers.", status=_SUSPENDED),
    _G("Manual Review Hold", _RISK, 40, 450, "No new loans until fraud operations has cleared the file.",
       "Flagged by fraud operations.", _in_arrears, status=_SUSPENDED),
    _G("2024 SME Loans", _PRODUCT, 40, 1020, "Companies on the SME terms of 2024, kept for reporting.",
       "Registered companies that signed in 2024.", _company, status=_ARCHIVED),
    _G("2025 SME Loans", _PRODUCT, 40, 660, "Companies on the SME terms of 2025, kept for reporting.",
       "Registered companies that signed in 2025.", _company, status=_ARCHIVED),
    _G("Ramadan Campaign 2025", _CAMPAIGN, 15, 630, "Repayment holiday offered in March 2025.",
       "Borrowers who asked for the holiday.", status=_ARCHIVED),
    _G("2027 SME Loans", _PRODUCT, 0, 20, "Being prepared: next year's SME working capital terms.",
       "Registered companies with six months of trading records.", status=_INACTIVE),
    _G("Diaspora Remittance Borrowers", _SEGMENT, 0, 430, "Prepared and never begun: loans repaid from abroad.",
       "Regular remittances in the last six months.", status=_INACTIVE),
    _G("Kano Dry Season Farming", _GEOGRAPHY, 0, 10, "Being prepared: irrigation loans for the dry season.",
       "Irrigated land in the Kano branch's area.", status=_INACTIVE, maximum=60),
)  # fmt: skip
"""The thirty groups of a lender of usual size."""
