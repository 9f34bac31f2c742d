"""Service chains of an NSD: graphs (VNFFG), paths (NFP), their positions, and the rules that classify traffic."""

from __future__ import annotations

from typing import Any

from descriptors.model.forwarding import (
    Classifier,
    ForwardingGraph,
    ForwardingPath,
    ForwardingPosition,
    ForwardingRelay,
    Mask,
)
from descriptors.sol001.amounts import integer, text, text_map, texts
from descriptors.tosca.documents import mapping, sequence
from descriptors.tosca.topology import Collective, Node, Topology

_N = "tosca.nodes.nfv."
GRAPH = "tosca.groups.nfv.VNFFG"
PATH = _N + "NFP"
POSITION = _N + "NfpPosition"
ELEMENT = _N + "NfpPositionElement"
RELAY = _N + "Forwarding"
RULE = "tosca.policies.nfv.NfpRule"
_LAST_PORT = 65535


def read_graphs(topology: Topology) -> dict[str, ForwardingGraph]:
    """Read the forwarding graphs, their members by what they are."""
    graphs = {}
    for group in topology.groups.values():
        if not group.type.is_a(GRAPH):
            continue

        def members(kind: str, group: Collective = group) -> tuple[str, ...]:
            return tuple(n for n in group.members if n in topology.nodes and topology.nodes[n].type.is_a(_N + kind))

        graphs[group.name] = ForwardingGraph(
            id=group.name,
            description=text(group.properties.get("description")),
            paths=members("NFP"),
            vnfs=members("VNF"),
            pnfs=members("PNF"),
            nested=members("NS"),
            links=members("NsVirtualLink"),
            positions=members("NfpPositionElement"),
        )
    return graphs


def read_paths(topology: Topology) -> dict[str, ForwardingPath]:
    """Read the paths: their positions in the order of the requirements, and the rules that lead traffic to them."""
    rules = list(topology.policies_of(RULE))
    return {
        node.name: ForwardingPath(
            id=node.name,
            positions=tuple(
                _position(topology.nodes[name], topology)
                for name in node.targets("nfp_position")
                if name in topology.nodes
            ),
            classifiers=tuple(_classifier(rule) for rule in rules if node.name in rule.members),
        )
        for node in topology.of_type(PATH)
    }


def read_relays(topology: Topology) -> dict[str, ForwardingRelay]:
    """Read the connection points of constituents that chains run over."""
    leading = {
        requirement.target: (node.name, requirement.name)
        for node in topology.of_type(_N + "VNF", _N + "PNF", _N + "NS")
        for requirement in node.requirements
        if requirement.target
    }
    return {
        node.name: ForwardingRelay(
            id=node.name,
            link=node.target("virtual_link"),
            constituent=leading.get(node.name, ("", ""))[0],
            requirement=leading.get(node.name, ("", ""))[1],
        )
        for node in topology.of_type(RELAY)
    }


def _position(node: Node, topology: Topology) -> ForwardingPosition:
    elements = (topology.nodes[name] for name in node.targets("element") if name in topology.nodes)
    return ForwardingPosition(
        id=node.name,
        behaviour=text(node.properties.get("forwarding_behaviour")),
        behaviour_parameters=text_map(node.properties.get("forwarding_behaviour_input_parameters")),
        elements=tuple(element.targets("profile_element") for element in elements),
    )


def _classifier(policy: Collective) -> Classifier:
    properties = policy.properties
    return Classifier(
        id=policy.name,
        ether_source=text(properties.get("ether_source_address")),
        ether_destination=text(properties.get("ether_destination_address")),
        ether_type=text(properties.get("ether_type")),
        vlan_tags=texts(properties.get("vlan_tag")),
        protocol=text(properties.get("protocol")),
        dscp=text(properties.get("dscp")),
        source_ports=_ports(properties.get("source_port_range")),
        destination_ports=_ports(properties.get("destination_port_range")),
        source_prefix=text(properties.get("source_ip_address_prefix")),
        destination_prefix=text(properties.get("destination_ip_address_prefix")),
        masks=tuple(
            Mask(
                start_bit=integer(item.get("starting_point")),
                length_bits=integer(item.get("length")),
                value=text(item.get("value")),
            )
            for item in map(mapping, sequence(properties.get("extended_criteria")))
        ),
    )


def _ports(value: Any) -> tuple[int, int] | None:
    bounds = sequence(value)
    if len(bounds) != 2:  # noqa: PLR2004 # a range has two ends
        return None
    return integer(bounds[0]), integer(bounds[1], _LAST_PORT)
