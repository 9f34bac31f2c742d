"""Connection points of VNFCs, and which external virtual link each one is attached to (SOL001 clause 6.8.8)."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour
from vim_adapters.resources import FixedAddress
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape
from vnfm.sol003.connectivity import ExtVirtualLinkData, IpAddressData, VnfExtCpConfig


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
    mac_address: str | None = None
    fixed_addresses: tuple[FixedAddress, ...] = ()


def connection_points_of(flavour: Flavour, vdu: str) -> list[ConnectionPoint]:
    """Return the connection points of a VDU in the order of the guest's interfaces."""
    own = [cp for cp in flavour.connection_points.values() if cp.vdu == vdu and cp.kind == "VDU"]
    return sorted(own, key=lambda cp: cp.order)


def attachment(flavour: Flavour, shape: Shape, connection_point: ConnectionPoint, index: int) -> Attachment | None:
    """Return how the connection point of the VDU's instance ``index`` is attached to an external virtual link.

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
    mac_address, fixed = _addresses(config, place)
    return Attachment(
        cpd_id=cpd_id,
        cp_config_id=key,
        link_id=link.id,
        network=link.resource_id,
        vim_connection_id=link.vim_connection_id,
        link_port_id=config.link_port_id,
        link_port=port,
        mac_address=mac_address,
        fixed_addresses=fixed,
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


def _link_port(link: ExtVirtualLinkData, config: VnfExtCpConfig, place: str) -> str | None:
    if config.link_port_id is None:
        return None
    for port in link.ext_link_ports:
        if port.id == config.link_port_id:
            return port.resource_handle.resource_id
    known = ", ".join(port.id for port in link.ext_link_ports) or "none"
    raise PlanningRefusedError(
        f"{place}.linkPortId",
        f"{config.link_port_id!r} is not among the extLinkPorts of virtual link {link.id!r}; there are {known}",
    )


def _addresses(config: VnfExtCpConfig, place: str) -> tuple[str | None, tuple[FixedAddress, ...]]:
    mac_address = None
    fixed: list[FixedAddress] = []
    for number, protocol in enumerate(config.cp_protocol_data):
        ethernet = protocol.ip_over_ethernet
        if ethernet is None:
            continue
        mac_address = ethernet.mac_address or mac_address
        for position, data in enumerate(ethernet.ip_addresses):
            where = f"{place}.cpProtocolData[{number}].ipOverEthernet.ipAddresses[{position}]"
            fixed.extend(_fixed(data, where))
    return mac_address, tuple(fixed)


def _fixed(data: IpAddressData, where: str) -> Iterator[FixedAddress]:
    """Yield the addresses that a port is asked to have; one dynamic address on no subnet in particular is not asked."""
    if data.address_range is not None:
        raise PlanningRefusedError(f"{where}.addressRange", "address ranges are not supported; give fixedAddresses")
    for address in data.fixed_addresses:
        yield FixedAddress(subnet=data.subnet_id, address=address)
    if data.subnet_id is not None:
        for _ in range(data.num_dynamic_addresses or 0):
            yield FixedAddress(subnet=data.subnet_id)
