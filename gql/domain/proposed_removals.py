"""Members who no longer fit their group's rule: proposed to be removed, and decided upon by a person."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.paging import Sort
from gql.domain.roles import Permission

MOST_DECIDED: Final = 100
"""Proposals that are decided at once."""
KEPT_FOR: Final = timedelta(days=90)
"""For so long a member who was kept is not proposed again for the same reason."""
READ_BY: Final = frozenset({Permission.GROUP_READ, Permission.GROUP_MEMBERS_READ, Permission.GROUP_MEMBERS_WRITE})
"""All of which it takes to read proposals: who decides on them, and may know who is in which group."""
BY_FOUND_AT: Final = Sort("found_at", datetime, descending=True)


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    KEPT = "KEPT"
    OBSOLETE = "OBSOLETE"


class Decision(StrEnum):
    """How a proposal can be decided."""

    ACCEPT = "ACCEPT"
    KEEP = "KEEP"


class ProposalOutcome(StrEnum):
    """What came of deciding about one proposal."""

    REMOVED = "REMOVED"
    KEPT = "KEPT"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    MEMBERSHIP_ENDED = "MEMBERSHIP_ENDED"
    FITS_AGAIN = "FITS_AGAIN"


DECIDED: Final = frozenset({ProposalOutcome.REMOVED, ProposalOutcome.KEPT})
"""Outcomes of what was decided now; of the others nothing was to do."""
SENTENCES: Final[Mapping[ProposalOutcome, str]] = {
    ProposalOutcome.REMOVED: "The member was removed.",
    ProposalOutcome.KEPT: "The member stays.",
    ProposalOutcome.NOT_FOUND: "This group has no such proposal about a customer whom you see. Look at its list.",
    ProposalOutcome.ALREADY_DECIDED: "Somebody has decided about this already. Look at the proposal.",
    ProposalOutcome.MEMBERSHIP_ENDED: "The customer has left the group already.",
    ProposalOutcome.FITS_AGAIN: "The customer meets the group's rule again and stays. Nothing is to be decided.",
}


class DriftErrorCode(StrEnum):
    """Why a group's members were not checked, or nothing was decided about any of them."""

    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    GROUP_ARCHIVED = "GROUP_ARCHIVED"
    NO_CRITERIA = "NO_CRITERIA"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_GROUP: Final = ("groupId",)
GROUP_NOT_FOUND: Final = Refusal(
    DriftErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
GROUP_ARCHIVED: Final = Refusal(
    DriftErrorCode.GROUP_ARCHIVED, "This group is archived, and its members stay as they were. Reinstate it.", _GROUP
)
NO_CRITERIA: Final = Refusal(
    DriftErrorCode.NO_CRITERIA,
    "This group has no rule that a machine checks, so that nobody can have drifted from it. Give it one first.",
    _GROUP,
)
FORBIDDEN: Final = Refusal(
    DriftErrorCode.FORBIDDEN,
    "You may not change the members of groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)
