import copy
import io
import tempfile
import zipfile
from pathlib import Path

import msgspec
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descriptors.mode import Mode
from descriptors.onboarding import Onboarded, read_package

VNFD = yaml.safe_load(
    """
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_vnfd_types.yaml ]
node_types:
  my.VNF:
    derived_from: tosca.nodes.nfv.VNF
    properties: { colour: { type: string, default: red, constraints: [ valid_values: [ red ] ] } }
topology_template:
  inputs: { cpus: { type: integer, default: 2 } }
  substitution_mappings:
    node_type: my.VNF
    properties: { flavour_id: small }
    requirements: { virtual_link: [ outer, virtual_link ] }
  node_templates:
    vnf:
      type: my.VNF
      properties: { descriptor_id: a, provider: b, product_name: c, software_version: "1", descriptor_version: "1",
        flavour_id: small, flavour_description: d, vnfm_info: [ "1:m" ] }
      interfaces: { Vnflcm: { instantiate_start: { implementation: x, inputs: { a: 1 } } } }
      artifacts: { x: { type: tosca.artifacts.File, file: x.py } }
    worker:
      type: tosca.nodes.nfv.Vdu.Compute
      properties:
        name: worker
        description: d
        vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 4 }
        boot_data: { content_or_file_data: { content: hello } }
        sw_image_data: { name: i, version: "1", checksum: { algorithm: sha-256, hash: ff }, container_format: bare,
          disk_format: qcow2, min_disk: 1 GB, size: 1 GB }
      artifacts: { sw_image: { type: tosca.artifacts.nfv.SwImage, file: i.img } }
      capabilities:
        virtual_compute:
          properties: { virtual_cpu: { num_virtual_cpu: { get_input: cpus } },
            virtual_memory: { virtual_mem_size: 1 GB },
            requested_additional_capabilities: { properties: { requested_additional_capability_name: f,
              support_mandatory: true, target_performance_parameters: { a: b } } },
            logical_node: { n: { logical_node_requirements: { a: b } } } }
      requirements: [ { virtual_storage: disk } ]
    disk:
      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage
      properties: { virtual_block_storage_data: { size_of_storage: 1 GB } }
    inner:
      type: tosca.nodes.nfv.VnfVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          max_bitrate_requirements: { root: 1 }
          min_bitrate_requirements: { root: 1 }
          virtual_link_protocol_data:
            - associated_layer_protocol: ipv4
              l3_protocol_data: { ip_version: ipv4, cidr: 10.0.0.0/24, ip_allocation_pools: [ { start_ip_address: a,
                end_ip_address: b } ] }
    outer:
      type: tosca.nodes.nfv.VduCp
      properties: { layer_protocols: [ ipv4 ], order: 0, protocol: [ {
        associated_layer_protocol: ipv4, address_data: [ { address_type: ip_address,
          l3_address_data: { ip_address_assignment: true, floating_ip_activated: true } } ] } ] }
      requirements: [ { virtual_binding: worker } ]
  groups:
    g: { type: tosca.groups.nfv.PlacementGroup, properties: { description: d }, members: [ worker ] }
  policies:
    - aspects: { type: tosca.policies.nfv.ScalingAspects, properties: { aspects: { a: { name: a, description: d,
        max_scale_level: 3, step_deltas: [ one ] } } } }
    - first: { type: tosca.policies.nfv.VduInitialDelta, properties: { initial_delta: { number_of_instances: 1 } },
        targets: [ worker ] }
    - steps: { type: tosca.policies.nfv.VduScalingAspectDeltas, properties: { aspect: a, deltas: { one: {
        number_of_instances: 1 } } }, targets: [ worker ] }
    - levels: { type: tosca.policies.nfv.InstantiationLevels, properties: { default_level: l, levels: { l: {
        description: d, scale_info: { a: { scale_level: 0 } } } } } }
    - counts: { type: tosca.policies.nfv.VduInstantiationLevels, properties: { levels: { l: { number_of_instances: 1 } }
        }, targets: [ worker ] }
    - apart: { type: tosca.policies.nfv.AntiAffinityRule, properties: { scope: nfvi_node }, targets: [ g ] }
    - web: { type: tosca.policies.nfv.SecurityGroupRule, properties: {}, targets: [ outer ] }
"""
)

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5), st.just([]), st.just({}),
    st.sampled_from(["worker", "my.VNF", "small", "1 GB", ["worker"], {"get_input": "cpus"}, {"get_input": []}, [[]],
                     [None], 10**30, "1e999 GB", 1.5,
                     {"a": None}, {"properties": {}}, [{"a": "b"}], 10**12, {"derived_from": "my.VNF"}]),
)  # fmt: skip


def places(value, path=()):
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


PLACES = list(places(VNFD))


def mutated(changes):
    document = copy.deepcopy(VNFD)
    for path, junk in changes:
        target = document
        try:
            for key in path[:-1]:
                target = target[key]
            target[path[-1]] = junk
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return document


def read(content, name="vnfd.yaml", mode=Mode.ETSI):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, name)
        path.write_bytes(content)
        return read_package(path, mode=mode)


def dumped(document):
    return yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True)


def test_the_untouched_descriptor_is_accepted():
    """What the mutations start from is right, so that they reach every part of the reader."""
    onboarded = read(dumped(VNFD).encode())
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3), st.sampled_from(Mode))
def test_whatever_a_descriptor_holds_the_answer_is_a_model_or_errors(changes, mode):
    """Any value anywhere: never an exception; a model when nothing is an error, and none otherwise."""
    onboarded = read(dumped(mutated(changes)).encode(), mode=mode)
    failed = any(finding.severity == "error" for finding in onboarded.diagnostics)
    assert failed == onboarded.failed
    assert all(finding.file for finding in onboarded.diagnostics)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(onboarded), type=Onboarded).vnfd == onboarded.vnfd


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["vnfd.yaml", "p.csar"]))
def test_any_bytes_are_answered_with_a_reason(content, name):
    """Noise is refused, with a finding."""
    onboarded = read(content, name)
    assert onboarded.failed
    assert onboarded.diagnostics


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 255))
def test_a_flipped_byte_in_an_archive_never_raises(position, change):
    """A damaged upload is a finding or harmless."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("TOSCA-Metadata/TOSCA.meta", "Entry-Definitions: vnfd.yaml\n")
        archive.writestr("vnfd.yaml", dumped(VNFD))
    data = bytearray(buffer.getvalue())
    data[position % len(data)] ^= change
    onboarded = read(bytes(data), "p.csar")
    assert onboarded.failed == any(finding.severity == "error" for finding in onboarded.diagnostics)
