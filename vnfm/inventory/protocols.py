"""The addresses that connection points have (SOL003 clause 5.5.3.9b): what VIMs tell, and what had been asked for."""

from __future__ import annotations

from mano_runtime.workflow.graph import Resource
from vim_adapters.resources import SubPort
from vnfm.planning.address_ranges import within
from vnfm.planning.connection_points import Attachment
from vnfm.sol003.connectivity import (
    CpProtocolInfo,
    IpAddressInfo,
    IpAddressType,
    IpOverEthernetAddressInfo,
    LayerProtocol,
)


def protocol_info(
    port: Resource | None,
    outside: Attachment | None = None,
    carried: SubPort | None = None,
    floating: Resource | None = None,
) -> tuple[CpProtocolInfo, ...]:
    """Return what a port's VIM says of its addresses; empty while nothing is known.

    ``outside`` is how it is attached to an external link, ``carried`` how a trunk tells it apart, ``floating`` the
    address under which it is reached from the network outside: it is on no subnet of the port's.
    """
    result = (port.result if port else None) or {}
    segment = str(carried.segmentation_id) if carried and carried.segmentation_id else None
    found = (*_addresses(port, outside), *_floating(floating))
    if not found and "mac_address" not in result:
        return ()
    return (
        CpProtocolInfo(
            layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
            ip_over_ethernet=IpOverEthernetAddressInfo(
                mac_address=result.get("mac_address"), segmentation_id=segment, ip_addresses=found
            ),
        ),
    )


def address_type(address: str) -> IpAddressType:
    """Return the version of an address."""
    return IpAddressType.IPV6 if ":" in address else IpAddressType.IPV4


def _floating(floating: Resource | None) -> tuple[IpAddressInfo, ...]:
    address = ((floating.result if floating else None) or {}).get("address")
    return (IpAddressInfo(type=address_type(address), addresses=(address,), is_dynamic=True),) if address else ()


def _addresses(port: Resource | None, outside: Attachment | None) -> tuple[IpAddressInfo, ...]:
    """The addresses by subnet, those that were asked for apart from those that the VIM chose."""
    if port is None:
        given = [fixed.address for fixed in outside.fixed_addresses if fixed.address] if outside else []
        return tuple(IpAddressInfo(type=address_type(one), addresses=(one,), is_dynamic=False) for one in given)
    result = port.result or {}
    addresses = result.get("addresses", ())
    subnets = [*result.get("subnets", ()), *(None for _ in addresses)]
    asked = {fixed["address"] for fixed in port.spec.get("fixed_addresses", ()) if fixed.get("address")}
    ranges = outside.ranges if outside else ()
    found: dict[tuple[IpAddressType, str | None, bool], list[str]] = {}
    spans: list[IpAddressInfo] = []
    for address, subnet in zip(addresses, subnets, strict=False):
        kind = address_type(address)
        span = next((span for span in ranges if within(span, address)), None)
        if span:
            spans.append(IpAddressInfo(type=kind, address_range=span, subnet_id=subnet))
        else:
            found.setdefault((kind, subnet, address not in asked), []).append(address)
    return (
        *(
            IpAddressInfo(type=kind, addresses=tuple(group), is_dynamic=dynamic, subnet_id=subnet)
            for (kind, subnet, dynamic), group in found.items()
        ),
        *spans,
    )
