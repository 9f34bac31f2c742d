"""Rules that hold between parts of a VNF: numbers that must agree, names that must meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from descriptors.model.connectivity import ConnectionPoint
from descriptors.model.containers import DeployableUnit
from descriptors.model.lifecycle import PackageChange
from descriptors.model.resources import Vdu
from descriptors.model.vnfd import Flavour
from descriptors.sol001.targets import check_targets
from descriptors.tosca.topology import Topology

_P = "SOL001 tosca.policies.nfv."
_CP = "SOL001 tosca.nodes.nfv.VduCp"


def check_flavour(flavour: Flavour, topology: Topology) -> None:
    """Report where the parts of a flavour contradict each other."""
    _check_levels(flavour, topology)
    _check_range(flavour, topology)
    _check_images(flavour, topology)
    _check_points(flavour, topology)
    _check_used(flavour, topology)
    check_targets(topology)


def _units(flavour: Flavour) -> list[Vdu | DeployableUnit]:
    return [*flavour.vdus.values(), *flavour.deployable_units.values()]


def _instances(flavour: Flavour, scale_levels: dict[str, int], level: str = "") -> dict[str, int]:
    return flavour.vdu_instances(scale_levels, level) | flavour.deployable_unit_instances(scale_levels, level)


def _told(flavour: Flavour, unit: Vdu | DeployableUnit) -> str:
    """What is made of a profile that scaling leads beyond."""
    if not isinstance(unit, Vdu):
        return ""
    if flavour.most_instances(unit) > unit.max_instances:
        return ", and is not kept to, for one aspect or level goes beyond it by itself"
    return ": scaling ends there"


def _check_levels(flavour: Flavour, topology: Topology) -> None:
    """Every instantiation level keeps each VDU within its profile, and agrees with its own scale levels."""
    for level in flavour.levels.values():
        outright = _instances(flavour, level.scale_levels, level.id)
        summed = _instances(flavour, level.scale_levels)
        for vdu in _units(flavour):
            count = outright[vdu.id]
            path = topology.nodes[vdu.id].path
            if vdu.bounded and not vdu.min_instances <= count <= vdu.max_instances:
                # A level that is not the default one may never be asked for; the default one is what is built.
                report = topology.reporter.error if level.id == flavour.default_level else topology.reporter.warning
                report(
                    "sol001-level-outside-profile",
                    f"level {level.id} has {count} of {vdu.id}; "
                    f"its profile allows {vdu.min_instances} to {vdu.max_instances}",
                    (*path, "properties", "vdu_profile"),
                    clause=f"{_P}VduInstantiationLevels",
                )
            if vdu.id in level.vdu_instances and vdu.id in flavour.initial_instances and count != summed[vdu.id]:
                topology.reporter.warning(
                    "sol001-level-sums-differ",
                    f"level {level.id} says {count} of {vdu.id}, and its scale levels add up to {summed[vdu.id]}",
                    path,
                    clause=f"{_P}VduInstantiationLevels",
                )


def _check_range(flavour: Flavour, topology: Topology) -> None:
    """The initial numbers lie within the profiles; warn where scaling could lead beyond them."""
    highest = _instances(flavour, {aspect.id: aspect.max_level for aspect in flavour.aspects.values()})
    for vdu in _units(flavour):
        path = (*topology.nodes[vdu.id].path, "properties", "vdu_profile")
        initial = flavour.initial_instances.get(vdu.id)
        if initial is not None and vdu.bounded and not vdu.min_instances <= initial <= vdu.max_instances:
            topology.reporter.error(
                "sol001-initial-outside-profile",
                f"{vdu.id} starts with {initial}; its profile allows {vdu.min_instances} to {vdu.max_instances}",
                path,
                clause=f"{_P}VduInitialDelta",
            )
        elif vdu.bounded and highest[vdu.id] > vdu.max_instances:
            topology.reporter.warning(
                "sol001-scaling-beyond-profile",
                f"all aspects at their last level make {highest[vdu.id]} of {vdu.id}; "
                f"its profile allows {vdu.max_instances}{_told(flavour, vdu)}",
                path,
                clause=f"{_P}VduScalingAspectDeltas",
            )
        scaled = any(vdu.id in aspect.steps for aspect in flavour.aspects.values())
        if scaled and initial is None:
            topology.reporter.warning(
                "sol001-no-initial-delta",
                f"{vdu.id} scales and has no VduInitialDelta: it starts with its minimum, {vdu.min_instances}",
                path,
                clause=f"{_P}VduInitialDelta",
            )


def _check_images(flavour: Flavour, topology: Topology) -> None:
    """A VDU has something to boot from, a container something to run."""
    for vdu in flavour.vdus.values():
        bootable = vdu.image or any(flavour.storages[name].image for name in vdu.storages if name in flavour.storages)
        if not bootable:
            topology.reporter.warning(
                "sol001-nothing-to-boot",
                f"{vdu.id} has no software image, and none of its storages has one",
                topology.nodes[vdu.id].path,
                clause="SOL001 tosca.nodes.nfv.Vdu.Compute",
            )
    for container in (c for unit in flavour.deployable_units.values() for c in unit.containers):
        if not container.images:
            topology.reporter.warning(
                "sol001-nothing-to-boot",
                f"the container {container.id} has no software image",
                topology.nodes[container.id].path,
                clause="SOL001 tosca.nodes.nfv.Vdu.OsContainer",
            )


def _check_points(flavour: Flavour, topology: Topology) -> None:
    """Orders are unique within a VDU; trunks carry what is bound to them."""
    seen: dict[tuple[str, int], ConnectionPoint] = {}
    for point in flavour.connection_points.values():
        if point.trunk_point:
            carrier = flavour.connection_points.get(point.trunk_point)
            if carrier and not carrier.trunk:
                topology.reporter.warning(
                    "sol001-no-trunk", f"{point.id} is bound to {carrier.id}, which is no trunk",
                    topology.nodes[point.id].path, hint=f"set trunk_mode of {carrier.id}",
                    clause="SOL001 tosca.nodes.nfv.VduSubCp",
                )  # fmt: skip
            continue
        if not point.vdu or "order" not in topology.nodes[point.id].given:
            continue
        first = seen.setdefault((point.vdu, point.order), point)
        if first is not point:
            topology.reporter.warning(
                "sol001-order-twice", f"{point.id} and {first.id} of {point.vdu} both have the order {point.order}",
                (*topology.nodes[point.id].path, "properties", "order"), clause=_CP,
            )  # fmt: skip


def _check_used(flavour: Flavour, topology: Topology) -> None:
    """Every storage belongs to a VDU, and every internal link has something on it."""
    stored = {name for unit in _units(flavour) for name in unit.storages}
    linked = {point.internal_link for point in flavour.connection_points.values()}
    linked |= {storage.file_system_link for storage in flavour.storages.values()}
    unused = dict.fromkeys(flavour.storages.keys() - stored, "no VDU has it")
    unused |= dict.fromkeys(flavour.virtual_links.keys() - linked, "nothing is attached to it")
    for name, why in sorted(unused.items()):
        topology.reporter.warning(
            "sol001-unused-part", f"{name} is described, and {why}", topology.nodes[name].path
        )  # fmt: skip


def check_package_changes(
    changes: Iterable[PackageChange],
    descriptor: str,
    flavours: Mapping[str, Flavour],
    topologies: Iterable[Topology],
) -> None:
    """Report package changes that are not about this VNFD, or about flavours that it does not have."""
    places = {policy.name: (topology.reporter, policy.path) for topology in topologies for policy in topology.policies}
    clause = f"{_P}VnfPackageChange"
    for change in changes:
        reporter, path = places[change.id]
        wanted = []
        for transition in change.transitions:
            if transition.source_descriptor_id == descriptor:
                wanted.append(transition.source_flavour)
            if transition.destination_descriptor_id == descriptor:
                wanted.append(change.destination_flavour)
        if not wanted:
            message = f"{change.id} leads neither from nor to {descriptor}"
            reporter.warning("sol001-unknown-reference", message, path, clause=clause)
        for name in sorted(set(wanted) - {"", *flavours}):
            message = f"{change.id} is about the flavour {name}, which does not exist"
            reporter.warning(
                "sol001-unknown-reference", message, path, hint=reporter.guess(name, flavours), clause=clause
            )
