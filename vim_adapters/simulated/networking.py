"""What the simulated VIM makes of networks, subnets, ports and what belongs to them."""

from __future__ import annotations

import secrets

import msgspec

from vim_adapters.errors import CapacityError, ConflictError, InvalidSpecError
from vim_adapters.resources import (
    FixedAddress,
    FloatingAddressSpec,
    Kind,
    NetworkSpec,
    PortSpec,
    QosPolicySpec,
    ResourceSpec,
    SecurityGroupSpec,
    SubnetSpec,
    SubPort,
    TrunkSpec,
    kind_of,
)
from vim_adapters.simulated import addressing, routing
from vim_adapters.simulated.draft import Draft
from vim_adapters.simulated.holdings import Holdings

_DEFAULT_MTU = 1450
_HIGHEST_PORT = 65535
_HIGHEST_VLAN = 4094


def qos_policy(_holdings: Holdings, spec: QosPolicySpec) -> Draft:
    """Limits and guarantees of bandwidth."""
    for name, rate in (("max_bps", spec.max_bps), ("min_bps", spec.min_bps)):
        if rate is not None and rate < 1:
            raise InvalidSpecError(f"{name}: must be at least 1 bit per second")
    if spec.max_bps is not None and spec.min_bps is not None and spec.min_bps > spec.max_bps:
        raise InvalidSpecError(f"min_bps: {spec.min_bps} is more than max_bps, {spec.max_bps}")
    return Draft(attributes={"max_bps": spec.max_bps, "min_bps": spec.min_bps})


def adjusted(holdings: Holdings, spec: ResourceSpec) -> Draft:
    """What is adjustable, as the spec says: the attributes that change, and the policies that are in use."""
    match spec:
        case QosPolicySpec():
            return qos_policy(holdings, spec)
        case NetworkSpec():
            return Draft(uses=_policies(holdings, spec))
        case PortSpec():
            return Draft(attributes={"allowed_addresses": _allowed(holdings, spec)}, uses=_policies(holdings, spec))
        case FloatingAddressSpec():
            return routing.led(holdings, spec)
    raise InvalidSpecError(f"a {kind_of(spec)} cannot be changed in place")


def network(holdings: Holdings, spec: NetworkSpec) -> Draft:
    """A segment."""
    segment = spec.provider_segment if spec.provider_segment is not None else 1 + secrets.randbelow(2**24 - 2)
    return Draft(attributes={"mtu": spec.mtu or _DEFAULT_MTU, "segment": segment}, uses=_policies(holdings, spec))


def subnet(holdings: Holdings, spec: SubnetSpec) -> Draft:
    """A range on a network that overlaps with no other."""
    holdings.needed(Kind.NETWORK, spec.network, "network")
    cidr = addressing.check_subnet(spec)
    for row, other in holdings.subnets(spec.network):
        twin = (row["owner"], row["path"]) == (holdings.identity.owner, holdings.identity.path)
        if not twin and other.ip_version == spec.ip_version and cidr.overlaps(addressing.check_subnet(other)):
            raise InvalidSpecError(f"cidr: {spec.cidr} overlaps with subnet {other.name!r} ({other.cidr})")
    gateway = addressing.gateway(spec)
    return Draft(
        attributes={"network": spec.network, "cidr": spec.cidr, "gateway": str(gateway) if gateway else ""},
        uses=(spec.network,),
    )


def port(holdings: Holdings, spec: PortSpec) -> Draft:
    """A port with its addresses."""
    holdings.needed(Kind.NETWORK, spec.network, "network")
    for group in spec.security_groups:
        holdings.needed(Kind.SECURITY_GROUP, group, "security_groups")
    if spec.router is not None:
        holdings.needed(Kind.ROUTER, spec.router, "router")
    named = (*spec.security_groups, *_policies(holdings, spec), *filter(None, (spec.router,)))
    mac = _mac_address(holdings, spec)
    subnets = [(row["id"], subnet) for row, subnet in holdings.subnets(spec.network)]
    wanted = spec.fixed_addresses or _one_of_each_version(subnets)
    chosen = [_address(holdings, fixed, subnets, mac) for fixed in wanted]
    return Draft(
        attributes={
            "network": spec.network,
            "mac_address": mac,
            "addresses": [address for _, address in chosen],
            "subnets": [subnet for subnet, _ in chosen],
            "allowed_addresses": _allowed(holdings, spec),
        },
        uses=tuple(dict.fromkeys((spec.network, *(subnet for subnet, _ in chosen), *named))),
        addresses=((spec.network, mac), *chosen),
    )


def trunk(holdings: Holdings, spec: TrunkSpec) -> Draft:
    """Ports behind one port; none may be in use."""
    holdings.free(Kind.PORT, spec.port, "port")
    seen: set[int | None] = set()
    for index, sub_port in enumerate(spec.sub_ports):
        place = f"sub_ports[{index}]"
        holdings.free(Kind.PORT, sub_port.port, f"{place}.port")
        _check_segment(sub_port, place, seen)
    ports = (spec.port, *(sub_port.port for sub_port in spec.sub_ports))
    if len(set(ports)) < len(ports):
        raise InvalidSpecError("sub_ports: a port is named twice")
    for port in ports:
        if holdings.holder(Kind.TRUNK, port):
            raise ConflictError(f"port {port} belongs to another trunk")
    return Draft(attributes={"port": spec.port, "sub_ports": list(ports[1:])}, uses=ports)


def security_group(_holdings: Holdings, spec: SecurityGroupSpec) -> Draft:
    """Rules."""
    for index, rule in enumerate(spec.rules):
        if rule.direction not in {"ingress", "egress"}:
            raise InvalidSpecError(f"rules[{index}].direction: {rule.direction!r} is neither ingress nor egress")
        for attribute in ("port_min", "port_max"):
            port = getattr(rule, attribute)
            if port is not None and not 0 <= port <= _HIGHEST_PORT:
                raise InvalidSpecError(f"rules[{index}].{attribute}: {port} is not between 0 and {_HIGHEST_PORT}")
    return Draft()


def _policies(holdings: Holdings, spec: NetworkSpec | PortSpec) -> tuple[str, ...]:
    if spec.qos_policy is None:
        return ()
    holdings.needed(Kind.QOS_POLICY, spec.qos_policy, "qos_policy")
    return (spec.qos_policy,)


def _allowed(holdings: Holdings, spec: PortSpec) -> list[str]:
    others = [holdings.needed(Kind.PORT, port, "carries_addresses_of") for port in spec.carries_addresses_of]
    shared = [address for row in others for address in msgspec.json.decode(row["attributes"])["addresses"]]
    return [*(pair.address for pair in spec.allowed_address_pairs), *shared]


def _check_segment(sub_port: SubPort, place: str, seen: set[int | None]) -> None:
    inherited = sub_port.segmentation_type == "inherit"
    if not inherited and sub_port.segmentation_type != "vlan":
        raise InvalidSpecError(f"{place}.segmentation_type: {sub_port.segmentation_type!r} is not vlan or inherit")
    if inherited == (sub_port.segmentation_id is not None):
        raise InvalidSpecError(f"{place}.segmentation_id: is due unless it is inherited")
    if not inherited and not 1 <= (sub_port.segmentation_id or 0) <= _HIGHEST_VLAN:
        raise InvalidSpecError(f"{place}.segmentation_id: is not between 1 and {_HIGHEST_VLAN}")
    if not inherited and sub_port.segmentation_id in seen:
        raise ConflictError(f"{place}.segmentation_id: {sub_port.segmentation_id} is taken on the trunk")
    seen.add(sub_port.segmentation_id)


def _mac_address(holdings: Holdings, spec: PortSpec) -> str:
    if spec.mac_address:
        mac = spec.mac_address.lower()
        if not holdings.take_mac(spec.network, mac):
            raise ConflictError(f"mac_address: {mac} is in use on the network")
        return mac
    while True:
        mac = "fa:16:3e:" + secrets.token_bytes(3).hex(":")
        if holdings.take_mac(spec.network, mac):
            return mac


def _address(
    holdings: Holdings,
    fixed: FixedAddress,
    subnets: list[tuple[str, SubnetSpec]],
    mac: str,
) -> tuple[str, str]:
    candidates = [(id_, subnet) for id_, subnet in subnets if fixed.subnet in {None, id_}]
    if fixed.subnet and not candidates:
        holdings.needed(Kind.SUBNET, fixed.subnet, "fixed_addresses")
        raise InvalidSpecError(f"fixed_addresses: subnet {fixed.subnet} is not on the port's network")
    if fixed.address:
        candidates = [(id_, subnet) for id_, subnet in candidates if addressing.contains(subnet, fixed.address)]
        if not candidates:
            raise InvalidSpecError(f"fixed_addresses: {fixed.address} is on no subnet of the port's network")
    for id_, subnet in candidates:
        allocation = holdings.allocation(id_, subnet)
        if fixed.address:
            address = str(addressing.check_fixed(subnet, fixed.address))
            if not allocation.take(address):
                raise ConflictError(f"fixed_addresses: {address} is already allocated on subnet {subnet.name!r}")
            return id_, address
        if free := allocation.pick(mac):
            return id_, free
    raise CapacityError("No more IP addresses available on the network")


def _one_of_each_version(subnets: list[tuple[str, SubnetSpec]]) -> list[FixedAddress]:
    """What a port asks for that asks for nothing: an address on the first subnet of each IP version."""
    first: dict[int, str] = {}
    for id_, subnet in subnets:
        first.setdefault(subnet.ip_version, id_)
    return [FixedAddress(subnet=id_) for id_ in first.values()]
