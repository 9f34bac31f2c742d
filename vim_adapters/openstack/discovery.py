"""What a cloud offers: versions of its services, extensions of Neutron, zones; and the capabilities that follow."""

from __future__ import annotations

import msgspec

from vim_adapters.capabilities import Capabilities, Feature
from vim_adapters.errors import AccessDeniedError, MisconfiguredError, RequestRefusedError, VimError
from vim_adapters.openstack.routing import Outside, outside_of
from vim_adapters.openstack.session import MICROVERSIONS, Document, Session
from vim_adapters.resources import Kind

_NEEDED = ("compute", "network", "image")
_WELCOME = ("block_storage", "placement")
_NAMES = {
    "compute": "Nova",
    "network": "Neutron",
    "image": "Glance",
    "block_storage": "Cinder",
    "placement": "Placement",
}

_KINDS_BY_EXTENSION = {"trunk": Kind.TRUNK, "security-group": Kind.SECURITY_GROUP}
_FEATURES_BY_EXTENSION = {
    "allowed-address-pairs": Feature.ALLOWED_ADDRESS_PAIRS,
    "binding": Feature.VNIC_TYPES,
    "vlan-transparent": Feature.VLAN_TRANSPARENCY,
}
_ROUTERS = frozenset({"router", "external-net"})
"""Extensions of a Neutron that leads outside."""
_NOWHERE = "00000000-0000-4000-8000-000000000000"
_PROVIDER_NETWORK = {
    "name": "mano-asks-whether-it-may",
    "provider:network_type": "flat",
    "provider:physical_network": "mano-asks-whether-it-may",
}
_MINIMUM_BANDWIDTH_RULE = "minimum_bandwidth"

EVERYTHING = Capabilities(
    kinds=frozenset(Kind) - {Kind.FILE_SHARE, Kind.OBJECT_CONTAINER},
    features=frozenset(Feature)
    - {Feature.RDMA_STORAGE, Feature.STORAGE_REQUIREMENTS, Feature.SEVERAL_PLACEMENT_GROUPS},
)
"""What the adapter can make of a cloud that has it all."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about a cloud."""

    versions: dict[str, str]
    """By service; a service that the catalogue lacks is not among them."""
    extensions: frozenset[str]
    """Of Neutron, by alias."""
    qos_rules: frozenset[str] = frozenset()
    """The types of rules that we may give to QoS policies."""
    provider_networks: bool = False
    """Whether we may say how a network is realised."""
    outside: Outside = Outside()
    """The network that routers and floating addresses lead to."""
    zones: tuple[str, ...] = ()
    """Of Nova."""
    volume_zones: frozenset[str] = frozenset()
    """Of Cinder."""

    @property
    def port_tags_at_once(self) -> bool:
        """Whether Neutron takes tags in the request that makes a port; in others it never does."""
        return "tag-ports-during-bulk-creation" in self.extensions

    @property
    def version(self) -> str:
        """All versions, for people."""
        return ", ".join(f"{_NAMES[name]} {version}".rstrip() for name, version in self.versions.items())


def discovered(session: Session, external_network: str = "") -> Offer:
    """Ask a cloud what it has; ``external_network`` is the one that was chosen where there are several.

    Raises:
        MisconfiguredError: it lacks a service or a version that we cannot do without.
        VimError: it cannot be asked.
    """
    versions = {
        service: version for service in (*_NEEDED, *_WELCOME) if (version := session.offers(service)) is not None
    }
    if missing := [_NAMES[service] for service in _NEEDED if service not in versions]:
        raise MisconfiguredError(f"the cloud's catalogue lacks {', '.join(missing)}: is the region right?")
    check_versions(versions)
    extensions = frozenset(one["alias"] for one in session.list("network", "/extensions", "extensions"))
    if "standard-attr-tag" not in extensions:
        raise MisconfiguredError("Neutron has no tags (extension standard-attr-tag), by which we know what is ours")
    zones = session.list("compute", "/os-availability-zone", "availabilityZoneInfo")
    return Offer(
        versions=versions,
        extensions=extensions,
        qos_rules=_qos_rules(session) if "qos" in extensions else frozenset(),
        provider_networks="provider" in extensions and _may(session, "/networks", {"network": _PROVIDER_NETWORK}),
        outside=_outside(session, external_network) if extensions >= _ROUTERS else Outside(),
        zones=tuple(sorted(zone["zoneName"] for zone in zones if zone["zoneState"]["available"])),
        volume_zones=_volume_zones(session) if "block_storage" in versions else frozenset(),
    )


def check_versions(versions: dict[str, str]) -> None:
    """Refuse services that are too old; those that tell no version are tried."""
    for service, least in MICROVERSIONS.items():
        found = versions.get(service)
        if found and _numbers(found) < _numbers(least):
            raise MisconfiguredError(f"{_NAMES[service]} has version {found}, and we need {least} at least")


def capabilities_of(offer: Offer) -> Capabilities:
    """Return what we can make of an offer."""
    extensions = offer.extensions
    kinds = {kind for alias, kind in _KINDS_BY_EXTENSION.items() if alias in extensions}
    kinds |= {Kind.NETWORK, Kind.SUBNET, Kind.PORT, Kind.IMAGE, Kind.PLACEMENT_GROUP, Kind.SERVER, Kind.SERVER_SNAPSHOT}
    features = {feature for alias, feature in _FEATURES_BY_EXTENSION.items() if alias in extensions}
    features |= {
        Feature.IMAGE_UPLOAD,
        Feature.IPV6,
        Feature.FIXED_ADDRESSES,
        Feature.AFFINITY,
        Feature.ANTI_AFFINITY,
        Feature.CAPACITY,
        Feature.USER_DATA,
        Feature.START_STOP,
        Feature.REBOOT,
        Feature.CONSOLE,
    }
    if "block_storage" in offer.versions:
        kinds |= {Kind.VOLUME, Kind.VOLUME_SNAPSHOT}
        features.add(Feature.BOOT_FROM_VOLUME)
    if offer.outside.network:
        kinds |= {Kind.ROUTER, Kind.FLOATING_ADDRESS}
    if offer.qos_rules:
        kinds.add(Kind.QOS_POLICY)
    if offer.provider_networks:
        features.add(Feature.PROVIDER_NETWORKS)
    if _MINIMUM_BANDWIDTH_RULE in offer.qos_rules:
        features.add(Feature.MINIMUM_BANDWIDTH)
    return Capabilities(kinds=frozenset(kinds), features=frozenset(features))


def findings_of(offer: Offer) -> tuple[str, ...]:
    """Say what works less well than it could, in words."""
    having = capabilities_of(offer)
    lacking = [
        *(f"resources of kind {kind.value}" for kind in sorted(EVERYTHING.kinds - having.kinds)),
        *(feature.value for feature in sorted(EVERYTHING.features - having.features)),
    ]
    findings = [f"not offered by this cloud: {', '.join(lacking)}"] if lacking else []
    if offer.outside.finding:
        findings.append(offer.outside.finding)
    if not offer.port_tags_at_once:
        findings.append("Neutron takes no tags with a new port: each costs another call")
    if not offer.zones:
        findings.append("Nova has no availability zone that is available")
    return tuple(findings)


def _outside(session: Session, wanted: str) -> Outside:
    return outside_of(session.list("network", "/networks", "networks", **{"router:external": "true"}), wanted)


def _qos_rules(session: Session) -> frozenset[str]:
    if not _may(
        session, f"/qos/policies/{_NOWHERE}/bandwidth_limit_rules", {"bandwidth_limit_rule": {"max_kbps": 1000}}
    ):
        return frozenset()
    return frozenset(rule["type"] for rule in session.list("network", "/qos/rule-types", "rule_types"))


def _may(session: Session, path: str, body: Document) -> bool:
    """Whether the cloud's policy lets us make something, found out with a request that nothing can come of."""
    try:
        made = session.post("network", path, body)
    except AccessDeniedError:
        return False
    except RequestRefusedError:
        return True
    for document in made.values():  # what nobody has seen yet: a Neutron that does not check what a network is on
        session.delete("network", f"{path}/{document['id']}")
    return True


def _volume_zones(session: Session) -> frozenset[str]:
    try:
        listed = session.list("block_storage", "/os-availability-zone", "availabilityZoneInfo")
    except VimError:
        return frozenset()
    return frozenset(zone["zoneName"] for zone in listed)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
