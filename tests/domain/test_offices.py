"""The tree of offices, upwards."""

from gql.domain.ids import new_id
from gql.domain.offices import up_from


def test_upwards_from_an_office_to_the_head_each_once() -> None:
    """Nor for ever round a ring, nor beyond what is known."""
    head, region, branch, ring, other, unknown = (new_id() for _ in range(6))
    parents = {head: None, region: head, branch: region, ring: other, other: ring}
    assert list(up_from(branch, parents)) == [branch, region, head]
    assert list(up_from(ring, parents)) == [ring, other]
    assert list(up_from(unknown, parents)) == [unknown]
