"""Which addresses ports get: pure functions on address ranges."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from vim_adapters.errors import InvalidSpecError
from vim_adapters.resources import SubnetSpec

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def check_subnet(spec: SubnetSpec) -> Network:
    """Return the range of a subnet; InvalidSpecError names the attribute that cannot be."""
    cidr = check_range(spec.cidr, "cidr")
    if cidr.version != spec.ip_version:
        raise InvalidSpecError(f"cidr: {spec.cidr} is not of IP version {spec.ip_version}, as ip_version says")
    if spec.gateway:
        _within(cidr, "gateway", spec.gateway)
    for index, pool in enumerate(spec.allocation_pools):
        start = _within(cidr, f"allocation_pools[{index}].start", pool.start)
        end = _within(cidr, f"allocation_pools[{index}].end", pool.end)
        if int(end) < int(start):
            raise InvalidSpecError(f"allocation_pools[{index}]: ends before it starts")
    return cidr


def check_range(text: str, attribute: str) -> Network:
    """Return an address range; InvalidSpecError names the attribute that holds none."""
    try:
        return ip_network(text)
    except ValueError as error:
        raise InvalidSpecError(f"{attribute}: {error}") from error


def gateway(spec: SubnetSpec) -> Address | None:
    """Return the address of the subnet's gateway: the first one where the spec leaves it to the VIM."""
    if spec.gateway == "":
        return None
    return ip_address(spec.gateway) if spec.gateway else next(_hosts(ip_network(spec.cidr)), None)


class Allocation:
    """Which addresses of one subnet are taken, as long as this is the only one who hands them out."""

    def __init__(self, spec: SubnetSpec, taken: set[str]) -> None:
        self._spec = spec
        self._taken = taken
        reserved = gateway(spec)
        self._free = (text for one in _assignable(spec) if one != reserved and (text := str(one)) not in taken)

    def take(self, address: str) -> bool:
        """Take an address; False where somebody has it."""
        if address in self._taken:
            return False
        self._taken.add(address)
        return True

    def pick(self, mac_address: str) -> str | None:
        """Take the address that a port gets of itself, None when none is left.

        With SLAAC it follows from the MAC address (RFC 4291, appendix A), else it is the lowest that is free.
        """
        if self._spec.ipv6_address_mode == "slaac":
            address = str(_slaac(IPv6Network(self._spec.cidr), mac_address))
            return address if self.take(address) else None
        lowest = next(self._free, None)  # what was passed was taken, and nothing was given back since
        if lowest is not None:
            self._taken.add(lowest)
        return lowest


def check_fixed(spec: SubnetSpec, address: str) -> Address:
    """Return an address that was asked for; InvalidSpecError when a port cannot have it on this subnet."""
    cidr = ip_network(spec.cidr)
    asked = _within(cidr, "fixed_addresses", address)
    if cidr.version == 4 and cidr.num_addresses > 2 and asked in {cidr[0], cidr[-1]}:  # noqa: PLR2004  # IP version 4; /31 has no broadcast
        raise InvalidSpecError(f"fixed_addresses: {address} is the network or broadcast address of {spec.cidr}")
    if asked == gateway(spec):
        raise InvalidSpecError(f"fixed_addresses: {address} is the gateway of {spec.cidr}")
    return asked


def contains(spec: SubnetSpec, address: str) -> bool:
    """Whether an address lies in the range of a subnet."""
    try:
        return ip_address(address) in ip_network(spec.cidr)
    except ValueError as error:
        raise InvalidSpecError(f"fixed_addresses: {error}") from error


def _within(cidr: Network, attribute: str, address: str) -> Address:
    try:
        parsed = ip_address(address)
    except ValueError as error:
        raise InvalidSpecError(f"{attribute}: {error}") from error
    if parsed not in cidr:
        raise InvalidSpecError(f"{attribute}: {address} is not in {cidr}")
    return parsed


def _assignable(spec: SubnetSpec) -> Iterator[Address]:
    if not spec.allocation_pools:
        yield from _hosts(ip_network(spec.cidr))
        return
    for pool in spec.allocation_pools:
        first = ip_address(pool.start)
        for offset in range(int(ip_address(pool.end)) - int(first) + 1):
            yield first + offset


def _hosts(cidr: Network) -> Iterator[Address]:
    yield from cidr.hosts()


def _slaac(prefix: IPv6Network, mac_address: str) -> IPv6Address:
    octets = bytes.fromhex(mac_address.replace(":", ""))
    interface = bytes([octets[0] ^ 0x02, *octets[1:3], 0xFF, 0xFE, *octets[3:]])
    return prefix[0] + int.from_bytes(interface, "big")
