"""New packages to begin with: small, whole, and right in mode ``strict``."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from nfvo.cli.errors import InputError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]*")
_META = """\
TOSCA-Meta-File-Version: 1.0
CSAR-Version: 1.1
Created-By: $provider
Entry-Definitions: Definitions/$file.yaml
ETSI-Entry-Manifest: $file.mf
ETSI-Entry-Change-Log: Files/ChangeLog.txt
"""
_CHANGES = """\
$version
* The first version.
"""
_VNF_TYPES = """\
tosca_definitions_version: tosca_simple_yaml_1_3

description: $name as others see it; a network service carries a copy of this file

imports:
  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_vnfd_types.yaml

node_types:
  $type:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      descriptor_id:
        type: string
        constraints: [ valid_values: [ $id ] ]
        default: $id
      descriptor_version:
        type: string
        constraints: [ valid_values: [ '$version' ] ]
        default: '$version'
      provider:
        type: string
        constraints: [ valid_values: [ '$provider' ] ]
        default: '$provider'
      product_name:
        type: string
        constraints: [ valid_values: [ '$name' ] ]
        default: '$name'
      software_version:
        type: string
        constraints: [ valid_values: [ '$version' ] ]
        default: '$version'
      vnfm_info:
        type: list
        entry_schema:
          type: string
        default: [ 'etsivnfm:v3.6.1' ]
      flavour_id:
        type: string
        constraints: [ valid_values: [ default ] ]
        default: default
      flavour_description:
        type: string
        default: One to four workers
    requirements:
      - virtual_link_mgmt:
          capability: tosca.capabilities.nfv.VirtualLinkable
          relationship: tosca.relationships.nfv.VirtualLinksTo
          occurrences: [ 0, 1 ]
"""
_VNF = """\
tosca_definitions_version: tosca_simple_yaml_1_3

description: $name

imports:
  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_vnfd_types.yaml
  - ${file}_types.yaml

topology_template:
  substitution_mappings:
    node_type: $type
    requirements:
      virtual_link_mgmt: [ worker_mgmt, virtual_link ]

  node_templates:
    vnf:
      type: $type
      properties:
        flavour_id: default
        flavour_description: One to four workers

    worker:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: worker
        description: Does the work
        vdu_profile:
          min_number_of_instances: 1
          max_number_of_instances: 4
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu:
              num_virtual_cpu: 1
            virtual_memory:
              virtual_mem_size: 1 GiB
      requirements:
        - virtual_storage: worker_disk

    worker_disk:
      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage
      properties:
        virtual_block_storage_data:
          size_of_storage: 4 GiB
          rdma_enabled: false
      artifacts:
        # The image is looked up on the VIM by name and digest. To carry it, put it into Files and name it here.
        worker_image:
          type: tosca.artifacts.nfv.SwImage
          file: $image
          properties:
            name: cirros-0.5.2-x86_64-disk
            version: 0.5.2
            checksum:
              algorithm: sha-256
              hash: $image_hash
            container_format: bare
            disk_format: qcow2
            min_disk: 1 GiB
            size: 16300544 B

    worker_mgmt:
      type: tosca.nodes.nfv.VduCp
      properties:
        description: Where the worker is reached
        layer_protocols: [ ipv4 ]
        role: leaf
        order: 0
      requirements:
        - virtual_binding: worker

  policies:
    - scaling_aspects:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            workers:
              name: workers
              description: How many workers there are
              max_scale_level: 3
              step_deltas: [ one ]

    - worker_initial_delta:
        type: tosca.policies.nfv.VduInitialDelta
        targets: [ worker ]
        properties:
          initial_delta:
            number_of_instances: 1

    - worker_steps:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        targets: [ worker ]
        properties:
          aspect: workers
          deltas:
            one:
              number_of_instances: 1

    - instantiation_levels:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          levels:
            default:
              description: One worker
              scale_info:
                workers:
                  scale_level: 0
          default_level: default

    - worker_levels:
        type: tosca.policies.nfv.VduInstantiationLevels
        targets: [ worker ]
        properties:
          levels:
            default:
              number_of_instances: 1
"""
_VNF_MANIFEST = """\
metadata:
  vnf_product_name: $name
  vnf_provider_id: $provider
  vnf_package_version: $version
  vnf_release_date_time: $moment
  vnfd_id: $id
  vnf_software_version: $version
  compatible_specification_versions: 3.6.1
  vnfm_info: etsivnfm:v3.6.1

Source: $image
Algorithm: SHA-256
Hash: $image_hash
"""
_NS = """\
tosca_definitions_version: tosca_simple_yaml_1_3

description: $name

imports:
  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_nsd_types.yaml
  - constituents.yaml

node_types:
  $type:
    derived_from: tosca.nodes.nfv.NS
    properties:
      descriptor_id:
        type: string
        constraints: [ valid_values: [ $id ] ]
        default: $id
      designer:
        type: string
        constraints: [ valid_values: [ '$provider' ] ]
        default: '$provider'
      version:
        type: string
        constraints: [ valid_values: [ '$version' ] ]
        default: '$version'
      name:
        type: string
        constraints: [ valid_values: [ '$name' ] ]
        default: '$name'
      invariant_id:
        type: string
        constraints: [ valid_values: [ $invariant ] ]
        default: $invariant
      flavour_id:
        type: string
        constraints: [ valid_values: [ default ] ]
        default: default

topology_template:
  substitution_mappings:
    node_type: $type
    properties:
      flavour_id: default

  node_templates:
    service:
      type: $type
      properties:
        flavour_id: default

    function:
      type: ${type}Function
      properties:
        flavour_id: default
        vnf_profile:
          instantiation_level: default
          min_number_of_instances: 1
          max_number_of_instances: 3
      requirements:
        - virtual_link_mgmt: mgmt

    mgmt:
      type: tosca.nodes.nfv.NsVirtualLink
      properties:
        description: Where the service is operated from
        connectivity_type:
          layer_protocols: [ ipv4 ]
          flow_pattern: mesh
        vl_profile:
          max_bitrate_requirements:
            root: 1000000000
            leaf: 1000000000
          min_bitrate_requirements:
            root: 1000000
            leaf: 1000000
          virtual_link_protocol_data:
            - associated_layer_protocol: ipv4
              l3_protocol_data:
                name: mgmt
                ip_version: ipv4
                cidr: 192.168.10.0/24

    mgmt_access:
      type: tosca.nodes.nfv.Sap
      properties:
        description: Where the operator plugs in
        layer_protocols: [ ipv4 ]
        role: leaf
      requirements:
        - internal_virtual_link: mgmt

  policies:
    - ns_instantiation_levels:
        type: tosca.policies.nfv.NsInstantiationLevels
        properties:
          ns_levels:
            default:
              description: One instance of each function
          default_level: default

    - function_levels:
        type: tosca.policies.nfv.VnfToInstantiationLevelMapping
        targets: [ function ]
        properties:
          number_of_instances:
            default: 1
"""
_CONSTITUENTS = """\
tosca_definitions_version: tosca_simple_yaml_1_3

description: The VNFs that the service consists of, as their VNFDs describe them

imports:
  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_vnfd_types.yaml

node_types:
  # Write in the identity of your VNF, or carry the type file of its package instead.
  ${type}Function:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      descriptor_id:
        type: string
        default: $vnfd
      descriptor_version:
        type: string
        default: '$version'
      provider:
        type: string
        default: '$provider'
      product_name:
        type: string
        default: '$name function'
      software_version:
        type: string
        default: '$version'
      vnfm_info:
        type: list
        entry_schema:
          type: string
        default: [ 'etsivnfm:v3.6.1' ]
      flavour_id:
        type: string
        default: default
      flavour_description:
        type: string
        default: The only one
    requirements:
      - virtual_link_mgmt:
          capability: tosca.capabilities.nfv.VirtualLinkable
          relationship: tosca.relationships.nfv.VirtualLinksTo
          occurrences: [ 0, 1 ]
"""
_NS_MANIFEST = """\
metadata:
  nsd_name: $name
  nsd_designer: $provider
  nsd_file_structure_version: $version
  nsd_release_date_time: $moment
  nsd_invariant_id: $invariant
  compatible_specification_versions: 3.6.1
"""
_SHARED = {"TOSCA-Metadata/TOSCA.meta": _META, "Files/ChangeLog.txt": _CHANGES}
TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "vnf": {**_SHARED, "Definitions/$file.yaml": _VNF, "Definitions/${file}_types.yaml": _VNF_TYPES},
    "ns": {**_SHARED, "Definitions/$file.yaml": _NS, "Definitions/constituents.yaml": _CONSTITUENTS},
}
"""Files of a new package by their paths, both with placeholders."""
_MANIFESTS = {"vnf": _VNF_MANIFEST, "ns": _NS_MANIFEST}
_IMAGE = "https://download.cirros-cloud.net/0.5.2/cirros-0.5.2-x86_64-disk.img"
_IMAGE_HASH = "932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464"


def scaffold(kind: str, name: str, directory: Path, *, provider: str) -> list[Path]:
    """Write a new package of the kind (``vnf`` or ``ns``) into the directory; return its files.

    InputError when the name cannot be used in a descriptor, or the directory holds something already.
    """
    for what, value in (("name", name), ("provider", provider)):
        if not _NAME.fullmatch(value):
            raise InputError(
                f"Cannot use the {what}", repr(value), hint="Letters, digits, spaces, '.', '_' and '-', a letter first."
            )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InputError("The directory is not empty", str(directory))
    words = {
        "name": name,
        "provider": provider,
        "file": re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"),
        "type": f"{_joined(provider).lower()}.{_joined(name)}",
        "version": "1.0.0",
        "moment": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": str(uuid.uuid4()),
        "invariant": str(uuid.uuid4()),
        "vnfd": str(uuid.uuid4()),
        "image": _IMAGE,
        "image_hash": _IMAGE_HASH,
    }
    contents = {_filled(path, words): _filled(text, words) for path, text in TEMPLATES[kind].items()}
    manifest = _filled(_MANIFESTS[kind], words) + "".join(
        f"\nSource: {path}\nAlgorithm: SHA-256\nHash: {hashlib.sha256(text.encode()).hexdigest()}\n"
        for path, text in sorted(contents.items())
    )
    contents[f"{words['file']}.mf"] = manifest
    written = []
    for path, text in contents.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        written.append(file)
    return written


def _filled(text: str, words: Mapping[str, str]) -> str:
    return Template(text).substitute(words)


def _joined(name: str) -> str:
    """Return a name as part of a type's name: ``edge router`` is ``EdgeRouter``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))
