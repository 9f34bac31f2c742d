from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vnfm_examples import CIRROS, FIREWALL, OUTSIDE, created, with_port

from descriptors.model.vnfd import ConnectionPoint, Flavour, ScalingAspect, Vdu, VirtualLink, Vnfd
from mano_runtime.workflow.plan import Verb, difference
from vim_adapters.performer import BEHAVIOURS
from vnfm.inventory.description import describe
from vnfm.planning.desired_state import desired_state
from vnfm.planning.paths import parse_vnfc_part
from vnfm.planning.placement import kept
from vnfm.planning.shape import Shape

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How fast a busy machine is, is no property of the code."""

names = st.text(alphabet="abc_-1", min_size=1, max_size=4).filter(lambda name: not name.isdigit())


@st.composite
def vnfds(draw) -> Vnfd:
    """VNFs of any number of VDUs, connected to any links, that grow in any steps."""
    vdus = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    links = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    points = {
        f"{vdu}.{number}": ConnectionPoint(
            id=f"{vdu}.{number}", vdu=vdu, order=number, internal_link=draw(st.sampled_from(links))
        )
        for vdu in vdus
        for number in range(draw(st.integers(0, 3)))
    }
    most = draw(st.integers(0, 3))
    steps = {vdu: tuple(draw(st.lists(st.integers(0, 3), min_size=most, max_size=most))) for vdu in vdus}
    flavour = Flavour(
        id="simple",
        vdus={vdu: Vdu(id=vdu, name=vdu, image=CIRROS) for vdu in vdus},
        connection_points=points,
        virtual_links={link: VirtualLink(id=link) for link in links},
        initial_instances={vdu: draw(st.integers(0, 2)) for vdu in vdus},
        aspects={"size": ScalingAspect(id="size", max_level=most, steps=steps)},
    )
    return Vnfd(
        id="any", provider="p", product_name="n", software_version="1", version="1", flavours={"simple": flavour}
    )


def size(vnfd: Vnfd, level: int):
    shape = Shape(flavour_id="simple", scale_levels={"size": level})
    return desired_state(vnfd, shape, instance_id="vnf-1", label="l")


@unhurried
@given(vnfds(), st.data())
def test_going_out_and_in_again_is_going_nowhere(vnfd, data):
    """Between two sizes of any VNF the plan out only creates, and the plan back removes exactly that."""
    most = vnfd.flavours["simple"].aspects["size"].max_level
    low, high = sorted((data.draw(st.integers(0, most)), data.draw(st.integers(0, most))))
    small, large = created(size(vnfd, low).graph), created(size(vnfd, high).graph)
    out = difference(small, kept(size(vnfd, high).graph, small), scope="s", behaviours=BEHAVIOURS)
    assert {step.verb for step in out.steps} <= {Verb.CREATE, Verb.READY}
    back = difference(large, kept(size(vnfd, low).graph, large), scope="s", behaviours=BEHAVIOURS)
    assert {step.verb for step in back.steps} <= {Verb.DELETE, Verb.GONE}
    assert {step.path for step in back.steps} == {step.path for step in out.steps}
    assert large.keys() - {step.path for step in back.steps} == small.keys()


@unhurried
@given(vnfds(), st.data())
def test_every_size_of_any_vnf_is_closed_and_counted(vnfd, data):
    """Nothing refers to what is not planned, and there are as many servers as the descriptor says, numbered from 0."""
    flavour = vnfd.flavours["simple"]
    level = data.draw(st.integers(0, flavour.aspects["size"].max_level))
    graph = size(vnfd, level).graph
    assert {needed for resource in graph.values() for needed in resource.needs} <= graph.keys()
    for vdu, count in flavour.vdu_instances({"size": level}).items():
        parts = [part for path in graph if (part := parse_vnfc_part(path)) and part.part == "server"]
        assert {part.index for part in parts if part.vdu == vdu} == set(range(count))


@pytest.mark.parametrize("link", [OUTSIDE, with_port()])
@unhurried
@given(level=st.integers(0, 2))
def test_any_size_is_described_whole(link, level):
    """Each server, volume and network that exists is in the inventory, once."""
    shape = Shape(flavour_id="simple", scale_levels={"throughput": level}, ext_virtual_links=(link,))
    vnf = desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw")
    graph = created(vnf.graph)
    info = describe(shape, graph, vnf.attachments)
    told = [
        *(vnfc.compute_resource.resource_id for vnfc in info.vnfc_resource_info),
        *(storage.storage_resource.resource_id for storage in info.virtual_storage_resource_info),
        *(net.network_resource.resource_id for net in info.vnf_virtual_link_resource_info),
    ]
    exist = [f"id-of-{path}" for path in graph if path.endswith(("/server", "/network")) or "/storage/" in path]
    assert sorted(told) == sorted(exist)
