"""What an operation has changed of a VNF's resources so far (SOL003 clauses 5.5.3.13 to 5.5.3.15 and 5.5.3.24)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.graph import Resource, parse_reference, references
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Plan, Verb
from vim_adapters.resources import Kind
from vnfm.inventory.description import storage_metadata, storages_used
from vnfm.lifecycle.decision import Decision, decision_of
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

_CHANGES = {Verb.CREATE: ChangeType.ADDED, Verb.UPDATE: ChangeType.MODIFIED, Verb.DELETE: ChangeType.REMOVED}
_PORT_CHANGES = {
    ChangeType.ADDED: (ChangeType.LINK_PORT_ADDED,),
    ChangeType.REMOVED: (ChangeType.LINK_PORT_REMOVED,),
    ChangeType.MODIFIED: (),
}
_LEAVING = frozenset({ChangeType.REMOVED, ChangeType.LINK_PORT_REMOVED})
_GONE_OR_COME = frozenset({ChangeType.ADDED, ChangeType.REMOVED})


def resource_changes(operation: Operation, steps: Iterable[StepStatus]) -> ResourceChanges:
    """Return what the operation's own plan has changed so far; its way back is not counted.

    A connection point that comes or goes with its VNFC is told with the VNFC, and as a port of its link.
    """
    return _Changes(operation, operation.plan, steps).all() if operation.plan else ResourceChanges()


def affected_vip_cps(operation: Operation, steps: Iterable[StepStatus]) -> tuple[AffectedVipCp, ...]:
    """Return the virtual connection points that the operation's own plan has changed so far."""
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
        done = [step for step in steps if step.phase == "forward" and step.state == "done"]
        results = {step.path: step.result for step in done if step.result}
        self._changed: dict[str, tuple[Resource, ChangeType]] = {}
        for step in done:
            change = _CHANGES.get(Verb(step.verb))
            if change is None:
                continue
            resource = plan.before[step.path] if change is ChangeType.REMOVED else plan.desired[step.path]
            if step.path in self._changed:
                change = ChangeType.MODIFIED  # removed and made again
            result = results.get(step.path, resource.result)
            self._changed[step.path] = (msgspec.structs.replace(resource, result=result), change)

    def all(self) -> ResourceChanges:
        vnfcs: list[AffectedVnfc] = []
        ports: list[AffectedExtLinkPort] = []
        storages: list[AffectedVirtualStorage] = []
        for path, (resource, change) in self._changed.items():
            part = paths.parse_vnfc_part(path)
            if part and resource.kind == Kind.SERVER:
                vnfcs.append(self._vnfc(part, resource, change))
            elif part and resource.kind in STORAGE_KINDS:
                storages.append(_storage(part, resource, change, self._vnfd_of(change)))
            elif resource.kind == Kind.PORT and path in self._attachments:
                ports.append(
                    AffectedExtLinkPort(
                        id=f"{path}/port",
                        change_type=change,
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
        for path, (_, change) in self._changed.items():
            if name := paths.virtual_point_of(path):
                yield AffectedVipCp(cp_instance_id=path, cpd_id=name, vnfd_id=self._vnfd_of(change), change_type=change)

    def _links(self) -> Iterator[AffectedVirtualLink]:
        """The links themselves; one whose bit rates are others is modified, too."""
        told = set()
        for path, (resource, change) in self._changed.items():
            if link := paths.link_of(path):
                told.add(link)
                yield self._link(path, link, change, handle_of(resource))
        for limited in sorted(filter(None, map(paths.limited_network, self._changed))):
            name = paths.link_of(limited)
            network = self._plan.desired.get(limited)
            if name and network and name not in told:
                yield self._link(network.path, name, ChangeType.MODIFIED, handle_of(network))

    def _link_ports(self) -> Iterator[AffectedVirtualLink]:
        """The links whose ports came or went while they stayed, ours and those that somebody else manages."""
        found: defaultdict[tuple[str, ChangeType], list[str]] = defaultdict(list)
        for path, (resource, change) in self._changed.items():
            if resource.kind == Kind.PORT and path not in self._attachments:
                for port_change in _PORT_CHANGES[change]:
                    found[str(resource.spec["network"]), port_change].append(f"{path}/port")
        for (network, change), ports in found.items():
            named = parse_reference(network)
            managed = self._managed.get(network)
            if named and (link := paths.link_of(named[0])):
                path = named[0]
                come_or_gone = path in self._changed and self._changed[path][1] in _GONE_OR_COME
                known = self._plan.before.get(path) or self._plan.desired[path]
                if not come_or_gone:
                    yield self._link(path, link, change, handle_of(known), ports)
            elif managed:
                handle = ResourceHandle(vim_connection_id=managed.vim_connection_id, resource_id=network)
                yield self._link(managed.id, managed.vnf_virtual_link_desc_id, change, handle, ports, granted=False)

    def _vnfc(self, part: paths.VnfcPart, server: Resource, change: ChangeType) -> AffectedVnfc:
        storages = tuple(path for path in storages_used(server) if path in self._changed)
        return AffectedVnfc(
            id=part.vnfc,
            vdu_id=part.vdu,
            vnfd_id=self._vnfd_of(change),
            change_type=change,
            compute_resource=handle_of(server),
            resource_definition_id=server.path,
            zone_id=(server.result or {}).get("zone") or server.spec.get("zone"),
            affected_vnfc_cp_ids=self._points(server),
            added_storage_resource_ids=storages if change is ChangeType.ADDED else (),
            removed_storage_resource_ids=storages if change is ChangeType.REMOVED else (),
        )

    def _link(  # the attributes of an affected link
        self,
        path: str,
        link: str,
        change: ChangeType,
        handle: ResourceHandle,
        ports: Iterable[str] = (),
        *,
        granted: bool = True,
    ) -> AffectedVirtualLink:
        return AffectedVirtualLink(
            id=path,
            vnf_virtual_link_desc_id=link,
            vnfd_id=self._vnfd_of(change),
            change_type=change,
            network_resource=handle,
            vnf_link_port_ids=tuple(ports),
            resource_definition_id=path if granted else None,
        )

    def _vnfd_of(self, change: ChangeType) -> str | None:
        """The VNFD that describes what was changed, where an operation leads from one to another."""
        source, destination = self._vnfds
        return source if change in _LEAVING else destination

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


def _storage(
    part: paths.VnfcPart, resource: Resource, change: ChangeType, vnfd_id: str | None
) -> AffectedVirtualStorage:
    return AffectedVirtualStorage(
        id=resource.path,
        virtual_storage_desc_id=part.name,
        vnfd_id=vnfd_id,
        change_type=change,
        storage_resource=handle_of(resource),
        resource_definition_id=resource.path,
        metadata=storage_metadata(resource),
    )
