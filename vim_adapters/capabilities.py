"""What one VIM can do; what it does not declare is refused before anything is sent to it."""

from __future__ import annotations

import enum

import msgspec

from vim_adapters.resources import Kind


class Feature(enum.StrEnum):
    """Things that VIMs differ in."""

    IMAGE_UPLOAD = "image_upload"
    BOOT_FROM_VOLUME = "boot_from_volume"
    IPV6 = "ipv6"
    FIXED_ADDRESSES = "fixed_addresses"
    ALLOWED_ADDRESS_PAIRS = "allowed_address_pairs"
    PROVIDER_NETWORKS = "provider_networks"
    AFFINITY = "affinity"
    ANTI_AFFINITY = "anti_affinity"
    CAPACITY = "capacity"
    USER_DATA = "user_data"
    START_STOP = "start_stop"
    REBOOT = "reboot"


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What one VIM can do."""

    kinds: frozenset[Kind]
    features: frozenset[Feature]
