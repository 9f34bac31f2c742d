"""TOSCA.meta and the package's manifest: who made it, and the digests of what it carries (SOL004 clause 4)."""

from __future__ import annotations

import msgspec


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says."""

    file: str = ""
    """Its path in the package."""
    metadata: dict[str, str] = {}
    """As written: vnf_provider_id, vnf_product_name, vnf_package_version, nsd_designer ..."""
    digests: dict[str, tuple[str, str]] = {}
    """Algorithm (``sha-256``) and hexadecimal digest by path."""
    sources: tuple[str, ...] = ()
    """Everything listed, with a digest or not."""
    artifact_sets: dict[str, tuple[str, ...]] = {}
    """Paths of non-MANO artifacts by the set's name."""
    signed: bool = False
    """Whether it ends in a CMS signature (which is not verified yet)."""
