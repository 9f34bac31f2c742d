"""Findings about parts of VNFs and network services that do not meet."""

from provocation import MARK, Provocation, changed, document, vnfd

NSD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_nsd_types.yaml ]
topology_template:
  node_templates:
    edge:
      type: tosca.nodes.nfv.NS
      properties: { descriptor_id: edge-1, designer: Acme, version: "1", name: Edge, invariant_id: e, flavour_id: f }
    router:
      type: tosca.nodes.nfv.VNF
      properties:
        descriptor_id: router-1
        provider: Acme
        product_name: Router
        software_version: "1"
        descriptor_version: "1"
        flavour_id: small
        flavour_description: small
        vnfm_info: [ mano ]
      requirements:
        - virtual_link: lan
    lan:
      type: tosca.nodes.nfv.NsVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          max_bitrate_requirements: { root: 1000 }
          min_bitrate_requirements: { root: 100 }
    door:
      type: tosca.nodes.nfv.Sap
      properties: { layer_protocols: [ ipv4 ] }
      requirements:
        - internal_virtual_link: lan
    path:
      type: tosca.nodes.nfv.NFP
      requirements:
        - nfp_position: stop
    stop:
      type: tosca.nodes.nfv.NfpPosition
      requirements:
        - element: through
    through:
      type: tosca.nodes.nfv.NfpPositionElement
      requirements:
        - profile_element: router
  groups:
    chain:
      type: tosca.groups.nfv.VNFFG
      properties: { description: all of it }
      members: [ path, router, lan ]
"""

_UNIT = """\
    {mark}pod:
      type: tosca.nodes.nfv.Vdu.OsContainerDeployableUnit
      properties:
        name: pod
        description: pod
        mcio_identification_data: {{ name: pod, type: Deployment }}
        vdu_profile: {{ min_number_of_instances: 1, max_number_of_instances: 1 }}
{more}    inner:
"""
_BOX = """\
      requirements: [ container: box ]
    box:
      type: tosca.nodes.nfv.Vdu.OsContainer
      properties: { name: box, description: box }
"""
_CHART = f"""\
    {MARK}chart:
      type: tosca.nodes.nfv.Mciop
    inner:
"""
_SUB = f"""\
    {MARK}sub:
      type: tosca.nodes.nfv.VduSubCp
      properties: {{ layer_protocols: [ ipv4 ], segmentation_id: 5 }}
      requirements:
        - trunk_binding: inside
        - virtual_link: inner
    outer:
"""
_BITRATES = """\
    - rates:
        type: tosca.policies.nfv.VirtualLinkBitrateScalingAspectDeltas
        properties:
          aspect: width
          deltas:
            one: { bitrate_requirements: { root: 10 } }
            two: { bitrate_requirements: { root: 10 } }
        targets: [ inner ]
    - sizes:"""
_CHANGE = f"""\
    - {MARK}next:
        type: tosca.policies.nfv.VnfPackageChange
        properties:
          selector:
            - source_descriptor_id: router-0
              destination_descriptor_id: router-1
              source_flavour_id: small
          modification_qualifier: up
          destination_flavour_id: large
    - apart:
"""


def service(code: str, *changes: tuple[str, str]) -> Provocation:
    """The whole NSD with changes."""
    return document(code, changed(NSD, *changes))


_ITSELF = NSD[NSD.index("    edge:\n") : NSD.index("    router:\n")]
MODEL = (
    service(
        "sol001-identity-in-metadata",
        ("topology_template:", f"metadata:\n  {MARK}nsd_id: edge-1\ntopology_template:"),
        (_ITSELF, ""),
    ),
    vnfd("sol001-not-deployed", ("    inner:\n", _UNIT.format(mark=MARK, more=_BOX))),
    vnfd(
        "sol001-not-requested",
        ("    worker:\n", f"    {MARK}worker:\n"),
        ("num_virtual_cpu: { get_input: cpus }", "num_virtual_cpu: 2, virtual_cpu_clock: 2.4 GHz"),
    ),
    vnfd(
        "sol001-unused-part",
        ("    disk:\n", f"    {MARK}disk:\n"),
        ("        - virtual_storage: disk\n", "        []\n"),
    ),
    vnfd("sol001-empty-unit", ("    inner:\n", _UNIT.format(mark=MARK, more=""))),
    vnfd("sol001-no-chart", ("    inner:\n", _CHART)),
    vnfd("sol001-order-twice", ("ipv4 ], order: 1 }", f"ipv4 ], {MARK}order: 0 }}")),
    vnfd("sol001-no-trunk", ("    outer:\n", _SUB)),
    vnfd(
        "sol001-wrong-target",
        (
            "        properties: { scope: nfvi_node }\n        targets: [ worker ]",
            f"        properties: {{ scope: nfvi_node }}\n        {MARK}targets: [ worker, disk ]",
        ),
    ),
    vnfd(
        "sol001-delta-missing",
        ("step_deltas: [ one ]", "step_deltas: [ one, two ]"),
        ("          deltas:\n", f"          {MARK}deltas:\n"),
        (
            "    - sizes:",
            _BITRATES,
        ),
    ),
    vnfd("sol001-unknown-reference", ("    - apart:\n", _CHANGE)),
    service(
        "sol001-sap-nowhere",
        ("    door:\n", f"    {MARK}door:\n"),
        ("        - internal_virtual_link: lan\n", "        []\n"),
    ),
    service(
        "sol001-path-broken", ("    path:\n", f"    {MARK}path:\n"), ("        - nfp_position: stop\n", "        []\n")
    ),
    service(
        "sol001-path-leaves-graph", ("      members: [ path, router, lan ]", f"      {MARK}members: [ path, lan ]")
    ),
)
