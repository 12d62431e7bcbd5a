"""Which fields the brief rows of long lists serve (`gql/db/brief_rows.py`). Whoever selects another gets whole rows."""

from typing import Final

CUSTOMER_IN_BRIEF: Final = frozenset(
    {
        *("id", "number", "displayName", "status", "email", "phone"),
        *("office", "accountManager", "groups", "loans", "loansSummary"),
    }
)
GROUP_IN_BRIEF: Final = frozenset({"id", "name", "status", "purpose", "memberCount", "maximumMembers"})
