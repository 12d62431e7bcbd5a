"""Which client addresses count as one."""

import pytest

from gql.auth.networks import network_of


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (None, ""),
        ("testclient", "testclient"),
    ],
)
def test_a_subscriber_counts_as_one_address(address: str | None, counts_as: str) -> None:
    assert network_of(address) == counts_as
