"""Container workloads: deployable units, their containers, and the packages that deploy them."""

from __future__ import annotations

from descriptors.model.containers import DeployableUnit, Mciop, OsContainer
from descriptors.sol001.amounts import integer, size_bytes, text, text_map, texts
from descriptors.sol001.artifacts import PackageFiles, software_images
from descriptors.sol001.compute import (
    cpu_pinning,
    huge_pages,
    instance_bounds,
    logical_nodes,
    requested_capabilities,
    storage_names,
)
from descriptors.tosca.documents import mapping, plain, sequence
from descriptors.tosca.topology import Node, Topology

UNIT = "tosca.nodes.nfv.Vdu.OsContainerDeployableUnit"
CONTAINER = "tosca.nodes.nfv.Vdu.OsContainer"
MCIOP = "tosca.nodes.nfv.Mciop"
_CHART = "tosca.artifacts.nfv.HelmChart"


def read_deployable_units(topology: Topology, files: PackageFiles) -> dict[str, DeployableUnit]:
    """Read the groups of containers of a flavour, each with its containers."""
    containers = {node.name: _container(node, topology, files) for node in topology.of_type(CONTAINER)}
    units = {node.name: _unit(node, topology, containers) for node in topology.of_type(UNIT)}
    used = {container.id for unit in units.values() for container in unit.containers}
    for name in containers.keys() - used:
        topology.reporter.warning(
            "sol001-unused-part", f"the container {name} belongs to no deployable unit", topology.nodes[name].path,
            clause=f"SOL001 {CONTAINER}",
        )  # fmt: skip
    return units


def read_mciops(topology: Topology, files: PackageFiles) -> dict[str, Mciop]:
    """Read the container packages of a flavour: those that its templates name."""
    packages = {}
    for node in topology.of_type(MCIOP):
        charts = tuple(
            files.artifact(name, text(artifact.get("file")), text(artifact.get("type"), _CHART), topology.reporter)
            for name, artifact in node.artifacts.items()
            if text(artifact.get("file"))
        )
        if not charts:
            topology.reporter.warning(
                "sol001-no-chart", f"{node.name} names no file that deploys it", node.path,
                hint=f"give it an artifact of type {_CHART}", clause=f"SOL001 {MCIOP}",
            )  # fmt: skip
        for chart in charts:
            if not chart.in_package and "://" not in chart.file:
                topology.reporter.warning(
                    "script-not-in-package",
                    f"{chart.file} is not carried in the package",
                    (*node.path, "artifacts", chart.name),
                )
        packages[node.name] = Mciop(id=node.name, units=node.targets("associatedVdu"), charts=charts)
    return packages


def _unit(node: Node, topology: Topology, containers: dict[str, OsContainer]) -> DeployableUnit:
    properties = node.properties
    identification = mapping(properties.get("mcio_identification_data"))
    least, most, bounded = instance_bounds(node, topology.reporter)
    own = tuple(containers[name] for name in node.targets("container") if name in containers)
    if not own:
        topology.reporter.warning(
            "sol001-empty-unit", f"{node.name} has no containers", node.path,
            hint="add the requirement container", clause=f"SOL001 {UNIT}",
        )  # fmt: skip
    return DeployableUnit(
        id=node.name,
        name=text(properties.get("name"), node.name),
        description=text(properties.get("description")),
        containers=own,
        storages=storage_names(node, topology),
        min_instances=least,
        max_instances=most,
        bounded=bounded,
        mcio_name=text(identification.get("name")),
        mcio_type=text(identification.get("type")),
        mcio_constraint_params=texts(properties.get("mcio_constraint_params")),
        logical_nodes=logical_nodes(properties.get("logical_node")),
        requested_capabilities=requested_capabilities(mapping(properties.get("requested_additional_capabilities"))),
        nfvi_constraints=text_map(properties.get("nfvi_constraints")),
        configurable_properties=plain(mapping(properties.get("configurable_properties"))),
    )


def _container(node: Node, topology: Topology, files: PackageFiles) -> OsContainer:
    properties = node.properties
    resources: dict[str, int] = {}
    for item in map(mapping, sequence(properties.get("extended_resource_requests"))):
        for key, value in text_map(item.get("extended_resource")).items():
            resources[value or key] = integer(item.get("amount"), 1)
    return OsContainer(
        id=node.name,
        name=text(properties.get("name"), node.name),
        description=text(properties.get("description")),
        cpu_millicores=integer(properties.get("requested_cpu_resources")),
        cpu_limit_millicores=integer(properties.get("cpu_resource_limit")),
        memory_bytes=size_bytes(properties.get("requested_memory_resources")),
        memory_limit_bytes=size_bytes(properties.get("memory_resource_limit")),
        ephemeral_storage_bytes=size_bytes(properties.get("requested_ephemeral_storage_resources")),
        ephemeral_storage_limit_bytes=size_bytes(properties.get("ephemeral_storage_resource_limit")),
        cpu_pinning=cpu_pinning(properties.get("cpu_pinning_requirements")),
        huge_pages=huge_pages(properties.get("huge_pages_resources")),
        extended_resources=resources,
        images=software_images(node, files, topology.reporter),
    )
