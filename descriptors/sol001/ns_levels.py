"""Levels and scaling aspects of a network service: how many of each constituent, and how fast its links."""

from __future__ import annotations

from typing import Any

from descriptors.model.connectivity import Bitrate
from descriptors.model.nsd import NsLevel, NsScalingAspect
from descriptors.sol001.amounts import integer, levels, text
from descriptors.tosca.documents import mapping
from descriptors.tosca.topology import Topology

_P = "tosca.policies.nfv."
VNF = "tosca.nodes.nfv.VNF"
NS = "tosca.nodes.nfv.NS"
_LINK = "tosca.nodes.nfv.NsVirtualLink"
_PROFILES = {VNF: "vnf_profile", NS: "ns_profile"}


class _Sizes:
    """What the mapping policies say of each level: of one aspect, or of the whole service."""

    def __init__(self, topology: Topology, suffix: str, aspect: str = "") -> None:
        self.vnfs = _by_level(topology, f"VnfTo{suffix}", VNF, aspect)
        self.nested = _by_level(topology, f"NsTo{suffix}", NS, aspect)
        self.links: dict[str, dict[str, Bitrate]] = {}
        for policy in topology.policies_of(f"{_P}VirtualLinkTo{suffix}"):
            if aspect and policy.properties.get("aspect") != aspect:
                continue
            for level, value in mapping(policy.properties.get("bit_rate_requirements")).items():
                rate = Bitrate(
                    root_bps=integer(mapping(value).get("root")), leaf_bps=integer(mapping(value).get("leaf"))
                )
                for link in policy.members:
                    self.links.setdefault(str(level), {})[link] = rate

    @property
    def names(self) -> list[str]:
        """Every level that anything is said of."""
        return list({**self.vnfs, **self.nested, **self.links})

    def level(self, name: str, description: str) -> NsLevel:
        """Return what is said of a level."""
        return NsLevel(
            id=name,
            description=description,
            vnf_instances=self.vnfs.get(name, {}),
            nested_instances=self.nested.get(name, {}),
            link_bitrates=self.links.get(name, {}),
        )


def _by_level(topology: Topology, policy_type: str, target: str, aspect: str) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for policy in topology.policies_of(_P + policy_type):
        if aspect and policy.properties.get("aspect") != aspect:
            continue
        for level, number in levels(policy.properties.get("number_of_instances")).items():
            for name in policy.members:
                if name in topology.nodes and topology.nodes[name].type.is_a(target):
                    counts.setdefault(level, {})[name] = number
    return counts


def read_levels(topology: Topology) -> tuple[dict[str, NsLevel], str]:
    """Read the levels of a service and the name of the default one (the only one, when there is but one)."""
    sizes = _Sizes(topology, "InstantiationLevelMapping")
    described: dict[str, str] = dict.fromkeys(sizes.names, "")
    default = ""
    declared: set[str] | None = None
    for policy in topology.policies_of(_P + "NsInstantiationLevels"):
        default = text(policy.properties.get("default_level"))
        named = mapping(policy.properties.get("ns_levels"))
        declared = set(map(str, named))
        described = {str(name): text(mapping(value).get("description")) for name, value in named.items()}
        if default and default not in described:
            topology.reporter.error(
                "sol001-unknown-level", f"the default level {default} does not exist",
                (*policy.path, "properties", "default_level"), clause=f"SOL001 {_P}NsInstantiationLevels",
            )  # fmt: skip
        if not default and len(described) > 1:
            topology.reporter.warning(
                "sol001-no-default-level", "several levels of the service and no default", policy.path,
                hint="add default_level", clause=f"SOL001 {_P}NsInstantiationLevels",
            )  # fmt: skip
    if declared is not None:
        _check_known(topology, declared)
    result = {name: sizes.level(name, description) for name, description in described.items()}
    for level in result.values():
        _check_within_profiles(topology, f"level {level.id}", level)
    return result, default or (next(iter(result)) if len(result) == 1 else "")


def _check_known(topology: Topology, declared: set[str]) -> None:
    for kind, key in (("VnfTo", "number_of_instances"), ("NsTo", "number_of_instances"),
                      ("VirtualLinkTo", "bit_rate_requirements")):  # fmt: skip
        for policy in topology.policies_of(f"{_P}{kind}InstantiationLevelMapping"):
            for name in map(str, mapping(policy.properties.get(key))):
                if name not in declared:
                    topology.reporter.warning(
                        "sol001-unknown-level", f"numbers are given for level {name}, which does not exist",
                        (*policy.path, "properties", key, name), hint=topology.reporter.guess(name, declared),
                        clause=f"SOL001 {_P}{kind}InstantiationLevelMapping",
                    )  # fmt: skip


def read_aspects(topology: Topology) -> dict[str, NsScalingAspect]:
    """Read the ways in which a service scales."""
    aspects = {}
    for policy in topology.policies_of(_P + "NsScalingAspects"):
        for name, value in mapping(policy.properties.get("aspects")).items():
            data = mapping(value)
            described = {
                str(level): text(mapping(detail).get("description"))
                for level, detail in mapping(data.get("ns_scale_levels")).items()
            }
            sizes = _Sizes(topology, "LevelMapping", name)
            order = sorted(
                {**described, **dict.fromkeys(sizes.names)},
                key=lambda level: (not level.isdecimal(), int(level) if level.isdecimal() else 0, level),
            )
            aspects[name] = NsScalingAspect(
                id=name,
                name=text(data.get("name"), name),
                description=text(data.get("description")),
                levels=tuple(sizes.level(level, described.get(level, "")) for level in order),
            )
            for level in aspects[name].levels:
                _check_within_profiles(topology, f"level {level.id} of aspect {name}", level)
    for kind in ("VnfTo", "NsTo", "VirtualLinkTo"):
        for policy in topology.policies_of(f"{_P}{kind}LevelMapping"):
            if text(policy.properties.get("aspect")) not in aspects:
                topology.reporter.warning(
                    "sol001-unknown-aspect",
                    f"{policy.name} is about aspect {policy.properties.get('aspect')}, which does not exist",
                    (*policy.path, "properties", "aspect"),
                    clause=f"SOL001 {_P}{kind}LevelMapping",
                )
    return aspects


def _check_within_profiles(topology: Topology, what: str, level: NsLevel) -> None:
    """A level has no more of a constituent than its profile allows, and no fewer."""
    for name, count in {**level.vnf_instances, **level.nested_instances}.items():
        node = topology.nodes[name]
        key = next(profile for kind, profile in _PROFILES.items() if node.type.is_a(kind))
        profile = mapping(node.properties.get(key))
        if not profile:
            continue  # there is nothing to contradict
        least, most = bounds(profile)
        if count > most:
            topology.reporter.error(
                "sol001-level-outside-profile",
                f"{what} has {count} of {name}; its profile allows at most {most}",
                (*node.path, "properties", key),
                clause=_clause(key),
            )
        elif count < least:
            topology.reporter.warning(
                "sol001-level-outside-profile",
                f"{what} has {count} of {name}; its profile asks for at least {least}",
                (*node.path, "properties", key),
                clause=_clause(key),
            )


def _clause(key: str) -> str:
    return f"SOL001 tosca.datatypes.nfv.{'VnfProfile' if key == 'vnf_profile' else 'NsProfile'}"


def bounds(profile: dict[str, Any]) -> tuple[int, int]:
    """Return least and greatest number of instances of a profile; 1 and 1 where it says none."""
    least = integer(profile.get("min_number_of_instances"), 1)
    return least, max(integer(profile.get("max_number_of_instances"), max(least, 1)), least)
