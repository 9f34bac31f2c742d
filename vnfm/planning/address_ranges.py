"""Ranges of addresses that a connection point has all of (SOL003 IpAddressRange)."""

from __future__ import annotations

import ipaddress

from vim_adapters.resources import AddressPair
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.connectivity import IpAddressRange

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_range(asked: IpAddressRange, where: str) -> None:
    """Refuse what is no range.

    Raises:
        PlanningRefusedError: no addresses, of two versions, or the last before the first.
    """
    try:
        first, last = _ends(asked)
        list(ipaddress.summarize_address_range(first, last))
    except (ValueError, TypeError) as error:
        raise PlanningRefusedError(where, f"{asked.min_address} to {asked.max_address} is no range: {error}") from error


def carried(asked: IpAddressRange) -> tuple[AddressPair, ...]:
    """Return what a port may carry that has the first address of a range: the others, in few prefixes."""
    first, last = _ends(asked)
    if first == last:
        return ()
    prefixes = ipaddress.summarize_address_range(first + 1, last)
    return tuple(AddressPair(address=_written(prefix)) for prefix in prefixes)


def within(asked: IpAddressRange, address: str) -> bool:
    """Tell whether an address is one of the range."""
    first, last = _ends(asked)
    one = ipaddress.ip_address(address)
    return one.version == first.version and int(first) <= int(one) <= int(last)


def _written(prefix: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    return str(prefix[0] if prefix.num_addresses == 1 else prefix)


def _ends(asked: IpAddressRange) -> tuple[Address, Address]:
    return ipaddress.ip_address(asked.min_address), ipaddress.ip_address(asked.max_address)
