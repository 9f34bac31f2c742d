"""A network service descriptor (SOL001 clause 7)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.model.nsd import (
    AutoScaleRule,
    NestedNs,
    Nsd,
    NsFlavour,
    PnfProfile,
    Sap,
    VersionDependency,
    VnfProfile,
)
from descriptors.sol001.amounts import boolean, integer, text, texts
from descriptors.sol001.artifacts import PackageFiles
from descriptors.sol001.connectivity import addresses, read_virtual_links
from descriptors.sol001.forwarding import read_graphs, read_paths, read_relays
from descriptors.sol001.interfaces import lifecycle_scripts
from descriptors.sol001.monitoring import monitored, read_indicators
from descriptors.sol001.ns_levels import NS, VNF, bounds, read_aspects, read_levels
from descriptors.sol001.ns_rules import check_ns_flavour
from descriptors.sol001.placement import read_affinity_rules, read_security_group_rules
from descriptors.tosca.documents import Reporter, mapping, plain, sequence
from descriptors.tosca.template import ServiceTemplate
from descriptors.tosca.topology import Node, Topology
from descriptors.tosca.values import is_function

PNF = "tosca.nodes.nfv.PNF"
SAP = "tosca.nodes.nfv.Sap"
NS_LINK = "tosca.nodes.nfv.NsVirtualLink"
_P = "tosca.policies.nfv."
_IN_METADATA = {
    "descriptor_id": "nsd_id", "invariant_id": "nsd_invariant_id", "designer": "nsd_designer", "name": "nsd_name",
    "version": "nsd_version",
}  # fmt: skip
_SECURITY = (_P + "NsSecurityGroupRule", _P + "SecurityGroupRule")


def read_nsd(template: ServiceTemplate, files: PackageFiles, diagnostics: Diagnostics) -> Nsd | None:
    """Read an NSD; None, with errors among the diagnostics, when it does not say what a service needs."""
    insides = [topology for topology in template.topologies if _is_inside(topology)] or list(template.topologies[:1])
    service = _Service(template, insides[0])
    reporter = template.topologies[0].reporter
    service.complete(template.metadata, reporter)
    identity = text(service.get("descriptor_id"))
    if not identity:
        reporter.error(
            "sol001-missing-identity",
            "the NSD gives no descriptor_id",
            service.path,
            clause="SOL001 tosca.nodes.nfv.NS",
        )
    flavours = {}
    for topology in insides:
        flavour = _flavour(topology, service, files)
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
        ext_invariant_id=text(service.get("ext_invariant_id")),
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
        self._told: dict[str, str] = {}
        self.inside = inside

    def get(self, name: str) -> Any:
        """Return the first value that is known now."""
        candidates = [node.properties.get(name) for node in self.nodes]
        candidates += [m.properties.get(name) for m in self._mappings]
        candidates += [m.type.properties.get(name, {}).get("default") for m in self._mappings if m.type]
        candidates.append(self._told.get(name))
        return next((value for value in candidates if value is not None and not is_function(value)), None)

    def complete(self, metadata: dict[str, Any], reporter: Reporter) -> None:
        """Take what nothing else says of the service from the service template's metadata, as ONAP writes it."""
        for name, key in _IN_METADATA.items():
            value = metadata.get(key)
            if self.get(name) is None and isinstance(value, str):
                self._told[name] = value
                reporter.warning(
                    "sol001-identity-in-metadata", f"{name} is read from the metadata, where it is {key}",
                    ("metadata", key), hint=f"give {name} in the node template of the network service",
                )  # fmt: skip


def _names_service(services: list[Node], mappings: list[Any]) -> bool:
    """Whether a plain NS node is the mapped service itself: it has the mapping's identity, or the mapping has none."""
    wanted = {m.properties.get("descriptor_id") for m in mappings}
    return all(node.properties.get("descriptor_id") in wanted or wanted == {None} for node in services)


def _flavour(topology: Topology, service: _Service, files: PackageFiles) -> NsFlavour:
    mine = {node.name for node in service.nodes}
    own = next((node for node in topology.of_type(NS) if node.name in mine), None)
    mapped = topology.substitution.properties if topology.substitution else {}
    given = own.properties.get("flavour_id") if own else None
    flavour_id = text(mapped.get("flavour_id")) or text(given) or text(service.get("flavour_id")) or "default"
    named, default = read_levels(topology)
    flavour = NsFlavour(
        id=flavour_id,
        description=text(service.get("flavour_description")) or topology.description,
        vnf_profiles={node.name: _vnf_profile(node, topology) for node in topology.of_type(VNF)},
        nested={node.name: _nested(node) for node in topology.of_type(NS) if node.name not in mine},
        pnfs={node.name: _pnf_profile(node) for node in topology.of_type(PNF)},
        virtual_links=read_virtual_links(topology, NS_LINK),
        saps=_saps(topology),
        levels=named,
        default_level=default,
        aspects=read_aspects(topology),
        affinity_rules=read_affinity_rules(topology),
        security_group_rules=read_security_group_rules(topology),
        forwarding_graphs=read_graphs(topology),
        forwarding_paths=read_paths(topology),
        forwarding_relays=read_relays(topology),
        auto_scale_rules=_auto_scale_rules(topology),
        monitoring_parameters=monitored(topology, _P + "NsMonitoring", "ns_monitoring_parameters"),
        indicators=read_indicators(topology, own),
        scripts=lifecycle_scripts(own, files, topology.reporter) if own else (),
        service_availability_level=integer(service.get("service_availability_level")),
        priority=integer(service.get("priority")),
    )
    check_ns_flavour(flavour, topology)
    return flavour


def _vnf_profile(node: Node, topology: Topology) -> VnfProfile:
    profile = mapping(node.properties.get("vnf_profile"))
    least, most = bounds(profile)
    return VnfProfile(
        id=node.name,
        vnfd_id=text(node.properties.get("descriptor_id")),
        flavour_id=text(node.properties.get("flavour_id")) if "flavour_id" in node.given else "",
        instantiation_level=text(profile.get("instantiation_level")),
        scale_levels=_scale_levels(profile.get("target_vnf_scale_level_info")),
        min_instances=least,
        max_instances=most,
        links=_links(node),
        service_availability_level=integer(profile.get("service_availability_level")),
        version_dependencies=_version_dependencies(profile),
        monitoring_parameters={
            key: parameter
            for policy in topology.policies_of(_P + "VnfMonitoring")
            if node.name in policy.members
            for key, parameter in monitored(
                topology, _P + "VnfMonitoring", "vnf_monitoring_parameters", node.name
            ).items()
        },
    )


def _nested(node: Node) -> NestedNs:
    profile = mapping(node.properties.get("ns_profile"))
    least, most = bounds(profile)
    return NestedNs(
        id=node.name,
        nsd_id=text(node.properties.get("descriptor_id")),
        flavour_id=text(node.properties.get("flavour_id")) or text(profile.get("flavour_id")),
        instantiation_level=text(profile.get("ns_instantiation_level")),
        scale_levels=_scale_levels(profile.get("target_ns_scale_level")),
        min_instances=least,
        max_instances=most,
        links=_links(node),
        version_dependencies=_version_dependencies(profile),
    )


def _pnf_profile(node: Node) -> PnfProfile:
    properties = node.properties
    return PnfProfile(
        id=node.name,
        pnfd_id=text(properties.get("descriptor_id")),
        invariant_id=text(properties.get("descriptor_invariant_id")),
        name=text(properties.get("name")),
        provider=text(properties.get("provider")),
        version=text(properties.get("version")),
        description=text(properties.get("function_description")),
        links=_links(node),
    )


def _scale_levels(value: Any) -> dict[str, int]:
    return {str(aspect): integer(mapping(info).get("scale_level")) for aspect, info in mapping(value).items()}


def _version_dependencies(profile: dict[str, Any]) -> tuple[VersionDependency, ...]:
    return tuple(
        VersionDependency(
            constituent=text(item.get("dependent_constituent_id")),
            descriptor_ids=tuple(
                texts(mapping(statement).get("descriptor_id"))
                for statement in sequence(item.get("version_dependency_statement"))
            ),
        )
        for item in map(mapping, sequence(profile.get("version_dependency")))
    )


def _auto_scale_rules(topology: Topology) -> tuple[AutoScaleRule, ...]:
    return tuple(
        AutoScaleRule(
            id=f"{policy.name}/{name}",
            event=text(mapping(trigger).get("event"), text(mapping(mapping(trigger).get("event")).get("type"))),
            condition=plain(mapping(trigger).get("condition")),
            action=plain(mapping(trigger).get("action")),
        )
        for policy in topology.policies_of(_P + "NsAutoScale")
        for name, trigger in policy.triggers.items()
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
            trunk=boolean(node.properties.get("trunk_mode")),
            addresses=addresses(node.properties.get("protocol")),
            security_groups=tuple(p.name for p in topology.policies_of(*_SECURITY) if node.name in p.members),
        )
    return saps
