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


class Affected(Sol003Type, frozen=True, kw_only=True):
    """What came, went or changed."""

    id: str
    change_type: ChangeType
    metadata: KeyValuePairs = {}


class AffectedVnfc(Affected, frozen=True, kw_only=True):
    """A VNFC that did."""

    vdu_id: str
    compute_resource: ResourceHandle
    affected_vnfc_cp_ids: tuple[str, ...] = ()
    added_storage_resource_ids: tuple[str, ...] = ()
    removed_storage_resource_ids: tuple[str, ...] = ()


class NotifiedVnfc(AffectedVnfc, frozen=True, kw_only=True):
    """The same in a notification, which tells more of what was granted."""

    resource_definition_id: str | None = None
    zone_id: str | None = None


class AffectedVirtualLink(Affected, frozen=True, kw_only=True):
    """An internal virtual link that did, or got other ports, in a notification."""

    vnf_virtual_link_desc_id: str
    network_resource: ResourceHandle
    resource_definition_id: str | None = None
    zone_id: str | None = None


class AffectedLinkOfOccurrence(Affected, frozen=True, kw_only=True):
    """The same in an occurrence, where the descriptor's attribute has another name."""

    virtual_link_desc_id: str
    network_resource: ResourceHandle


class AffectedVirtualStorage(Affected, frozen=True, kw_only=True):
    """A virtual storage that did."""

    virtual_storage_desc_id: str
    storage_resource: ResourceHandle


class NotifiedVirtualStorage(AffectedVirtualStorage, frozen=True, kw_only=True):
    """The same in a notification."""

    resource_definition_id: str | None = None


class ResourceChanges(Sol003Type, frozen=True, kw_only=True):
    """What an operation has changed so far."""

    affected_vnfcs: tuple[AffectedVnfc, ...] = ()
    affected_virtual_links: tuple[AffectedLinkOfOccurrence, ...] = ()
    affected_virtual_storages: tuple[AffectedVirtualStorage, ...] = ()
