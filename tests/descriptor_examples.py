"""A PNFD, as one file and as an archive, and network services that name it or each other."""

from __future__ import annotations

from example_packages import SERVICE, files_of, packed, sealed

PNFD_ID = "9b1c1f0e-6c0d-4d0b-8d5e-0f6f3a0c7e21"
NSD_ID = "4f2f8a3e-9c57-4c1d-8f0e-1d6a0f5b9e10"
"""Of the example service."""
OUTER_ID = "a0a6d6c0-0d0f-4a55-9a43-2f2f3d1f7b77"
_NSD = "Definitions/sd_wan_edge.yaml"
_VNFD_TYPES = "  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_nsd_types.yaml\n"
_PNFD_TYPES = "  - https://forge.etsi.org/rep/nfv/SOL001/raw/v3.6.1/etsi_nfv_sol001_pnfd_types.yaml\n"
_PROPERTIES = f"""\
        descriptor_id: {PNFD_ID}
        descriptor_invariant_id: 3d8f5f0a-7b9e-4c63-a4b5-6f7e8d9c0a1b
        function_description: forwards packets
        provider: Example Networks
        name: SD-WAN uplink
        version: "1.0.0"
"""

PNFD = f"""\
tosca_definitions_version: tosca_simple_yaml_1_3
imports:
{_PNFD_TYPES}topology_template:
  substitution_mappings:
    node_type: tosca.nodes.nfv.PNF
    requirements:
      virtual_link: [ front, external_virtual_link ]
  node_templates:
    uplink:
      type: tosca.nodes.nfv.PNF
      properties:
{_PROPERTIES}    front:
      type: tosca.nodes.nfv.PnfExtCp
      properties: {{ layer_protocols: [ ipv4 ], role: leaf }}
"""


def pnfd_archive() -> bytes:
    """Return the PNFD in an archive, with a manifest and a picture of the device."""
    manifest = (
        "metadata:\n  pnfd_name: SD-WAN uplink\n  pnfd_provider: Example Networks\n  pnfd_archive_version: 1.0.0\n"
        "  pnfd_release_date_time: 2026-11-01T00:00:00+00:00\n\n"
        + "\n\n".join(f"Source: {path}\nAlgorithm: SHA-256\nHash: 0" for path in ("uplink.yaml", "Files/front.txt"))
        + "\n"
    )
    files = {"uplink.yaml": PNFD.encode(), "uplink.mf": manifest.encode(), "Files/front.txt": b"[o  o]\n"}
    return packed(sealed(files))


def service_with_pnf() -> bytes:
    """Return the example service with a PNF in it."""
    files = files_of(SERVICE)
    text = files[_NSD].decode().replace(_VNFD_TYPES, _VNFD_TYPES + _PNFD_TYPES)
    node = f"    uplink:\n      type: tosca.nodes.nfv.PNF\n      properties:\n{_PROPERTIES}\n"
    return packed(sealed(files | {_NSD: text.replace("  node_templates:\n", f"  node_templates:\n{node}", 1).encode()}))


def outer_service() -> bytes:
    """Return a network service around the example service, in one archive without metadata."""
    return packed({"outer.yaml": _OUTER.encode()})


_OUTER = f"""\
tosca_definitions_version: tosca_simple_yaml_1_3
imports:
{_VNFD_TYPES}topology_template:
  substitution_mappings:
    node_type: tosca.nodes.nfv.NS
  node_templates:
    outer:
      type: tosca.nodes.nfv.NS
      properties:
        descriptor_id: {OUTER_ID}
        designer: Example Networks
        version: "1.0.0"
        name: Two in one
        invariant_id: 6f0b8f7d-1e2d-4c3b-8a59-687f6e5d4c3b
        flavour_id: default
        ns_profile:
          flavour_id: default
          ns_instantiation_level: default
          min_number_of_instances: 1
          max_number_of_instances: 1
      interfaces: {{ Nslcm: {{ type: tosca.interfaces.nfv.Nslcm }} }}
    edge:
      type: tosca.nodes.nfv.NS
      properties:
        descriptor_id: {NSD_ID}
        designer: Example Networks
        version: "1.0.0"
        name: SD-WAN edge
        invariant_id: 5a7c9e1f-3b5d-4f70-92b4-d6f8a0c2e4f6
        flavour_id: default
        ns_profile:
          flavour_id: default
          ns_instantiation_level: branch
          min_number_of_instances: 1
          max_number_of_instances: 1
"""
