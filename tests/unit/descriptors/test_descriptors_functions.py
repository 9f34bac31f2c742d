import pytest

PARTS = """\
  inputs:
    site: { type: string, default: paris }
    secret: { type: string }
    sizes: { type: map, entry_schema: { type: string }, default: { small: 2 GiB } }
"""


def with_worker(text, description, more=""):
    """The VNFD whose worker has this description, and inputs."""
    text = text.replace("topology_template:\n", "topology_template:\n" + PARTS, 1)
    return text.replace("description: forwards", f"description: {description}") + more


def description_of(onboarded):
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    return onboarded.vnfd.flavours["small"].vdus["worker"].description


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("{ get_input: site }", "paris"),
        ("{ get_input: [ sizes, small ] }", "2 GiB"),
        ("{ get_property: [ SELF, name ] }", "worker"),
        ("{ get_property: [ vnf, vnfm_info, 0 ] }", "1:mano"),
        ("{ get_property: [ inside, connectivity_type, layer_protocols, 0 ] }", "ipv4"),
        ("{ get_property: [ worker, virtual_compute, virtual_memory, virtual_mem_size ] }", "1 GiB"),
        ("{ get_property: [ port_in, virtual_binding, name ] }", "worker"),
        ("{ concat: [ { get_property: [ vnf, product_name ] }, '-', { get_input: site }, '-', 1.10 ] }",
         "Router-paris-1.10"),
        ("{ join: [ [ a, { get_input: site } ], ', ' ] }", "a, paris"),
        ("{ token: [ { concat: [ 'a:b/', c ] }, ':/', 2 ] }", "c"),
    ],
)  # fmt: skip
def test_calls_are_replaced_by_their_values(read_text, vnfd_text, call, value):
    """Inputs, properties of nodes, capabilities and targets, and text made of them are known at onboarding."""
    assert description_of(read_text(with_worker(vnfd_text, call))) == value


def test_values_from_functions_are_checked_like_others(read_text, vnfd_text, finding):
    """A function that gives text where a number is asked for is found out."""
    text = with_worker(vnfd_text, "forwards").replace("num_virtual_cpu: 2", "num_virtual_cpu: { get_input: site }")
    onboarded = read_text(text)
    assert onboarded.failed
    assert finding(onboarded, "tosca-wrong-type").path.endswith("num_virtual_cpu")


def test_what_is_known_at_run_time_only_stays_as_data(read_text, vnfd_text):
    """Attributes, and inputs that nobody has set, stay calls; what is known inside them is put in."""
    script = """\
      interfaces:
        Vnflcm:
          instantiate_end:
            implementation: configure.sh
            inputs:
              address: { get_attribute: [ port_out, address ] }
              url: { concat: [ "http://", { get_input: site }, "/", { get_input: secret } ] }
    worker:
"""
    text = with_worker(vnfd_text, "forwards").replace("    worker:\n", script, 1)
    onboarded = read_text(text)
    assert onboarded.vnfd is not None, [str(finding) for finding in onboarded.diagnostics]
    (bound,) = onboarded.vnfd.flavours["small"].scripts
    assert bound.inputs == {
        "address": {"get_attribute": ["port_out", "address"]},
        "url": {"concat": ["http://", "paris", "/", {"get_input": "secret"}]},
    }


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("{ get_property: [ wroker, name ] }", "tosca-function-target"),
        ("{ get_property: [ SELF, nmae ] }", "tosca-function-target"),
        ("{ get_property: [ worker, virtual_compute, size ] }", "tosca-function-target"),
        ("{ get_property: [ vnf, vnfm_info, 7 ] }", "tosca-function-target"),
        ("{ get_attribute: [ nobody, address ] }", "tosca-function-target"),
        ("{ get_artifact: [ SELF, image ] }", "tosca-function-target"),
        ("{ get_property: SELF }", "tosca-function-arguments"),
        ("{ concat: text }", "tosca-function-arguments"),
        ("{ concat: [ [ a ], b ] }", "tosca-function-arguments"),
        ("{ join: [ a, b ] }", "tosca-function-arguments"),
        ("{ token: [ a-b, '-' ] }", "tosca-function-arguments"),
        ("{ token: [ a-b, '-', 2 ] }", "tosca-function-arguments"),
        ("{ get_property: [ SELF, description ] }", "tosca-function-cycle"),
    ],
)
def test_wrong_calls_are_errors_with_their_place(read_text, vnfd_text, finding, call, code):
    """Unknown targets, wrong arguments and circles are reported where the call stands."""
    onboarded = read_text(with_worker(vnfd_text, call))
    assert onboarded.failed
    found = finding(onboarded, code)
    assert "worker/properties/description" in found.path
    assert found.line == next(
        number for number, line in enumerate(with_worker(vnfd_text, call).splitlines(), 1) if "description: {" in line
    )


def test_a_circle_over_several_properties_is_told_in_full(read_text, vnfd_text, finding):
    """Each step of the circle is named."""
    text = with_worker(vnfd_text, "{ get_property: [ vnf, flavour_description ] }").replace(
        "flavour_description: A small one", "flavour_description: { get_property: [ worker, description ] }"
    )
    found = finding(read_text(text), "tosca-function-cycle")
    assert "worker.description" in found.message
    assert "vnf.flavour_description" in found.message


def test_doubling_values_are_stopped(read_text, vnfd_text, finding):
    """Properties that each hold the one before twice do not fill the memory."""
    steps = "".join(
        f"    link{i}:\n      type: tosca.nodes.nfv.VnfVirtualLink\n      properties:\n        description: "
        + (f"{{ concat: [ {{ get_property: [ link{i - 1}, description ] }}, "
           f"{{ get_property: [ link{i - 1}, description ] }} ] }}\n" if i else "abcdefgh\n")
        for i in range(60)
    )  # fmt: skip
    onboarded = read_text(vnfd_text + steps)
    assert onboarded.failed
    assert finding(onboarded, "tosca-function-too-large")
