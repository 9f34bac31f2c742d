import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from descriptors.onboarding import Onboarded, read_package

VNFD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_vnfd_types.yaml ]
topology_template:
  node_templates:
    vnf:
      type: tosca.nodes.nfv.VNF
      properties:
        descriptor_id: 11111111-1111-4111-8111-111111111111
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
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 4 }
        sw_image_data:
          name: cirros
          version: "0.5.2"
          checksum: { algorithm: sha-256, hash: 00ff }
          container_format: bare
          disk_format: qcow2
          min_disk: 1 GB
          size: 1 GB
      capabilities:
        virtual_compute:
          properties:
            virtual_cpu: { num_virtual_cpu: 2 }
            virtual_memory: { virtual_mem_size: 1 GiB }
    inside:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          max_bitrate_requirements: { root: 1000 }
          min_bitrate_requirements: { root: 100 }
    port_in:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ], order: 0 }
      requirements:
        - virtual_binding: worker
        - virtual_link: inside
    port_out:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ], order: 1 }
      requirements:
        - virtual_binding: worker
"""
"""A whole VNFD with nothing wrong in it but the image, which is not carried."""


def indented(text: str, spaces: int) -> str:
    return textwrap.indent(textwrap.dedent(text), " " * spaces)


@pytest.fixture
def vnfd_text() -> str:
    return VNFD


@pytest.fixture
def package(tmp_path: Path) -> Callable[..., Path]:
    """Write a zip of these files; a str is text."""

    def write(files: dict[str, str | bytes], name: str = "package.csar") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in files.items():
                archive.writestr(member, content)
        return path

    return write


@pytest.fixture
def read_text(tmp_path: Path) -> Callable[..., Onboarded]:
    """Read one YAML document as a package."""

    def read(text: str) -> Onboarded:
        path = tmp_path / "vnfd.yaml"
        path.write_text(text)
        return read_package(path)

    return read


@pytest.fixture
def finding() -> Callable[..., object]:
    """The one finding with a code."""

    def find(onboarded: Onboarded, code: str) -> object:
        found = [diagnostic for diagnostic in onboarded.diagnostics if diagnostic.code == code]
        assert found, f"no {code} among {[str(diagnostic) for diagnostic in onboarded.diagnostics]}"
        return found[0]

    return find
