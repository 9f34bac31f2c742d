"""Connection points of VNFCs, and which external virtual link each one is attached to (SOL001 clause 6.8.8)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour
from vim_adapters.resources import FixedAddress
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import (
    ExtLinkPortData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressRange,
    IpOverEthernetAddressData,
    VnfExtCpConfig,
)


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the connection point of one VNFC is attached to an external virtual link."""

    cpd_id: str
    """The external connection point, as the request calls it."""
    cp_config_id: str
    """Key of the ``cpConfig`` entry that it uses."""
    link_id: str
    """``id`` of the ExtVirtualLinkData."""
    network: str
    """On the VIM."""
    vim_connection_id: str | None = None
    link_port_id: str | None = None
    """A link port made beforehand: no port is created for it."""
    link_port: str | None = None
    """That port's identifier on the VIM."""
    trunk: str | None = None
    """The trunk on the VIM that the given link port is the port of."""
    mac_address: str | None = None
    fixed_addresses: tuple[FixedAddress, ...] = ()
    ranges: tuple[IpAddressRange, ...] = ()
    """Addresses that it has all of: the port has the first of each, and may carry the others."""
    segmentation_type: str | None = None
    segmentation_id: str | None = None
    """Of one that a trunk carries: the number that it is told apart by."""
    dedicated: bool = True
    """False: a virtual connection point that is to have no port of its own."""
    shares: str = ""
    """Path of the connection point whose port is that of this one, too: both expose one link on one network."""


def connection_points_of(flavour: Flavour, vdu: str) -> list[ConnectionPoint]:
    """Return the connection points of a VDU in the order of the guest's interfaces: those that no trunk carries."""
    own = [cp for cp in flavour.connection_points.values() if cp.vdu == vdu and cp.kind == "VDU" and not cp.trunk_point]
    return sorted(own, key=lambda cp: cp.order)


def attachment(flavour: Flavour, shape: Shape, connection_point: ConnectionPoint, index: int) -> Attachment | None:
    """Return how instance ``index`` of a connection point is attached to an external virtual link.

    The entries of ``cpConfig`` serve the instances in their order. An instance beyond the last entry is attached to
    the link of the last one with addresses of the VIM's choice, for SOL003 asks for an entry per instance that can
    come to be (note 2 of clause 4.4.1.10) and many an NFVO gives fewer. None when no external virtual link of the
    request names the connection point: it then stays unattached, and no port is made for it.
    """
    names = {connection_point.id} | {
        external.id
        for external in flavour.external_connection_points.values()
        if external.connection_point == connection_point.id
    }
    entries = list(_entries(shape, names))
    if not entries:
        return None
    link, cpd_id, key, config, place = entries[min(index, len(entries) - 1)]
    if index >= len(entries):
        config = VnfExtCpConfig()
    port = _link_port(link, config, place)
    asked = _asked(config)
    return Attachment(
        cpd_id=cpd_id,
        cp_config_id=key,
        link_id=link.id,
        network=link.resource_id,
        vim_connection_id=link.vim_connection_id,
        link_port_id=config.link_port_id,
        link_port=port.resource_handle.resource_id if port else None,
        trunk=port.trunk_resource_id if port else None,
        mac_address=next((it.mac_address for it in asked if it.mac_address), None),
        fixed_addresses=tuple(_fixed_addresses(config, place)),
        ranges=tuple(data.address_range for it in asked for data in it.ip_addresses if data.address_range),
        segmentation_type=next((it.segmentation_type for it in asked if it.segmentation_type), None),
        segmentation_id=next((it.segmentation_id for it in asked if it.segmentation_id), None),
        dedicated=config.create_ext_link_port is not False,
    )


def _entries(shape: Shape, names: set[str]) -> Iterator[tuple[ExtVirtualLinkData, str, str, VnfExtCpConfig, str]]:
    for position, link in enumerate(shape.ext_virtual_links):
        for number, data in enumerate(link.ext_cps):
            if data.cpd_id not in names:
                continue
            place = f"extVirtualLinks[{position}].extCps[{number}].cpConfig"
            if not data.cp_config:
                yield link, data.cpd_id, data.cpd_id, VnfExtCpConfig(), place
            for key, config in data.cp_config.items():
                if config is not None:
                    yield link, data.cpd_id, key, config, f"{place}.{key}"


def _link_port(link: ExtVirtualLinkData, config: VnfExtCpConfig, place: str) -> ExtLinkPortData | None:
    if config.link_port_id is None:
        return None
    for port in link.ext_link_ports:
        if port.id == config.link_port_id:
            return port
    known = ", ".join(port.id for port in link.ext_link_ports) or "none"
    raise PlanningRefusedError(
        f"{place}.linkPortId",
        f"{config.link_port_id!r} is not among the extLinkPorts of virtual link {link.id!r}; there are {known}",
    )


def _asked(config: VnfExtCpConfig) -> list[IpOverEthernetAddressData]:
    return [protocol.ip_over_ethernet for protocol in config.cp_protocol_data if protocol.ip_over_ethernet]


def _fixed_addresses(config: VnfExtCpConfig, place: str) -> Iterator[FixedAddress]:
    for number, protocol in enumerate(config.cp_protocol_data):
        if protocol.ip_over_ethernet:
            for position, data in enumerate(protocol.ip_over_ethernet.ip_addresses):
                where = f"{place}.cpProtocolData[{number}].ipOverEthernet.ipAddresses[{position}]"
                yield from _fixed(data, where)


def _fixed(data: IpAddressData, where: str) -> Iterator[FixedAddress]:
    """Yield the addresses that a port is asked to have; one dynamic address on no subnet in particular is not asked."""
    dynamic = data.num_dynamic_addresses or 0
    if data.address_range is not None:
        yield FixedAddress(subnet=data.subnet_id, address=data.address_range.min_address)
    for address in data.fixed_addresses:
        yield FixedAddress(subnet=data.subnet_id, address=address)
    if data.subnet_id is not None:
        for _ in range(dynamic):
            yield FixedAddress(subnet=data.subnet_id)
    elif dynamic > 1:
        raise PlanningRefusedError(
            f"{where}.numDynamicAddresses", f"{dynamic} addresses are of one subnet: name it in subnetId"
        )
