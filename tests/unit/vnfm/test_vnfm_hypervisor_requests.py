from __future__ import annotations

from vnf_with_everything import FULL, MEDIA

from descriptors.model.vnfd import ConnectionPoint, CpuPinning, InterfaceRequirement, Vdu
from vnfm.planning.hypervisor_requests import extra_specs


def test_what_is_asked_of_the_hypervisor_is_put_into_its_words():
    """Pages, NUMA, pinning, capabilities, interfaces and free requests; the logical node's own words win."""
    points = [point for point in FULL.connection_points.values() if point.vdu == "media"]
    assert extra_specs(MEDIA, points) == {
        "hw:mem_page_size": "1048576",
        "hw:numa_nodes": "1",
        "hw:cpu_policy": "dedicated",
        "hw:cpu_thread_policy": "isolate",
        "trait:HW_CRYPTO": "required",
        "trait:NIC_SRIOV": "required",
        "hw:cpu_realtime": "yes",
    }


def test_what_is_not_asked_for_is_not_said():
    """A plain VDU can run on any hypervisor; a policy that is none is not passed on."""
    plain = Vdu(id="plain", name="plain", cpu_pinning=CpuPinning(policy="whatever", rules=("mine",)))
    assert extra_specs(plain, ()) == {}


def test_what_an_interface_can_do_without_is_not_asked_for():
    """No VIM could be told that it need not have it."""
    needed, wished = (
        ConnectionPoint(
            id="p", interface_requirements=(InterfaceRequirement(logical_node={key: "required"}, mandatory=mandatory),)
        )
        for key, mandatory in (("trait:NEEDED", True), ("trait:WISHED", False))
    )
    assert extra_specs(Vdu(id="plain", name="plain"), (needed, wished)) == {"trait:NEEDED": "required"}
