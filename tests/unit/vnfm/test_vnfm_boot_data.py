"""Boot data with its variable parts put in."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE, with_port

from descriptors.model.vnfd import Artifact, Vdu
from mano_runtime.workflow.graph import resolve
from vnfm.planning.desired_state import desired_state
from vnfm.planning.images import PackageFiles
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape

PORT = {"id": "p", "addresses": ["192.168.7.10", "fd00::10"], "mac_address": "fa:16:3e:00:00:01"}


def server(content, *, values=None, inputs=None, links=(OUTSIDE,), files=None, **more):  # parts of a VNF
    """Return the spec of the first firewall's server, as an adapter sees it."""
    vdu = msgspec.structs.replace(SIMPLE.vdus["firewall"], boot_data=content, boot_data_values=values or {}, **more)
    flavour = msgspec.structs.replace(SIMPLE, vdus={**SIMPLE.vdus, "firewall": vdu})
    vnfd = msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})
    shape = Shape(flavour_id="simple", ext_virtual_links=links, inputs=inputs or {})
    graph = desired_state(vnfd, shape, instance_id="vnf-1", label="fw", files=files).graph
    return resolve(graph["vdu/firewall/0/server"].spec, lambda _path: PORT)


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("plain", "plain"),
        ("{{ vnf.id }} {{vnfc.id}} {{ vnfc.vdu }}-{{ vnfc.index }}", "vnf-1 vdu/firewall/0 firewall-0"),
        ("ip={{ cp.fw-in.address }};", "ip=192.168.7.10;"),
        ("{{ cp.fw-in.addresses }} {{ cp.fw-in.mac_address }}", "192.168.7.10,fd00::10 fa:16:3e:00:00:01"),
        ("{{ inputs.password }}", "s3cret"),
        ("{{ motto }} ${motto} $motto", "veni veni $motto"),
        ("{{ via }}", "http://192.168.7.10/"),
        # The guest's own: of the shell, of cloud-init's templates, of anything.
        ("${HOME} {{ ds.meta_data.x }} {{ v1.region }} {{ item }} {{vnf}}", None),
    ],
)
def test_variable_parts_are_put_in(template, result):
    """What is known is put in, with the VIM's addresses once they are known; what is the guest's own stays."""
    values = {
        "motto": "veni",
        "via": {"concat": ["http://", {"get_attribute": ["fw-in", "ip_address"]}, "/"]},
    }
    found = server(template, values=values, inputs={"password": "s3cret"})
    assert found["user_data"] == (template if result is None else result)


def test_a_call_can_give_the_whole():
    """Content that is an input's, or put together of parts."""
    call = {"concat": ["#!/bin/sh\n", {"get_input": "script"}]}
    assert server(call, inputs={"script": "true"})["user_data"] == "#!/bin/sh\ntrue"


def test_boot_data_of_a_file_has_variable_parts_too():
    """Wherever the text is from."""
    files = PackageFiles(boot_data={"firewall": "{{ vnfc.index }}"})
    assert server("", files=files)["user_data"] == "0"


def test_keys_and_values_become_metadata():
    """Without a text they are for the guest to ask its VIM for."""
    found = server("", values={"role": "first", "gateway": {"get_attribute": ["fw-in", "ip_address"]}})
    assert "user_data" not in found
    assert found["metadata"]["role"] == "first"
    assert found["metadata"]["gateway"] == "192.168.7.10"
    assert found["metadata"]["vdu_id"] == "firewall"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ inputs.password }}", "additionalParams.password"),
        ("{{ cp.nowhere.address }}", "nowhere"),
        ("{{ cp.fw-in.colour }}", "address, addresses, public_address, mac_address"),
        ("{{ vnfc.colour }}", "id, vdu and index"),
        ("{{ vnf.colour }}", "colour"),
    ],
)
def test_what_is_not_known_refuses_the_operation(template, why):
    """A variable part that is ours and cannot be put in is no guess."""
    with pytest.raises(PlanningRefusedError, match=why):
        server(template)


def test_a_port_made_beforehand_has_the_addresses_that_were_given():
    """Of a link port that somebody else made nothing is known but what the request says."""
    with pytest.raises(PlanningRefusedError, match=r"fw-out\.address"):
        server("{{ cp.fw-out.address }}", links=(with_port(),))


def test_nothing_is_put_where_nothing_is_said():
    """A VDU without boot data starts without."""
    assert Vdu(id="x", name="x").boot_data == ""
    assert "user_data" not in server("")


@pytest.mark.parametrize(
    ("destination", "file", "path"),
    [
        ("/etc/firewall.conf", None, "/etc/firewall.conf"),
        ("/opt/", None, "/opt/boot_data"),
        ("/opt/", "Files/first.sh", "/opt/first.sh"),
    ],
)
def test_boot_data_with_a_destination_becomes_a_file(destination, file, path):
    """Cloud-init is asked to write it, whatever signs are in it, with the addresses that the VIM gives."""
    content = 'say "{{ motto }}"\n\tto {{ cp.fw-in.address }} at {{ via }}: é \\n #\n'
    values = {"motto": 'a"b', "via": {"concat": ["<", {"get_attribute": ["fw-in", "mac_address"]}, ">"]}}
    artifact = Artifact(name="boot_data", file=file) if file else None
    spec = server(content, values=values, boot_data_destination=destination, boot_data_artifact=artifact)
    first, config = spec["user_data"].split("\n", 1)
    assert first == "#cloud-config"
    (asked,) = yaml.safe_load(config)["write_files"]
    assert asked == {
        "path": path, "content": 'say "a"b"\n\tto 192.168.7.10 at <fa:16:3e:00:00:01>: é \\n #\n'
    }  # fmt: skip
