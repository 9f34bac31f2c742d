"""A network service descriptor (SOL001 clause 7)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.model.nsd import NestedNs, Nsd, NsFlavour, NsLevel, NsScalingAspect, PnfProfile, Sap, VnfProfile
from descriptors.sol001.amounts import integer, levels, text, texts
from descriptors.sol001.connectivity import read_virtual_links
from descriptors.sol001.placement import read_affinity_rules, read_security_group_rules
from descriptors.tosca.documents import mapping
from descriptors.tosca.template import ServiceTemplate
from descriptors.tosca.topology import Node, Topology
from descriptors.tosca.values import is_function

NS = "tosca.nodes.nfv.NS"
VNF = "tosca.nodes.nfv.VNF"
PNF = "tosca.nodes.nfv.PNF"
SAP = "tosca.nodes.nfv.Sap"
NS_LINK = "tosca.nodes.nfv.NsVirtualLink"
_P = "tosca.policies.nfv."


def read_nsd(template: ServiceTemplate, diagnostics: Diagnostics) -> Nsd | None:
    """Read an NSD; None, with errors among the diagnostics, when it does not say what a service needs."""
    insides = [topology for topology in template.topologies if _is_inside(topology)] or list(template.topologies[:1])
    service = _Service(template, insides[0])
    reporter = template.topologies[0].reporter
    identity = text(service.get("descriptor_id"))
    if not identity:
        reporter.error(
            "sol001-missing-identity", "the NSD gives no descriptor_id", service.path, clause="SOL001 7.8.1.2"
        )
    flavours = {}
    for topology in insides:
        flavour = _flavour(topology, service)
        flavours[flavour.id] = flavour
    if diagnostics.failed:
        return None
    default = text(service.get("flavour_id"))
    return Nsd(
        id=identity,
        invariant_id=text(service.get("invariant_id")),
        designer=text(service.get("designer")),
        version=text(service.get("version")),
        name=text(service.get("name")),
        sol001_version=template.release,
        default_flavour=default if default in flavours else next(iter(flavours)),
        flavours=flavours,
    )


def _is_inside(topology: Topology) -> bool:
    """Whether a topology shows what the service consists of."""
    return any(True for _ in topology.of_type(VNF, PNF, NS_LINK, SAP))


class _Service:
    """The service itself, as opposed to the services nested in it."""

    def __init__(self, template: ServiceTemplate, inside: Topology) -> None:
        mapped = [t.substitution for t in template.topologies if t.substitution]
        self._mappings = [m for m in mapped if m.type is None or m.type.is_a(NS)]
        services = [node for topology in template.topologies for node in topology.of_type(NS)]
        types = {m.node_type for m in self._mappings}
        own = [node for node in services if node.type.name in types]
        # Without a mapping to tell, the first is the service and the others are nested in it.
        self.nodes = own if own and not types <= {NS} else services[:1] if not self._mappings or services else []
        if types <= {NS} and self._mappings and not _names_service(services[:1], self._mappings):
            self.nodes = []
        self.path = self.nodes[0].path if self.nodes else ()
        self.inside = inside

    def get(self, name: str) -> Any:
        """Return the first value that is known now."""
        candidates = [node.properties.get(name) for node in self.nodes]
        candidates += [m.properties.get(name) for m in self._mappings]
        candidates += [m.type.properties.get(name, {}).get("default") for m in self._mappings if m.type]
        return next((value for value in candidates if value is not None and not is_function(value)), None)


def _names_service(services: list[Node], mappings: list[Any]) -> bool:
    """Whether a plain NS node is the mapped service itself: it has the mapping's identity, or the mapping has none."""
    wanted = {m.properties.get("descriptor_id") for m in mappings}
    return all(node.properties.get("descriptor_id") in wanted or wanted == {None} for node in services)


def _flavour(topology: Topology, service: _Service) -> NsFlavour:
    mine = {node.name for node in service.nodes}
    own = next((node for node in topology.of_type(NS) if node.name in mine), None)
    mapped = topology.substitution.properties if topology.substitution else {}
    given = own.properties.get("flavour_id") if own else None
    flavour_id = text(mapped.get("flavour_id")) or text(given) or text(service.get("flavour_id")) or "default"
    named, default = _levels(topology)
    links = read_virtual_links(topology, NS_LINK)
    return NsFlavour(
        id=flavour_id,
        description=text(service.get("flavour_description")) or topology.description,
        vnf_profiles={node.name: _vnf_profile(node) for node in topology.of_type(VNF)},
        nested={
            node.name: NestedNs(
                id=node.name,
                nsd_id=text(node.properties.get("descriptor_id")),
                flavour_id=text(node.properties.get("flavour_id")),
                links=_links(node),
            )
            for node in topology.of_type(NS)
            if node.name not in mine
        },
        pnfs={
            node.name: PnfProfile(id=node.name, pnfd_id=text(node.properties.get("descriptor_id")), links=_links(node))
            for node in topology.of_type(PNF)
        },
        virtual_links=links,
        saps=_saps(topology),
        levels=named,
        default_level=default,
        aspects=_aspects(topology),
        affinity_rules=read_affinity_rules(topology),
        security_group_rules=read_security_group_rules(topology),
    )


def _vnf_profile(node: Node) -> VnfProfile:
    profile = mapping(node.properties.get("vnf_profile"))
    least = integer(profile.get("min_number_of_instances"), 1)
    return VnfProfile(
        id=node.name,
        vnfd_id=text(node.properties.get("descriptor_id")),
        flavour_id=text(node.properties.get("flavour_id")) if "flavour_id" in node.given else "",
        instantiation_level=text(profile.get("instantiation_level")),
        min_instances=least,
        max_instances=max(integer(profile.get("max_number_of_instances"), max(least, 1)), least),
        links=_links(node),
    )


def _links(node: Node) -> dict[str, str]:
    """Return the NS virtual link by requirement; repeated requirements are numbered from the second use on."""
    links: dict[str, str] = {}
    uses: Counter[str] = Counter()
    for requirement in node.requirements:
        if requirement.name == "dependency":
            continue
        uses[requirement.name] += 1
        number = uses[requirement.name]
        if requirement.target:
            links[requirement.name if number == 1 else f"{requirement.name}#{number}"] = requirement.target
    return links


def _saps(topology: Topology) -> dict[str, Sap]:
    exposed = {}
    if topology.substitution:
        exposed = {node: name for name, node, _, _ in topology.substitution.requirements}
    saps = {}
    for node in topology.of_type(SAP):
        external = next((r.named for r in node.requirements if r.name == "external_virtual_link"), "")
        saps[node.name] = Sap(
            id=node.name,
            internal_link=node.target("internal_virtual_link"),
            external_link=external,
            connection_point=exposed.get(node.name, ""),
            layer_protocols=texts(node.properties.get("layer_protocols")) or ("ipv4",),
            role=text(node.properties.get("role")),
            description=text(node.properties.get("description")),
        )
    return saps


def _levels(topology: Topology) -> tuple[dict[str, NsLevel], str]:
    counts = _counts_by_level(topology, "VnfToInstantiationLevelMapping", "")
    described: dict[str, str] = dict.fromkeys(counts, "")
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
                (*policy.path, "properties", "default_level"), clause="SOL001 7.10.2",
            )  # fmt: skip
        if not default and len(described) > 1:
            topology.reporter.warning(
                "sol001-no-default-level", "several levels of the service and no default", policy.path,
                hint="add default_level", clause="SOL001 7.10.2",
            )  # fmt: skip
    for name in sorted(set(counts) - (declared if declared is not None else set(counts))):
        topology.reporter.warning(
            "sol001-unknown-level", f"numbers of VNFs are given for level {name}, which does not exist", ()
        )
    result = {
        name: NsLevel(id=name, description=description, vnf_instances=counts.get(name, {}))
        for name, description in described.items()
    }
    _check_within_profiles(topology, result)
    return result, default or (next(iter(result)) if len(result) == 1 else "")


def _check_within_profiles(topology: Topology, named: dict[str, NsLevel]) -> None:
    for level in named.values():
        for vnf, count in level.vnf_instances.items():
            profile = _vnf_profile(topology.nodes[vnf])
            # Without a vnf_profile there is nothing to contradict.
            if profile.max_instances < count and topology.nodes[vnf].properties.get("vnf_profile"):
                topology.reporter.error(
                    "sol001-level-outside-profile",
                    f"level {level.id} has {count} of {vnf}; its profile allows at most {profile.max_instances}",
                    topology.nodes[vnf].path,
                    clause="SOL001 7.10.4",
                )


def _counts_by_level(topology: Topology, policy_type: str, aspect: str) -> dict[str, dict[str, int]]:
    """Return instances per VNF by level, for the mapping policies of one aspect (or of none)."""
    counts: dict[str, dict[str, int]] = {}
    for policy in topology.policies_of(_P + policy_type):
        if aspect and policy.properties.get("aspect") != aspect:
            continue
        for level, number in levels(policy.properties.get("number_of_instances")).items():
            for vnf in policy.members:
                if vnf in topology.nodes and topology.nodes[vnf].type.is_a(VNF):
                    counts.setdefault(level, {})[vnf] = number
    return counts


def _aspects(topology: Topology) -> dict[str, NsScalingAspect]:
    aspects = {}
    for policy in topology.policies_of(_P + "NsScalingAspects"):
        for name, value in mapping(policy.properties.get("aspects")).items():
            data = mapping(value)
            described = mapping(data.get("ns_scale_levels"))
            counts = _counts_by_level(topology, "VnfToLevelMapping", name)
            order = sorted(
                {*map(str, described), *counts},
                key=lambda level: (not level.isdigit(), int(level) if level.isdigit() else 0, level),
            )
            aspects[name] = NsScalingAspect(
                id=name,
                name=text(data.get("name"), name),
                description=text(data.get("description")),
                levels=tuple(
                    NsLevel(
                        id=level,
                        description=text(mapping(_by_text(described, level)).get("description")),
                        vnf_instances=counts.get(level, {}),
                    )
                    for level in order
                ),
            )
    for policy in topology.policies_of(_P + "VnfToLevelMapping"):
        if text(policy.properties.get("aspect")) not in aspects:
            topology.reporter.warning(
                "sol001-unknown-aspect",
                f"{policy.name} is about aspect {policy.properties.get('aspect')}, which does not exist",
                (*policy.path, "properties", "aspect"),
            )
    return aspects


def _by_text(values: dict[Any, Any], name: str) -> Any:
    return next((value for key, value in values.items() if str(key) == name), None)
