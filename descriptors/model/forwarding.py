"""Service chains: forwarding graphs, the paths in them, and what traffic takes a path."""

from __future__ import annotations

from descriptors.model.record import Model


class Mask(Model, frozen=True, kw_only=True, omit_defaults=True):
    """Bits to be compared with a part of each packet."""

    start_bit: int
    length_bits: int
    value: str


class Classifier(Model, frozen=True, kw_only=True, omit_defaults=True):
    """The traffic that takes a path (NfpRule): all that is given must match; empty fields match everything."""

    id: str
    ether_source: str = ""
    ether_destination: str = ""
    ether_type: str = ""
    vlan_tags: tuple[str, ...] = ()
    protocol: str = ""
    dscp: str = ""
    source_ports: tuple[int, int] | None = None
    """First and last."""
    destination_ports: tuple[int, int] | None = None
    source_prefix: str = ""
    destination_prefix: str = ""
    masks: tuple[Mask, ...] = ()


class ForwardingPosition(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A stop of a path: connection points among which the traffic is spread."""

    id: str
    behaviour: str = ""
    """How it is spread: all, lb (load balance) or ff (fail over)."""
    behaviour_parameters: dict[str, str] = {}
    elements: tuple[tuple[str, ...], ...] = ()
    """Each of one point where traffic enters and leaves, or of two, ingress first: names of forwarding relays, SAPs,
    VNFs, PNFs or nested services."""


class ForwardingPath(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A network forwarding path: the stops in their order, and the traffic that takes it."""

    id: str
    positions: tuple[ForwardingPosition, ...] = ()
    classifiers: tuple[Classifier, ...] = ()


class ForwardingRelay(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A connection point of a constituent as service chains see it (tosca.nodes.nfv.Forwarding)."""

    id: str
    link: str = ""
    """NS virtual link that it is on."""
    requirement: str = ""
    """Requirement of its constituent that leads to it, where one does."""
    constituent: str = ""


class ForwardingGraph(Model, frozen=True, kw_only=True, omit_defaults=True):
    """A VNF forwarding graph (VNFFG): paths, and the constituents, links and points that they run over."""

    id: str
    description: str = ""
    paths: tuple[str, ...] = ()
    vnfs: tuple[str, ...] = ()
    pnfs: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()
    """Position elements that it names itself."""
