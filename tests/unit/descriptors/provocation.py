"""A package that provokes a finding, and the place that it must be found at.

``§`` stands before what a finding is about: it is taken out before the package is read, and its line and column are
what the finding must name. Without one the finding is about the whole file, or about a line of a file that is no YAML.
The reference's pages are made from these packages: see ``diagnostic_pages.py``.
"""

import io
import zipfile
from typing import NamedTuple

from descriptors.limits import Limits

MARK = "§"
VNFD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports:
  - etsi_nfv_sol001_vnfd_types.yaml
topology_template:
  inputs:
    cpus: { type: integer, default: 2 }
  substitution_mappings:
    node_type: tosca.nodes.nfv.VNF
    requirements:
      virtual_link: [ outer, virtual_link ]
  node_templates:
    vnf:
      type: tosca.nodes.nfv.VNF
      properties:
        descriptor_id: router-1
        provider: Acme
        product_name: Router
        software_version: "1.0"
        descriptor_version: "1.0"
        flavour_id: small
        flavour_description: A small one
        vnfm_info: [ "1:mano" ]
    worker:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: worker
        description: forwards
        vdu_profile:
          min_number_of_instances: 1
          max_number_of_instances: 4
        boot_order: false
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu: { num_virtual_cpu: { get_input: cpus } }
            virtual_memory: { virtual_mem_size: 1 GiB }
      requirements:
        - virtual_storage: disk
    disk:
      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage
      properties:
        virtual_block_storage_data: { size_of_storage: 1 GiB, rdma_enabled: false }
        sw_image_data:
          name: cirros
          version: "0.5.2"
          checksum: { algorithm: sha-256, hash: 00ff }
          container_format: bare
          disk_format: qcow2
          min_disk: 1 GiB
          size: 1 GiB
      artifacts:
        sw_image:
          type: tosca.artifacts.nfv.SwImage
          file: disk.img
    inner:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          max_bitrate_requirements: { root: 1000 }
          min_bitrate_requirements: { root: 100 }
    inside:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ], order: 0 }
      requirements:
        - virtual_binding: worker
        - virtual_link: inner
    outer:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ], order: 1 }
      requirements:
        - virtual_binding: worker
  groups:
    workers:
      type: tosca.groups.nfv.PlacementGroup
      properties: { description: All of them }
      members: [ worker ]
  policies:
    - aspects:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            width: { name: width, description: wider, max_scale_level: 2, step_deltas: [ one ] }
    - first:
        type: tosca.policies.nfv.VduInitialDelta
        properties:
          initial_delta: { number_of_instances: 1 }
        targets: [ worker ]
    - steps:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        properties:
          aspect: width
          deltas:
            one: { number_of_instances: 1 }
        targets: [ worker ]
    - sizes:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          levels:
            least: { description: one, scale_info: { width: { scale_level: 0 } } }
            most: { description: three, scale_info: { width: { scale_level: 2 } } }
          default_level: least
    - numbers:
        type: tosca.policies.nfv.VduInstantiationLevels
        properties:
          levels:
            least: { number_of_instances: 1 }
            most: { number_of_instances: 3 }
        targets: [ worker ]
    - apart:
        type: tosca.policies.nfv.AntiAffinityRule
        properties: { scope: nfvi_node }
        targets: [ worker ]
"""
"""A whole VNFD with nothing wrong in it, provided that disk.img lies beside it."""

META = """\
TOSCA-Meta-File-Version: 1.0
CSAR-Version: 1.1
Created-By: Acme
Entry-Definitions: vnfd.yaml
ETSI-Entry-Manifest: vnfd.mf
"""
TYPES = "tosca_definitions_version: tosca_simple_yaml_1_3\n"


IMPORT = ("  - etsi_nfv_sol001_vnfd_types.yaml\n", "  - etsi_nfv_sol001_vnfd_types.yaml\n  - types.yaml\n")
"""A change that imports types.yaml as well."""


class Provocation(NamedTuple):
    """A package, and what must be found in it."""

    code: str
    files: dict[str, str]
    archive: bytes = b""
    """The package itself, where it is not made of ``files``."""
    file: str = ""
    """What the finding names, where nothing is marked."""
    line: int = 0
    limits: Limits = Limits()
    expect: str | None = None
    require: str = "optional"
    """The signatures that are asked for."""
    trusted: dict[str, bytes] = {}
    """The trust store."""

    @property
    def package(self) -> bytes:
        """The archive, without marks."""
        if self.archive:
            return self.archive
        return zipped({name: text.replace(MARK, "") for name, text in self.files.items()})

    @property
    def place(self) -> tuple[str, int, int]:
        """File, line and column of the finding; 0 for what it does not name."""
        for name, text in self.files.items():
            for number, line in enumerate(text.splitlines(), start=1):
                if MARK in line:
                    return name, number, line.index(MARK) + 1
        return self.file, self.line, 0


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of the files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return packed.getvalue()


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return the text with each of the changes made once."""
    for before, after in changes:
        assert before in text.replace(MARK, ""), before
        assert before in text, f"{before} holds a mark"
        text = text.replace(before, after, 1)
    return text


def vnfd(code: str, *changes: tuple[str, str], **files: str) -> Provocation:
    """The whole VNFD with changes, beside ``types`` and ``more`` that it may import."""
    others = {f"{name}.yaml": text for name, text in files.items()}
    meta = {"TOSCA-Metadata/TOSCA.meta": META.replace("ETSI-Entry-Manifest: vnfd.mf\n", "")}
    return Provocation(code, {**meta, "vnfd.yaml": changed(VNFD, *changes), "disk.img": "bits", **others})


def document(code: str, text: str, **more: object) -> Provocation:
    """One document."""
    return Provocation(code, {"vnfd.yaml": text}, **more)
