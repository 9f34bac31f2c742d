"""What one VIM can do; what it does not declare is refused before anything is sent to it."""

from __future__ import annotations

import enum

import msgspec

from vim_adapters.resources import (
    FileShareSpec,
    FloatingAddressSpec,
    ImageSpec,
    Kind,
    NetworkSpec,
    ObjectContainerSpec,
    PlacementGroupSpec,
    PortSpec,
    Power,
    QosPolicySpec,
    ResourceSpec,
    RouterSpec,
    SecurityGroupSpec,
    ServerSnapshotSpec,
    ServerSpec,
    SubnetSpec,
    TrunkSpec,
    VolumeSnapshotSpec,
    VolumeSpec,
    kind_of,
)


class Feature(enum.StrEnum):
    """Things that VIMs differ in."""

    IMAGE_UPLOAD = "image_upload"
    """An image's content can be sent; without it, only images that are there already can be used."""
    BOOT_FROM_VOLUME = "boot_from_volume"
    IPV6 = "ipv6"
    FIXED_ADDRESSES = "fixed_addresses"
    ALLOWED_ADDRESS_PAIRS = "allowed_address_pairs"
    PROVIDER_NETWORKS = "provider_networks"
    VLAN_TRANSPARENCY = "vlan_transparency"
    VNIC_TYPES = "vnic_types"
    """Ports can be of other types than normal."""
    MINIMUM_BANDWIDTH = "minimum_bandwidth"
    """A QoS policy can keep bandwidth free, and not only limit it."""
    AFFINITY = "affinity"
    ANTI_AFFINITY = "anti_affinity"
    SEVERAL_PLACEMENT_GROUPS = "several_placement_groups"
    """A server can be in more than one placement group."""
    RDMA_STORAGE = "rdma_storage"
    STORAGE_REQUIREMENTS = "storage_requirements"
    """A volume can be asked to be stored in a certain way."""
    CAPACITY = "capacity"
    USER_DATA = "user_data"
    START_STOP = "start_stop"
    REBOOT = "reboot"
    CONSOLE = "console"
    """What a server writes on its console can be read."""


_EVERY_FEATURE = frozenset(Feature)
_EVERY_KIND = frozenset(Kind)


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What one VIM can do."""

    kinds: frozenset[Kind]
    features: frozenset[Feature]

    @property
    def complete(self) -> bool:
        """Whether there is nothing that the VIM cannot do."""
        return self.features >= _EVERY_FEATURE and self.kinds >= _EVERY_KIND

    def missing(self, spec: ResourceSpec) -> tuple[str, ...]:
        """Name the kind and the features that a spec needs and the VIM lacks; empty when it can be asked for."""
        if self.complete:
            return ()
        lacking = [] if kind_of(spec) in self.kinds else [kind_of(spec).value]
        return (*lacking, *sorted(feature.value for feature in needed_features(spec) - self.features))


def needed_features(spec: ResourceSpec) -> frozenset[Feature]:
    """Return the features without which a spec cannot be honoured.

    The upload of an image is not among them: whether it is needed depends on what the VIM has already.
    """
    needs: dict[Feature, bool] = {}
    match spec:
        case QosPolicySpec():
            needs = {Feature.MINIMUM_BANDWIDTH: spec.min_bps is not None}
        case NetworkSpec():
            provider = (spec.provider_type, spec.provider_segment, spec.provider_physical_network)
            needs = {
                Feature.PROVIDER_NETWORKS: provider != (None, None, None),
                Feature.VLAN_TRANSPARENCY: spec.vlan_transparent,
            }
        case SubnetSpec():
            needs = {Feature.IPV6: spec.ip_version == 6}  # noqa: PLR2004  # the version is called 6
        case PortSpec():
            needs = {
                Feature.FIXED_ADDRESSES: any(fixed.address for fixed in spec.fixed_addresses),
                Feature.ALLOWED_ADDRESS_PAIRS: bool(spec.allowed_address_pairs or spec.carries_addresses_of),
                Feature.VNIC_TYPES: spec.vnic_type != "normal",
            }
        case SecurityGroupSpec():
            needs = {Feature.IPV6: any(rule.ether_type.lower() == "ipv6" for rule in spec.rules)}
        case VolumeSpec():
            needs = {
                Feature.BOOT_FROM_VOLUME: spec.image is not None,
                Feature.RDMA_STORAGE: spec.rdma,
                Feature.STORAGE_REQUIREMENTS: bool(spec.requirements),
            }
        case PlacementGroupSpec():
            apart = "anti-affinity" in spec.policy
            needs = {Feature.ANTI_AFFINITY: apart, Feature.AFFINITY: not apart}
        case ServerSpec():
            needs = {
                Feature.BOOT_FROM_VOLUME: any(attachment.boot for attachment in spec.volumes),
                Feature.USER_DATA: spec.user_data is not None,
                Feature.START_STOP: spec.power is Power.OFF,
                Feature.SEVERAL_PLACEMENT_GROUPS: len(spec.placement_groups) > 1,
            }
        case (
            ImageSpec()
            | TrunkSpec()
            | RouterSpec()
            | FloatingAddressSpec()
            | FileShareSpec()
            | ObjectContainerSpec()
            | ServerSnapshotSpec()
            | VolumeSnapshotSpec()
        ):
            pass
    return frozenset(feature for feature, needed in needs.items() if needed)
