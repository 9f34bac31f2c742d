import pytest

from descriptors.onboarding import read_package

POLICIES = """\
  groups:
    together:
      type: tosca.groups.nfv.PlacementGroup
      properties: { description: all of them }
      members: [ worker ]
  policies:
    - aspects:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            load: { name: load, description: by load, max_scale_level: 3, step_deltas: [ one ] }
    - start:
        type: tosca.policies.nfv.VduInitialDelta
        properties: { initial_delta: { number_of_instances: 1 } }
        targets: [ worker ]
    - steps:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        properties: { aspect: load, deltas: { one: { number_of_instances: 1 }, two: { number_of_instances: 2 } } }
        targets: [ worker ]
    - levels:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          default_level: least
          levels:
            least: { description: least, scale_info: { load: { scale_level: 0 } } }
            most: { description: most, scale_info: { load: { scale_level: 3 } } }
    - counts:
        type: tosca.policies.nfv.VduInstantiationLevels
        properties: { levels: { least: { number_of_instances: 1 }, most: { number_of_instances: 4 } } }
        targets: [ worker ]
    - apart:
        type: tosca.policies.nfv.AntiAffinityRule
        properties: { scope: nfvi_node }
        targets: [ together ]
    - web:
        type: tosca.policies.nfv.SecurityGroupRule
        properties: { port_range_min: 80, port_range_max: 80 }
        targets: [ port_out ]
"""


@pytest.fixture
def scaling_text(vnfd_text):
    return vnfd_text + POLICIES


def flavour_of(onboarded, name="small"):
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.vnfd.flavours[name]


def test_what_a_vnf_is_made_of(read_text, vnfd_text):
    """VDUs, links and connection points arrive with their sizes in plain units."""
    onboarded = read_text(vnfd_text)
    vnfd = onboarded.vnfd
    assert vnfd is not None
    assert (vnfd.id, vnfd.provider, vnfd.product_name) == ("11111111-1111-4111-8111-111111111111", "Acme", "Router")
    assert (vnfd.default_flavour, vnfd.vnfm_info) == ("small", ("1:mano",))
    flavour = vnfd.flavours["small"]
    worker = flavour.vdus["worker"]
    assert (worker.vcpus, worker.memory_bytes, worker.min_instances, worker.max_instances) == (2, 2**30, 1, 4)
    assert worker.image is not None
    assert (worker.image.id, worker.image.name, worker.image.checksum, worker.image.min_disk_bytes) == (
        "worker", "cirros", "00ff", 10**9,
    )  # fmt: skip
    assert flavour.connection_points["port_in"].internal_link == "inside"
    assert flavour.connection_points["port_out"].order == 1
    assert flavour.virtual_links["inside"].max_bitrate_root == 1000


def test_the_only_open_connection_point_is_the_way_in(read_text, vnfd_text):
    """Without a substitution mapping a lone connection point takes the VNF's requirement virtual_link."""
    external = flavour_of(read_text(vnfd_text)).external_connection_points
    assert [(point.id, point.connection_point, point.requirement) for point in external.values()] == [
        ("port_out", "port_out", "virtual_link")
    ]


def test_mapped_connection_points_have_the_requirements_name(read_text, vnfd_text, finding):
    """The substitution mapping names them; a requirement that is mapped twice is numbered."""
    text = vnfd_text.replace(
        "topology_template:\n",
        "topology_template:\n  substitution_mappings:\n    node_type: tosca.nodes.nfv.VNF\n    requirements:\n"
        "      - virtual_link: [ port_out, virtual_link ]\n      - virtual_link: [ side, external_virtual_link ]\n",
    ) + (
        "    side:\n      type: tosca.nodes.nfv.VnfExtCp\n      properties: { layer_protocols: [ ipv4 ] }\n"
        "      requirements:\n        - internal_virtual_link: inside\n"
    )
    flavour = flavour_of(read_text(text))
    assert {p.id: p.requirement for p in flavour.external_connection_points.values()} == {
        "port_out": "virtual_link", "side": "virtual_link#2",
    }  # fmt: skip
    assert flavour.connection_points["side"].kind == "EXTERNAL"
    assert flavour.connection_points["side"].internal_link == "inside"
    inside = text.replace("[ port_out, virtual_link ]", "[ port_in, virtual_link ]")
    assert "port_in" in finding(read_text(inside), "sol001-mapped-inside").message


def test_one_delta_repeats_to_the_last_level(read_text, scaling_text):
    """A single step delta counts for every step; levels add up from the initial delta."""
    flavour = flavour_of(read_text(scaling_text))
    assert flavour.aspects["load"].steps == {"worker": (1, 1, 1)}
    assert flavour.default_level == "least"
    assert flavour.vdu_instances({"load": 2}) == {"worker": 3}
    assert flavour.vdu_instances({"load": 3}, "most") == {"worker": 4}


def test_each_step_has_its_own_delta(read_text, scaling_text):
    """Steps of different sizes are spelled out."""
    text = scaling_text.replace(
        "max_scale_level: 3, step_deltas: [ one ]", "max_scale_level: 2, step_deltas: [ one, two ]"
    )
    text = text.replace("scale_level: 3", "scale_level: 2")
    assert flavour_of(read_text(text)).aspects["load"].steps == {"worker": (1, 2)}


def test_steps_that_are_missing_end_the_aspect(read_text, scaling_text, finding):
    """Two deltas cannot make three steps: the last level is the second, and the level beyond is refused."""
    text = scaling_text.replace("step_deltas: [ one ]", "step_deltas: [ one, two ]")
    onboarded = read_text(text)
    assert onboarded.failed
    assert finding(onboarded, "sol001-steps-missing").clause
    assert "at 3; its last is 2" in finding(onboarded, "sol001-level-too-high").message


@pytest.mark.parametrize(
    ("before", "after", "code", "refused"),
    [
        ("default_level: least", "default_level: other", "sol001-unknown-level", True),
        ("          default_level: least\n", "", "sol001-no-default-level", False),
        ("max_number_of_instances: 4", "max_number_of_instances: 0", "sol001-profile-bounds", True),
        ("min_number_of_instances: 1", "min_number_of_instances: 2", "sol001-level-outside-profile", True),
        ("max_number_of_instances: 4", "max_number_of_instances: 3", "sol001-level-outside-profile", False),
        ("max_number_of_instances: 4", "max_number_of_instances: 3", "sol001-scaling-beyond-profile", False),
        ("initial_delta: { number_of_instances: 1 }", "initial_delta: { number_of_instances: 9 }",
         "sol001-initial-outside-profile", True),
        ("most: { number_of_instances: 4 }", "most: { number_of_instances: 3 }", "sol001-level-sums-differ", False),
        ("aspect: load, deltas", "aspect: lode, deltas", "sol001-unknown-aspect", False),
        ("step_deltas: [ one ]", "step_deltas: [ three ]", "sol001-unknown-delta", False),
        ("targets: [ together ]", "targets: [ nobody ]", "sol001-rule-without-targets", False),
        ("properties: { initial_delta: { number_of_instances: 1 } }", "properties: {}", "tosca-missing-property", True),
        ("        - virtual_binding: worker\n        - virtual_link: inside\n", "        - virtual_link: inside\n",
         "sol001-unbound-connection-point", True),
    ],
)  # fmt: skip
def test_numbers_and_names_must_agree(read_text, scaling_text, finding, *, before, after, code, refused):
    """What contradicts itself is told; what cannot be built is refused."""
    assert before in scaling_text
    onboarded = read_text(scaling_text.replace(before, after))
    assert finding(onboarded, code).line > 1
    assert onboarded.failed == refused


def test_groups_are_resolved_and_rules_read(read_text, scaling_text):
    """A rule over a placement group is a rule over its members; security rules know their connection points."""
    flavour = flavour_of(read_text(scaling_text))
    (rule,) = flavour.affinity_rules
    assert (rule.id, rule.anti, rule.scope, rule.targets) == ("apart", True, "nfvi_node", ("worker",))
    (security,) = flavour.security_group_rules
    assert (security.port_min, security.port_max, security.protocol, security.targets) == (80, 80, "tcp", ("port_out",))
    assert flavour.connection_points["port_out"].security_groups == ("web",)


def test_the_boot_disk_is_the_storage_with_an_image(read_text, vnfd_text):
    """A VDU's storages come with the one that carries an image first."""
    text = vnfd_text.replace(
        "            virtual_memory: { virtual_mem_size: 1 GiB }\n",
        "            virtual_memory: { virtual_mem_size: 1 GiB }\n"
        "            virtual_local_storage: [ { size_of_storage: 1 GB }, { size_of_storage: 2 GB } ]\n"
        "            requested_additional_capabilities:\n"
        "              properties: { requested_additional_capability_name: m1.tiny, support_mandatory: true,\n"
        "                target_performance_parameters: { a: b } }\n"
        "              more: { requested_additional_capability_name: fast, support_mandatory: false,\n"
        "                target_performance_parameters: { c: d } }\n"
        "      requirements: [ { virtual_storage: data }, { virtual_storage: root } ]\n",
    ) + (
        "    data:\n      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage\n      properties:\n"
        "        virtual_block_storage_data: { size_of_storage: 5 GB }\n"
        "    root:\n      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage\n      properties:\n"
        "        virtual_block_storage_data: { size_of_storage: 2 GB }\n"
        "      artifacts:\n        sw_image:\n          type: tosca.artifacts.nfv.SwImage\n          file: root.img\n"
        "          properties: { name: rooty, version: '2', container_format: BARE, disk_format: qcow2,\n"
        "            checksum: { algorithm: SHA256, hash: ABCD } }\n"
    )
    flavour = flavour_of(read_text(text))
    worker = flavour.vdus["worker"]
    assert worker.storages == ("root", "data")
    assert worker.local_disk_bytes == 3 * 10**9
    assert worker.requested_flavour == "m1.tiny"
    assert (worker.requested_capabilities, worker.optional_capabilities) == ({"m1.tiny": {"a": "b"}}, ("fast",))
    image = flavour.storages["root"].image
    assert image is not None
    assert (image.name, image.checksum_algorithm, image.checksum, image.container_format) == (
        "rooty", "sha-256", "abcd", "bare",
    )  # fmt: skip
    assert image.artifact is not None
    assert not image.artifact.in_package


FLAVOUR = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_vnfd_types.yaml, types.yaml ]
topology_template:
  substitution_mappings:
    node_type: acme.Router
    properties: { flavour_id: NAME }
    requirements:
      outside: [ port, virtual_link ]
  node_templates:
    vnf:
      type: acme.Router
      properties: { flavour_description: the NAME one }
      interfaces:
        Vnflcm:
          instantiate_start: { implementation: prepare, inputs: { a: 1 } }
          instantiate: []
      artifacts:
        prepare: { type: tosca.artifacts.Implementation.Python, file: ../Scripts/prepare.py }
    worker:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: worker
        description: forwards
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 4 }
        sw_image_data: { name: cirros, version: "1", checksum: { algorithm: sha-256, hash: 00ff },
          container_format: bare, disk_format: qcow2, min_disk: 1 GB, size: 1 GB }
      artifacts:
        sw_image: { type: tosca.artifacts.nfv.SwImage, file: ../Files/disk.img }
      capabilities:
        virtual_compute:
          properties: { virtual_cpu: { num_virtual_cpu: CPUS }, virtual_memory: { virtual_mem_size: 1 GB } }
    port:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ] }
      requirements: [ { virtual_binding: worker } ]
"""
TOP = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_vnfd_types.yaml, types.yaml, small.yaml, large.yaml ]
topology_template:
  inputs: { selected_flavour: { type: string } }
  node_templates:
    vnf:
      type: acme.Router
      properties: { flavour_id: { get_input: selected_flavour }, descriptor_version: "7" }
"""
TYPES = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_vnfd_types.yaml ]
node_types:
  acme.Router:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      descriptor_id: { type: string, default: router-1 }
      descriptor_version: { type: string, default: "1" }
      provider: { type: string, default: Acme }
      product_name: { type: string, default: Router }
      software_version: { type: string, default: "1" }
      vnfm_info: { type: list, entry_schema: { type: string }, default: [ mano ] }
      flavour_id: { type: string, constraints: [ valid_values: [ small, large, huge ] ], default: large }
      flavour_description: { type: string, default: "" }
    requirements:
      - outside: { capability: tosca.capabilities.nfv.VirtualLinkable }
"""


def test_each_substituting_file_is_a_flavour(package, finding):
    """A top file and one file per flavour make one VNFD: names, defaults and scripts from where they belong."""
    onboarded = read_package(
        package(
            {
                "TOSCA-Metadata/TOSCA.meta": "Entry-Definitions: Definitions/top.yaml\n",
                "Definitions/top.yaml": TOP,
                "Definitions/types.yaml": TYPES,
                "Definitions/small.yaml": FLAVOUR.replace("NAME", "small").replace("CPUS", "1"),
                "Definitions/large.yaml": FLAVOUR.replace("NAME", "large").replace("CPUS", "8"),
                "Scripts/prepare.py": "",
                "Files/disk.img": "bits",
            }
        )
    )
    vnfd = onboarded.vnfd
    assert vnfd is not None
    assert (vnfd.id, vnfd.version, vnfd.default_flavour) == ("router-1", "7", "large")
    assert {f.id: f.vdus["worker"].vcpus for f in vnfd.flavours.values()} == {"small": 1, "large": 8}
    assert vnfd.flavours["small"].description == "the small one"
    (script,) = vnfd.flavours["small"].scripts
    assert (script.operation, script.artifact.file, script.inputs) == (
        "instantiate_start", "Scripts/prepare.py", {"a": 1},
    )  # fmt: skip
    image = vnfd.flavours["large"].vdus["worker"].image
    assert image is not None
    assert image.artifact is not None
    assert (image.artifact.file, image.artifact.in_package) == ("Files/disk.img", True)
    assert vnfd.flavours["small"].external_connection_points["port"].requirement == "outside"
    assert {f.code for f in onboarded.diagnostics} == {"sol001-flavour-missing"}
    assert "huge" in finding(onboarded, "sol001-flavour-missing").message


def test_two_files_cannot_describe_one_flavour(package, finding):
    """Which of the two would count?"""
    flavour = FLAVOUR.replace("NAME", "small").replace("CPUS", "1")
    onboarded = read_package(
        package(
            {
                "TOSCA-Metadata/TOSCA.meta": "Entry-Definitions: Definitions/top.yaml\n",
                "Definitions/top.yaml": TOP,
                "Definitions/types.yaml": TYPES,
                "Definitions/small.yaml": flavour,
                "Definitions/large.yaml": flavour,
            }
        )
    )
    assert onboarded.failed
    assert finding(onboarded, "sol001-flavour-twice").file == "Definitions/large.yaml"


@pytest.mark.parametrize("name", ["descriptor_id", "provider", "product_name", "software_version"])
def test_a_vnfd_without_its_identity_is_refused(read_text, vnfd_text, name):
    """Identity is not guessed."""
    lines = [line for line in vnfd_text.splitlines() if f" {name}:" not in line]
    onboarded = read_text("\n".join(lines))
    assert onboarded.failed
    assert any(name in finding.message for finding in onboarded.diagnostics)


VNFC_TYPES = """\
data_types:
  acme.Additional:
    derived_from: tosca.datatypes.nfv.VnfcAdditionalConfigurableProperties
    properties:
      mtu: { type: integer, default: 1500 }
      role: { type: string, required: false }
  acme.Configurable:
    derived_from: tosca.datatypes.nfv.VnfcConfigurableProperties
    properties:
      additional_vnfc_configurable_properties: { type: acme.Additional }
node_types:
  acme.Vdu:
    derived_from: tosca.nodes.nfv.Vdu.Compute
    properties:
      configurable_properties: { type: acme.Configurable, required: false }
"""


def test_a_vdu_declares_properties_of_its_vnfcs(read_text, vnfd_text):
    """Those that its own types add, with what the VDU gives them for a default."""
    given = "        configurable_properties: { additional_vnfc_configurable_properties: { mtu: 9000 } }\n"
    text = vnfd_text.replace("topology_template:", f"{VNFC_TYPES}topology_template:", 1)
    text = text.replace("      type: tosca.nodes.nfv.Vdu.Compute", "      type: acme.Vdu", 1)
    text = text.replace("        description: forwards\n", f"        description: forwards\n{given}", 1)
    declared = flavour_of(read_text(text)).vdus["worker"].configurable
    assert {name: (it.type, it.default) for name, it in declared.items()} == {
        "mtu": ("integer", 9000),
        "role": ("string", None),
    }
