"""A VNF descriptor: the VNF's own data, and one flavour per topology that stands in for it (SOL001 clause 6)."""

from __future__ import annotations

from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.model.lifecycle import PackageChange
from descriptors.model.vnfd import Flavour, Vnfd
from descriptors.sol001.amounts import text, texts
from descriptors.sol001.artifacts import PackageFiles
from descriptors.sol001.compute import COMPUTE, read_storages, read_vdus
from descriptors.sol001.connectivity import (
    INTERNAL_LINK,
    read_connection_points,
    read_external_connection_points,
    read_supported_interfaces,
    read_virtual_links,
)
from descriptors.sol001.containers import MCIOP, UNIT, read_deployable_units, read_mciops
from descriptors.sol001.declarations import configurable, modifiable
from descriptors.sol001.interfaces import lifecycle_scripts, operation_parameters
from descriptors.sol001.monitoring import monitored, monitoring_parameters, read_indicators
from descriptors.sol001.operations import (
    lcm_limits,
    read_coordination_actions,
    read_coordinations,
    read_package_changes,
)
from descriptors.sol001.placement import read_affinity_rules, read_security_group_rules
from descriptors.sol001.releases import current
from descriptors.sol001.rules import check_flavour, check_package_changes
from descriptors.sol001.scaling import read_aspects, read_initial_bitrates, read_initial_instances, read_levels
from descriptors.sol001.unrequested import check_requested
from descriptors.tosca.documents import Reporter, mapping, plain, sequence
from descriptors.tosca.template import ServiceTemplate
from descriptors.tosca.topology import Node, Topology
from descriptors.tosca.values import is_function

VNF = "tosca.nodes.nfv.VNF"
_IDENTITY = {
    "descriptor_id": "id", "provider": "provider", "product_name": "product_name",
    "software_version": "software_version", "descriptor_version": "version",
}  # fmt: skip


def read_vnfd(template: ServiceTemplate, files: PackageFiles, diagnostics: Diagnostics) -> Vnfd | None:
    """Read a VNFD; None, with errors among the diagnostics, when it does not say what a VNF needs."""
    shapes = [topology for topology in template.topologies if _is_flavour(topology)]
    facts = _Facts(template)
    identity = {attribute: text(facts.get(name)) for name, attribute in _IDENTITY.items()}
    reporter = template.topologies[0].reporter
    for name, attribute in _IDENTITY.items():
        if not identity[attribute]:
            reporter.error(
                "sol001-missing-identity", f"the VNFD gives no {name}", facts.path, clause="SOL001 tosca.nodes.nfv.VNF"
            )
    flavours: dict[str, Flavour] = {}
    for topology in shapes:
        flavour = _flavour(topology, facts, files)
        if flavour.id in flavours:
            topology.reporter.error(
                "sol001-flavour-twice",
                f"flavour {flavour.id} is described by another file already",
                ("topology_template", "substitution_mappings"),
                hint="give each its own flavour_id in substitution_mappings/properties",
                clause="SOL001 tosca.nodes.nfv.VNF",
            )
        flavours[flavour.id] = flavour
    if not flavours:
        reporter.error(
            "sol001-no-flavour", "the VNFD describes no deployment flavour: there is no VDU in it", facts.path,
            hint="add a Vdu.Compute, or import the file of a flavour", clause=f"SOL001 {COMPUTE}",
        )  # fmt: skip
    _check_promised_flavours(facts, flavours, reporter)
    changes = _package_changes(template)
    check_package_changes(changes, identity["id"], flavours, template.topologies)
    if diagnostics.failed:
        return None
    default = facts.default_flavour()
    configuration = plain(mapping(facts.get("lcm_operations_configuration")))
    given = mapping(facts.get("configurable_properties"))
    return Vnfd(
        **identity,
        sol001_version=template.release,
        info_name=text(facts.get("product_info_name")),
        info_description=text(facts.get("product_info_description")),
        vnfm_info=texts(facts.get("vnfm_info")),
        default_flavour=default if default in flavours else next(iter(flavours)),
        flavours=flavours,
        configurable_properties=plain(given),
        modifiable_attributes=_modifiable(facts),
        lcm_operations_configuration=configuration,
        lcm_limits=lcm_limits(configuration),
        extensions={k: v for t in facts.types for k, v in modifiable(t, "extensions", facts.known).items()},
        metadata={k: v for t in facts.types for k, v in modifiable(t, "metadata", facts.known).items()},
        configurable={k: v for t in facts.types for k, v in configurable(t, given, facts.known).items()},
        operation_parameters={k: v for t in facts.types for k, v in operation_parameters(t, facts.known).items()},
        package_changes=changes,
        ext_invariant_id=text(facts.get("ext_invariant_id")),
        localization_languages=texts(facts.get("localization_languages")),
        default_localization_language=text(facts.get("default_localization_language")),
    )


def _is_flavour(topology: Topology) -> bool:
    """Whether a topology is the inside of the VNF rather than the VNF seen from outside."""
    return any(True for _ in topology.of_type(COMPUTE, UNIT, MCIOP))


def _package_changes(template: ServiceTemplate) -> tuple[PackageChange, ...]:
    """Return the package changes of all topologies; flavours' files repeat them."""
    changes = [change for topology in template.topologies for change in read_package_changes(topology)]
    return tuple(change for index, change in enumerate(changes) if change not in changes[:index])


class _Facts:
    """What the descriptor says about the VNF as a whole.

    The template of the whole VNF (the entry's) counts first, then its flavours' ones, then the substitution mapping,
    then the VNF type's defaults.
    """

    def __init__(self, template: ServiceTemplate) -> None:
        self._nodes = [node for topology in template.topologies for node in topology.of_type(VNF)]
        self._mappings = [t.substitution for t in template.topologies if t.substitution]
        self.nodes = self._nodes
        self.known = template.topologies[0].types
        self.types = [node.type for node in self._nodes] + [m.type for m in self._mappings if m.type]
        if not self.types:  # a VNF type that nothing instantiates still says whose insides these are
            self.types = [declared for declared in template.node_types if declared.is_a(VNF)][:1]
        self.path = self._nodes[0].path if self._nodes else ()

    def get(self, name: str) -> Any:
        """Return the first value that is known now."""
        candidates = [node.properties[name] for node in self._nodes if name in node.given and name in node.properties]
        candidates += [mapped.properties.get(name) for mapped in self._mappings]
        candidates += [node.properties.get(name) for node in self._nodes]
        candidates += [declared.properties.get(name, {}).get("default") for declared in self.types]
        return next((value for value in candidates if value is not None and not is_function(value)), None)

    def default_flavour(self) -> str:
        """Return the flavour that the VNF's template gives, or that its type has as default.

        What flavours say of themselves does not count: each would be the default.
        """
        for value in (
            *(node.properties.get("flavour_id") for node in self._nodes[:1]),
            *(declared.properties.get("flavour_id", {}).get("default") for declared in self.types),
        ):
            if text(value):
                return text(value)
        return ""


def _flavour(topology: Topology, facts: _Facts, files: PackageFiles) -> Flavour:
    own = next(iter(topology.of_type(VNF)), None)
    vdus = read_vdus(topology, files)
    units = read_deployable_units(topology, files)
    if units:
        topology.reporter.warning(
            "sol001-not-deployed", f"containers are not deployed yet: {', '.join(sorted(units)[:5])}",
            topology.nodes[next(iter(units))].path,
        )  # fmt: skip
    aspects = read_aspects(topology, {*vdus, *units})
    levels, default = read_levels(topology, aspects)
    points = read_connection_points(topology)
    actions = read_coordination_actions(topology)
    properties = current(own.type, own.properties) if own else {}
    flavour = Flavour(
        id=_flavour_id(topology, own, facts),
        description=_described(topology, own, facts),
        vdus=vdus,
        deployable_units=units,
        mciops=read_mciops(topology, files),
        storages=read_storages(topology, files),
        connection_points=points,
        external_connection_points=read_external_connection_points(topology, points),
        supported_interfaces=read_supported_interfaces(topology),
        virtual_links=read_virtual_links(topology, INTERNAL_LINK),
        initial_instances=read_initial_instances(topology),
        initial_virtual_points=read_initial_instances(topology, "VipCpInitialDelta"),
        initial_link_bitrates=read_initial_bitrates(topology),
        aspects=aspects,
        levels=levels,
        default_level=_asked_level(own, levels) or default,
        affinity_rules=read_affinity_rules(topology),
        security_group_rules=read_security_group_rules(topology),
        scripts=lifecycle_scripts(own, files, topology.reporter) if own else (),
        monitoring_parameters=monitoring_parameters(properties.get("monitoring_parameters"))
        | monitored(topology, "tosca.policies.nfv.VnfMonitoring", "vnf_monitoring_parameters"),
        indicators=read_indicators(topology, own),
        coordination_actions=actions,
        coordinations=read_coordinations(topology, actions),
    )
    check_flavour(flavour, topology)
    check_requested(flavour, topology)
    return flavour


def _flavour_id(topology: Topology, own: Node | None, facts: _Facts) -> str:
    """The substitution mapping names the flavour; else its VNF template does; else the VNF as a whole."""
    mapped = topology.substitution.properties.get("flavour_id") if topology.substitution else None
    mine = own.properties.get("flavour_id") if own and "flavour_id" in own.given else None
    for value in (mapped, mine, facts.get("flavour_id")):
        if text(value):
            return text(value)
    return "default"


def _described(topology: Topology, own: Node | None, facts: _Facts) -> str:
    mine = own.properties.get("flavour_description") if own and "flavour_description" in own.given else None
    mapped = topology.substitution.properties.get("flavour_description") if topology.substitution else None
    return text(mine) or text(mapped) or text(facts.get("flavour_description"))


def _asked_level(own: Node | None, levels: dict[str, Any]) -> str:
    """The level that the VNF's own profile asks for, where it exists."""
    asked = text(mapping(own.properties.get("vnf_profile")).get("instantiation_level")) if own else ""
    return asked if asked in levels else ""


def _check_promised_flavours(facts: _Facts, flavours: dict[str, Flavour], reporter: Reporter) -> None:
    """Report flavours that the VNF type allows and no file describes: their file may have been forgotten."""
    for node in facts.nodes[:1]:
        for constraint in sequence(node.type.properties.get("flavour_id", {}).get("constraints")):
            for name in sequence(mapping(constraint).get("valid_values")):
                if flavours and str(name) not in flavours:
                    reporter.warning(
                        "sol001-flavour-missing",
                        f"{node.type.name} allows the flavour {name}, which no file of the package describes",
                        node.path,
                        hint="import the flavour's file, or take it from the type's valid_values",
                    )


def _modifiable(facts: _Facts) -> dict[str, Any]:
    """Return extensions and metadata with the defaults that their data types give."""
    value = mapping(facts.get("modifiable_attributes"))
    return {key: plain(value[key]) for key in ("extensions", "metadata") if key in value}
