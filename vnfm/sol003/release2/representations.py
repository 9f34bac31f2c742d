"""What a client of release 2 is shown: attributes that came later are left out, others have their earlier form.

The types here have just what release 2.6.1 declares. What is shown in release 3 is given their form where one
attribute became another, and converted: whatever the type does not have falls away.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vnfm.sol003.connectivity import CpInstanceType, IpAddressInfo, LayerProtocol
from vnfm.sol003.general import KeyValuePairs, Link, Sol003Type
from vnfm.sol003.instances import InstantiationState, VnfInstance, VnfOperationalState
from vnfm.sol003.notifications import VnfIdentifierNotification, VnfLcmOperationOccurrenceNotification
from vnfm.sol003.operation_occurrences import CancelModeType, LcmOperationStateType, VnfLcmOpOcc
from vnfm.sol003.release2.affected_resources import (
    AffectedVirtualLink,
    NotifiedVirtualStorage,
    NotifiedVnfc,
    ResourceChanges,
    ResourceHandle,
)

LACKS = frozenset({"CHANGE_VNFPKG", "CREATE_SNAPSHOT", "REVERT_TO_SNAPSHOT"})
"""Operations that release 2 has no name for: it is not shown their occurrences."""


class ScaleInfo(Sol003Type, frozen=True, kw_only=True):
    """How far the VNF is scaled in one aspect."""

    aspect_id: str
    scale_level: int


class IpOverEthernet(Sol003Type, frozen=True, kw_only=True):
    """Addresses of a connection point."""

    mac_address: str | None = None
    ip_addresses: tuple[IpAddressInfo, ...] = ()


class CpProtocolInfo(Sol003Type, frozen=True, kw_only=True):
    """Protocol settings of a connection point."""

    layer_protocol: LayerProtocol
    ip_over_ethernet: IpOverEthernet | None = None


class VnfExtCpInfo(Sol003Type, frozen=True, kw_only=True):
    """An external connection point."""

    id: str
    cpd_id: str
    cp_protocol_info: tuple[CpProtocolInfo, ...]
    ext_link_port_id: str | None = None
    metadata: KeyValuePairs = {}
    associated_vnfc_cp_id: str | None = None
    associated_vnf_virtual_link_id: str | None = None


class ExtLinkPortInfo(Sol003Type, frozen=True, kw_only=True):
    """A port on an external virtual link."""

    id: str
    resource_handle: ResourceHandle
    cp_instance_id: str | None = None


class ExtVirtualLinkInfo(Sol003Type, frozen=True, kw_only=True):
    """An external virtual link."""

    id: str
    resource_handle: ResourceHandle
    ext_link_ports: tuple[ExtLinkPortInfo, ...] = ()


class VnfLinkPortInfo(Sol003Type, frozen=True, kw_only=True):
    """A port on an internal virtual link."""

    id: str
    resource_handle: ResourceHandle
    cp_instance_id: str | None = None
    cp_instance_type: CpInstanceType | None = None


class ExtManagedVirtualLinkInfo(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that somebody else provides."""

    id: str
    vnf_virtual_link_desc_id: str
    network_resource: ResourceHandle
    vnf_link_ports: tuple[VnfLinkPortInfo, ...] = ()


class MonitoringParameter(Sol003Type, frozen=True, kw_only=True):
    """What is measured."""

    id: str
    name: str | None = None
    performance_metric: str


class VnfcCpInfo(Sol003Type, frozen=True, kw_only=True):
    """A connection point of a VNFC."""

    id: str
    cpd_id: str
    vnf_ext_cp_id: str | None = None
    cp_protocol_info: tuple[CpProtocolInfo, ...] = ()
    vnf_link_port_id: str | None = None
    metadata: KeyValuePairs = {}


class VnfcResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The server of a VNFC."""

    id: str
    vdu_id: str
    compute_resource: ResourceHandle
    storage_resource_ids: tuple[str, ...] = ()
    reservation_id: str | None = None
    vnfc_cp_info: tuple[VnfcCpInfo, ...] = ()
    metadata: KeyValuePairs = {}


class VirtualLinkResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The network of an internal virtual link."""

    id: str
    vnf_virtual_link_desc_id: str
    network_resource: ResourceHandle
    reservation_id: str | None = None
    vnf_link_ports: tuple[VnfLinkPortInfo, ...] = ()
    metadata: KeyValuePairs = {}


class VirtualStorageResourceInfo(Sol003Type, frozen=True, kw_only=True):
    """The volume of a virtual storage."""

    id: str
    virtual_storage_desc_id: str
    storage_resource: ResourceHandle
    reservation_id: str | None = None
    metadata: KeyValuePairs = {}


class InstantiatedVnfInfo(Sol003Type, frozen=True, kw_only=True):
    """What an instantiated VNF is made of."""

    flavour_id: str
    vnf_state: VnfOperationalState
    scale_status: tuple[ScaleInfo, ...] = ()
    ext_cp_info: tuple[VnfExtCpInfo, ...] = ()
    ext_virtual_link_info: tuple[ExtVirtualLinkInfo, ...] = ()
    ext_managed_virtual_link_info: tuple[ExtManagedVirtualLinkInfo, ...] = ()
    monitoring_parameters: tuple[MonitoringParameter, ...] = ()
    localization_language: str | None = None
    vnfc_resource_info: tuple[VnfcResourceInfo, ...] = ()
    virtual_link_resource_info: tuple[VirtualLinkResourceInfo, ...] = ()
    virtual_storage_resource_info: tuple[VirtualStorageResourceInfo, ...] = ()


class InstanceLinks(Sol003Type, frozen=True, kw_only=True):
    """What can be asked of an instance."""

    self: Link
    instantiate: Link | None = None
    terminate: Link | None = None
    scale: Link | None = None
    scale_to_level: Link | None = None
    change_flavour: Link | None = None
    heal: Link | None = None
    operate: Link | None = None
    change_ext_conn: Link | None = None


class VimConnection(Sol003Type, frozen=True, kw_only=True):
    """How a VIM is reached, as far as it is told."""

    id: str
    vim_id: str | None = None
    vim_type: str
    interface_info: KeyValuePairs = {}
    extra: KeyValuePairs = {}


class Instance(Sol003Type, frozen=True, kw_only=True):
    """A VNF instance."""

    id: str
    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    vnfd_id: str
    vnf_provider: str
    vnf_product_name: str
    vnf_software_version: str
    vnfd_version: str
    vnf_configurable_properties: KeyValuePairs = {}
    vim_connection_info: tuple[VimConnection, ...] = ()
    instantiation_state: InstantiationState
    instantiated_vnf_info: InstantiatedVnfInfo | None = None
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    links: InstanceLinks | None = msgspec.field(default=None, name="_links")


class Modifications(Sol003Type, frozen=True, kw_only=True):
    """Attributes of the instance that were asked for."""

    vnf_instance_name: str | None = None
    vnf_instance_description: str | None = None
    vnf_configurable_properties: KeyValuePairs = {}
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vim_connection_info: tuple[VimConnection, ...] = ()


class OccurrenceLinks(Sol003Type, frozen=True, kw_only=True):
    """What can be asked of an occurrence."""

    self: Link
    vnf_instance: Link
    grant: Link | None = None
    retry: Link | None = None
    rollback: Link | None = None
    fail: Link | None = None
    cancel: Link | None = None


class Occurrence(Sol003Type, frozen=True, kw_only=True):
    """An operation occurrence."""

    id: str
    operation_state: LcmOperationStateType
    state_entered_time: str
    start_time: str
    vnf_instance_id: str
    grant_id: str | None = None
    operation: str
    is_automatic_invocation: bool
    operation_params: KeyValuePairs
    is_cancel_pending: bool
    cancel_mode: CancelModeType | None = None
    error: KeyValuePairs | None = None
    resource_changes: ResourceChanges | None = None
    changed_info: Modifications | None = None
    changed_ext_connectivity: tuple[ExtVirtualLinkInfo, ...] = ()
    links: OccurrenceLinks | None = msgspec.field(default=None, name="_links")


class OccurrenceNotification(Sol003Type, frozen=True, kw_only=True):
    """An operation has come to another state."""

    id: str
    notification_type: str
    subscription_id: str
    time_stamp: str
    notification_status: str
    operation_state: LcmOperationStateType
    vnf_instance_id: str
    operation: str
    is_automatic_invocation: bool
    vnf_lcm_op_occ_id: str
    affected_vnfcs: tuple[NotifiedVnfc, ...] = ()
    affected_virtual_links: tuple[AffectedVirtualLink, ...] = ()
    affected_virtual_storages: tuple[NotifiedVirtualStorage, ...] = ()
    changed_info: Modifications | None = None
    changed_ext_connectivity: tuple[ExtVirtualLinkInfo, ...] = ()
    error: KeyValuePairs | None = None
    links: KeyValuePairs = msgspec.field(name="_links")


def in_release_2(shown: object) -> object | None:
    """Return what is shown in release 3 as a client of release 2 sees it; None for what release 2 does not know."""
    match shown:
        case VnfInstance():
            return _instance(shown)
        case VnfLcmOpOcc():
            return None if shown.operation in LACKS else _occurrence(shown)
        case VnfLcmOperationOccurrenceNotification():
            return None if shown.operation in LACKS else _notification(shown)
        case VnfIdentifierNotification():
            return shown
        case _:
            raise TypeError(f"release 2 has no representation of {type(shown).__name__}")


def _instance(instance: VnfInstance) -> Instance:
    plain = _listed(_plain(instance))
    if (info := plain.get("instantiatedVnfInfo")) and "vnfVirtualLinkResourceInfo" in info:
        info["virtualLinkResourceInfo"] = info.pop("vnfVirtualLinkResourceInfo")
    return msgspec.convert(plain, Instance)


def _occurrence(occurrence: VnfLcmOpOcc) -> Occurrence:
    plain = _plain(occurrence)
    plain["operationParams"] = _as_asked(plain.get("operationParams", {}))
    for link in plain.get("resourceChanges", {}).get("affectedVirtualLinks", ()):
        link["virtualLinkDescId"] = link.pop("vnfVirtualLinkDescId")
    _listed(plain.get("changedInfo", {}))
    return msgspec.convert(plain, Occurrence)


def _notification(notification: VnfLcmOperationOccurrenceNotification) -> OccurrenceNotification:
    plain = _plain(notification)
    _listed(plain.get("changedInfo", {}))
    return msgspec.convert(plain, OccurrenceNotification)


def _listed(plain: dict[str, Any]) -> dict[str, Any]:
    """Return it with the list of release 2 for the map of VIM connections."""
    if "vimConnectionInfo" in plain:
        plain["vimConnectionInfo"] = [{"id": id_, **info} for id_, info in plain["vimConnectionInfo"].items()]
    return plain


def _as_asked(value: Any, name: str = "") -> Any:
    """Return the parameters of an operation with the lists of release 2 for the maps of release 3."""
    if isinstance(value, list):
        return [_as_asked(element) for element in value]
    if not isinstance(value, dict):
        return value
    if name == "vimConnectionInfo":
        return [{"id": id_, **(info or {})} for id_, info in value.items()]
    if name == "cpConfig":
        return [_as_asked(config) for config in value.values() if config]
    return {key: _as_asked(member, key) for key, member in value.items()}


def _plain(shown: object) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shown))
    return found
