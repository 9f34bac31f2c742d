import pytest

from descriptors.diagnostics import Severity


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def test_a_whole_vnfd_has_nothing_wrong(read_text, vnfd_text):
    """A descriptor by the book gives no finding, apart from the image that is not carried."""
    onboarded = read_text(vnfd_text)
    assert [finding.code for finding in onboarded.diagnostics] == ["image-not-in-package"]
    assert onboarded.vnfd is not None


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("num_virtual_cpu: 2", "num_virtual_cpu: two", "'two' is not a integer"),
        ("virtual_mem_size: 1 GiB", "virtual_mem_size: much", "'much' is not a scalar-unit.size"),
        ("layer_protocols: [ ipv4 ], order: 0", "layer_protocols: ipv4, order: 0", "'ipv4' is not a list"),
        ("provider: Acme", "provider: [ Acme ]", "a list is not a string"),
        ("max_bitrate_requirements: { root: 1000 }", "max_bitrate_requirements: 5", "5 is not a LinkBitrateReq"),
        ("order: 0", "order: -1", "-1 is not greater_or_equal 0"),
    ],
)
def test_a_wrong_value_names_file_line_and_column(read_text, vnfd_text, before, after, message):
    """An attribute of the wrong type is refused where it stands."""
    text = vnfd_text.replace(before, after)
    onboarded = read_text(text)
    errors = [finding for finding in onboarded.diagnostics if finding.severity is Severity.ERROR]
    assert onboarded.failed
    assert len(errors) == 1
    assert message in errors[0].message
    assert (errors[0].file, errors[0].line) == ("vnfd.yaml", line_of(text, after.split(",", maxsplit=1)[0]))
    assert errors[0].column > 1
    assert errors[0].path.startswith("topology_template/node_templates/")


def test_the_first_problem_never_hides_the_second(read_text, vnfd_text):
    """All problems come at once."""
    text = vnfd_text.replace("num_virtual_cpu: 2", "num_virtual_cpu: two").replace(
        "virtual_binding: worker", "virtual_binding: nobody"
    )
    codes = [finding.code for finding in read_text(text).diagnostics if finding.severity is Severity.ERROR]
    assert codes == ["tosca-wrong-type", "tosca-unknown-target", "tosca-unknown-target"]


def test_an_unknown_type_is_refused_with_a_hint(read_text, vnfd_text, finding):
    """A slip of the pen is guessed."""
    onboarded = read_text(vnfd_text.replace("tosca.nodes.nfv.VnfVirtualLink", "tosca.nodes.nfv.VnfVirtualLinc"))
    assert onboarded.failed
    assert finding(onboarded, "tosca-unknown-type").hint == "did you mean tosca.nodes.nfv.VnfVirtualLink?"


def test_an_unknown_property_is_told_with_a_hint(read_text, vnfd_text, finding):
    """It is not used, and its author shall know."""
    onboarded = read_text(vnfd_text.replace("description: forwards", "descripton: forwards"))
    unknown = finding(onboarded, "tosca-unknown-property")
    assert onboarded.vnfd is not None
    assert (unknown.severity, unknown.hint) == (Severity.WARNING, "did you mean description?")


def test_a_missing_property_that_shapes_resources_is_refused(read_text, vnfd_text, finding):
    """Processors are not guessed; a description may be missed."""
    onboarded = read_text(vnfd_text.replace("{ num_virtual_cpu: 2 }", "{ cpu_architecture: x86 }"))
    assert onboarded.failed
    assert "num_virtual_cpu" in finding(onboarded, "tosca-missing-property").message
    onboarded = read_text(vnfd_text.replace("        flavour_description: A small one\n", ""))
    assert onboarded.vnfd is not None
    assert finding(onboarded, "tosca-missing-property").severity is Severity.WARNING


def test_required_properties_of_the_packages_own_types_are_required(read_text, vnfd_text, finding):
    """Whoever defines a type means what it says."""
    text = vnfd_text.replace(
        "topology_template:",
        "node_types:\n  my.Vdu:\n    derived_from: tosca.nodes.nfv.Vdu.Compute\n"
        "    properties:\n      colour: { type: string, constraints: [ valid_values: [ red ] ] }\n"
        "topology_template:",
    ).replace("type: tosca.nodes.nfv.Vdu.Compute\n      properties:", "type: my.Vdu\n      properties:")
    assert "colour" in finding(read_text(text), "tosca-missing-property").message
    blue = text.replace("        name: worker\n", "        name: worker\n        colour: blue\n")
    assert "'blue' is none of red" in finding(read_text(blue), "tosca-constraint").message
    assert read_text(blue.replace("colour: blue", "colour: red")).vnfd is not None


@pytest.mark.parametrize(
    "schema",
    [
        "{ type: string, default: blue, constraints: [ valid_values: [ red ] ] }",
        "{ type: string, constraints: [ valid_values: [ 18, 19 ] ] }",
    ],
    ids=["forbids-its-own-default", "allows-no-text"],
)
def test_a_list_of_values_that_contradicts_its_own_type_is_not_held_against_a_value(
    read_text, vnfd_text, finding, schema
):
    """Nothing could be given that would be right: the slip is the type's, and told as a warning."""
    text = vnfd_text.replace(
        "topology_template:",
        "node_types:\n  my.Vdu:\n    derived_from: tosca.nodes.nfv.Vdu.Compute\n"
        f"    properties:\n      colour: {schema}\ntopology_template:",
    ).replace(
        "type: tosca.nodes.nfv.Vdu.Compute\n      properties:\n",
        "type: my.Vdu\n      properties:\n        colour: blue\n",
    )
    onboarded = read_text(text)
    assert onboarded.vnfd is not None
    assert finding(onboarded, "tosca-value-not-listed").severity is Severity.WARNING


def test_inputs_are_put_in(read_text, vnfd_text, finding):
    """get_input takes the default, through lists and maps too; an input that is not declared is refused."""
    text = vnfd_text.replace("num_virtual_cpu: 2", "num_virtual_cpu: { get_input: [ size, cpus ] }").replace(
        "  node_templates:",
        "  inputs:\n    size: { type: map, entry_schema: { type: integer }, default: { cpus: 3 } }\n  node_templates:",
    )
    onboarded = read_text(text)
    assert onboarded.vnfd is not None
    assert onboarded.vnfd.flavours["small"].vdus["worker"].vcpus == 3
    onboarded = read_text(vnfd_text.replace("provider: Acme", "provider: { get_input: nothing }"))
    assert onboarded.failed
    assert "nothing" in finding(onboarded, "tosca-unknown-input").message


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('descriptor_version: "1.0"', "descriptor_version: 1.10", "tosca-number-as-text"),
        ("order: 0", 'order: "0"', "tosca-text-as-number"),
        ("vnfm_info: [", "unused: {}\n        vnfm_info: [", "tosca-unknown-property"),
        ("algorithm: sha-256", "algorithm: SHA256", "tosca-value-spelling"),
        ("layer_protocols: [ ipv4 ] }\n        vl", "layer_protocols: [ IPv4 ] }\n        vl", "tosca-value-spelling"),
        ("virtual_cpu: { num_virtual_cpu: 2 }", "virtual_cpu: { properties: { num_virtual_cpu: 2 } }",
         "tosca-extra-level"),
        ("name: worker\n        description", "name: worker\n      naem: worker\n      other:\n        description",
         "tosca-unknown-key"),
        ("        - virtual_binding: worker\n        - virtual_link: inside",
         "        virtual_binding: worker\n        virtual_link: inside", "tosca-map-for-list"),
    ],
)  # fmt: skip
def test_known_slips_are_accepted_with_a_warning(read_text, vnfd_text, finding, *, before, after, code):
    """What real packages get wrong is read as it is meant, and told."""
    assert before in vnfd_text
    onboarded = read_text(vnfd_text.replace(before, after, 1))
    assert finding(onboarded, code).severity is Severity.WARNING


def test_versions_that_look_like_numbers_keep_their_zeros(read_text, vnfd_text):
    """1.10 is not 1.1."""
    onboarded = read_text(vnfd_text.replace('descriptor_version: "1.0"', "descriptor_version: 1.10"))
    assert onboarded.vnfd is not None
    assert onboarded.vnfd.version == "1.10"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "tosca-not-a-template"),
        ("a: 1", "tosca-no-version"),
        ("tosca_definitions_version: cloudify_dsl_1_3", "tosca-unknown-version"),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template: []", "tosca-wrong-type"),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\nnode_types: 5", "tosca-wrong-type"),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\nimports: 5", "tosca-wrong-type"),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n    a: 5",
         "tosca-wrong-type"),
        ("tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n    a: {}",
         "tosca-missing-type"),
    ],
)  # fmt: skip
def test_what_is_no_descriptor_is_refused_with_its_place(read_text, finding, text, code):
    """Whatever comes is answered with a reason and a line."""
    onboarded = read_text(text)
    assert onboarded.failed
    assert finding(onboarded, code).line >= 1
    assert finding(onboarded, code).file == "vnfd.yaml"
