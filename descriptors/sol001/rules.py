"""Rules that hold between parts of a flavour (SOL001 6.10): numbers that must agree, names that must meet."""

from __future__ import annotations

from descriptors.model.vnfd import Flavour
from descriptors.tosca.topology import Topology


def check_flavour(flavour: Flavour, topology: Topology) -> None:
    """Report where the parts of a flavour contradict each other."""
    _check_levels(flavour, topology)
    _check_range(flavour, topology)
    _check_storages(flavour, topology)


def _check_levels(flavour: Flavour, topology: Topology) -> None:
    """Every instantiation level keeps each VDU within its profile, and agrees with its own scale levels."""
    for level in flavour.levels.values():
        outright = flavour.vdu_instances(level.scale_levels, level.id)
        summed = flavour.vdu_instances(level.scale_levels)
        for vdu in flavour.vdus.values():
            count = outright[vdu.id]
            path = topology.nodes[vdu.id].path
            if not vdu.min_instances <= count <= vdu.max_instances:
                # A level that is not the default one may never be asked for; the default one is what is built.
                report = topology.reporter.error if level.id == flavour.default_level else topology.reporter.warning
                report(
                    "sol001-level-outside-profile",
                    f"level {level.id} has {count} of {vdu.id}; "
                    f"its profile allows {vdu.min_instances} to {vdu.max_instances}",
                    (*path, "properties", "vdu_profile"),
                    clause="SOL001 6.10.6",
                )
            if vdu.id in level.vdu_instances and vdu.id in flavour.initial_instances and count != summed[vdu.id]:
                topology.reporter.warning(
                    "sol001-level-sums-differ",
                    f"level {level.id} says {count} of {vdu.id}, and its scale levels add up to {summed[vdu.id]}",
                    path,
                    clause="SOL001 6.10.6",
                )


def _check_range(flavour: Flavour, topology: Topology) -> None:
    """The initial numbers lie within the profiles; warn where scaling could lead beyond them."""
    highest = flavour.vdu_instances({aspect.id: aspect.max_level for aspect in flavour.aspects.values()})
    for vdu in flavour.vdus.values():
        path = (*topology.nodes[vdu.id].path, "properties", "vdu_profile")
        initial = flavour.initial_instances.get(vdu.id)
        if initial is not None and not vdu.min_instances <= initial <= vdu.max_instances:
            topology.reporter.error(
                "sol001-initial-outside-profile",
                f"{vdu.id} starts with {initial}; its profile allows {vdu.min_instances} to {vdu.max_instances}",
                path,
                clause="SOL001 6.10.7",
            )
        elif highest[vdu.id] > vdu.max_instances:
            topology.reporter.warning(
                "sol001-scaling-beyond-profile",
                f"all aspects at their last level make {highest[vdu.id]} of {vdu.id}; "
                f"its profile allows {vdu.max_instances}",
                path,
                clause="SOL001 6.10.8",
            )
        scaled = any(vdu.id in aspect.steps for aspect in flavour.aspects.values())
        if scaled and initial is None:
            topology.reporter.warning(
                "sol001-no-initial-delta",
                f"{vdu.id} scales and has no VduInitialDelta: it starts with its minimum, {vdu.min_instances}",
                path,
                clause="SOL001 6.10.7",
            )


def _check_storages(flavour: Flavour, topology: Topology) -> None:
    """A VDU has something to boot from."""
    for vdu in flavour.vdus.values():
        bootable = vdu.image or any(flavour.storages[name].image for name in vdu.storages if name in flavour.storages)
        if not bootable:
            topology.reporter.warning(
                "sol001-nothing-to-boot",
                f"{vdu.id} has no software image, and none of its storages has one",
                topology.nodes[vdu.id].path,
                clause="SOL001 6.8.3",
            )
