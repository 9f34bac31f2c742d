"""A PNF descriptor: the function, where it stands, and its connection points (SOL001 clause 8)."""

from __future__ import annotations

from typing import Any

from descriptors.diagnostics import Diagnostics
from descriptors.model.pnfd import Coordinates, Location, Pnfd
from descriptors.sol001.amounts import text
from descriptors.sol001.connectivity import connection_point
from descriptors.sol001.placement import read_security_group_rules
from descriptors.sol001.targets import check_targets
from descriptors.tosca.documents import mapping, sequence
from descriptors.tosca.template import ServiceTemplate
from descriptors.tosca.values import is_function

PNF = "tosca.nodes.nfv.PNF"
POINT = "tosca.nodes.nfv.PnfExtCp"


def read_pnfd(template: ServiceTemplate, diagnostics: Diagnostics) -> Pnfd | None:
    """Read a PNFD; None, with errors among the diagnostics, when it does not say what a PNF is."""
    functions = [(topology, node) for topology in template.topologies for node in topology.of_type(PNF)]
    mappings = [topology.substitution for topology in template.topologies if topology.substitution]

    def get(name: str) -> Any:
        candidates = [node.properties.get(name) for _, node in functions]
        candidates += [mapped.properties.get(name) for mapped in mappings]
        candidates += [m.type.properties.get(name, {}).get("default") for m in mappings if m.type]
        return next((value for value in candidates if value is not None and not is_function(value)), None)

    identity = text(get("descriptor_id"))
    if not identity:
        template.topologies[0].reporter.error(
            "sol001-missing-identity", "the PNFD gives no descriptor_id",
            functions[0][1].path if functions else (), clause=f"SOL001 {PNF}",
        )  # fmt: skip
    points = {
        node.name: connection_point(node, kind="EXTERNAL", vdu="", link="", topology=topology)
        for topology in template.topologies
        for node in topology.of_type(POINT)
    }
    for topology in template.topologies:
        check_targets(topology)
    if diagnostics.failed:
        return None
    return Pnfd(
        id=identity,
        invariant_id=text(get("descriptor_invariant_id")),
        provider=text(get("provider")),
        name=text(get("name")),
        version=text(get("version")),
        description=text(get("function_description")),
        sol001_version=template.release,
        ext_invariant_id=text(get("ext_invariant_id")),
        location=_location(mapping(get("geographical_location_info"))),
        connection_points=points,
        requirements={
            name: node for mapped in mappings for name, node, _, _ in mapped.requirements if node in points
        },
        security_group_rules=tuple(
            rule for topology in template.topologies for rule in read_security_group_rules(topology)
        ),
    )  # fmt: skip


def _location(data: dict[str, Any]) -> Location | None:
    if not data:
        return None
    point = mapping(data.get("geographic_coordinates"))
    return Location(
        country_code=text(data.get("country_code")),
        civic_address={
            text(item.get("ca_type")): text(item.get("ca_value"))
            for item in map(mapping, sequence(data.get("civic_address_element")))
        },
        coordinates=Coordinates(
            latitude=text(point.get("latitude")),
            longitude=text(point.get("longitude")),
            altitude=text(point.get("altitude")),
            altitude_type=text(point.get("altitude_type")),
        )
        if point
        else None,
    )
