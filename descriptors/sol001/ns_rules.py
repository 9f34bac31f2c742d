"""Rules that hold between parts of a network service."""

from __future__ import annotations

from descriptors.model.nsd import NsFlavour
from descriptors.sol001.forwarding import ELEMENT, GRAPH, PATH, POSITION
from descriptors.sol001.targets import check_targets
from descriptors.tosca.topology import Topology

_SAP = "tosca.nodes.nfv.Sap"


def check_ns_flavour(flavour: NsFlavour, topology: Topology) -> None:
    """Report where the parts of a network service do not meet."""
    _check_constituents(flavour, topology)
    _check_saps(flavour, topology)
    _check_chains(flavour, topology)
    check_targets(topology)


def _check_constituents(flavour: NsFlavour, topology: Topology) -> None:
    """Every constituent says which descriptor it is of."""
    wanted = [(p.id, p.vnfd_id) for p in flavour.vnf_profiles.values()]
    wanted += [(n.id, n.nsd_id) for n in flavour.nested.values()]
    wanted += [(p.id, p.pnfd_id) for p in flavour.pnfs.values()]
    for name, descriptor in wanted:
        node = topology.nodes[name]
        if not descriptor:
            topology.reporter.warning(
                "sol001-unknown-reference",
                f"{name} does not say which descriptor it is of",
                (*node.path, "properties"),
                hint="give it a descriptor_id",
                clause=f"SOL001 {next(line for line in node.type.line if line.startswith('tosca.nodes.nfv.'))}",
            )


def _check_saps(flavour: NsFlavour, topology: Topology) -> None:
    """A service access point leads to a link of the service, or exposes one that leads out."""
    for sap in flavour.saps.values():
        if not sap.internal_link and not sap.connection_point:
            topology.reporter.warning(
                "sol001-sap-nowhere", f"{sap.id} leads to no virtual link of the service",
                topology.nodes[sap.id].path, hint="add the requirement internal_virtual_link", clause=f"SOL001 {_SAP}",
            )  # fmt: skip
        elif sap.internal_link and sap.internal_link not in flavour.virtual_links:
            topology.reporter.warning(
                "sol001-sap-nowhere", f"{sap.id} leads to {sap.internal_link}, which is no virtual link",
                topology.nodes[sap.id].path, clause=f"SOL001 {_SAP}",
            )  # fmt: skip


def _check_chains(flavour: NsFlavour, topology: Topology) -> None:
    """Paths run over something, and only over what their graph holds."""
    for path in flavour.forwarding_paths.values():
        for position in path.positions:
            for element in position.elements:
                if not element:
                    topology.reporter.warning(
                        "sol001-path-broken", f"position {position.id} of {path.id} has an element that leads nowhere",
                        topology.nodes[position.id].path, clause=f"SOL001 {ELEMENT}",
                    )  # fmt: skip
            if not position.elements:
                topology.reporter.warning(
                    "sol001-path-broken", f"position {position.id} of {path.id} has no elements",
                    topology.nodes[position.id].path, clause=f"SOL001 {POSITION}",
                )  # fmt: skip
        if not path.positions:
            topology.reporter.warning(
                "sol001-path-broken", f"{path.id} has no positions", topology.nodes[path.id].path,
                hint="add the requirement nfp_position", clause=f"SOL001 {PATH}",
            )  # fmt: skip
    for graph in flavour.forwarding_graphs.values():
        inside = {*graph.vnfs, *graph.pnfs, *graph.nested}
        for name in graph.paths:
            for constituent in _constituents(flavour, name) - inside:
                topology.reporter.warning(
                    "sol001-path-leaves-graph",
                    f"{name} runs over {constituent}, which is no member of {graph.id}",
                    (*topology.groups[graph.id].path, "members"),
                    clause=f"SOL001 {GRAPH}",
                )


def _constituents(flavour: NsFlavour, path: str) -> set[str]:
    """Return the VNFs, PNFs and nested services that a path runs over, as far as they can be told."""
    points = {p for position in flavour.forwarding_paths[path].positions for e in position.elements for p in e}
    behind = {flavour.forwarding_relays[p].constituent if p in flavour.forwarding_relays else p for p in points}
    return behind & {*flavour.vnf_profiles, *flavour.pnfs, *flavour.nested}
