"""The resources that shall exist for a VNF of a given shape: the VNFM's half of every plan."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import Flavour, SecurityGroupRule, Vdu, Vnfd
from mano_runtime.workflow.graph import Graph, Resource, graph_of
from vim_adapters.resources import Kind, SecurityGroupSpec, SecurityRule, ServerSpec, encode_spec
from vnfm.planning import paths
from vnfm.planning.boot_data import with_boot_data
from vnfm.planning.compute import images_in_use, placement_groups, server_resource, server_template
from vnfm.planning.connection_points import Attachment
from vnfm.planning.generations import in_generations, with_generation
from vnfm.planning.images import PackageFiles, image_resource
from vnfm.planning.ports import Ports
from vnfm.planning.quality_of_service import link_policies, link_rates, port_policies
from vnfm.planning.script_inputs import Scope
from vnfm.planning.shape import Shape, vnfc_numbers
from vnfm.planning.virtual_links import link_resources
from vnfm.planning.virtual_storages import storage_resources
from vnfm.planning.vnfc_facts import Facts

PORT_PROTOCOLS = frozenset({"tcp", "udp", "sctp"})
"""Protocols in which a security group rule has a range of ports."""


class DesiredVnf(msgspec.Struct, frozen=True, kw_only=True):
    """What shall exist, and where it touches the outside."""

    graph: Graph
    """Not placed yet: no resource has a target, no server a zone."""
    attachments: dict[str, Attachment] = {}
    """By path of the port, whether it is created or was made beforehand."""


def desired_state(
    vnfd: Vnfd, shape: Shape, *, instance_id: str, label: str, files: PackageFiles | None = None
) -> DesiredVnf:
    """Return the resources of a VNF of this shape.

    Deterministic, and the same for the same VNFC whatever the size of the VNF: two sizes differ in the VNFCs with
    the highest indices and what only they need. ``label`` begins the names that people see on the VIM.

    Raises:
        PlanningRefusedError: the VNFD and the shape do not go together.
    """
    return _Builder(vnfd, shape, instance_id, label, files or PackageFiles()).build()


class _Builder:
    """Collects the resources of one VNF."""

    def __init__(self, vnfd: Vnfd, shape: Shape, instance_id: str, label: str, files: PackageFiles) -> None:
        self._flavour: Flavour = vnfd.flavours[shape.flavour_id]
        self._shape = shape
        self._metadata = {"vnf_instance_id": instance_id}
        self._label = label
        self._files = files
        self._rates = link_rates(self._flavour, shape)
        self._ports = Ports(self._flavour, shape, self._rates, label)

    def build(self) -> DesiredVnf:
        numbers = vnfc_numbers(self._flavour, self._shape)
        vdus = [vdu for vdu in self._flavour.vdus.values() if numbers[vdu.id]]
        resources: dict[str, Resource] = {}
        for vdu in vdus:
            template = server_template(self._flavour, self._shape, vdu, self._metadata)
            for index in numbers[vdu.id]:
                resources.update(graph_of(*self._vnfc(vdu, index, template)))
        managed = {link.vnf_virtual_link_desc_id for link in self._shape.ext_managed_virtual_links}
        points = (point for point in self._flavour.connection_points.values() if numbers.get(point.vdu))
        shared = (
            *link_policies(self._rates, self._label),
            *port_policies(points, self._rates, self._label),
            *link_resources(self._flavour, managed, self._rates, self._label),
            *self._ports.virtual,
            *self._ports.exposing,
            *self._ports.routers(),
            *self._security_groups(),
            *placement_groups(self._flavour, vdus, self._label),
            *(
                image_resource(image, self._files)
                for image in images_in_use(self._flavour, vdus).values()
                if image.id not in self._shape.vim_images
            ),
        )
        generations = self._shape.generations
        return DesiredVnf(
            graph=in_generations({**graph_of(*shared), **resources}, generations),
            attachments={
                with_generation(path, generations): msgspec.structs.replace(
                    it, shares=with_generation(it.shares, generations) if it.shares else ""
                )
                for path, it in self._ports.attachments.items()
            },
        )

    def _vnfc(self, vdu: Vdu, index: int, template: ServerSpec) -> Iterator[Resource]:
        yield from storage_resources(self._flavour, self._shape, vdu, index, self._label)
        attached = self._ports.of_vnfc(vdu, index)
        yield from attached.resources
        server = server_resource(
            template, self._flavour, self._shape, vdu, index, ports=attached.interfaces, label=self._label
        )
        scope = self._scope(vdu, index, attached.points)
        yield with_boot_data(server, vdu, self._files.boot_data.get(vdu.id, ""), scope)

    def _scope(self, vdu: Vdu, index: int, points: tuple[Facts, ...]) -> Scope:
        """What the boot data of a VNFC may speak of."""
        vnfc = {"id": paths.vnfc(vdu.id, index), "vdu": vdu.id, "index": index, "connectionPoints": points}
        return Scope(
            operation="instantiate",
            inputs=self._shape.inputs,
            vnf={"id": self._metadata["vnf_instance_id"], "flavour": self._flavour.id},
            vnfcs=(vnfc,),
        )

    def _security_groups(self) -> Iterator[Resource]:
        for rule in self._flavour.security_group_rules:
            if rule.id in self._ports.policies:
                spec = SecurityGroupSpec(
                    name=f"{self._label}-{rule.id}", description=rule.description, rules=(_allowed(rule),)
                )
                yield Resource(path=paths.security_group(rule.id), kind=Kind.SECURITY_GROUP, spec=encode_spec(spec))


def _allowed(rule: SecurityGroupRule) -> SecurityRule:
    protocol = rule.protocol.lower()
    ranged = protocol in PORT_PROTOCOLS
    return SecurityRule(
        direction=rule.direction.lower(),
        ether_type=rule.ether_type.lower(),
        protocol=protocol or None,
        port_min=rule.port_min if ranged else None,
        port_max=rule.port_max if ranged else None,
    )
