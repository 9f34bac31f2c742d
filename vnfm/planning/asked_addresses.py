"""What a request asks of the ports on external links: addresses, and that nothing is asked twice (SOL003 4.4.1.10c)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from vnfm.planning.address_ranges import check_range
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.connectivity import (
    ExtManagedVirtualLinkData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    VnfExtCpConfig,
)

_VERSIONS = {IpAddressType.IPV4: 4, IpAddressType.IPV6: 6}
_MAC = re.compile(r"[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}", re.IGNORECASE)
_GROUP_BIT = 1
"""Set in the first byte of a MAC address that many listen to, which none can have."""
_SEGMENTATION = frozenset({"VLAN", "INHERIT"})


def check_asked(links: Iterable[ExtVirtualLinkData], managed: Iterable[ExtManagedVirtualLinkData]) -> None:
    """Refuse what no VIM could make of a request's links, whether a VNFC of today needs it or one that may come.

    A link, a connection point of a link and an internal link that is named twice are refused as well: of two that
    say different things only one could be heeded.

    Raises:
        PlanningRefusedError: the first that is wrong, by its path in the request.
    """
    links, managed = tuple(links), tuple(managed)
    _check_networks("extVirtualLinks", (link.resource_id for link in links))
    _check_networks("extManagedVirtualLinks", (link.resource_id for link in managed))
    _check_once("extVirtualLinks", "id", (link.id for link in links), "give it once, with all its extCps")
    _check_once(
        "extManagedVirtualLinks",
        "vnfVirtualLinkDescId",
        (link.vnf_virtual_link_desc_id for link in managed),
        "give the one network that is to be used for it",
    )
    for position, link in enumerate(links):
        place = f"extVirtualLinks[{position}]"
        ports = (port.id for port in link.ext_link_ports)
        _check_once(f"{place}.extLinkPorts", "id", ports, "give it once")
        names = (cp.cpd_id for cp in link.ext_cps)
        _check_once(f"{place}.extCps", "cpdId", names, "give it once, with all its entries of cpConfig")
        for number, cp in enumerate(link.ext_cps):
            for key, config in cp.cp_config.items():
                if config is not None:
                    _check_config(config, f"{place}.extCps[{number}].cpConfig.{key}")


def _check_networks(place: str, networks: Iterable[str]) -> None:
    for position, network in enumerate(networks):
        if not network:
            what = "is empty: give the identifier of the network on its VIM"
            raise PlanningRefusedError(f"{place}[{position}].resourceId", what)


def _check_once(place: str, attribute: str, names: Iterable[str], advice: str) -> None:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            raise PlanningRefusedError(f"{place}[{position}].{attribute}", f"{name!r} is there twice: {advice}")
        seen.add(name)


def _check_config(config: VnfExtCpConfig, place: str) -> None:
    with_mac = None
    for number, protocol in enumerate(config.cp_protocol_data):
        if (asked := protocol.ip_over_ethernet) is None:
            continue
        where = f"{place}.cpProtocolData[{number}].ipOverEthernet"
        if asked.mac_address is not None:
            if with_mac is not None:
                what = f"a port has one MAC address, and cpProtocolData[{with_mac}] gives it: leave this one out"
                raise PlanningRefusedError(f"{where}.macAddress", what)
            with_mac = number
            _check_mac(asked.mac_address, f"{where}.macAddress")
        _check_segment(asked, where)
        for position, data in enumerate(asked.ip_addresses):
            _check_addresses(data, f"{where}.ipAddresses[{position}]")


def _check_mac(address: str, where: str) -> None:
    if not _MAC.fullmatch(address):
        what = f"{address!r} is no MAC address: give six bytes like fa:16:3e:00:00:01, or leave it to the VIM"
        raise PlanningRefusedError(where, what)
    if int(address[:2], 16) & _GROUP_BIT:
        what = f"{address!r} is the address of a group: the first byte of a port's own is even"
        raise PlanningRefusedError(where, what)


def _check_segment(asked: IpOverEthernetAddressData, where: str) -> None:
    kind, number = asked.segmentation_type, asked.segmentation_id
    if kind is not None and kind.upper() not in _SEGMENTATION:
        what = f"{kind!r} is no type of segmentation; there are {', '.join(sorted(_SEGMENTATION))}"
        raise PlanningRefusedError(f"{where}.segmentationType", what)
    if number is not None and not (number.isascii() and number.isdigit()):
        raise PlanningRefusedError(f"{where}.segmentationId", f"{number!r} is no number of a segment")


def _check_addresses(data: IpAddressData, where: str) -> None:
    version = _VERSIONS[data.type]
    seen = set()
    for position, address in enumerate(data.fixed_addresses):
        found = _of_version(address, version, f"{where}.fixedAddresses[{position}]")
        if found in seen:
            what = f"{address} is there twice: a port has an address once"
            raise PlanningRefusedError(f"{where}.fixedAddresses[{position}]", what)
        seen.add(found)
    if data.address_range is not None:
        check_range(data.address_range, f"{where}.addressRange")
        _of_version(data.address_range.min_address, version, f"{where}.addressRange.minAddress")
    if data.num_dynamic_addresses is not None and data.num_dynamic_addresses < 1:
        what = f"{data.num_dynamic_addresses} is not a positive number of addresses: leave it out where none is due"
        raise PlanningRefusedError(f"{where}.numDynamicAddresses", what)


def _of_version(text: str, version: int, where: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise PlanningRefusedError(where, f"{text!r} is no IP address") from None
    if address.version != version:
        what = f"{text} is of IPv{address.version}, and the type of these addresses is IPV{version}: give each its own"
        raise PlanningRefusedError(where, what)
    return address
