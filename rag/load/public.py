"""Which internet addresses are public: those that a page may be fetched from."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is given out of IPv6's addresses (RFC 4291, section 2.4)."""
_NOBODYS = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # for protocols (RFC 6890); a cloud's metadata are in it
            "192.88.99.0/24",  # relays of 6to4, given up by RFC 7526
            "168.63.129.16/32",  # what Azure gives its machines, of each machine's own host
            "3fff::/20",  # for documentation (RFC 9637)
        ),
    )
)
"""What Python's list of the internet's special addresses lacks, in one version or all."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, by itself and where another is wrapped in it."""
    found = ipaddress.ip_address(address)
    if any(found in network for network in _NOBODYS):
        return False
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if wrapped is None and found in _NAT64:
            wrapped = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
        if found not in _UNICAST:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved
