"""Findings about VNFDs and NSDs, in SOL001 and in the language of SONATA."""

from provocation import IMPORT, MARK, TYPES, VNFD, Provocation, changed, document, vnfd
from provoked_model import MODEL

FUNCTION = """\
descriptor_schema: "https://example.org/vnfd-schema.yml"
vendor: acme
name: proxy
version: "1"
virtual_deployment_units:
  - id: front
    vm_image: front
    resource_requirements: { cpu: { vcpus: 2 }, memory: { size: 4 } }
    connection_points: [ { id: mgmt } ]
virtual_links:
  - { id: lan, connectivity_type: E-LAN, connection_points_reference: [ "front:mgmt" ] }
"""
SERVICE = """\
descriptor_schema: "https://example.org/nsd-schema.yml"
vendor: acme
name: web
version: "1"
network_functions:
  - { vnf_id: front, vnf_vendor: acme, vnf_name: proxy, vnf_version: "1" }
"""


def function(code: str, *changes: tuple[str, str], **more: object) -> Provocation:
    """The 5GTANGO function with changes."""
    return Provocation(code, {"vnfd.yaml": changed(FUNCTION, *changes)}, **more)


def project(code: str, text: str) -> Provocation:
    """A project with a 5GTANGO function and a service."""
    return Provocation(code, {"project.yml": text, "proxy.yml": FUNCTION, "web.yml": SERVICE})


_NO_TARGETS = "initial_delta: { number_of_instances: 1 }\n        targets: []"
_FILES = f"""\
    {MARK}files:
      type: tosca.nodes.nfv.Vdu.VirtualFileStorage
      properties:
        virtual_file_storage_data: {{ size_of_storage: 1 GiB, file_system_protocol: nfs }}
    inner:
"""

SOL001 = (
    document("sol001-not-nfv", TYPES, file="vnfd.yaml", line=1)._replace(expect="vnfd"),
    vnfd("sol001-other-kind")._replace(file="vnfd.yaml", line=1, expect="nsd"),
    vnfd("sol001-missing-identity", ("    vnf:\n", f"    {MARK}vnf:\n"), ("        product_name: Router\n", "")),
    Provocation(
        "sol001-no-flavour",
        {
            "vnfd.yaml": VNFD.split("    worker:\n", maxsplit=1)[0]
            .replace("    vnf:\n", f"    {MARK}vnf:\n")
            .replace("    requirements:\n      virtual_link: [ outer, virtual_link ]\n", "")
        },
    ),
    vnfd(
        "sol001-flavour-twice",
        IMPORT,
        types=VNFD.replace("  - etsi_nfv_sol001_vnfd_types.yaml\n", "")
        .replace("imports:\n", "")
        .replace("  substitution_mappings:", f"  {MARK}substitution_mappings:"),
    ),
    vnfd(
        "sol001-flavour-missing",
        IMPORT,
        ("    node_type: tosca.nodes.nfv.VNF\n", "    node_type: acme.Router\n"),
        ("    vnf:\n      type: tosca.nodes.nfv.VNF\n", f"    {MARK}vnf:\n      type: acme.Router\n"),
        types=f"{TYPES}node_types:\n  acme.Router:\n    derived_from: tosca.nodes.nfv.VNF\n    properties:\n"
        "      flavour_id: { type: string, constraints: [ valid_values: [ small, large ] ] }\n",
    ),
    vnfd(
        "sol001-profile-bounds",
        (
            "        vdu_profile:\n          min_number_of_instances: 1",
            f"        {MARK}vdu_profile:\n          min_number_of_instances: 9",
        ),
    ),
    vnfd(
        "sol001-level-outside-profile",
        ("        vdu_profile:\n", f"        {MARK}vdu_profile:\n"),
        ("least: { number_of_instances: 1 }", "least: { number_of_instances: 5 }"),
    ),
    vnfd(
        "sol001-level-sums-differ",
        ("    worker:\n", f"    {MARK}worker:\n"),
        ("most: { number_of_instances: 3 }", "most: { number_of_instances: 2 }"),
    ),
    vnfd("sol001-level-too-high", ("{ width: { scale_level: 2 } }", f"{{ {MARK}width: {{ scale_level: 3 }} }}")),
    vnfd(
        "sol001-initial-outside-profile",
        ("        vdu_profile:\n", f"        {MARK}vdu_profile:\n"),
        ("initial_delta: { number_of_instances: 1 }", "initial_delta: { number_of_instances: 5 }"),
    ),
    vnfd(
        "sol001-scaling-beyond-profile",
        ("        vdu_profile:\n", f"        {MARK}vdu_profile:\n"),
        ("max_scale_level: 2", "max_scale_level: 9"),
    ),
    vnfd(
        "sol001-no-initial-delta",
        ("        vdu_profile:\n", f"        {MARK}vdu_profile:\n"),
        ("initial_delta: { number_of_instances: 1 }\n        targets: [ worker ]", _NO_TARGETS),
    ),
    vnfd(
        "sol001-steps-missing",
        ("width: { name: width", f"{MARK}width: {{ name: width"),
        ("step_deltas: [ one ]", "step_deltas: []"),
        (
            "            one: { number_of_instances: 1 }",
            "            one: { number_of_instances: 1 }\n            two: { number_of_instances: 1 }",
        ),
    ),
    vnfd(
        "sol001-unknown-delta",
        ("width: { name: width", f"{MARK}width: {{ name: width"),
        ("step_deltas: [ one ]", "step_deltas: [ two ]"),
    ),
    vnfd("sol001-unknown-aspect", ("          aspect: width", f"          {MARK}aspect: height")),
    vnfd("sol001-unknown-level", ("          default_level: least", f"          {MARK}default_level: last")),
    vnfd("sol001-no-default-level", ("    - sizes:", f"    - {MARK}sizes:"), ("          default_level: least\n", "")),
    vnfd(
        "sol001-unbound-connection-point",
        ("    outer:\n", f"    {MARK}outer:\n"),
        ("order: 1 }\n      requirements:\n        - virtual_binding: worker\n", "order: 1 }\n"),
    ),
    vnfd(
        "sol001-unexposed-connection-point",
        ("    inside:\n", f"    {MARK}inside:\n"),
        ("        - virtual_link: inner\n", ""),
    ),
    vnfd(
        "sol001-mapped-twice",
        (
            "      virtual_link: [ outer, virtual_link ]\n",
            f"      - virtual_link: [ outer, virtual_link ]\n      - {MARK}virtual_link: [ outer, virtual_link ]\n",
        ),
    ),
    vnfd("sol001-mapped-inside", ("      virtual_link: [ outer,", f"      {MARK}virtual_link: [ inside,")),
    vnfd(
        "sol001-rule-without-targets",
        ("    - apart:", f"    - {MARK}apart:"),
        ("properties: { scope: nfvi_node }\n        targets: [ worker ]", "properties: { scope: nfvi_node }"),
    ),
    vnfd(
        "sol001-vdu-without-size",
        ("    worker:\n", f"    {MARK}worker:\n"),
        (VNFD[VNFD.index("      capabilities:\n") : VNFD.index("      requirements:\n        - virtual_storage")], ""),
    ),
    vnfd(
        "sol001-nothing-to-boot",
        ("    worker:\n", f"    {MARK}worker:\n"),
        ("      requirements:\n        - virtual_storage: disk\n", ""),
    ),
    vnfd(
        "sol001-storage-unreachable",
        ("    inner:\n", _FILES),
    ),
    *MODEL,
)

SONATA = (
    function("sonata-wrong-type", ("vcpus: 2", f"{MARK}vcpus: many")),
    function("sonata-unknown-reference", ("  - { id: lan", f"  - {MARK}{{ id: lan"), ('"front:mgmt"', '"front:eth9"')),
    project("sonata-no-descriptor", f"package: {{ name: web }}\n{MARK}files: []\n"),
    project(
        "sonata-other-descriptor",
        "package: { name: web }\nfiles:\n  - { path: web.yml, type: application/vnd.5gtango.nsd }\n"
        f"  - {MARK}{{ path: proxy.yml, type: application/vnd.5gtango.vnfd }}\n",
    ),
)
