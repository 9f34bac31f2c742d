"""Operations as VNF LCM operation occurrences (SOL003 clause 5.5.2.13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.graph import Resource, parse_reference
from mano_runtime.workflow.operation import Operation
from mano_runtime.workflow.plan import Verb
from vim_adapters.resources import Kind
from vnfm.inventory.description import external_connectivity
from vnfm.lifecycle.decision import Decision, decision_of
from vnfm.planning import paths
from vnfm.planning.connection_points import Attachment
from vnfm.planning.grant_request import handle_of
from vnfm.sol003.connectivity import ExtVirtualLinkInfo
from vnfm.sol003.operation_occurrences import (
    AffectedExtLinkPort,
    AffectedVirtualLink,
    AffectedVirtualStorage,
    AffectedVnfc,
    CancelModeType,
    ChangeType,
    LcmOperationStateType,
    LcmOperationType,
    ModificationsTriggeredByVnfPkgChange,
    ResourceChanges,
    VnfInfoModifications,
    VnfLcmOpOcc,
)

_CHANGES = {Verb.CREATE: ChangeType.ADDED, Verb.UPDATE: ChangeType.MODIFIED, Verb.DELETE: ChangeType.REMOVED}


def occurrence_of(operation: Operation, steps: Iterable[StepStatus] | None = None) -> VnfLcmOpOcc:
    """Return the operation as consumers see it, without links; ``steps`` tell what it has changed so far."""
    decision = decision_of(operation)
    return VnfLcmOpOcc(
        id=operation.id,
        operation_state=LcmOperationStateType(operation.state),
        state_entered_time=operation.state_entered_at,
        start_time=operation.started_at,
        vnf_instance_id=operation.subject,
        grant_id=decision.grant_id if decision else None,
        operation=LcmOperationType(operation.kind),
        is_automatic_invocation=operation.automatic,
        operation_params=operation.request,
        is_cancel_pending=operation.cancel is not None,
        cancel_mode=CancelModeType(operation.cancel) if operation.cancel else None,
        error=operation.error,
        resource_changes=resource_changes(operation, steps) if steps is not None and operation.plan else None,
        changed_ext_connectivity=_connectivity(operation, decision, steps or ()),
        **_told(operation, decision),
    )


def _connectivity(
    operation: Operation, decision: Decision | None, steps: Iterable[StepStatus]
) -> tuple[ExtVirtualLinkInfo, ...]:
    """The external links that the operation has made or removed ports on so far, with the ports that they have now."""
    if operation.plan is None or decision is None or decision.shape is None:
        return ()
    before, after = decision.attachments_before, decision.attachments
    done = {step.path: step for step in steps if step.phase == "forward" and step.state == "done"}
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} & done.keys()
    links = {it[path].link_id for it in (before, after) for path in changed if path in it}
    made = {path: step.result for path, step in done.items() if step.verb not in {Verb.DELETE, Verb.GONE}}
    there = {path: it for path, it in operation.plan.before.items() if path not in done} | {
        path: msgspec.structs.replace(operation.plan.desired[path], result=result) for path, result in made.items()
    }
    found = external_connectivity(decision.shape, there, after)
    return tuple(link for link in found if link.id in links)


def _told(operation: Operation, decision: Decision | None) -> dict[str, Any]:
    """What the operation sets of the instance's attributes: by request, or with its new package; never both."""
    package = decision.package if decision else None
    if package:
        changes = ModificationsTriggeredByVnfPkgChange(
            vnf_configurable_properties=operation.request.get("vnfConfigurableProperties", {}),
            extensions=operation.request.get("extensions", {}),
            vnfd_id=package.vnfd_id,
            vnf_provider=package.provider,
            vnf_product_name=package.product_name,
            vnf_software_version=package.software_version,
            vnfd_version=package.vnfd_version,
        )
        return {"modifications_triggered_by_vnf_pkg_change": changes}
    request = {name: value for name, value in operation.request.items() if name in _SET_BY_REQUEST and value}
    request["vimConnectionInfo"] = {vim: info for vim, info in request.get("vimConnectionInfo", {}).items() if info}
    info = msgspec.convert(request, VnfInfoModifications)
    return {"changed_info": info} if info != VnfInfoModifications() else {}


_SET_BY_REQUEST = frozenset(field.encode_name for field in msgspec.structs.fields(VnfInfoModifications))


def resource_changes(operation: Operation, steps: Iterable[StepStatus]) -> ResourceChanges:
    """Return what the operation's own plan has changed so far; its way back is not counted.

    A connection point or volume that comes or goes with its VNFC is told with the VNFC.
    """
    if operation.plan is None:
        return ResourceChanges()
    decision = decision_of(operation)
    return _Changes(
        operation.plan.before,
        operation.plan.desired,
        decision.attachments if decision else {},
        [step for step in steps if step.phase == "forward" and step.state == "done"],
    ).all()


class _Changes:
    def __init__(
        self,
        before: Mapping[str, Resource],
        desired: Mapping[str, Resource],
        attachments: Mapping[str, Attachment],
        done: list[StepStatus],
    ) -> None:
        self._attachments = attachments
        results = {step.path: step.result for step in done if step.result}
        self._changed: dict[str, tuple[Resource, ChangeType]] = {}
        for step in done:
            change = _CHANGES.get(Verb(step.verb))
            if change is None:
                continue
            resource = before[step.path] if change is ChangeType.REMOVED else desired[step.path]
            if step.path in self._changed:
                change = ChangeType.MODIFIED  # removed and made again
            result = results.get(step.path, resource.result)
            self._changed[step.path] = (msgspec.structs.replace(resource, result=result), change)

    def all(self) -> ResourceChanges:
        vnfcs, links, ports, storages = [], [], [], []
        for path, (resource, change) in self._changed.items():
            part = paths.parse_vnfc_part(path)
            if part and resource.kind == Kind.SERVER:
                vnfcs.append(self._vnfc(part, resource, change))
            elif part and resource.kind == Kind.VOLUME:
                storages.append(
                    AffectedVirtualStorage(
                        id=path,
                        virtual_storage_desc_id=part.name,
                        change_type=change,
                        storage_resource=handle_of(resource),
                        resource_definition_id=path,
                    )
                )
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
            elif link := paths.link_of(path):
                links.append(
                    AffectedVirtualLink(
                        id=path,
                        vnf_virtual_link_desc_id=link,
                        change_type=change,
                        network_resource=handle_of(resource),
                        resource_definition_id=path,
                    )
                )
        return ResourceChanges(
            affected_vnfcs=tuple(vnfcs),
            affected_virtual_links=tuple(links),
            affected_ext_link_ports=tuple(ports),
            affected_virtual_storages=tuple(storages),
        )

    def _vnfc(self, part: paths.VnfcPart, server: Resource, change: ChangeType) -> AffectedVnfc:
        volumes = tuple(
            found[0]
            for volume in server.spec.get("volumes", ())
            if (found := parse_reference(volume["volume"])) and found[0] in self._changed
        )
        return AffectedVnfc(
            id=part.vnfc,
            vdu_id=part.vdu,
            change_type=change,
            compute_resource=handle_of(server),
            resource_definition_id=server.path,
            zone_id=(server.result or {}).get("zone") or server.spec.get("zone"),
            affected_vnfc_cp_ids=tuple(
                found[0] for port in server.spec.get("ports", ()) if (found := parse_reference(port))
            ),
            added_storage_resource_ids=volumes if change is ChangeType.ADDED else (),
            removed_storage_resource_ids=volumes if change is ChangeType.REMOVED else (),
        )
