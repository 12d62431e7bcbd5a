"""A customer's memberships as a list: every span, ended ones too."""

import strawberry

from gql.schema.fields import column
from gql.schema.membership import Membership
from gql.schema.pagination import PageInfo, cursor, page_info, total_count


@strawberry.type(description="A membership in a customer's list.")
class MembershipEdge:
    """Rows are edges."""

    node: Membership = column("The span of time in a group.")
    cursor: str = cursor()


@strawberry.type(description="A page of memberships.")
class MembershipConnection:
    """Rows are pages."""

    edges: list[MembershipEdge] = column("The memberships of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The memberships of the whole list, ended ones too.")
