"""The resources that shall exist for a VNF of a given shape: the VNFM's half of every plan."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from descriptors.model.vnfd import ConnectionPoint, Flavour, SecurityGroupRule, Vdu, Vnfd
from mano_runtime.workflow.graph import Graph, Resource, graph_of, reference
from vim_adapters.resources import Kind, PortSpec, SecurityGroupSpec, SecurityRule, encode_spec
from vnfm.planning import paths
from vnfm.planning.boot_data import with_boot_data
from vnfm.planning.compute import (
    PackageFiles,
    image_resource,
    images_in_use,
    placement_groups,
    server_resource,
    volume_resource,
)
from vnfm.planning.connection_points import Attachment, attachment, connection_points_of
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.script_inputs import Scope
from vnfm.planning.shape import Shape
from vnfm.planning.virtual_links import link_resources, subnets
from vnfm.planning.vnfc_facts import Facts, given_point, made_point

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
        self._managed = {link.vnf_virtual_link_desc_id: link.resource_id for link in shape.ext_managed_virtual_links}
        self._subnets = {
            link.id: tuple(paths.subnet(link.id, number) for number in range(len(subnets(link, 0))))
            for link in self._flavour.virtual_links.values()
        }
        """Paths of each link's subnets: a port that is made before them gets no address."""
        self._attachments: dict[str, Attachment] = {}
        self._policies: set[str] = set()

    def build(self) -> DesiredVnf:
        counts = self._flavour.vdu_instances(self._shape.scale_levels, self._shape.level_id)
        vdus = [vdu for vdu in self._flavour.vdus.values() if counts[vdu.id]]
        resources: dict[str, Resource] = {}
        for vdu in vdus:
            for index in range(counts[vdu.id]):
                resources.update(graph_of(*self._vnfc(vdu, index)))
        shared = (
            *link_resources(self._flavour, frozenset(self._managed), self._label),
            *self._security_groups(),
            *placement_groups(self._flavour, vdus, self._label),
            *(
                image_resource(image, self._files)
                for image in images_in_use(self._flavour, vdus).values()
                if image.id not in self._shape.vim_images
            ),
        )
        return DesiredVnf(graph={**graph_of(*shared), **resources}, attachments=self._attachments)

    def _vnfc(self, vdu: Vdu, index: int) -> Iterator[Resource]:
        for storage_id in vdu.storages:
            yield volume_resource(self._flavour, self._shape, vdu, index, storage_id=storage_id, label=self._label)
        ports: list[str] = []
        points: list[Facts] = []
        for connection_point in connection_points_of(self._flavour, vdu.id):
            path = paths.port(vdu.id, index, connection_point.id)
            outside = None
            if not connection_point.internal_link:
                outside = attachment(self._flavour, self._shape, connection_point, index)
                if outside is None:
                    continue
                self._attachments[path] = outside
            if outside and outside.link_port:
                ports.append(outside.link_port)
                points.append(given_point(connection_point.id, outside))
                continue
            points.append(made_point(connection_point.id, path))
            ports.append(reference(path))
            yield self._port(path, vdu, index, connection_point, outside)
        server = server_resource(
            self._flavour,
            self._shape,
            vdu,
            index,
            ports=tuple(ports),
            label=self._label,
            metadata=self._metadata,
        )
        yield with_boot_data(server, vdu, self._files.boot_data.get(vdu.id, ""), self._scope(vdu, index, points))

    def _scope(self, vdu: Vdu, index: int, points: list[Facts]) -> Scope:
        """What the boot data of a VNFC may speak of."""
        vnfc = {"id": paths.vnfc(vdu.id, index), "vdu": vdu.id, "index": index, "connectionPoints": points}
        return Scope(
            operation="instantiate",
            inputs=self._shape.inputs,
            vnf={"id": self._metadata["vnf_instance_id"], "flavour": self._flavour.id},
            vnfcs=(vnfc,),
        )

    def _port(
        self, path: str, vdu: Vdu, index: int, connection_point: ConnectionPoint, outside: Attachment | None
    ) -> Resource:
        link = connection_point.internal_link
        if link and link not in self._flavour.virtual_links:
            what = f"connection point {connection_point.id!r} attaches to virtual link {link!r}, which is not there"
            raise PlanningRefusedError("flavourId", what)
        network = outside.network if outside else self._managed.get(link) or reference(paths.network(link))
        self._policies.update(connection_point.security_groups)
        spec = PortSpec(
            name=f"{self._label}-{vdu.id}-{index}-{connection_point.id}",
            network=network,
            fixed_addresses=outside.fixed_addresses if outside else (),
            mac_address=outside.mac_address if outside else None,
            security_groups=tuple(reference(paths.security_group(name)) for name in connection_point.security_groups),
            vnic_type=connection_point.vnic_type,
        )
        needed = () if outside or link in self._managed else self._subnets.get(link, ())
        return Resource(path=path, kind=Kind.PORT, spec=encode_spec(spec), depends_on=needed)

    def _security_groups(self) -> Iterator[Resource]:
        for rule in self._flavour.security_group_rules:
            if rule.id in self._policies:
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
