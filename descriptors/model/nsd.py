"""The network service descriptor as the NFVO reads it (SOL001 clause 7)."""

from __future__ import annotations

from descriptors.model.vnfd import AffinityRule, Model, SecurityGroupRule, VirtualLink


class Sap(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A service access point: where the network service attaches to the outside."""

    id: str
    internal_link: str = ""
    """NS virtual link that it attaches to."""
    external_link: str = ""
    connection_point: str = ""
    """Requirement through which it exposes a constituent's connection point, where it does."""
    layer_protocols: tuple[str, ...] = ("ipv4",)
    role: str = ""
    description: str = ""


class VnfProfile(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent VNF."""

    id: str
    """The template's name in the NSD."""
    vnfd_id: str
    flavour_id: str = ""
    """Empty: the VNFD's default."""
    instantiation_level: str = ""
    min_instances: int = 1
    max_instances: int = 1
    links: dict[str, str] = {}
    """NS virtual link by requirement name of the VNF node (virtual_link, virtual_link_external ...)."""


class NestedNs(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent network service."""

    id: str
    nsd_id: str
    flavour_id: str = ""
    links: dict[str, str] = {}


class PnfProfile(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A constituent physical network function."""

    id: str
    pnfd_id: str
    links: dict[str, str] = {}


class NsLevel(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A named size of the network service, or a step of a scaling aspect."""

    id: str
    description: str = ""
    vnf_instances: dict[str, int] = {}
    """Instances per VNF profile; a profile that is not named keeps its minimum."""


class NsScalingAspect(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A way in which the network service scales."""

    id: str
    name: str = ""
    description: str = ""
    levels: tuple[NsLevel, ...] = ()
    """Level 0, 1, 2 ..."""


class NsFlavour(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A deployment flavour of the network service."""

    id: str
    description: str = ""
    vnf_profiles: dict[str, VnfProfile] = {}
    nested: dict[str, NestedNs] = {}
    pnfs: dict[str, PnfProfile] = {}
    virtual_links: dict[str, VirtualLink] = {}
    saps: dict[str, Sap] = {}
    levels: dict[str, NsLevel] = {}
    default_level: str = ""
    aspects: dict[str, NsScalingAspect] = {}
    affinity_rules: tuple[AffinityRule, ...] = ()
    security_group_rules: tuple[SecurityGroupRule, ...] = ()

    def vnf_instances(self, level: str = "") -> dict[str, int]:
        """Return the number of instances per VNF profile at a level; profiles it leaves out have their minimum."""
        named = self.levels.get(level or self.default_level)
        counts = {profile.id: profile.min_instances for profile in self.vnf_profiles.values()}
        return counts | (named.vnf_instances if named else {})


class Nsd(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A network service descriptor."""

    id: str
    """descriptor_id."""
    invariant_id: str = ""
    designer: str = ""
    version: str = ""
    name: str = ""
    sol001_version: str = ""
    default_flavour: str = ""
    flavours: dict[str, NsFlavour] = {}
