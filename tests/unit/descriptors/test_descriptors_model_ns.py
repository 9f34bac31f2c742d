"""What the models of network services and of physical functions carry."""

import pytest
from provoked_model import NSD

from descriptors.model.forwarding import Classifier
from descriptors.model.nsd import NestedNs
from descriptors.model.vnfd import Bitrate
from descriptors.onboarding import read_package

MORE = """\
    inner:
      type: tosca.nodes.nfv.NS
      properties:
        descriptor_id: inner-1
        designer: Acme
        version: "1"
        name: Inner
        invariant_id: i
        flavour_id: plain
        ns_profile: { min_number_of_instances: 1, max_number_of_instances: 2, ns_instantiation_level: big }
      requirements:
        - virtual_link: lan
  policies:
    - web:
        type: tosca.policies.nfv.NfpRule
        properties:
          protocol: tcp
          destination_port_range: [ 80, 443 ]
          source_ip_address_prefix: 10.0.0.0/8
          extended_criteria: [ { starting_point: 8, length: 4, value: "f" } ]
        targets: [ path ]
    - sizes:
        type: tosca.policies.nfv.NsInstantiationLevels
        properties:
          ns_levels: { low: { description: low }, high: { description: high } }
          default_level: low
    - routers:
        type: tosca.policies.nfv.VnfToInstantiationLevelMapping
        properties: { number_of_instances: { low: 1, high: 1 } }
        targets: [ router ]
    - nested:
        type: tosca.policies.nfv.NsToInstantiationLevelMapping
        properties: { number_of_instances: { low: 1, high: 2 } }
        targets: [ inner ]
    - rates:
        type: tosca.policies.nfv.VirtualLinkToInstantiationLevelMapping
        properties: { bit_rate_requirements: { low: { root: 100 }, high: { root: 900, leaf: 9 } } }
        targets: [ lan ]
    - measured:
        type: tosca.policies.nfv.NsMonitoring
        properties:
          ns_monitoring_parameters: { load: { name: load, performance_metric: m, collection_period: 1 m } }
        targets: [ edge ]
    - auto:
        type: tosca.policies.nfv.NsAutoScale
        targets: [ edge ]
        triggers:
          busy:
            event: load_changed
            condition: [ load: [ { greater_than: 80 } ] ]
            action: [ { call_operation: { operation: Nslcm.scale } } ]
"""


@pytest.fixture
def flavour(read_text):
    text = NSD.replace("  groups:", MORE.split("  policies:", maxsplit=1)[0] + "  groups:")
    onboarded = read_text(text + "  policies:" + MORE.split("  policies:", maxsplit=1)[1])
    assert onboarded.nsd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.nsd.flavours[onboarded.nsd.default_flavour]


def test_service_chains_are_modelled_to_the_last_point(flavour):
    """Graph, path, positions, and the traffic that takes the path."""
    graph = flavour.forwarding_graphs["chain"]
    assert (graph.paths, graph.vnfs, graph.links) == (("path",), ("router",), ("lan",))
    path = flavour.forwarding_paths["path"]
    assert [(position.id, position.elements) for position in path.positions] == [("stop", (("router",),))]
    (rule,) = path.classifiers
    assert isinstance(rule, Classifier)
    assert (rule.protocol, rule.destination_ports, rule.source_prefix) == ("tcp", (80, 443), "10.0.0.0/8")
    assert [(mask.start_bit, mask.length_bits, mask.value) for mask in rule.masks] == [(8, 4, "f")]


def test_levels_count_nested_services_and_link_rates(flavour):
    """A level says how many of each constituent and how fast the links are."""
    high = flavour.levels["high"]
    assert (high.vnf_instances, high.nested_instances) == ({"router": 1}, {"inner": 2})
    assert high.link_bitrates == {"lan": Bitrate(root_bps=900, leaf_bps=9)}
    assert (flavour.nested_instances("high"), flavour.nested_instances()) == ({"inner": 2}, {"inner": 1})
    assert flavour.nested["inner"] == NestedNs(
        id="inner", nsd_id="inner-1", flavour_id="plain", instantiation_level="big", max_instances=2,
        links={"virtual_link": "lan"},
    )  # fmt: skip


def test_what_a_service_watches_and_answers_to(flavour):
    """Monitoring parameters with their period, and the rules by which it scales itself."""
    assert flavour.monitoring_parameters["load"].collection_period_seconds == 60.0
    (rule,) = flavour.auto_scale_rules
    assert (rule.id, rule.event) == ("auto/busy", "load_changed")
    assert rule.condition == [{"load": [{"greater_than": 80}]}]


PNFD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_pnfd_types.yaml ]
topology_template:
  substitution_mappings:
    node_type: tosca.nodes.nfv.PNF
    requirements:
      virtual_link: [ front, external_virtual_link ]
  node_templates:
    box:
      type: tosca.nodes.nfv.PNF
      properties:
        descriptor_id: box-1
        descriptor_invariant_id: box
        function_description: filters
        provider: Acme
        name: Box
        version: "2.1"
        geographical_location_info:
          country_code: FR
          civic_address_element: [ { ca_type: "3", ca_value: Paris } ]
    front:
      type: tosca.nodes.nfv.PnfExtCp
      properties: { layer_protocols: [ ipv4 ], role: leaf }
"""


def test_a_pnfd_has_its_model(tmp_path):
    """The function, where it stands, and the connection point behind each requirement."""
    path = tmp_path / "pnfd.yaml"
    path.write_text(PNFD)
    onboarded = read_package(path, expect="pnfd")
    pnfd = onboarded.pnfd
    assert pnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    assert (onboarded.kind, pnfd.id, pnfd.invariant_id, pnfd.version) == ("pnfd", "box-1", "box", "2.1")
    assert pnfd.location is not None
    assert (pnfd.location.country_code, pnfd.location.civic_address) == ("FR", {"3": "Paris"})
    assert (pnfd.connection_points["front"].type, pnfd.requirements) == ("PnfExtCp", {"virtual_link": "front"})
    refused = read_package(path, expect="nsd")
    assert refused.failed
    assert "this is a PNFD" in next(f.message for f in refused.diagnostics if f.code == "sol001-other-kind")
