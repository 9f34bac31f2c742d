import pytest

NSD = """\
tosca_definitions_version: tosca_simple_yaml_1_3
imports: [ etsi_nfv_sol001_nsd_types.yaml ]
node_types:
  acme.Edge:
    derived_from: tosca.nodes.nfv.NS
    properties:
      descriptor_id: { type: string, default: edge-1 }
      designer: { type: string, default: Acme }
      version: { type: string, default: "1.0" }
      name: { type: string, default: Edge }
      invariant_id: { type: string, default: edge }
      flavour_id: { type: string, default: plain }
topology_template:
  substitution_mappings:
    node_type: acme.Edge
    requirements:
      virtual_link: [ uplink, external_virtual_link ]
  node_templates:
    edge:
      type: acme.Edge
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
        vnfm_info: [ "1:mano" ]
        vnf_profile: { instantiation_level: least, min_number_of_instances: 1, max_number_of_instances: 3 }
      requirements:
        - virtual_link: wan
        - virtual_link: lan
    backup:
      type: tosca.nodes.nfv.NS
      properties: { descriptor_id: backup-1, designer: Acme, version: "1", name: B, invariant_id: b, flavour_id: x }
      requirements:
        - virtual_link: lan
    wan: &link
      type: tosca.nodes.nfv.NsVirtualLink
      properties:
        connectivity_type: { layer_protocols: [ ipv4 ] }
        vl_profile:
          max_bitrate_requirements: { root: 1000 }
          min_bitrate_requirements: { root: 100 }
          virtual_link_protocol_data:
            - associated_layer_protocol: ipv4
              l3_protocol_data: { ip_version: ipv4, cidr: 10.0.0.0/24 }
    lan: *link
    uplink:
      type: tosca.nodes.nfv.Sap
      properties: { layer_protocols: [ ipv4 ] }
      requirements:
        - internal_virtual_link: wan
        - external_virtual_link: internet
  policies:
    - levels:
        type: tosca.policies.nfv.NsInstantiationLevels
        properties: { ns_levels: { one: { description: one }, two: { description: two } }, default_level: one }
    - numbers:
        type: tosca.policies.nfv.VnfToInstantiationLevelMapping
        properties: { number_of_instances: { one: 1, two: 2 } }
        targets: [ router ]
    - aspects:
        type: tosca.policies.nfv.NsScalingAspects
        properties:
          aspects:
            width: { name: width, description: w, ns_scale_levels: { 0: { description: a }, 1: { description: b } } }
    - steps:
        type: tosca.policies.nfv.VnfToLevelMapping
        properties: { aspect: width, number_of_instances: { 0: 1, 1: 3 } }
        targets: [ router ]
    - near:
        type: tosca.policies.nfv.NsAffinityRule
        properties: { scope: nfvi_pop }
        targets: [ router, wan ]
"""


def flavour_of(onboarded):
    assert onboarded.nsd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.nsd.flavours[onboarded.nsd.default_flavour]


def test_what_a_network_service_is_made_of(read_text):
    """Constituents, links, access points, levels and rules arrive; a nested service is not the service itself."""
    onboarded = read_text(NSD)
    nsd = onboarded.nsd
    assert nsd is not None, [str(finding) for finding in onboarded.diagnostics]
    assert (nsd.id, nsd.name, nsd.designer, nsd.default_flavour) == ("edge-1", "Edge", "Acme", "plain")
    flavour = nsd.flavours["plain"]
    router = flavour.vnf_profiles["router"]
    assert (router.vnfd_id, router.flavour_id, router.instantiation_level) == ("router-1", "small", "least")
    assert (router.min_instances, router.max_instances) == (1, 3)
    assert router.links == {"virtual_link": "wan", "virtual_link#2": "lan"}
    assert {nested.nsd_id: nested.links for nested in flavour.nested.values()} == {"backup-1": {"virtual_link": "lan"}}
    assert flavour.virtual_links["lan"].l3[0].cidr == "10.0.0.0/24"
    sap = flavour.saps["uplink"]
    assert (sap.internal_link, sap.external_link, sap.connection_point) == ("wan", "internet", "virtual_link")
    assert flavour.default_level == "one"
    assert flavour.vnf_instances() == {"router": 1}
    assert flavour.vnf_instances("two") == {"router": 2}
    assert [(level.id, level.vnf_instances) for level in flavour.aspects["width"].levels] == [
        ("0", {"router": 1}), ("1", {"router": 3}),
    ]  # fmt: skip
    assert [(rule.id, rule.targets) for rule in flavour.affinity_rules] == [("near", ("router", "wan"))]


def test_an_nsd_by_the_book_has_nothing_wrong(read_text):
    """The only finding is that the outer network is not in the NSD."""
    assert [finding.code for finding in read_text(NSD).diagnostics] == ["tosca-unknown-target"]


@pytest.mark.parametrize(
    ("before", "after", "code", "refused"),
    [
        ("default_level: one", "default_level: three", "sol001-unknown-level", True),
        (", default_level: one", "", "sol001-no-default-level", False),
        ("one: 1, two: 2", "one: 1, two: 9", "sol001-level-outside-profile", True),
        ("aspect: width", "aspect: depth", "sol001-unknown-aspect", False),
        ("one: 1, two: 2", "one: 1, too: 2", "sol001-unknown-level", False),
        ("- virtual_link: wan", "- virtual_link: nowhere", "tosca-unknown-target", False),
        ("      descriptor_id: { type: string, default: edge-1 }\n", "", "tosca-missing-property", True),
    ],
)
def test_contradictions_are_told(read_text, finding, *, before, after, code, refused):
    """What cannot be built is refused, what can be is told."""
    assert before in NSD
    onboarded = read_text(NSD.replace(before, after))
    assert finding(onboarded, code)
    assert onboarded.failed == refused


def test_a_service_without_a_mapping_is_its_first_node(read_text):
    """NSDs that only hold nodes: the first NS is the service."""
    text = NSD.replace("type: acme.Edge", "type: tosca.nodes.nfv.NS\n      properties: { descriptor_id: edge-2 }")
    start, end = text.index("  substitution_mappings"), text.index("  node_templates")
    onboarded = read_text(text[:start] + text[end:])
    assert onboarded.nsd is not None
    assert onboarded.nsd.id == "edge-2"
    assert list(flavour_of(onboarded).nested) == ["backup"]
