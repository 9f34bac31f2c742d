"""Operation occurrences: what became of a lifecycle operation (SOL003 clauses 5.5.2.13 and 5.5.3)."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from vnfm.sol003.connectivity import ExtVirtualLinkInfo
from vnfm.sol003.general import KeyValuePairs, Link, ResourceHandle, Sol003Type, VimConnectionInfo


class LcmOperationType(enum.StrEnum):
    """Lifecycle operations (SOL003 clause 5.5.4.5); those that this VNFM carries out."""

    INSTANTIATE = "INSTANTIATE"
    SCALE = "SCALE"
    SCALE_TO_LEVEL = "SCALE_TO_LEVEL"
    CHANGE_FLAVOUR = "CHANGE_FLAVOUR"
    TERMINATE = "TERMINATE"
    HEAL = "HEAL"
    OPERATE = "OPERATE"
    CHANGE_EXT_CONN = "CHANGE_EXT_CONN"
    MODIFY_INFO = "MODIFY_INFO"
    CHANGE_VNFPKG = "CHANGE_VNFPKG"
    CREATE_SNAPSHOT = "CREATE_SNAPSHOT"
    REVERT_TO_SNAPSHOT = "REVERT_TO_SNAPSHOT"


OF_SNAPSHOTS = frozenset({LcmOperationType.CREATE_SNAPSHOT, LcmOperationType.REVERT_TO_SNAPSHOT})
"""Operations whose request names a snapshot."""


class LcmOperationStateType(enum.StrEnum):
    """States of an operation occurrence (SOL003 clause 5.6.2.2)."""

    STARTING = "STARTING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED_TEMP = "FAILED_TEMP"
    FAILED = "FAILED"
    ROLLING_BACK = "ROLLING_BACK"
    ROLLED_BACK = "ROLLED_BACK"


class CancelModeType(enum.StrEnum):
    """How an operation that is under way is brought to an end (SOL003 clause 5.5.4.6)."""

    GRACEFUL = "GRACEFUL"
    FORCEFUL = "FORCEFUL"


class ChangeType(enum.StrEnum):
    """What happened to an affected resource."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    MODIFIED = "MODIFIED"
    LINK_PORT_ADDED = "LINK_PORT_ADDED"
    LINK_PORT_REMOVED = "LINK_PORT_REMOVED"


class AffectedVnfc(Sol003Type, frozen=True, kw_only=True):
    """A VNF component that came, went or changed (SOL003 clause 5.5.3.13)."""

    id: str
    vdu_id: str
    vnfd_id: str | None = None
    change_type: ChangeType
    compute_resource: ResourceHandle
    resource_definition_id: str | None = None
    zone_id: str | None = None
    metadata: KeyValuePairs = {}
    affected_vnfc_cp_ids: tuple[str, ...] = ()
    added_storage_resource_ids: tuple[str, ...] = ()
    removed_storage_resource_ids: tuple[str, ...] = ()


class AffectedVirtualLink(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that came, went or got other ports (SOL003 clause 5.5.3.14)."""

    id: str
    vnf_virtual_link_desc_id: str
    vnfd_id: str | None = None
    change_type: ChangeType
    network_resource: ResourceHandle
    vnf_link_port_ids: tuple[str, ...] = ()
    resource_definition_id: str | None = None
    zone_id: str | None = None
    metadata: KeyValuePairs = {}


class AffectedExtLinkPort(Sol003Type, frozen=True, kw_only=True):
    """A port on an external virtual link that came or went (SOL003 clause 5.5.3.14a)."""

    id: str
    change_type: ChangeType
    ext_cp_instance_id: str
    resource_handle: ResourceHandle
    resource_definition_id: str | None = None


class AffectedVirtualStorage(Sol003Type, frozen=True, kw_only=True):
    """A virtual storage that came, went or changed (SOL003 clause 5.5.3.15)."""

    id: str
    virtual_storage_desc_id: str
    vnfd_id: str | None = None
    change_type: ChangeType
    storage_resource: ResourceHandle
    resource_definition_id: str | None = None
    zone_id: str | None = None
    metadata: KeyValuePairs = {}


class AffectedVipCp(Sol003Type, frozen=True, kw_only=True):
    """A virtual connection point that came, went or changed (SOL003 clause 5.5.3.24)."""

    cp_instance_id: str
    cpd_id: str
    vnfd_id: str | None = None
    change_type: ChangeType


class CancelMode(Sol003Type, frozen=True, kw_only=True):
    """The body of a cancel (SOL003 clause 5.5.2.14)."""

    cancel_mode: CancelModeType


class ResourceChanges(Sol003Type, frozen=True, kw_only=True):
    """What an operation has changed so far (SOL003 clause 5.5.2.13)."""

    affected_vnfcs: tuple[AffectedVnfc, ...] = ()
    affected_virtual_links: tuple[AffectedVirtualLink, ...] = ()
    affected_ext_link_ports: tuple[AffectedExtLinkPort, ...] = ()
    affected_virtual_storages: tuple[AffectedVirtualStorage, ...] = ()


class VnfcInfoModifications(Sol003Type, frozen=True, kw_only=True):
    """Configurable properties of a VNFC, as a merge patch (SOL002 clause 5.5.3.24)."""

    id: str
    """Of the VNFC."""
    vnfc_configurable_properties: KeyValuePairs


class ModificationsTriggeredByVnfPkgChange(Sol003Type, frozen=True, kw_only=True):
    """Attributes of the instance that come with its new package, or the request for it (SOL003 clause 5.5.3.22)."""

    vnf_configurable_properties: KeyValuePairs = {}
    """This and the next two as merge patches."""
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    """As the request had it, without credentials."""
    vnfd_id: str | None = None
    vnf_provider: str | None = None
    vnf_product_name: str | None = None
    vnf_software_version: str | None = None
    vnfd_version: str | None = None


class VnfInfoModifications(ModificationsTriggeredByVnfPkgChange, frozen=True, kw_only=True):
    """Attributes of the instance that any other operation has set, asked to or not (SOL003 clause 5.5.2.12a)."""

    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    vnfc_info_modifications: tuple[VnfcInfoModifications, ...] = ()
    """SOL002's."""


class EndpointType(enum.StrEnum):
    """Who was asked for a coordination: another management system, such as an element manager, or the VNF itself."""

    MGMT = "MGMT"
    VNF = "VNF"


class LcmCoordination(Sol003Type, frozen=True, kw_only=True):
    """A coordination action that the operation has waited for, or waits for (SOL003 clause 5.5.2.13)."""

    id: str
    """As whoever was asked named it."""
    coordination_action_name: str
    coordination_result: str | None = None
    """CONTINUE, ABORT or CANCELLED; None while it is under way, and when it took too long."""
    start_time: str
    end_time: str | None = None
    delay: str | None = None
    """When it is asked for next at the earliest, where whoever was asked has named a time."""
    endpoint_type: EndpointType


class RejectedLcmCoordination(Sol003Type, frozen=True, kw_only=True):
    """That somebody was too busy for a coordination action, and wanted to be asked again (SOL003 clause 5.5.2.13)."""

    coordination_action_name: str
    rejection_time: str
    delay: str
    """When it may be asked for again at the earliest."""
    endpoint_type: EndpointType


class VnfLcmOpOccLinks(Sol003Type, frozen=True, kw_only=True):
    """Where the occurrence is, and what can be asked of it in its state (SOL003 clause 5.5.2.13)."""

    self: Link
    vnf_instance: Link
    grant: Link | None = None
    """Where the NFVO has it, if one was given."""
    retry: Link | None = None
    rollback: Link | None = None
    fail: Link | None = None
    cancel: Link | None = None
    vnf_snapshot: Link | None = None


class VnfLcmOpOcc(Sol003Type, frozen=True, kw_only=True):
    """A lifecycle operation that was asked for, and what became of it (SOL003 clause 5.5.2.13)."""

    id: str
    operation_state: LcmOperationStateType
    state_entered_time: str
    """ISO 8601, UTC."""
    start_time: str
    vnf_instance_id: str
    grant_id: str | None = None
    operation: LcmOperationType
    is_automatic_invocation: bool
    operation_params: KeyValuePairs = {}
    """The request as it was made."""
    is_cancel_pending: bool
    cancel_mode: CancelModeType | None = None
    """While a cancel is pending."""
    error: dict[str, Any] | None = None
    """Problem details (RFC 9457) with the failing step and the VIM's own words."""
    resource_changes: ResourceChanges | None = None
    changed_info: VnfInfoModifications | None = None
    """What MODIFY_INFO, or another operation besides its resources, was asked to set."""
    affected_vip_cps: tuple[AffectedVipCp, ...] = ()
    changed_ext_connectivity: tuple[ExtVirtualLinkInfo, ...] = ()
    modifications_triggered_by_vnf_pkg_change: ModificationsTriggeredByVnfPkgChange | None = None
    vnf_snapshot_info_id: str | None = None
    """Of the snapshot that is taken, or reverted to."""
    lcm_coordinations: tuple[LcmCoordination, ...] = ()
    rejected_lcm_coordinations: tuple[RejectedLcmCoordination, ...] = ()
    """In the order in which they came; what was asked again, and then answered, is in both."""
    warnings: tuple[str, ...] = ()
    """What was to be minded of the answers to coordination actions."""
    links: VnfLcmOpOccLinks | None = msgspec.field(default=None, name="_links")
    """Set on the REST interface; None in process."""
