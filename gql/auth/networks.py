"""Where a request comes from, as far as it is told apart."""

from ipaddress import IPv6Address, ip_address

_SUBSCRIBER_BITS = 64
"""Of an IPv6 address: whoever has one has all that begin with these, and could try with each anew."""


def network_of(address: str | None) -> str:
    """What stands for a client's address when tries are counted: IPv4 whole, IPv6 by its first 64 bits.

    Empty where there is no address, such as on a Unix socket: all such clients count as one.
    """
    if address is None:
        return ""
    try:
        parsed = ip_address(address.partition("%")[0])  # after the percent sign stands our own interface
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> _SUBSCRIBER_BITS << _SUBSCRIBER_BITS)}/{_SUBSCRIBER_BITS}"
