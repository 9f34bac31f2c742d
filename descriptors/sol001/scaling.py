"""Scaling aspects and instantiation levels of a VNF's flavour: the policies that count, and add up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from descriptors.model.connectivity import Bitrate
from descriptors.model.scaling import InstantiationLevel, ScalingAspect
from descriptors.sol001.amounts import integer, text, texts
from descriptors.tosca.documents import mapping
from descriptors.tosca.topology import Collective, Topology

_P = "tosca.policies.nfv."
_HIGHEST = 10_000  # steps of an aspect; each is spelled out, so the number must not be the package's to choose


def read_initial_instances(topology: Topology, policy_type: str = "VduInitialDelta") -> dict[str, int]:
    """Read how many instances each VDU (or VipCp) has while every aspect is at level 0."""
    initial: dict[str, int] = {}
    for policy in topology.policies_of(_P + policy_type):
        delta = mapping(policy.properties.get("initial_delta"))
        if "number_of_instances" not in delta:
            topology.reporter.error(
                "tosca-missing-property", f"{policy.name} needs initial_delta with number_of_instances", policy.path,
                clause=f"SOL001 {_P}{policy_type}",
            )  # fmt: skip
        initial.update(dict.fromkeys(policy.members, integer(delta.get("number_of_instances"))))
    return initial


def read_initial_bitrates(topology: Topology) -> dict[str, Bitrate]:
    """Read the bit rate of each internal link while every aspect is at level 0."""
    return {
        link: _bitrate(policy.properties.get("initial_delta"))
        for policy in topology.policies_of(_P + "VirtualLinkBitrateInitialDelta")
        for link in policy.members
    }


def read_aspects(topology: Topology, counted: Collection[str]) -> dict[str, ScalingAspect]:
    """Read the scaling aspects, with what each step adds to what is ``counted``: VDUs and deployable units."""
    deltas = list(topology.policies_of(_P + "VduScalingAspectDeltas"))
    bitrates = list(topology.policies_of(_P + "VirtualLinkBitrateScalingAspectDeltas"))
    points = list(topology.policies_of(_P + "VipCpScalingAspectDeltas"))
    known = _delta_names([*deltas, *bitrates, *points])
    aspects = {}
    for policy in topology.policies_of(_P + "ScalingAspects"):
        for name, value in mapping(policy.properties.get("aspects")).items():
            data = mapping(value)
            path = (*policy.path, "properties", "aspects", name)
            highest = min(integer(data.get("max_scale_level")), _HIGHEST)
            steps = _steps(texts(data.get("step_deltas")), highest, name, deltas)
            if len(steps) < highest:
                topology.reporter.warning(
                    "sol001-steps-missing",
                    f"aspect {name} has {len(steps)} step deltas for {highest} levels: level {len(steps)} is its last",
                    path,
                    hint="give one delta for all steps, or as many as max_scale_level",
                    clause="SOL001 tosca.datatypes.nfv.ScalingAspect",
                )
                highest = len(steps)
            steps = steps[:highest]
            for delta in sorted(set(steps) - known.get(name, set())):
                topology.reporter.warning(
                    "sol001-unknown-delta", f"step delta {delta} of aspect {name} is defined for nothing", path
                )
            for part in (p for p in (*deltas, *bitrates, *points) if p.properties.get("aspect") == name):
                _check_covered(part, steps, known.get(name, set()), topology)
            aspects[name] = ScalingAspect(
                id=name,
                name=text(data.get("name"), name),
                description=text(data.get("description")),
                max_level=highest,
                deltas=tuple(steps),
                steps=_spelled_out(name, steps, deltas, counted),
                link_bitrates=_added_bitrates(name, steps, bitrates),
                virtual_point_steps=_spelled_out(name, steps, points, topology.nodes),
            )
    for policy in (*deltas, *bitrates, *points):
        if text(policy.properties.get("aspect")) not in aspects:
            topology.reporter.warning(
                "sol001-unknown-aspect",
                f"{policy.name} is about aspect {policy.properties.get('aspect')}, which does not exist",
                (*policy.path, "properties", "aspect"),
                hint=topology.reporter.guess(text(policy.properties.get("aspect")), aspects),
            )
    return aspects


def _check_covered(policy: Collective, steps: list[str], known: set[str], topology: Topology) -> None:
    """Report a policy that knows some deltas of its aspect and not others: those steps add nothing to its targets."""
    for delta in sorted((set(steps) & known) - set(map(str, mapping(policy.properties.get("deltas"))))):
        topology.reporter.warning(
            "sol001-delta-missing",
            f"{policy.name} has no delta {delta}, which is a step of its aspect: that step adds nothing to "
            f"{', '.join(policy.members[:5]) or 'it'}",
            (*policy.path, "properties", "deltas"),
            clause=f"SOL001 {policy.type.name}",
        )


def _delta_names(policies: list[Collective]) -> dict[str, set[str]]:
    """Return the deltas that are defined for anything, by aspect."""
    names: dict[str, set[str]] = {}
    for policy in policies:
        names.setdefault(text(policy.properties.get("aspect")), set()).update(
            map(str, mapping(policy.properties.get("deltas")))
        )
    return names


def _bitrate(value: Any) -> Bitrate:
    required = mapping(mapping(value).get("bitrate_requirements"))
    return Bitrate(root_bps=integer(required.get("root")), leaf_bps=integer(required.get("leaf")))


def _added_bitrates(aspect: str, steps: list[str], deltas: list[Collective]) -> dict[str, tuple[Bitrate, ...]]:
    return {
        link: tuple(_bitrate(mapping(policy.properties.get("deltas")).get(step)) for step in steps)
        for policy in deltas
        if policy.properties.get("aspect") == aspect
        for link in policy.members
    }


def _steps(declared: tuple[str, ...], highest: int, aspect: str, deltas: list[Collective]) -> list[str]:
    """Return the delta of each step: a single one repeats for every step."""
    if not declared:
        used = {
            name
            for policy in deltas
            if policy.properties.get("aspect") == aspect
            for name in mapping(policy.properties.get("deltas"))
        }
        declared = tuple(used) if len(used) == 1 else ()
    return list(declared) * highest if len(declared) == 1 else list(declared)


def _spelled_out(
    aspect: str, steps: list[str], deltas: list[Collective], counted: Collection[str]
) -> dict[str, tuple[int, ...]]:
    result: dict[str, tuple[int, ...]] = {}
    for policy in deltas:
        if policy.properties.get("aspect") != aspect:
            continue
        numbers = mapping(policy.properties.get("deltas"))
        added = tuple(integer(mapping(numbers.get(step)).get("number_of_instances")) for step in steps)
        for vdu in policy.members:
            if vdu in counted:
                before = result.get(vdu, (0,) * len(added))
                result[vdu] = tuple(a + b for a, b in zip(before, added, strict=True))
    return result


def read_levels(topology: Topology, aspects: dict[str, ScalingAspect]) -> tuple[dict[str, InstantiationLevel], str]:
    """Read the instantiation levels and the name of the default one (the only one, when there is but one)."""
    described: dict[str, dict[str, Any]] = {}
    default = ""
    path: tuple[str | int, ...] = ()
    for policy in topology.policies_of(_P + "InstantiationLevels"):
        path = policy.path
        default = text(policy.properties.get("default_level")) or default
        for name, value in mapping(policy.properties.get("levels")).items():
            described[name] = mapping(value)
    counts = _counts(topology, described, "VduInstantiationLevels")
    points = _counts(topology, described, "VipCpInstantiationLevels")
    levels = {
        name: InstantiationLevel(
            id=name,
            description=text(data.get("description")),
            scale_levels=_scale_levels(topology, name, data, aspects, path),
            vdu_instances=counts.get(name, {}),
            virtual_points=points.get(name, {}),
            link_bitrates={
                link: _bitrate(mapping(policy.properties.get("levels")).get(name))
                for policy in topology.policies_of(_P + "VirtualLinkInstantiationLevels")
                if name in mapping(policy.properties.get("levels"))
                for link in policy.members
            },
        )
        for name, data in (described or {name: {} for name in counts}).items()
    }
    if default and default not in levels:
        topology.reporter.error(
            "sol001-unknown-level", f"the default level {default} does not exist",
            (*path, "properties", "default_level"), clause="SOL001 tosca.policies.nfv.InstantiationLevels",
        )  # fmt: skip
        default = ""
    if len(levels) > 1 and not default:
        topology.reporter.warning(
            "sol001-no-default-level",
            "several instantiation levels and no default: without a level, the initial deltas count",
            path,
            hint="add default_level",
            clause="SOL001 tosca.policies.nfv.InstantiationLevels",
        )
    return levels, default or (next(iter(levels)) if len(levels) == 1 else "")


def _counts(topology: Topology, described: dict[str, dict[str, Any]], policy_type: str) -> dict[str, dict[str, int]]:
    """Return instances per VDU (or VipCp) by level, as far as the descriptor says them outright."""
    counts: dict[str, dict[str, int]] = {}
    for policy in topology.policies_of(_P + policy_type):
        for name, value in mapping(policy.properties.get("levels")).items():
            if described and name not in described:
                topology.reporter.warning(
                    "sol001-unknown-level", f"{policy.name} is about level {name}, which does not exist",
                    (*policy.path, "properties", "levels", name),
                )  # fmt: skip
                continue
            for vdu in policy.members:
                counts.setdefault(name, {})[vdu] = integer(mapping(value).get("number_of_instances"))
    return counts


def _scale_levels(
    topology: Topology,
    level: str,
    data: dict[str, Any],
    aspects: dict[str, ScalingAspect],
    path: tuple[str | int, ...],
) -> dict[str, int]:
    result = {}
    for name, value in mapping(data.get("scale_info")).items():
        where = (*path, "properties", "levels", level, "scale_info", name)
        number = integer(mapping(value).get("scale_level"))
        aspect = aspects.get(name)
        if aspect is None:
            topology.reporter.warning(
                "sol001-unknown-aspect", f"level {level} is about aspect {name}, which does not exist", where
            )
        elif number > aspect.max_level:
            topology.reporter.error(
                "sol001-level-too-high",
                f"level {level} puts aspect {name} at {number}; its last is {aspect.max_level}",
                where,
                clause="SOL001 tosca.policies.nfv.InstantiationLevels",
            )
        else:
            result[name] = number
    return result
