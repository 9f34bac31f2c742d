"""Findings about YAML and TOSCA."""

from provocation import IMPORT, MARK, TYPES, VNFD, document, vnfd

from descriptors.limits import Limits

_WORKER = "    worker:\n      type: tosca.nodes.nfv.Vdu.Compute\n"
_RELEASE_2 = ("  - etsi_nfv_sol001", "  - v2.5.1/etsi_nfv_sol001")


def _many_types() -> str:
    """A type with many properties, and so many that inherit them all."""
    properties = "".join(f"      p{number}: {{ type: string }}\n" for number in range(5_000))
    heirs = "".join(f"  t{number}: {{ derived_from: t }}\n" for number in range(100))
    return (
        f"{TYPES}node_types:\n  t:\n    derived_from: tosca.nodes.Root\n    properties:\n{properties}{heirs}"
    ).replace("  t99:", f"  {MARK}t99:")


YAML = (
    document("yaml-syntax", f"tosca_definitions_version: tosca_simple_yaml_1_3\nimports: [ a, b\nnode_types{MARK}:\n"),
    document("yaml-limit", f"a: [ [ {MARK}[ 1 ] ] ]\n", limits=Limits(depth=3)),
    vnfd(
        "yaml-duplicate-key",
        ("        provider: Acme\n", f"        provider: Acme\n        {MARK}provider: Acme Networks\n"),
    ),
    document("yaml-many-documents", f"{VNFD}{MARK}---\nmore: 1\n"),
)

TOSCA = (
    document("tosca-not-a-template", f"{MARK}- just\n- a list\n"),
    document("tosca-no-version", f"{MARK}topology_template: {{}}\n"),
    document("tosca-unknown-version", f"{MARK}tosca_definitions_version: cloudify_dsl_1_3\n"),
    vnfd("tosca-wrong-type", ("{ num_virtual_cpu: { get_input: cpus } }", f"{{ {MARK}num_virtual_cpu: two }}")),
    vnfd("tosca-constraint", ("order: 0", f"{MARK}order: -1")),
    vnfd(
        "tosca-missing-property",
        ("            virtual_cpu: { num_virtual_cpu: { get_input: cpus } }", f"            {MARK}virtual_cpu: {{}}"),
    ),
    vnfd("tosca-missing-type", ("    inner:\n      type: tosca.nodes.nfv.VnfVirtualLink\n", f"    {MARK}inner:\n")),
    vnfd("tosca-unknown-type", ("type: tosca.nodes.nfv.VnfVirtualLink", f"{MARK}type: tosca.nodes.nfv.VnfVirtualLinc")),
    vnfd(
        "tosca-type-cycle",
        IMPORT,
        types=f"{TYPES}node_types:\n  a: {{ {MARK}derived_from: b }}\n  b: {{ derived_from: a }}\n",
    ),
    vnfd("tosca-too-many-types", IMPORT, types=_many_types()),
    vnfd(
        "tosca-type-redefined",
        ("imports:\n", "imports:\n  - types.yaml\n  - more.yaml\n"),
        types=f"{TYPES}node_types:\n  {MARK}a: {{ derived_from: tosca.nodes.Root }}\n",
        more=f"{TYPES}node_types:\n  a: {{ derived_from: tosca.nodes.nfv.VNF }}\n",
    ),
    vnfd(
        "tosca-type-of-other-release",
        _RELEASE_2,
        ("    outer:\n", f"    shared:\n      {MARK}type: tosca.nodes.nfv.VipCp\n    outer:\n"),
    ),
    vnfd(
        "tosca-type-spelling", ("type: tosca.nodes.nfv.VnfVirtualLink", f"{MARK}type: tosca.nodes.nfv.VNFVirtualLink")
    ),
    vnfd(
        "tosca-property-of-other-release",
        _RELEASE_2,
        ("        connectivity_type:", f"        {MARK}externally_managed: true\n        connectivity_type:"),
    ),
    vnfd(
        "tosca-mixed-releases",
        ("imports:\n", f"{MARK}imports:\n  - v2.5.1/etsi_nfv_sol001_common_types.yaml\n"),
        ("  - etsi_nfv", "  - v3.6.1/etsi_nfv"),
    ),
    vnfd("tosca-import-missing", ("  - etsi_nfv_sol001_vnfd_types.yaml\n", f"  - {MARK}acme_types.yaml\n")),
    vnfd(
        "tosca-import-cycle",
        IMPORT,
        types=f"{TYPES}imports:\n  - {MARK}vnfd.yaml\n",
    ),
    vnfd("tosca-too-many-imports", IMPORT, types=TYPES)._replace(file="types.yaml", limits=Limits(documents=1)),
    vnfd("tosca-empty-import", ("imports:\n", f"imports:\n  - {MARK}file:\n")),
    vnfd("tosca-unknown-input", ("provider: Acme", f"{MARK}provider: {{ get_input: who }}")),
    vnfd("tosca-unknown-target", ("- virtual_link: inner", f"- {MARK}virtual_link: inward")),
    vnfd(
        "tosca-unknown-requirement",
        ("- virtual_storage: disk", f"- virtual_storage: disk\n        - {MARK}cooling: disk"),
    ),
    vnfd(
        "tosca-unknown-capability",
        ("      capabilities:\n", f"      capabilities:\n        {MARK}virtual_computer: {{}}\n"),
    ),
    vnfd("tosca-unknown-property", ("description: forwards", f"{MARK}descripton: forwards")),
    vnfd(
        "tosca-unknown-key",
        (
            "properties: { scope: nfvi_node }\n        targets:",
            f"properties: {{ scope: nfvi_node }}\n        {MARK}tagets:",
        ),
    ),
    vnfd(
        "tosca-unknown-artifact-type",
        (
            "      requirements:\n",
            f"      artifacts:\n        {MARK}tool: {{ type: acme.Tool, file: disk.img }}\n      requirements:\n",
        ),
    ),
    vnfd(
        "tosca-misplaced-section",
        ("  groups:\n", f"{MARK}groups:\n"),
        ("  policies:\n    - aspects", "policies:\n    - aspects"),
    ),
    vnfd(
        "tosca-extra-level",
        ("{ num_virtual_cpu: { get_input: cpus } }", f"{{ {MARK}properties: {{ num_virtual_cpu: 2 }} }}"),
    ),
    vnfd(
        "tosca-map-for-list",
        (
            "      requirements:\n        - virtual_binding: worker\n        - virtual_link: inner",
            f"      {MARK}requirements:\n        virtual_binding: worker\n        virtual_link: inner",
        ),
    ),
    vnfd("tosca-empty-mapping", ("      virtual_link: [ outer, virtual_link ]", f"      {MARK}virtual_link: []")),
    vnfd("tosca-number-as-text", ('descriptor_version: "1.0"', f"{MARK}descriptor_version: 1.0")),
    vnfd("tosca-text-as-number", ("order: 0", f'{MARK}order: "0"')),
    vnfd("tosca-text-as-boolean", ("boot_order: false", f"{MARK}boot_order: no")),
    vnfd(
        "tosca-text-as-range",
        IMPORT,
        (_WORKER, _WORKER.replace("tosca.nodes.nfv.Vdu.Compute", "acme.Vdu")),
        ("        boot_order: false", f"        {MARK}ports: 1 - 4"),
        types=f"{TYPES}node_types:\n  acme.Vdu:\n    derived_from: tosca.nodes.nfv.Vdu.Compute\n"
        "    properties:\n      ports: { type: range }\n",
    ),
    vnfd("tosca-value-spelling", ("disk_format: qcow2", f"{MARK}disk_format: QCOW2")),
    vnfd("tosca-value-not-listed", ("disk_format: qcow2", f"{MARK}disk_format: qcow9")),
)

_MUCH = "x" * 50_000

FUNCTIONS = (
    vnfd("tosca-function-arguments", ("description: forwards", f'{MARK}description: {{ token: [ "a.b", "." ] }}')),
    vnfd("tosca-function-target", ("description: forwards", f"{MARK}description: {{ get_property: [ vnf, colour ] }}")),
    vnfd(
        "tosca-function-cycle",
        ("provider: Acme", f"{MARK}provider: {{ get_property: [ SELF, product_name ] }}"),
        ("product_name: Router", "product_name: { get_property: [ SELF, provider ] }"),
    ),
    vnfd(
        "tosca-function-too-large",
        ("  inputs:\n", f"  inputs:\n    much: {{ type: string, default: {_MUCH} }}\n"),
        ("description: forwards", f"{MARK}description: {{ concat: [ {', '.join(['{ get_input: much }'] * 300)} ] }}"),
    ),
)
