"""What the model of a VNF carries beyond machines and ports."""

import pytest

from descriptors.model.vnfd import Bitrate, Declaration, MonitoringParameter

MORE = """\
    pod:
      type: tosca.nodes.nfv.Vdu.OsContainerDeployableUnit
      properties:
        name: pod
        description: pod
        mcio_identification_data: { name: web, type: Deployment }
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 5 }
      requirements:
        - container: box
    box:
      type: tosca.nodes.nfv.Vdu.OsContainer
      properties:
        name: box
        description: box
        requested_cpu_resources: 500
        requested_memory_resources: 64 MiB
        extended_resource_requests: [ { extended_resource: { gpu: vendor.com/gpu }, amount: 2 } ]
      artifacts:
        image: { type: tosca.artifacts.nfv.SwImage, file: web.tar, properties: { name: web, version: "1" } }
    chart:
      type: tosca.nodes.nfv.Mciop
      artifacts:
        helm: { type: tosca.artifacts.nfv.HelmChart, file: charts/web.tgz }
      requirements:
        - associatedVdu: pod
    address:
      type: tosca.nodes.nfv.VipCp
      properties: { layer_protocols: [ ipv4 ], vip_function: load_balance, dedicated_ip_address: false }
      requirements:
        - target: port_in
        - virtual_link: inside
    service:
      type: tosca.nodes.nfv.VirtualCp
      properties:
        layer_protocols: [ ipv4 ]
        additionalServiceData: [ { portData: [ { name: http, protocol: TCP, port: 80, portConfigurable: true } ] } ]
      requirements:
        - target: pod
    tagged:
      type: tosca.nodes.nfv.VduSubCp
      properties: { layer_protocols: [ ipv4 ], segmentation_type: vlan, segmentation_id: 7 }
      requirements:
        - trunk_binding: port_in
        - virtual_link: inside
  policies:
    - aspects:
        type: tosca.policies.nfv.ScalingAspects
        properties:
          aspects:
            load: { name: load, description: by load, max_scale_level: 3, step_deltas: [ one ] }
    - start:
        type: tosca.policies.nfv.VduInitialDelta
        properties: { initial_delta: { number_of_instances: 2 } }
        targets: [ pod ]
    - steps:
        type: tosca.policies.nfv.VduScalingAspectDeltas
        properties: { aspect: load, deltas: { one: { number_of_instances: 1 } } }
        targets: [ pod ]
    - rate:
        type: tosca.policies.nfv.VirtualLinkBitrateInitialDelta
        properties: { initial_delta: { bitrate_requirements: { root: 100, leaf: 10 } } }
        targets: [ inside ]
    - rates:
        type: tosca.policies.nfv.VirtualLinkBitrateScalingAspectDeltas
        properties: { aspect: load, deltas: { one: { bitrate_requirements: { root: 50, leaf: 5 } } } }
        targets: [ inside ]
    - vips:
        type: tosca.policies.nfv.VipCpInitialDelta
        properties: { initial_delta: { number_of_instances: 1 } }
        targets: [ address ]
    - more_vips:
        type: tosca.policies.nfv.VipCpScalingAspectDeltas
        properties: { aspect: load, deltas: { one: { number_of_instances: 1 } } }
        targets: [ address ]
    - sizes:
        type: tosca.policies.nfv.InstantiationLevels
        properties:
          default_level: most
          levels: { most: { description: all, scale_info: { load: { scale_level: 3 } } } }
    - fastest:
        type: tosca.policies.nfv.VirtualLinkInstantiationLevels
        properties: { levels: { most: { bitrate_requirements: { root: 999 } } } }
        targets: [ inside ]
    - busy:
        type: tosca.policies.nfv.VnfIndicator
        properties: { source: em }
        targets: [ vnf ]
    - measured:
        type: tosca.policies.nfv.VnfMonitoring
        properties:
          vnf_monitoring_parameters: { cpu: { name: cpu, performance_metric: v_cpu_usage_mean_vnf,
                                              collection_period: 2 m } }
        targets: [ vnf ]
    - ask:
        type: tosca.policies.nfv.LcmCoordinationAction
        properties: { action_name: drain, action: { endpoint_type: mgmt, coordination_stage: start } }
    - asked:
        type: tosca.policies.nfv.LcmCoordinationsForLcmOperation
        properties: { vnf_lcm_operation: terminate, actions: [ drain ] }
    - newer:
        type: tosca.policies.nfv.VnfPackageChange
        properties:
          selector:
            - source_descriptor_id: older
              destination_descriptor_id: 11111111-1111-4111-8111-111111111111
              source_flavour_id: tiny
          modification_qualifier: up
          destination_flavour_id: small
          component_mappings: [ { component_type: vdu, source_id: old_worker, destination_id: worker } ]
        targets: [ vnf ]
"""


@pytest.fixture
def flavour(read_text, vnfd_text):
    text = vnfd_text.replace("imports: [ etsi_nfv_sol001_vnfd_types.yaml ]\n",
                             "imports: [ etsi_nfv_sol001_vnfd_types_4.4.1.yaml ]\n")  # fmt: skip
    text = text.replace(
        "layer_protocols: [ ipv4 ], order: 0 }", "layer_protocols: [ ipv4 ], order: 0, trunk_mode: true }"
    )
    onboarded = read_text(text + MORE)
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.vnfd.flavours["small"]


def test_containers_are_modelled_with_their_packages(flavour):
    """Deployable units, containers with resources and images, and the charts that deploy them; amounts have units."""
    unit = flavour.deployable_units["pod"]
    assert (unit.mcio_name, unit.mcio_type, unit.max_instances) == ("web", "Deployment", 5)
    (box,) = unit.containers
    assert (box.cpu_millicores, box.memory_bytes, box.extended_resources) == (500, 64 * 2**20, {"vendor.com/gpu": 2})
    assert [image.name for image in box.images] == ["web"]
    assert flavour.mciops["chart"].units == ("pod",)
    assert [chart.file for chart in flavour.mciops["chart"].charts] == ["charts/web.tgz"]
    assert "pod" not in flavour.vdus


def test_all_kinds_of_deltas_add_up(flavour):
    """Containers, bit rates and virtual addresses scale with the aspect; a level that says a rate outright wins."""
    assert flavour.deployable_unit_instances({"load": 2}) == {"pod": 4}
    assert flavour.virtual_point_instances({"load": 2}) == {"address": 3}
    assert flavour.link_bitrates({"load": 2}) == {"inside": Bitrate(root_bps=200, leaf_bps=20)}
    assert flavour.link_bitrates({"load": 3}, "most") == {"inside": Bitrate(root_bps=999)}
    assert flavour.aspects["load"].deltas == ("one", "one", "one")


def test_connection_points_of_all_kinds(flavour):
    """Shared addresses know their targets, services their ports, sub-ports their trunk and its VDU."""
    points = flavour.connection_points
    assert {name: (point.type, point.kind) for name, point in points.items()} == {
        "port_in": ("VduCp", "VDU"), "port_out": ("VduCp", "VDU"), "address": ("VipCp", "VIRTUAL"),
        "service": ("VirtualCp", "VIRTUAL"), "tagged": ("VduSubCp", "VDU"),
    }  # fmt: skip
    address = points["address"]
    assert (address.targets, address.vip_function, address.dedicated_ip_address) == (
        ("port_in",),
        "load_balance",
        False,
    )
    assert [(port.name, port.port, port.configurable) for port in points["service"].service_ports] == [
        ("http", 80, True)
    ]
    tagged = points["tagged"]
    assert (tagged.trunk_point, tagged.vdu, tagged.segmentation_type, tagged.segmentation_id) == (
        "port_in", "worker", "vlan", 7,
    )  # fmt: skip


def test_what_is_measured_reported_and_coordinated(flavour):
    """Monitoring parameters in seconds, indicators with their source, and the actions of each operation."""
    assert flavour.monitoring_parameters["cpu"] == MonitoringParameter(
        id="cpu", name="cpu", performance_metric="v_cpu_usage_mean_vnf", collection_period_seconds=120.0
    )
    assert [(indicator.id, indicator.source) for indicator in flavour.indicators] == [("busy", "em")]
    assert flavour.coordination_actions["drain"].stage == "start"
    assert [(item.operation, item.actions) for item in flavour.coordinations] == [("terminate", ("drain",))]


def test_package_changes_say_from_where_to_where(read_text, vnfd_text, flavour):
    """Transitions, flavours and renamed parts; the oldest form, with one selector, reads the same."""
    assert flavour.deployable_units  # read with the newest release
    selector = """selector:
            - source_descriptor_id: older
              destination_descriptor_id: 11111111-1111-4111-8111-111111111111
              source_flavour_id: tiny
"""
    older = selector.replace("            - source", "            source").replace("              ", "            ")
    change = MORE[MORE.index("    - newer:") :]
    for text in (change, change.replace(selector, older)):
        vnfd = read_text(vnfd_text + "  policies:\n" + text).vnfd
        assert vnfd is not None
        (read,) = vnfd.package_changes
        assert (read.qualifier, read.destination_flavour) == ("up", "small")
        assert [(step.source_descriptor_id, step.source_flavour) for step in read.transitions] == [("older", "tiny")]
        assert (read.renamed("vdu", "old_worker"), read.renamed("vdu", "other")) == ("worker", "other")


SIZE = """\
            virtual_cpu:
              num_virtual_cpu: 2
              virtual_cpu_clock: 2.4 GHz
              virtual_cpu_pinning: { virtual_cpu_pinning_policy: static }
            virtual_memory: { virtual_mem_size: 4 GiB, numa_enabled: true }
            logical_node: { numa: { logical_node_requirements: { nodes: 2 } } }
            virtual_local_storage: [ { size_of_storage: 1 GiB }, { size_of_storage: 2 GiB } ]
"""


def test_how_a_machine_is_laid_out(read_text, vnfd_text):
    """Clock in hertz, pinning, NUMA and each local disk."""
    text = vnfd_text.replace(
        "            virtual_cpu: { num_virtual_cpu: 2 }\n            virtual_memory: { virtual_mem_size: 1 GiB }\n",
        SIZE,
    )
    vnfd = read_text(text).vnfd
    assert vnfd is not None
    vdu = vnfd.flavours["small"].vdus["worker"]
    assert vdu.cpu_pinning is not None
    assert (vdu.cpu_clock_hz, vdu.cpu_pinning.policy, vdu.numa) == (2_400_000_000, "static", True)
    assert (vdu.local_disks_bytes, vdu.local_disk_bytes) == ((2**30, 2**31), 3 * 2**30)
    assert vdu.logical_nodes[0].requirements == {"nodes": "2"}


@pytest.mark.parametrize(
    ("release", "boot_data", "parameters"),
    [
        ("2.6.1", "hello", "[ { name: cpu, performance_metric: v_cpu_usage_mean_vnf, collection_period: 5 s } ]"),
        ("2.8.1", "{ content_or_file_data: { content: hello } }",
         "[ { name: cpu, performance_metric: v_cpu_usage_mean_vnf, collection_period: 5 s } ]"),
        ("4.4.1", "{ content_or_file_data: { content: hello } }",
         "{ cpu: { name: cpu, performance_metric: v_cpu_usage_mean_vnf, collection_period: 5 s } }"),
    ],
)  # fmt: skip
def test_each_release_reads_the_same(read_text, vnfd_text, release, boot_data, parameters):
    """Boot data was text once, and monitoring parameters were a list; no release is refused or warned for its form."""
    text = vnfd_text.replace("etsi_nfv_sol001_vnfd_types.yaml", f"etsi_nfv_sol001_vnfd_types_{release}.yaml").replace(
        "description: forwards",
        f"boot_data: {boot_data}\n        monitoring_parameters: {parameters}\n        description: forwards",
    )
    onboarded = read_text(text)
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    assert onboarded.vnfd.sol001_version == release
    vdu = onboarded.vnfd.flavours["small"].vdus["worker"]
    assert vdu.boot_data == "hello"
    assert vdu.monitoring_parameters["cpu"].collection_period_seconds == 5.0
    assert not [f for f in onboarded.diagnostics if "boot_data" in f.path or "monitoring" in f.path]


OWN_TYPES = """\
data_types:
  acme.Extensions:
    derived_from: tosca.datatypes.nfv.VnfInfoModifiableAttributesExtensions
    properties:
      site: { type: string, default: paris, constraints: [ valid_values: [ paris, rome ] ] }
  acme.Modifiable:
    derived_from: tosca.datatypes.nfv.VnfInfoModifiableAttributes
    properties: { extensions: { type: acme.Extensions } }
  acme.Instantiate:
    derived_from: tosca.datatypes.nfv.VnfOperationAdditionalParameters
    properties: { peer: { type: string, required: true } }
node_types:
  acme.Router:
    derived_from: tosca.nodes.nfv.VNF
    properties:
      modifiable_attributes: { type: acme.Modifiable, required: false }
    interfaces:
      Vnflcm:
        type: tosca.interfaces.nfv.Vnflcm
        operations:
          instantiate:
            implementation: Scripts/base.sh
            inputs: { additional_parameters: { type: acme.Instantiate, required: false } }
          scale: []
topology_template:
"""
LIFE_CYCLE = """\
        lcm_operations_configuration:
          scale: { scaling_by_more_than_one_step_supported: true }
          terminate: { min_graceful_termination_timeout: 90 s, max_recommended_graceful_termination_timeout: 5 m }
          heal: { causes: [ dead ] }
      interfaces:
        Vnflcm:
          type: tosca.interfaces.nfv.Vnflcm
          inputs: { user: admin }
          operations:
            instantiate_end:
              implementation: { primary: Scripts/end.sh, dependencies: [ Scripts/lib.sh ], timeout: 60 }
              inputs: { address: { get_attribute: [ port_out, address ] } }
    worker:
"""


@pytest.fixture
def own_vnfd(read_text, vnfd_text):
    text = vnfd_text.replace("topology_template:\n", OWN_TYPES, 1)
    text = text.replace("      type: tosca.nodes.nfv.VNF\n", "      type: acme.Router\n", 1)
    onboarded = read_text(text.replace("    worker:\n", LIFE_CYCLE, 1))
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.vnfd


def test_scripts_come_from_templates_and_types(own_vnfd):
    """The interface's type is no script, an empty operation is none, and inputs of the interface go to all of them."""
    scripts = {script.operation: script for script in own_vnfd.flavours["small"].scripts}
    assert set(scripts) == {"instantiate", "instantiate_end"}
    end = scripts["instantiate_end"]
    assert (end.artifact.file, end.timeout_seconds) == ("Scripts/end.sh", 60)
    assert [file.file for file in end.dependencies] == ["Scripts/lib.sh"]
    assert end.inputs == {"user": "admin", "address": {"get_attribute": ["port_out", "address"]}}
    assert scripts["instantiate"].artifact.file == "Scripts/base.sh"


def test_requests_are_told_what_they_may_give(own_vnfd):
    """Extensions and parameters that the VNF's own data types declare, with defaults and allowed values."""
    assert own_vnfd.extensions == {
        "site": Declaration(
            name="site", default="paris", required=True, valid_values=("paris", "rome"),
            constraints=({"valid_values": ["paris", "rome"]},),
        )
    }  # fmt: skip
    assert own_vnfd.operation_parameters == {"instantiate": {"peer": Declaration(name="peer", required=True)}}


def test_limits_of_operations_have_units(own_vnfd):
    """Graceful times in seconds, and what the VNF supports."""
    limits = own_vnfd.lcm_limits
    assert limits.scaling_by_more_than_one_step_supported
    assert (limits.min_graceful_termination_seconds, limits.max_recommended_graceful_termination_seconds) == (
        90.0,
        300.0,
    )
    assert limits.max_recommended_graceful_stop_seconds is None
    assert (limits.heal_causes, limits.configured) == (("dead",), ("scale", "terminate", "heal"))
