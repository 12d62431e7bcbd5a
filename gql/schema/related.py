"""The customers who are related to a customer, and the facts of the relation on the edges."""

from typing import Annotated, Any

import strawberry

from gql.db.profile_rows import RelatedEdge
from gql.db.queries.related import RelatedRequest
from gql.domain.listing import BY_SINCE
from gql.domain.paging import page_request
from gql.domain.relations import Relation
from gql.domain.roles import CustomerField
from gql.execution.declarations import Arguments, Loaded
from gql.resolvers.customer import shows
from gql.schema.fields import After, Before, First, Info, Last, argument, computed, declared, given, paging


def related_customers() -> Any:
    """The `relatedCustomers` of a customer."""

    def request(arguments: Arguments) -> RelatedRequest:
        page = page_request(BY_SINCE, *(arguments.get(name) for name in ("first", "after", "last", "before")))
        relation = arguments.get("relation")
        return RelatedRequest(page, None if relation is None else Relation(relation))

    def resolve(
        root: Any,
        info: Info,
        relation: Annotated[Relation | None, argument("Only those who are this to the customer.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        arguments = paging(first, after, last, before) | {"relation": given(relation)}
        return info.context.loaders.load("related", root.id, request(arguments))

    return declared(
        Loaded("related", lambda row: row.id, request, shows(CustomerField.RELATED_CUSTOMERS)),
        "Customers whom the viewer sees and who employ this one, are employed by it, answer for it or are answered "
        "for by it, related last first; the relation is on the edge.",
        resolve,
    )


def relation_of_edge() -> Any:
    """`relation`, on an edge."""
    return computed(
        lambda edge: edge.relation if isinstance(edge, RelatedEdge) else None,
        description="What this customer is to the one whose related customers are listed; null in other lists.",
    )
