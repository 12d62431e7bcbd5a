"""The states and kinds of the lender's records."""

from enum import StrEnum


class CustomerStatus(StrEnum):
    """Where a customer stands in their life with the lender."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    SUSPENDED = "SUSPENDED"
    BLACKLISTED = "BLACKLISTED"
    ARCHIVED = "ARCHIVED"


class CustomerKind(StrEnum):
    """A borrower is a person, or a company with a contact."""

    PERSON = "PERSON"
    COMPANY = "COMPANY"


class AdminStatus(StrEnum):
    """Whether a team member can sign in."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class OfficeStatus(StrEnum):
    """Whether a branch works."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class GroupStatus(StrEnum):
    """Only an ACTIVE group takes members; a group is INACTIVE when created."""

    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ARCHIVED = "ARCHIVED"


class GroupPurpose(StrEnum):
    """What a group is kept for."""

    PRODUCT = "PRODUCT"
    RISK = "RISK"
    GEOGRAPHY = "GEOGRAPHY"
    SEGMENT = "SEGMENT"
    CAMPAIGN = "CAMPAIGN"
    COLLECTIONS = "COLLECTIONS"
    OTHER = "OTHER"


class CapacityMode(StrEnum):
    """What a group's maximum does: HARD keeps further members out, WARNING only tells."""

    HARD = "HARD"
    WARNING = "WARNING"


class GroupSensitivity(StrEnum):
    """Whether it matters in itself who is in a group; such a group must be reviewed."""

    NORMAL = "NORMAL"
    SENSITIVE = "SENSITIVE"


class MembershipFlag(StrEnum):
    """Why somebody should look at a membership."""

    CUSTOMER_BLACKLISTED = "CUSTOMER_BLACKLISTED"


class LoanStatus(StrEnum):
    """Where a loan stands."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    WRITTEN_OFF = "WRITTEN_OFF"


class OutboxStatus(StrEnum):
    """How far a message that leaves the system has come."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    DEAD = "DEAD"


class PasswordTokenPurpose(StrEnum):
    """What a link in a mail lets its reader set a password for."""

    RESET = "RESET"
    INVITATION = "INVITATION"


class SubjectKind(StrEnum):
    """Who can sign in, and whom an audit event can name as its actor."""

    ADMIN = "ADMIN"
    CUSTOMER = "CUSTOMER"
    SYSTEM = "SYSTEM"
