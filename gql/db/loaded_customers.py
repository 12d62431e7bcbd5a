"""Which customers are in what loaders answer: whoever reads under audit or by a cover leaves a record of each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from gql.db.rows import CustomerRow
from gql.domain.paging import Page


def _of_pages(pages: Sequence[Page[Any]]) -> Iterator[CustomerRow]:
    return (edge.node for page in pages for edge in page.edges)


CUSTOMERS_OF: Final[Mapping[str, Callable[[Sequence[Any]], Iterator[CustomerRow]]]] = {
    "customer": lambda values: (row for row in values if row is not None),
    "book": _of_pages,
    "members": _of_pages,
    "employer": lambda values: (row for row in values if row is not None),
    "criteria_sample": lambda samples: (row for sample in samples for row in sample),
    "related": _of_pages,
}
"""The customers in the values of those loaders that answer customers."""
