"""VDUs and virtual storages (SOL001 6.8.3 to 6.8.6)."""

from __future__ import annotations

from typing import Any

from descriptors.model.vnfd import Artifact, LogicalNode, Vdu, VirtualStorage
from descriptors.sol001.amounts import boolean, integer, size_bytes, text
from descriptors.sol001.artifacts import PackageFiles, software_image
from descriptors.tosca.documents import Reporter, mapping, plain, sequence
from descriptors.tosca.topology import Node, Topology

COMPUTE = "tosca.nodes.nfv.Vdu.Compute"
CONTAINERS = (
    "tosca.nodes.nfv.Vdu.OsContainerDeployableUnit",
    "tosca.nodes.nfv.Vdu.OsContainer",
    "tosca.nodes.nfv.Mciop",
)
_STORAGES = {
    "tosca.nodes.nfv.Vdu.VirtualBlockStorage": ("BLOCK", "virtual_block_storage_data", "size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualObjectStorage": ("OBJECT", "virtual_object_storage_data", "max_size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualFileStorage": ("FILE", "virtual_file_storage_data", "size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualStorage": ("BLOCK", "", "size_of_storage"),
}


def read_vdus(topology: Topology, files: PackageFiles) -> dict[str, Vdu]:
    """Read the VDUs of a flavour."""
    for node in topology.of_type(*CONTAINERS):
        topology.reporter.warning(
            "sol001-not-modelled", f"{node.name}: container workloads are not deployed yet", node.path
        )
    return {node.name: _vdu(node, topology, files) for node in topology.of_type(COMPUTE)}


def read_storages(topology: Topology, files: PackageFiles) -> dict[str, VirtualStorage]:
    """Read the virtual storages of a flavour."""
    storages = {}
    for node in topology.of_type(*_STORAGES):
        kind, data_name, size_name = next(_STORAGES[name] for name in node.type.line if name in _STORAGES)
        data = mapping(node.properties.get(data_name)) if data_name else node.properties
        if kind == "FILE" and not node.target("virtual_link"):
            topology.reporter.warning(
                "sol001-storage-unreachable", f"{node.name} needs a virtual link to be reached over", node.path,
                clause="SOL001 6.8.6",
            )  # fmt: skip
        storages[node.name] = VirtualStorage(
            id=node.name,
            type=kind,
            size_bytes=size_bytes(data.get(size_name)),
            rdma=boolean(data.get("rdma_enabled")),
            image=software_image(node, files, topology.reporter),
            per_vnfc=boolean(node.properties.get("per_vnfc_instance"), default=True),
            file_system_link=node.target("virtual_link") if kind == "FILE" else "",
        )
    return storages


def _vdu(node: Node, topology: Topology, files: PackageFiles) -> Vdu:
    compute = node.capabilities.get("virtual_compute", {})
    cpu = mapping(compute.get("virtual_cpu"))
    profile = mapping(node.properties.get("vdu_profile"))
    wanted = mapping(compute.get("requested_additional_capabilities"))
    flavour = _requested_flavour(wanted)
    _check_size(node, topology.reporter, cpu, mapping(compute.get("virtual_memory")), flavour=flavour)
    boot_data, boot_artifact = _boot_data(node, files, topology.reporter)
    least = integer(profile.get("min_number_of_instances"), 1)
    most = integer(profile.get("max_number_of_instances"), max(least, 1))
    if most < least:
        topology.reporter.error(
            "sol001-profile-bounds", f"{node.name}: max_number_of_instances {most} is below the minimum {least}",
            (*node.path, "properties", "vdu_profile"), clause="SOL001 6.2.16",
        )  # fmt: skip
    return Vdu(
        id=node.name,
        name=text(node.properties.get("name"), node.name),
        description=text(node.properties.get("description")),
        vcpus=max(integer(cpu.get("num_virtual_cpu"), 1), 1),
        memory_bytes=size_bytes(mapping(compute.get("virtual_memory")).get("virtual_mem_size")),
        local_disk_bytes=sum(
            size_bytes(mapping(disk).get("size_of_storage")) for disk in sequence(compute.get("virtual_local_storage"))
        ),
        cpu_architecture=text(cpu.get("cpu_architecture")),
        image=software_image(node, files, topology.reporter),
        storages=_storages(node, topology),
        requested_flavour=flavour,
        requested_capabilities={
            text(mapping(item).get("requested_additional_capability_name"), key): {
                name: text(value) for name, value in mapping(mapping(item).get("target_performance_parameters")).items()
            }
            for key, item in wanted.items()
        },
        logical_nodes=_logical_nodes(compute.get("logical_node")),
        boot_data=boot_data,
        boot_data_artifact=boot_artifact,
        min_instances=least,
        max_instances=most,
        configurable_properties=plain(mapping(node.properties.get("configurable_properties"))),
        artifacts=tuple(
            files.artifact(name, text(artifact.get("file")), text(artifact.get("type")), topology.reporter)
            for name, artifact in node.artifacts.items()
            if text(artifact.get("file"))
        ),
        monitoring_parameters=named(node.properties.get("monitoring_parameters")),
    )


def _check_size(node: Node, reporter: Reporter, cpu: dict[str, Any], memory: dict[str, Any], *, flavour: str) -> None:
    if flavour or (cpu.get("num_virtual_cpu") and size_bytes(memory.get("virtual_mem_size"))):
        return
    reporter.warning(
        "sol001-vdu-without-size",
        f"{node.name} says neither its virtual processors and memory nor a flavour of the VIM",
        node.path,
        hint="give the capability virtual_compute; until then it runs with one processor and the VIM's least memory",
        clause="SOL001 6.8.3.5",
    )


def _requested_flavour(wanted: dict[str, Any]) -> str:
    """Return the VIM's flavour that is asked for by name.

    SOL001 has no field for it; packages for OpenStack name it among the requested additional capabilities, under the
    key ``properties`` or one that says so.
    """
    for key, item in wanted.items():
        if key == "properties" or "flavor" in key.lower() or "flavour" in key.lower():
            return text(mapping(item).get("requested_additional_capability_name"))
    return ""


def _storages(node: Node, topology: Topology) -> tuple[str, ...]:
    """Return storages with those that carry an image first, as the disk to boot from."""
    names = [
        name
        for name in node.targets("virtual_storage")
        if name in topology.nodes and topology.nodes[name].type.is_a(*_STORAGES)
    ]

    def boots(name: str) -> bool:
        storage = topology.nodes[name]
        return "sw_image_data" in storage.properties or bool(storage.artifacts)

    return tuple(sorted(names, key=lambda name: not boots(name)))


def _logical_nodes(value: Any) -> tuple[LogicalNode, ...]:
    return tuple(
        LogicalNode(
            id=name,
            requirements={
                key: text(item) for key, item in mapping(mapping(data).get("logical_node_requirements")).items()
            },
        )
        for name, data in mapping(value).items()
    )


def _boot_data(node: Node, files: PackageFiles, reporter: Reporter) -> tuple[str, Artifact | None]:
    """Return inline user data and the file that holds it: SOL001 had a string, then a structure; and an artifact."""
    value = node.properties.get("boot_data")
    content = mapping(mapping(value).get("content_or_file_data"))
    inline = text(value) or text(content.get("content"))
    source = text(content.get("source_path")) or text(node.artifacts.get("boot_data", {}).get("file"))
    return inline, files.artifact("boot_data", source, "tosca.artifacts.File", reporter) if source else None


def named(value: Any) -> dict[str, dict[str, Any]]:
    """Return parameters by name, whether they come as a map or as a list of named things."""
    if isinstance(value, list):
        return {text(mapping(item).get("name"), str(i)): plain(mapping(item)) for i, item in enumerate(value)}
    return {key: plain(mapping(item)) for key, item in mapping(value).items()}
