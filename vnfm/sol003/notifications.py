"""What subscribers to VNF lifecycle changes ask for and are told (SOL003 clauses 5.5.2.15 to 5.5.2.19)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from vnfm.sol003.general import KeyValuePairs, Link, Sol003Type
from vnfm.sol003.operation_occurrences import LcmOperationStateType, LcmOperationType

NotificationType = Literal[
    "VnfLcmOperationOccurrenceNotification", "VnfIdentifierCreationNotification", "VnfIdentifierDeletionNotification"
]
OCCURRENCE: NotificationType = "VnfLcmOperationOccurrenceNotification"
CREATION: NotificationType = "VnfIdentifierCreationNotification"
DELETION: NotificationType = "VnfIdentifierDeletionNotification"


class Filter(Sol003Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter refuses what it does not know: passed over, it would have told more than was asked for."""


class VnfVersionsFilter(Filter, frozen=True, kw_only=True):
    """Versions of a product."""

    vnf_software_version: str
    vnfd_versions: tuple[str, ...] = ()


class VnfProductFilter(Filter, frozen=True, kw_only=True):
    """A product of a provider."""

    vnf_product_name: str
    versions: tuple[VnfVersionsFilter, ...] = ()


class VnfProviderFilter(Filter, frozen=True, kw_only=True):
    """Products of a provider."""

    vnf_provider: str
    vnf_products: tuple[VnfProductFilter, ...] = ()


class VnfInstanceSubscriptionFilter(Filter, frozen=True, kw_only=True):
    """Which VNF instances (SOL003 clause 4.4.1.5)."""

    vnfd_ids: tuple[str, ...] = ()
    vnf_products_from_providers: tuple[VnfProviderFilter, ...] = ()
    vnf_instance_ids: tuple[str, ...] = ()
    vnf_instance_names: tuple[str, ...] = ()


class LifecycleChangeNotificationsFilter(Filter, frozen=True, kw_only=True):
    """Which notifications about which VNF instances (SOL003 clause 5.5.3.12)."""

    vnf_instance_subscription_filter: VnfInstanceSubscriptionFilter | None = None
    notification_types: tuple[NotificationType, ...] = ()
    operation_types: tuple[LcmOperationType, ...] = ()
    operation_states: tuple[LcmOperationStateType, ...] = ()


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Whose product of which version a VNF is."""

    provider: str
    name: str
    software_version: str
    vnfd_version: str


def product_fits(
    providers: Iterable[Mapping[str, Any]], product: Product | None, products: str = "vnfProducts"
) -> bool:
    """Return whether a product is among those of ``vnfProductsFromProviders``; without any, every one is.

    ``products`` is the name of the attribute of a provider that lists products.
    """
    wanted = list(providers)
    return not wanted or (product is not None and any(_of_provider(each, product, products) for each in wanted))


def _of_provider(wanted: Mapping[str, Any], product: Product, products: str) -> bool:
    named = wanted.get(products, ())
    return wanted["vnfProvider"] == product.provider and (
        not named or any(_is_product(each, product) for each in named)
    )


def _is_product(wanted: Mapping[str, Any], product: Product) -> bool:
    versions = wanted.get("versions", ())
    return wanted["vnfProductName"] == product.name and (
        not versions or any(_is_version(each, product) for each in versions)
    )


def _is_version(wanted: Mapping[str, Any], product: Product) -> bool:
    descriptors = wanted.get("vnfdVersions", ())
    return wanted["vnfSoftwareVersion"] == product.software_version and (
        not descriptors or product.vnfd_version in descriptors
    )


class LccnLinks(Sol003Type, frozen=True, kw_only=True):
    """What a notification is about (SOL003 clause 5.5.3.10)."""

    vnf_instance: Link
    subscription: Link
    vnf_lcm_op_occ: Link | None = None


class VnfIdentifierNotification(Sol003Type, frozen=True, kw_only=True):
    """A VNF instance was created or deleted (SOL003 clauses 5.5.2.18 and 5.5.2.19)."""

    id: str
    notification_type: NotificationType
    subscription_id: str
    time_stamp: str
    vnf_instance_id: str
    links: LccnLinks = msgspec.field(name="_links")


class VnfLcmOperationOccurrenceNotification(Sol003Type, frozen=True, kw_only=True):
    """An operation has come to another state (SOL003 clause 5.5.2.17)."""

    id: str
    notification_type: NotificationType
    subscription_id: str
    time_stamp: str
    notification_status: Literal["START", "RESULT"]
    operation_state: LcmOperationStateType
    vnf_instance_id: str
    operation: LcmOperationType
    is_automatic_invocation: bool
    verbosity: Literal["FULL", "SHORT"]
    vnf_lcm_op_occ_id: str
    affected_vnfcs: tuple[KeyValuePairs, ...] = ()
    """These, and what follows, as the occurrence has them; not in a short notification, nor in one about the start."""
    affected_virtual_links: tuple[KeyValuePairs, ...] = ()
    affected_ext_link_ports: tuple[KeyValuePairs, ...] = ()
    affected_virtual_storages: tuple[KeyValuePairs, ...] = ()
    affected_vip_cps: tuple[KeyValuePairs, ...] = ()
    changed_info: KeyValuePairs | None = None
    changed_ext_connectivity: tuple[KeyValuePairs, ...] = ()
    modifications_triggered_by_vnf_pkg_change: KeyValuePairs | None = None
    error: KeyValuePairs | None = None
    links: LccnLinks = msgspec.field(name="_links")
