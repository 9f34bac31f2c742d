"""Where resources are, and what became of them, in the form of release 2.6.1."""

from __future__ import annotations

from vnfm.sol003.general import KeyValuePairs, Sol003Type
from vnfm.sol003.operation_occurrences import ChangeType


class ResourceHandle(Sol003Type, frozen=True, kw_only=True):
    """Where a virtualised resource is."""

    vim_connection_id: str = ""
    resource_provider_id: str | None = None
    resource_id: str
    vim_level_resource_type: str | None = None


class AffectedVnfc(Sol003Type, frozen=True, kw_only=True):
    """A VNFC that came, went or changed."""

    id: str
    vdu_id: str
    change_type: ChangeType
    compute_resource: ResourceHandle
    metadata: KeyValuePairs = {}
    affected_vnfc_cp_ids: tuple[str, ...] = ()
    added_storage_resource_ids: tuple[str, ...] = ()
    removed_storage_resource_ids: tuple[str, ...] = ()


class NotifiedVnfc(AffectedVnfc, frozen=True, kw_only=True):
    """The same in a notification, which tells more of what was granted."""

    resource_definition_id: str | None = None
    zone_id: str | None = None


class AffectedVirtualLink(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that came, went or got other ports, in a notification."""

    id: str
    vnf_virtual_link_desc_id: str
    change_type: ChangeType
    network_resource: ResourceHandle
    resource_definition_id: str | None = None
    zone_id: str | None = None
    metadata: KeyValuePairs = {}


class AffectedLinkOfOccurrence(Sol003Type, frozen=True, kw_only=True):
    """The same in an occurrence, where the descriptor's attribute has another name."""

    id: str
    virtual_link_desc_id: str
    change_type: ChangeType
    network_resource: ResourceHandle
    metadata: KeyValuePairs = {}


class AffectedVirtualStorage(Sol003Type, frozen=True, kw_only=True):
    """A virtual storage that came, went or changed."""

    id: str
    virtual_storage_desc_id: str
    change_type: ChangeType
    storage_resource: ResourceHandle
    metadata: KeyValuePairs = {}


class NotifiedVirtualStorage(AffectedVirtualStorage, frozen=True, kw_only=True):
    """The same in a notification."""

    resource_definition_id: str | None = None


class ResourceChanges(Sol003Type, frozen=True, kw_only=True):
    """What an operation has changed so far."""

    affected_vnfcs: tuple[AffectedVnfc, ...] = ()
    affected_virtual_links: tuple[AffectedLinkOfOccurrence, ...] = ()
    affected_virtual_storages: tuple[AffectedVirtualStorage, ...] = ()
