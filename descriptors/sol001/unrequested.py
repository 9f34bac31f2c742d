"""What a VNFD asks for that no VIM is asked for: its author is to know what the VNF will come without."""

from __future__ import annotations

from collections.abc import Iterator

from descriptors.model.connectivity import ConnectionPoint, VirtualLink
from descriptors.model.resources import Vdu
from descriptors.model.vnfd import Flavour
from descriptors.tosca.topology import Topology

_IPV4 = 4


def check_requested(flavour: Flavour, topology: Topology) -> None:
    """Report what is described, changes what a VNF would be, and is not asked for.

    The architecture of processors is left to the software image, which is for one only.
    """
    for name, what in sorted(unrequested(flavour)):
        topology.reporter.warning(
            "sol001-not-requested", f"{name}: {what}", topology.nodes[name].path,
            hint="have the VIM's operator provide it, or do without",
        )  # fmt: skip


def unrequested(flavour: Flavour) -> Iterator[tuple[str, str]]:
    """Yield what is not asked for, with the name of the template that asks for it."""
    for vdu in flavour.vdus.values():
        yield from ((vdu.id, what) for what in _of_vdu(vdu))
    for link in flavour.virtual_links.values():
        yield from ((link.id, what) for what in _of_link(link))
    for point in flavour.connection_points.values():
        yield from ((point.id, what) for what in _of_point(point))


def _of_vdu(vdu: Vdu) -> Iterator[str]:
    if optional := [name for name in vdu.optional_capabilities if name != vdu.requested_flavour]:
        yield f"capabilities that are not mandatory are not asked for: {', '.join(optional)}"
    if vdu.cpu_clock_hz:
        yield "virtual_cpu_clock is not asked for: processors are as fast as they are"
    if vdu.cpu_oversubscription_policy or vdu.memory_oversubscription_policy:
        yield "oversubscription policies are not asked for: the VIM's own hold"
    if len(vdu.local_disks_bytes) > 1:
        yield f"its {len(vdu.local_disks_bytes)} virtual local storages are one disk of their size together"
    if vdu.boot_data_vim_properties:
        yield "vim_specific_properties of boot data are not used"


def _of_link(link: VirtualLink) -> Iterator[str]:
    if link.quality:
        yield "qos of its profile (latency, variation, loss) is not asked for; bit rates are"
    if link.l2 and link.l2.segmentation_id and not link.l2.segmentation_id.isdigit():
        yield f"segmentation_id {link.l2.segmentation_id!r} is no number, and is not asked for"


def _of_point(point: ConnectionPoint) -> Iterator[str]:
    if any(one.requirements for one in point.interface_requirements):
        yield "network_interface_requirements are not asked for; its vnic_type and nic_io_requirements are"
    if any(one.logical_node and not one.mandatory for one in point.interface_requirements):
        yield "interface requirements that are not mandatory are not asked for"
    exposed = point.internal_link if point.kind == "EXTERNAL" else ""
    if exposed and (point.security_groups or point.floating):
        yield f"it exposes all of {exposed}: it has no floating address, and rules on traffic do not hold for it"
    if any(one.floating and one.ip_version != _IPV4 for one in point.addresses):
        yield "floating addresses of IPv6 are refused when the VNF is instantiated"
