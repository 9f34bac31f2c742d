"""What an operation has changed of a VNF's resources so far (SOL003 clauses 5.5.3.13 to 5.5.3.15 and 5.5.3.24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.graph import Resource, parse_reference, references
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Plan
from vim_adapters.resources import Kind
from vnfm.inventory.description import storages_used
from vnfm.inventory.resource_metadata import link_metadata, storage_metadata, vnfc_metadata
from vnfm.lifecycle.decision import Decision, decision_of
from vnfm.lifecycle.net_changes import NetChange, net_changes, present
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.grant_request import handle_of
from vnfm.planning.trunks import guest_ports
from vnfm.planning.virtual_storages import KINDS as STORAGE_KINDS
from vnfm.sol003.connectivity import ExtManagedVirtualLinkData
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.operation_occurrences import (
    AffectedExtLinkPort,
    AffectedVipCp,
    AffectedVirtualLink,
    AffectedVirtualStorage,
    AffectedVnfc,
    ChangeType,
    LcmOperationType,
    ResourceChanges,
)

_PORT_CHANGES = {
    ChangeType.ADDED: (ChangeType.LINK_PORT_ADDED,),
    ChangeType.REMOVED: (ChangeType.LINK_PORT_REMOVED,),
    ChangeType.MODIFIED: (),
}


def resource_changes(operation: Operation, steps: Iterable[StepStatus]) -> ResourceChanges:
    """Return what the operation has changed so far, its way back included: what was put back is no change.

    A connection point that comes or goes with its VNFC is told with the VNFC, and as a port of its link, which has an
    entry for each kind of change.
    """
    return _Changes(operation, operation.plan, steps).all() if operation.plan else ResourceChanges()


def affected_vip_cps(operation: Operation, steps: Iterable[StepStatus]) -> tuple[AffectedVipCp, ...]:
    """Return the virtual connection points that the operation has changed so far, its way back included."""
    return tuple(_Changes(operation, operation.plan, steps).virtual_points()) if operation.plan else ()


class _Changes:
    def __init__(self, operation: Operation, plan: Plan, steps: Iterable[StepStatus]) -> None:
        decision = decision_of(operation)
        self._plan = plan
        self._attachments: dict[str, Attachment] = (
            {**decision.attachments_before, **decision.attachments} if decision else {}
        )
        self._vnfds = _vnfds(operation, decision)
        shape = decision.shape if decision else None
        self._managed: dict[str, ExtManagedVirtualLinkData] = (
            {link.resource_id: link for link in shape.ext_managed_virtual_links} if shape else {}
        )
        self._changed = net_changes(operation, steps)
        self._there = present(plan, self._changed)
        self._known = {**plan.before, **self._there}

    def all(self) -> ResourceChanges:
        vnfcs: list[AffectedVnfc] = []
        ports: list[AffectedExtLinkPort] = []
        storages: list[AffectedVirtualStorage] = []
        for path, change in self._changed.items():
            part, resource = paths.parse_vnfc_part(path), change.resource
            if part and resource.kind == Kind.SERVER:
                vnfcs.append(self._vnfc(part, change))
            elif part and resource.kind in STORAGE_KINDS:
                storages.append(_storage(part, change, self._vnfd_of(change)))
            elif resource.kind == Kind.PORT and path in self._attachments:
                ports.append(
                    AffectedExtLinkPort(
                        id=f"{path}/port",
                        change_type=change.type,
                        ext_cp_instance_id=f"{path}/external",
                        resource_handle=handle_of(resource),
                        resource_definition_id=path,
                    )
                )
        return ResourceChanges(
            affected_vnfcs=tuple(vnfcs),
            affected_virtual_links=(*self._links(), *self._link_ports()),
            affected_ext_link_ports=tuple(ports),
            affected_virtual_storages=tuple(storages),
        )

    def virtual_points(self) -> Iterator[AffectedVipCp]:
        for path, change in self._changed.items():
            if name := paths.virtual_point_of(path):
                vnfd_id = self._vnfd_of(change)
                yield AffectedVipCp(cp_instance_id=path, cpd_id=name, vnfd_id=vnfd_id, change_type=change.type)

    def _links(self) -> Iterator[AffectedVirtualLink]:
        """The links themselves; one whose bit rates are others is modified, too."""
        told = set()
        for path, change in self._changed.items():
            if link := paths.link_of(path):
                told.add(link)
                yield self._link(change.resource, link, change.type, vnfd_id=self._vnfd_of(change))
        limited = {where: change for path, change in self._changed.items() if (where := paths.limited_network(path))}
        for where, change in sorted(limited.items()):
            name, network = paths.link_of(where), self._there.get(where)
            if name and network and name not in told:
                yield self._link(network, name, ChangeType.MODIFIED, vnfd_id=self._vnfd_of(change))

    def _link_ports(self) -> Iterator[AffectedVirtualLink]:
        """The links, ours and those that somebody else manages, whose ports came or went, be it with them."""
        found: defaultdict[tuple[str, ChangeType, str | None], list[str]] = defaultdict(list)
        for path, change in self._changed.items():
            if change.resource.kind == Kind.PORT and path not in self._attachments:
                for port_change in _PORT_CHANGES[change.type]:
                    network = str(change.resource.spec["network"])
                    found[network, port_change, self._vnfd_of(change)].append(f"{path}/port")
        for (network, port_change, vnfd_id), ports in found.items():
            named = parse_reference(network)
            managed = self._managed.get(network)
            if named and (link := paths.link_of(named[0])):
                known = self._there.get(named[0]) or self._plan.before[named[0]]
                yield self._link(known, link, port_change, ports, vnfd_id=vnfd_id)
            elif managed:
                yield AffectedVirtualLink(
                    id=managed.id,
                    vnf_virtual_link_desc_id=managed.vnf_virtual_link_desc_id,
                    vnfd_id=vnfd_id,
                    change_type=port_change,
                    network_resource=ResourceHandle(vim_connection_id=managed.vim_connection_id, resource_id=network),
                    vnf_link_port_ids=tuple(ports),
                )

    def _vnfc(self, part: paths.VnfcPart, change: NetChange) -> AffectedVnfc:
        server = change.resource
        storages = tuple(path for path in storages_used(server) if path in self._changed)
        return AffectedVnfc(
            id=part.vnfc,
            vdu_id=part.vdu,
            vnfd_id=self._vnfd_of(change),
            change_type=change.type,
            compute_resource=handle_of(server),
            resource_definition_id=server.path,
            zone_id=(server.result or {}).get("zone") or server.spec.get("zone"),
            metadata=vnfc_metadata(server, self._known),
            affected_vnfc_cp_ids=self._points(server),
            added_storage_resource_ids=storages if change.type is ChangeType.ADDED else (),
            removed_storage_resource_ids=storages if change.type is ChangeType.REMOVED else (),
        )

    def _link(
        self, network: Resource, link: str, change: ChangeType, ports: Iterable[str] = (), *, vnfd_id: str | None
    ) -> AffectedVirtualLink:
        return AffectedVirtualLink(
            id=network.path,
            vnf_virtual_link_desc_id=link,
            vnfd_id=vnfd_id,
            change_type=change,
            network_resource=handle_of(network),
            vnf_link_port_ids=tuple(ports),
            resource_definition_id=network.path,
            metadata=link_metadata(network, self._known),
        )

    def _vnfd_of(self, change: NetChange) -> str | None:
        """The VNFD that describes what was changed, where an operation leads from one to another."""
        source, destination = self._vnfds
        return source if change.type is ChangeType.REMOVED or change.put_back else destination

    def _points(self, server: Resource) -> tuple[str, ...]:
        """The connection points of a server of ours, with those that its trunks carry."""
        graph = {**self._plan.before, **self._plan.desired}
        trunks = [graph[path] for path in references(server.spec.get("ports", ())) if path in graph]
        carried = (path for trunk in trunks if trunk.kind == Kind.TRUNK for path in _sub_ports(trunk))
        return (*guest_ports(server), *carried)


def _vnfds(operation: Operation, decision: Decision | None) -> tuple[str | None, str | None]:
    """The VNFDs that a change of the package leads from and to; (None, None) for every other operation."""
    if decision is None or operation.kind != LcmOperationType.CHANGE_VNFPKG:
        return None, None
    source = decision.vnfd_before or None
    return source, decision.package.vnfd_id if decision.package else source


def _sub_ports(trunk: Resource) -> list[str]:
    return references([sub["port"] for sub in trunk.spec.get("sub_ports", ())])


def _storage(part: paths.VnfcPart, change: NetChange, vnfd_id: str | None) -> AffectedVirtualStorage:
    resource = change.resource
    return AffectedVirtualStorage(
        id=resource.path,
        virtual_storage_desc_id=part.name,
        vnfd_id=vnfd_id,
        change_type=change.type,
        storage_resource=handle_of(resource),
        resource_definition_id=resource.path,
        zone_id=(resource.result or {}).get("zone") or resource.spec.get("zone"),
        metadata=storage_metadata(resource),
    )
