"""What the mutations of groups are sent that changes nothing: told twice, stale, or of what isn't there."""

from typing import Any

from gql.domain.groups import GroupAction
from gql.domain.ids import Kind, to_global_id
from tests.api.client import gid
from tests.api.reading import unknown
from tests.leaks.lender import Lender

STATUS = tuple(f"{action.lower()}Group" for action in GroupAction)
WALLS = ("createRiskCategory", "updateRiskCategory", "setGroupExclusions")
JOBS = ("addGroupMembers", "importGroupMembers", "createJobReport", "exportGroupMembers", "createExportDownload")
DRIFT = ("checkGroupDrift", "decideProposedRemovals")
REVIEWS = ("signGroupReview", "keepGroup")
UPKEEP = (*DRIFT, *REVIEWS)
OF_GROUPS = frozenset({"createGroup", "updateGroup", "removeGroupMember", *STATUS, *WALLS, *JOBS, *UPKEEP})


def of_groups(lender: Lender) -> dict[str, list[dict[str, Any]]]:
    """By mutation."""
    value = lender.canaries.values
    group, another = gid(lender.group), gid(lender.people["another customer"])
    stale = {"groupId": group, "reason": "stale", "expectedVersion": 1}
    out = {"groupId": group, "reason": "not in it"}
    decide = {"groupId": group, "decision": "ACCEPT", "reason": "decided already"}
    terms = {"purpose": "RISK", "description": "None of it.", "criteriaText": "Nobody."}
    return {
        "createGroup": [
            {"name": value["group.name"], **terms},
            {"name": "Somebody's", **terms, "ownerId": unknown(Kind.ADMIN)},
        ],
        "updateGroup": [
            {"groupId": group, "expectedVersion": 1, "name": "Stale"},
            {"groupId": unknown(Kind.GROUP), "expectedVersion": 1},
        ],
        "removeGroupMember": [
            {**out, "customerId": another},
            {**out, "groupId": unknown(Kind.GROUP), "email": value["customer.email"]},
            {**out, "groupId": unknown(Kind.GROUP), "number": value["customer.number"]},
        ],
        "addGroupMembers": [
            {**out, "customerIds": [unknown(Kind.CUSTOMER)], "dryRun": True},
            {**out, "groupId": unknown(Kind.GROUP), "customerFilter": {}},
            {**out, "fromGroupId": group},
        ],
        "importGroupMembers": [{**out, "groupId": unknown(Kind.GROUP)}],
        "exportGroupMembers": [
            {
                "groupId": unknown(Kind.GROUP),
                "format": "CSV",
                "purpose": "none",
                "recipients": {"passphrase": "of nobody at all"},
            }
        ],
        "createExportDownload": [{"jobId": unknown(Kind.JOB)}],
        "createJobReport": [{"jobId": unknown(Kind.JOB)}],
        "checkGroupDrift": [{"groupId": group}, {"groupId": unknown(Kind.GROUP)}],
        "decideProposedRemovals": [
            decide | {"proposalIds": [to_global_id(Kind.PROPOSED_REMOVAL, value["proposed removal.id"])]},
            decide | {"proposalIds": [unknown(Kind.PROPOSED_REMOVAL)]},
            decide | {"proposalIds": [unknown(Kind.PROPOSED_REMOVAL)], "groupId": unknown(Kind.GROUP)},
        ],
        "signGroupReview": [
            {"groupId": group, "note": "stale", "expectedVersion": 1},
            {"groupId": unknown(Kind.GROUP), "note": "of none"},
        ],
        "keepGroup": [stale, stale | {"groupId": unknown(Kind.GROUP)}],
        "createRiskCategory": [
            {"name": value["risk category.name"], "description": "The same."},
            {"name": "Other", "description": "None.", "excludes": [unknown(Kind.RISK_CATEGORY)]},
        ],
        "updateRiskCategory": [
            {"id": unknown(Kind.RISK_CATEGORY), "name": "Other", "description": "None.", "excludes": []},
        ],
        "setGroupExclusions": [
            stale | {"excludedGroupIds": [group]},
            stale | {"groupId": unknown(Kind.GROUP), "excludedGroupIds": []},
        ],
        **{mutation: [stale, stale | {"groupId": unknown(Kind.GROUP)}] for mutation in STATUS},
    }
