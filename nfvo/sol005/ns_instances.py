"""What a client is shown of network services and of operations on them (SOL005 clauses 6.5.2 and 6.5.3)."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from nfvo.sol005.general import Link, Sol005Type
from nfvo.sol005.ns_requests import AffinityOrAntiAffinityRule, NsScaleInfo
from vnfm.sol003.connectivity import CpProtocolInfo
from vnfm.sol003.operation_occurrences import CancelModeType


class NsState(enum.StrEnum):
    """Whether an NS instance has constituents."""

    NOT_INSTANTIATED = "NOT_INSTANTIATED"
    INSTANTIATED = "INSTANTIATED"


class ResourceHandle(Sol005Type, frozen=True, kw_only=True):
    """Where a virtualised resource is."""

    vim_id: str
    """Identifier of the VIM connection that it was made through."""
    resource_id: str
    vim_level_resource_type: str | None = None


class NsCpHandle(Sol005Type, frozen=True, kw_only=True):
    """A connection point of a constituent, or a service access point."""

    vnf_instance_id: str | None = None
    vnf_ext_cp_instance_id: str | None = None
    ns_instance_id: str | None = None
    ns_sap_instance_id: str | None = None


class NsLinkPortInfo(Sol005Type, frozen=True, kw_only=True):
    """A port on a virtual link of the NS."""

    id: str
    resource_handle: ResourceHandle
    ns_cp_handle: NsCpHandle | None = None


class NsVirtualLinkInfo(Sol005Type, frozen=True, kw_only=True):
    """A virtual link of the NS."""

    id: str
    ns_virtual_link_desc_id: str
    ns_virtual_link_profile_id: str
    resource_handle: tuple[ResourceHandle, ...] = ()
    link_port: tuple[NsLinkPortInfo, ...] = ()


class SapInfo(Sol005Type, frozen=True, kw_only=True):
    """A service access point of the NS."""

    id: str
    sapd_id: str
    sap_name: str
    description: str | None = None
    sap_protocol_info: tuple[CpProtocolInfo, ...]


class NsInstanceLinks(Sol005Type, frozen=True, kw_only=True):
    """Where the instance is, and what can be asked of it now."""

    self: Link
    instantiate: Link | None = None
    terminate: Link | None = None
    scale: Link | None = None


class NsInstance(Sol005Type, frozen=True, kw_only=True):
    """A network service instance."""

    id: str
    ns_instance_name: str
    ns_instance_description: str
    nsd_id: str
    nsd_info_id: str
    flavour_id: str | None = None
    vnf_instance: tuple[dict[str, Any], ...] = ()
    """As the VNFM tells it, in the words of SOL005."""
    virtual_link_info: tuple[NsVirtualLinkInfo, ...] = ()
    sap_info: tuple[SapInfo, ...] = ()
    ns_state: NsState
    ns_scale_status: tuple[NsScaleInfo, ...] = ()
    additional_affinity_or_anti_affinity_rule: tuple[AffinityOrAntiAffinityRule, ...] = ()
    links: NsInstanceLinks = msgspec.field(name="_links")


class ChangeResult(enum.StrEnum):
    """What became of a change."""

    COMPLETED = "COMPLETED"
    ROLLED_BACK = "ROLLED_BACK"
    FAILED = "FAILED"


class AffectedVnf(Sol005Type, frozen=True, kw_only=True):
    """A VNF that an operation added, changed or removed."""

    vnf_instance_id: str
    vnfd_id: str
    vnf_profile_id: str
    vnf_name: str
    change_type: str
    """INSTANTIATE, TERMINATE or SCALE."""
    change_result: ChangeResult


class AffectedVirtualLink(Sol005Type, frozen=True, kw_only=True):
    """A virtual link that an operation added or removed."""

    ns_virtual_link_instance_id: str
    ns_virtual_link_desc_id: str
    vl_profile_id: str
    change_type: str
    """ADD or DELETE."""
    change_result: ChangeResult


class AffectedSap(Sol005Type, frozen=True, kw_only=True):
    """A service access point that an operation added or removed."""

    sap_instance_id: str
    sapd_id: str
    sap_name: str
    change_type: str
    """ADD or REMOVE."""
    change_result: ChangeResult


class ResourceChanges(Sol005Type, frozen=True, kw_only=True):
    """What an operation has changed so far."""

    affected_vnfs: tuple[AffectedVnf, ...] = ()
    affected_vls: tuple[AffectedVirtualLink, ...] = ()
    affected_saps: tuple[AffectedSap, ...] = ()


class NsLcmOpOccLinks(Sol005Type, frozen=True, kw_only=True):
    """Where the occurrence is, and what can be asked of it in its state."""

    self: Link
    ns_instance: Link
    retry: Link | None = None
    rollback: Link | None = None
    fail: Link | None = None
    continue_: Link | None = msgspec.field(name="continue", default=None)
    cancel: Link | None = None


class NsLcmOpOcc(Sol005Type, frozen=True, kw_only=True):
    """A lifecycle operation on an NS that was asked for, and what became of it."""

    id: str
    operation_state: str
    state_entered_time: str
    status_entered_time: str
    """The same: the published document requires this name and describes the other."""
    ns_instance_id: str
    lcm_operation_type: str
    start_time: str
    is_automatic_invocation: bool
    operation_params: dict[str, Any] = {}
    """The request as it was made."""
    is_cancel_pending: bool
    cancel_mode: CancelModeType | None = None
    """While a cancel is pending."""
    error: dict[str, Any] | None = None
    """Problem details with the failing step; those of a VNF operation, with the VIM's own words, are in it."""
    resource_changes: ResourceChanges | None = None
    links: NsLcmOpOccLinks = msgspec.field(name="_links")
