"""Virtual machines (Vdu.Compute) and virtual storages (block, object, file)."""

from __future__ import annotations

from typing import Any

from descriptors.model.resources import Artifact, CpuPinning, HugePages, LogicalNode, Vdu, VirtualStorage
from descriptors.sol001.amounts import boolean, hertz, integer, size_bytes, text, text_map, texts
from descriptors.sol001.artifacts import PackageFiles, software_image
from descriptors.sol001.declarations import configurable
from descriptors.sol001.monitoring import monitoring_parameters
from descriptors.sol001.releases import current
from descriptors.tosca.documents import Reporter, mapping, plain, sequence
from descriptors.tosca.topology import Node, Topology
from descriptors.tosca.values import FUNCTIONS

COMPUTE = "tosca.nodes.nfv.Vdu.Compute"
STORAGES = {
    "tosca.nodes.nfv.Vdu.VirtualBlockStorage": ("BLOCK", "virtual_block_storage_data", "size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualObjectStorage": ("OBJECT", "virtual_object_storage_data", "max_size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualFileStorage": ("FILE", "virtual_file_storage_data", "size_of_storage"),
    "tosca.nodes.nfv.Vdu.VirtualStorage": ("BLOCK", "", "size_of_storage"),
}


def read_vdus(topology: Topology, files: PackageFiles) -> dict[str, Vdu]:
    """Read the VDUs of a flavour that are virtual machines."""
    return {node.name: _vdu(node, topology, files) for node in topology.of_type(COMPUTE)}


def read_storages(topology: Topology, files: PackageFiles) -> dict[str, VirtualStorage]:
    """Read the virtual storages of a flavour."""
    storages = {}
    for node in topology.of_type(*STORAGES):
        kind, data_name, size_name = next(STORAGES[name] for name in node.type.line if name in STORAGES)
        data = mapping(node.properties.get(data_name)) if data_name else node.properties
        if kind == "FILE" and not node.target("virtual_link"):
            topology.reporter.warning(
                "sol001-storage-unreachable", f"{node.name} needs a virtual link to be reached over", node.path,
                clause="SOL001 tosca.nodes.nfv.Vdu.VirtualFileStorage",
            )  # fmt: skip
        storages[node.name] = VirtualStorage(
            id=node.name,
            type=kind,
            size_bytes=size_bytes(data.get(size_name)),
            rdma=boolean(data.get("rdma_enabled")),
            image=software_image(node, files, topology.reporter),
            per_vnfc=boolean(node.properties.get("per_vnfc_instance"), default=True),
            file_system_link=node.target("virtual_link") if kind == "FILE" else "",
            file_system_protocol=text(data.get("file_system_protocol")) if kind == "FILE" else "",
            requirements=text_map(data.get("vdu_storage_requirements")),
        )
    return storages


def _vdu(node: Node, topology: Topology, files: PackageFiles) -> Vdu:
    properties = current(node.type, node.properties)
    compute = node.capabilities.get("virtual_compute", {})
    cpu = mapping(compute.get("virtual_cpu"))
    memory = mapping(compute.get("virtual_memory"))
    wanted = mapping(compute.get("requested_additional_capabilities"))
    flavour = _requested_flavour(wanted)
    _check_size(node, topology.reporter, cpu, memory, flavour=flavour)
    boot = mapping(properties.get("boot_data"))
    boot_file = mapping(boot.get("content_or_file_data"))
    least, most, bounded = instance_bounds(node, topology.reporter)
    given = mapping(properties.get("configurable_properties"))
    disks = tuple(
        size_bytes(mapping(disk).get("size_of_storage")) for disk in sequence(compute.get("virtual_local_storage"))
    )
    return Vdu(
        id=node.name,
        name=text(properties.get("name"), node.name),
        description=text(properties.get("description")),
        vcpus=max(integer(cpu.get("num_virtual_cpu"), 1), 1),
        memory_bytes=size_bytes(memory.get("virtual_mem_size")),
        local_disk_bytes=sum(disks),
        local_disks_bytes=disks,
        cpu_architecture=text(cpu.get("cpu_architecture")),
        cpu_clock_hz=hertz(cpu.get("virtual_cpu_clock")),
        cpu_pinning=cpu_pinning(cpu.get("virtual_cpu_pinning")),
        cpu_oversubscription_policy=text(cpu.get("virtual_cpu_oversubscription_policy")),
        cpu_requirements=text_map(cpu.get("vdu_cpu_requirements")),
        memory_oversubscription_policy=text(memory.get("virtual_mem_oversubscription_policy")),
        memory_requirements=text_map(memory.get("vdu_mem_requirements")),
        numa=boolean(memory.get("numa_enabled")),
        huge_pages=huge_pages(memory.get("huge_pages_requirements")),
        compute_requirements=text_map(compute.get("compute_requirements")),
        nfvi_constraints=text_map(properties.get("nfvi_constraints")),
        image=software_image(node, files, topology.reporter),
        storages=storage_names(node, topology),
        boots_in_order=boolean(properties.get("boot_order")),
        requested_flavour=flavour,
        requested_capabilities=requested_capabilities(wanted),
        optional_capabilities=tuple(requested_capabilities(wanted, mandatory=False)),
        logical_nodes=logical_nodes(compute.get("logical_node")),
        boot_data=_late(boot_file.get("content")),
        boot_data_artifact=_boot_artifact(node, boot_file, files, topology.reporter),
        boot_data_destination=text(boot_file.get("destination_path")),
        boot_data_values=_late_map(boot_file.get("data")) | _late_map(mapping(boot.get("kvp_data")).get("data")),
        boot_data_vim_properties=_vim_properties(boot),
        min_instances=least,
        max_instances=most,
        bounded=bounded,
        configurable_properties=plain(given),
        configurable=configurable(node.type, given, topology.types),
        artifacts=tuple(
            files.artifact(name, text(artifact.get("file")), text(artifact.get("type")), topology.reporter)
            for name, artifact in node.artifacts.items()
            if text(artifact.get("file"))
        ),
        monitoring_parameters=monitoring_parameters(properties.get("monitoring_parameters")),
    )


def instance_bounds(node: Node, reporter: Reporter) -> tuple[int, int, bool]:
    """Return least and greatest number of instances of a VDU's profile, and whether it says how many there may be.

    1 and the least where it says nothing.
    """
    profile = mapping(node.properties.get("vdu_profile"))
    least = integer(profile.get("min_number_of_instances"), 1)
    most = integer(profile.get("max_number_of_instances"), max(least, 1))
    if most < least:
        reporter.error(
            "sol001-profile-bounds", f"{node.name}: max_number_of_instances {most} is below the minimum {least}",
            (*node.path, "properties", "vdu_profile"), clause="SOL001 tosca.datatypes.nfv.VduProfile",
        )  # fmt: skip
    return least, most, "max_number_of_instances" in profile


def _check_size(node: Node, reporter: Reporter, cpu: dict[str, Any], memory: dict[str, Any], *, flavour: str) -> None:
    if flavour or (cpu.get("num_virtual_cpu") and size_bytes(memory.get("virtual_mem_size"))):
        return
    reporter.warning(
        "sol001-vdu-without-size",
        f"{node.name} says neither its virtual processors and memory nor a flavour of the VIM",
        node.path,
        hint="give the capability virtual_compute; until then it runs with one processor and the VIM's least memory",
        clause="SOL001 tosca.capabilities.nfv.VirtualCompute",
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


def storage_names(node: Node, topology: Topology) -> tuple[str, ...]:
    """Return the storages of a VDU, with those that carry an image first, as the disk to boot from."""
    names = [
        name
        for name in node.targets("virtual_storage")
        if name in topology.nodes and topology.nodes[name].type.is_a(*STORAGES)
    ]

    def boots(name: str) -> bool:
        storage = topology.nodes[name]
        return "sw_image_data" in storage.properties or bool(storage.artifacts)

    return tuple(sorted(names, key=lambda name: not boots(name)))


def requested_capabilities(wanted: dict[str, Any], *, mandatory: bool = True) -> dict[str, dict[str, str]]:
    """Read target performance parameters by requested additional capability: of those without which nothing works.

    Or of the others: a VIM can be asked for a capability, and cannot be told that it may do without.
    """
    return {
        text(mapping(item).get("requested_additional_capability_name"), key): text_map(
            mapping(item).get("target_performance_parameters")
        )
        for key, item in wanted.items()
        if boolean(mapping(item).get("support_mandatory"), default=True) is mandatory
    }


def logical_nodes(value: Any) -> tuple[LogicalNode, ...]:
    """Read what is asked of the hypervisor's node."""
    return tuple(
        LogicalNode(id=name, requirements=text_map(mapping(data).get("logical_node_requirements")))
        for name, data in mapping(value).items()
    )


def cpu_pinning(value: Any) -> CpuPinning | None:
    """Read how processors are pinned, if they are."""
    data = mapping(value)
    if not data:
        return None
    return CpuPinning(
        policy=text(data.get("virtual_cpu_pinning_policy")), rules=texts(data.get("virtual_cpu_pinning_rule"))
    )


def huge_pages(value: Any) -> tuple[HugePages, ...]:
    """Read huge pages by their size."""
    return tuple(
        HugePages(
            page_bytes=size_bytes(mapping(item).get("hugepage_size")),
            size_bytes=size_bytes(mapping(item).get("requested_size")),
        )
        for item in sequence(value)
    )


def _late(value: Any) -> str | dict[str, Any]:
    """A text, or the call that will give it: boot data is put together when its VNFC is made."""
    call = mapping(value)
    return plain(call) if len(call) == 1 and next(iter(call)) in FUNCTIONS else text(value)


def _late_map(value: Any) -> dict[str, str | dict[str, Any]]:
    return {str(key): _late(item) for key, item in mapping(value).items()}


def _boot_artifact(node: Node, content: dict[str, Any], files: PackageFiles, reporter: Reporter) -> Artifact | None:
    """Return the file that holds the boot data: the property names it, or an artifact of that name is it."""
    source = text(content.get("source_path")) or text(node.artifacts.get("boot_data", {}).get("file"))
    return files.artifact("boot_data", source, "tosca.artifacts.File", reporter) if source else None


def _vim_properties(boot: dict[str, Any]) -> dict[str, dict[str, str]]:
    data = mapping(boot.get("vim_specific_properties"))
    return {text(data.get("vim_type")): text_map(data.get("properties"))} if data else {}
