"""A VNF's life on the simulated VIM: the engine, the planner and the VIM adapter together."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter

import msgspec
import pytest
from vnfm_examples import FIREWALL, with_port

from descriptors.model.vnfd import Artifact, Flavour, SoftwareImage, Vdu
from vnfm.sol003.general import ResourceHandle
from vnfm.sol003.instances import InstantiationState
from vnfm.sol003.ports import GrantRefusedError, SolProblemError
from vnfm.sol003.requests import (
    CreateVnfRequest,
    InstantiateVnfRequest,
    ScaleType,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    TerminationType,
    VnfInfoModificationRequest,
)

OUT = ScaleVnfRequest(type=ScaleType.SCALE_OUT, aspect_id="throughput")
IN = ScaleVnfRequest(type=ScaleType.SCALE_IN, aspect_id="throughput")
END = TerminateVnfRequest(termination_type=TerminationType.FORCEFUL)


async def test_instantiate_brings_about_what_the_descriptor_says(vnfm, vim, instantiated, grants):
    """Every planned resource is on the VIM exactly once, and the inventory names each with its address and zone."""
    vnf = await vnfm.lifecycle.get_vnf(instantiated)
    assert vnf.instantiation_state == InstantiationState.INSTANTIATED
    info = vnf.instantiated_vnf_info
    assert [vnfc.id for vnfc in info.vnfc_resource_info] == ["vdu/database/0", "vdu/firewall/0"]
    owned = await vim.resources()
    assert all(len(ids) == 1 for ids in owned.values())
    for vnfc in info.vnfc_resource_info:
        assert owned[f"vnf/{instantiated}/{vnfc.id}/server"] == [vnfc.compute_resource.resource_id]
        assert vnfc.zone_id == "az1"
    firewall = info.vnfc_resource_info[1]
    outside, inside = firewall.vnfc_cp_info
    assert outside.vnf_ext_cp_id == info.ext_cp_info[0].id
    assert outside.cp_protocol_info[0].ip_over_ethernet.ip_addresses[0].addresses == ("10.0.0.10",)
    assert inside.cp_protocol_info[0].ip_over_ethernet.ip_addresses[0].addresses[0].startswith("192.168.7.")
    assert {link.vnf_virtual_link_desc_id for link in info.vnf_virtual_link_resource_info} == {"inside", "sync", "raw"}
    assert {storage.virtual_storage_desc_id for storage in info.virtual_storage_resource_info} == {
        "log",
        "scratch",
        "system",
    }
    assert vnf.vim_connection_info["vim-1"].access_info == {}
    assert {definition.type for definition in grants.asked[0].add_resources} == {"COMPUTE", "STORAGE", "VL", "LINKPORT"}


async def test_the_occurrence_tells_what_was_changed(vnfm, ended, created, attached):
    """ResourceChanges list every VNFC, link, port outside and storage that came, by its identifier on the VIM."""
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, attached))
    changes = occurrence.resource_changes
    assert {vnfc.id for vnfc in changes.affected_vnfcs} == {"vdu/database/0", "vdu/firewall/0"}
    assert all(vnfc.compute_resource.resource_id for vnfc in changes.affected_vnfcs)
    links = Counter(link.change_type for link in changes.affected_virtual_links)
    assert links == {"ADDED": 3, "LINK_PORT_ADDED": 1}
    assert len(changes.affected_virtual_storages) == 3
    assert len(changes.affected_ext_link_ports) == 1
    assert occurrence.grant_id == f"grant-of-{occurrence.id}"


async def test_scaling_out_and_in_touches_nothing_else(vnfm, vim, ended, instantiated):
    """Out adds VNFCs beside the others, which stay the very same; in takes the newest away again."""
    before = await vim.resources()
    out = await ended(await vnfm.lifecycle.scale(instantiated, OUT))
    assert out.operation_state == "COMPLETED", out.error
    grown = await vim.resources()
    assert {path: grown[path] for path in before} == before
    assert f"vnf/{instantiated}/vdu/firewall/1/server" in grown
    info = (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info
    assert info.scale_status[0].scale_level == 1
    back = await ended(await vnfm.lifecycle.scale(instantiated, IN))
    assert back.operation_state == "COMPLETED", back.error
    assert await vim.resources() == before
    assert [vnfc.change_type for vnfc in back.resource_changes.affected_vnfcs] == ["REMOVED"]


async def test_scaling_to_a_level_sets_the_size(vnfm, vim, ended, instantiated):
    """A named level is reached from wherever the VNF is."""
    occurrence = await ended(
        await vnfm.lifecycle.scale_to_level(instantiated, ScaleVnfToLevelRequest(instantiation_level_id="large"))
    )
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    servers = [path for path in await vim.resources() if path.endswith("/server")]
    assert len(servers) == 3


async def test_terminate_leaves_nothing(vnfm, vim, ended, instantiated):
    """Nothing of the VNF is on the VIM, its record is as before it was instantiated, and may be deleted."""
    occurrence = await ended(await vnfm.lifecycle.terminate(instantiated, END))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.resources() == {}
    vnf = await vnfm.lifecycle.get_vnf(instantiated)
    assert vnf.instantiation_state == InstantiationState.NOT_INSTANTIATED
    assert vnf.instantiated_vnf_info is None
    await vnfm.lifecycle.delete_vnf(instantiated)
    assert await vnfm.lifecycle.get_vnf(instantiated) is None


async def test_a_vnf_can_be_terminated_without_its_package(vnfm, vim, ended, instantiated, packages):
    """Removing what exists needs nothing but the record of it."""
    packages.vnfds.clear()
    occurrence = await ended(await vnfm.lifecycle.terminate(instantiated, END))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert await vim.resources() == {}


async def test_a_link_port_made_beforehand_is_used_and_survives(vnfm, vim, ended, created):
    """The VNF is attached with the port that was given, and terminating leaves that port alone."""
    network = await vim.outside_network()
    port = await vim.outside_port(network)
    link = msgspec.structs.replace(with_port(), resource_id=network)
    given = msgspec.structs.replace(link.ext_link_ports[0], resource_handle=ResourceHandle(resource_id=port))
    link = msgspec.structs.replace(link, ext_link_ports=(given,))
    request = InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(link,))
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, request))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    info = (await vnfm.lifecycle.get_vnf(created)).instantiated_vnf_info
    assert info.ext_virtual_link_info[0].ext_link_ports[0].resource_handle.resource_id == port
    assert info.ext_cp_info[0].ext_link_port_id == "given"
    ended_ = await ended(await vnfm.lifecycle.terminate(created, END))
    assert ended_.operation_state == "COMPLETED", ended_.error
    assert await vim.outside_port(network) == port


async def test_a_failed_step_can_be_tried_again(vnfm, vim, ended, created, attached):
    """The occurrence stops in FAILED_TEMP with the VIM's own words; retry completes it with each resource once."""
    await vim.spoil(error="refused", kind="server", match="*firewall*", message="no such hypervisor")
    operation = await vnfm.lifecycle.instantiate(created, attached)
    occurrence = await ended(operation)
    assert occurrence.operation_state == "FAILED_TEMP"
    assert "no such hypervisor" in occurrence.error["detail"]
    assert occurrence.error["step"] == "create:vdu/firewall/0/server"
    assert (await vnfm.lifecycle.get_vnf(created)).instantiation_state == InstantiationState.NOT_INSTANTIATED
    await vnfm.lifecycle.retry(operation)
    assert (await ended(operation)).operation_state == "COMPLETED"
    assert all(len(ids) == 1 for ids in (await vim.resources()).values())


async def test_a_failed_step_can_be_rolled_back(vnfm, vim, ended, created, attached):
    """Rolling an instantiation back leaves nothing on the VIM and the instance as it was."""
    await vim.spoil(error="boot_fault", kind="server", match="*firewall*", message="kernel panic")
    operation = await vnfm.lifecycle.instantiate(created, attached)
    assert "kernel panic" in (await ended(operation)).error["detail"]
    assert await vim.resources()
    await vnfm.lifecycle.rollback(operation)
    assert (await ended(operation)).operation_state == "ROLLED_BACK"
    assert await vim.resources() == {}
    assert (await vnfm.lifecycle.get_vnf(created)).instantiation_state == InstantiationState.NOT_INSTANTIATED
    await vnfm.lifecycle.delete_vnf(created)


async def test_a_scaling_that_failed_can_be_rolled_back(vnfm, vim, ended, instantiated):
    """Rolling a scale-out back leaves exactly what was there before it."""
    before = await vim.resources()
    await vim.spoil(error="boot_fault", kind="server")
    operation = await vnfm.lifecycle.scale(instantiated, OUT)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vnfm.lifecycle.rollback(operation)
    assert (await ended(operation)).operation_state == "ROLLED_BACK"
    assert await vim.resources() == before
    info = (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info
    assert info.scale_status[0].scale_level == 0
    assert len(info.vnfc_resource_info) == 2


async def test_a_scaling_in_that_failed_can_be_rolled_back(vnfm, vim, ended, instantiated):
    """Rolling a scale-in back brings about again what had gone already, and the inventory knows its new identifiers."""
    await ended(await vnfm.lifecycle.scale(instantiated, OUT))
    before = await vim.resources()
    await vim.spoil(error="denied", verb="ensure_absent", kind="volume", match="*firewall/1/*", remaining=None)
    operation = await vnfm.lifecycle.scale(instantiated, IN)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    server = f"vnf/{instantiated}/vdu/firewall/1/server"
    assert server not in await vim.resources()
    await vim.heal()
    await vnfm.lifecycle.rollback(operation)
    assert (await ended(operation)).operation_state == "ROLLED_BACK"
    after = await vim.resources()
    assert after.keys() == before.keys()
    info = (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info
    assert info.scale_status[0].scale_level == 1
    assert [info.vnfc_resource_info[-1].compute_resource.resource_id] == after[server]


async def test_an_instantiation_that_was_given_up_can_be_terminated(vnfm, vim, ended, created, attached):
    """FAILED keeps what exists in the inventory, so that terminate finds and removes all of it."""
    await vim.spoil(error="boot_fault", kind="server", match="*firewall*")
    operation = await vnfm.lifecycle.instantiate(created, attached)
    await ended(operation)
    assert (await vnfm.lifecycle.fail(operation)).operation_state == "FAILED"
    vnf = await vnfm.lifecycle.get_vnf(created)
    assert vnf.instantiation_state == InstantiationState.INSTANTIATED
    assert vnf.instantiated_vnf_info.vnf_virtual_link_resource_info
    assert (await ended(await vnfm.lifecycle.terminate(created, END))).operation_state == "COMPLETED"
    assert await vim.resources() == {}


async def test_a_scaling_that_was_given_up_can_be_asked_again(vnfm, vim, ended, instantiated):
    """What the failed attempt left faulted is made anew, and what it left whole is kept."""
    await vim.spoil(error="boot_fault", kind="server")
    operation = await vnfm.lifecycle.scale(instantiated, OUT)
    await ended(operation)
    await vnfm.lifecycle.fail(operation)
    again = await ended(await vnfm.lifecycle.scale(instantiated, OUT))
    assert again.operation_state == "COMPLETED", again.error
    owned = await vim.resources()
    assert all(len(ids) == 1 for ids in owned.values())
    info = (await vnfm.lifecycle.get_vnf(instantiated)).instantiated_vnf_info
    assert info.scale_status[0].scale_level == 1
    assert info.vnfc_resource_info[-1].compute_resource.resource_id
    assert (await ended(await vnfm.lifecycle.terminate(instantiated, END))).operation_state == "COMPLETED"
    assert await vim.resources() == {}


async def test_a_termination_that_was_given_up_keeps_what_is_left(vnfm, vim, ended, instantiated):
    """The instance stays INSTANTIATED with what is left, and another terminate removes it."""
    await vim.spoil(error="denied", verb="ensure_absent", kind="network", match="*inside*", remaining=None)
    operation = await vnfm.lifecycle.terminate(instantiated, END)
    assert (await ended(operation)).operation_state == "FAILED_TEMP"
    await vnfm.lifecycle.fail(operation)
    vnf = await vnfm.lifecycle.get_vnf(instantiated)
    assert vnf.instantiation_state == InstantiationState.INSTANTIATED
    links = vnf.instantiated_vnf_info.vnf_virtual_link_resource_info
    assert [link.vnf_virtual_link_desc_id for link in links] == ["inside"]
    assert vnf.instantiated_vnf_info.vnfc_resource_info == ()
    await vim.heal()
    assert (await ended(await vnfm.lifecycle.terminate(instantiated, END))).operation_state == "COMPLETED"
    assert await vim.resources() == {}


async def test_a_refused_grant_changes_nothing(vnfm, vim, ended, created, grants):
    """The operation ends ROLLED_BACK with the NFVO's words, and nothing was sent to the VIM."""

    async def refuse(request):
        raise GrantRefusedError("no zone has room for 2 servers")

    grants.grant = refuse
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, InstantiateVnfRequest(flavour_id="simple")))
    assert occurrence.operation_state == "ROLLED_BACK"
    assert occurrence.error["status"] == 403
    assert "no zone has room" in occurrence.error["detail"]
    assert await vim.resources() == {}


async def test_a_grant_for_an_unknown_vim_changes_nothing(vnfm, vim, ended, created, grants):
    """A VIM that the VNFM does not know is told by its name before anything is sent."""
    grants.vim = "vim-9"
    request = InstantiateVnfRequest(flavour_id="simple")
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, request))
    assert occurrence.operation_state == "ROLLED_BACK"
    assert "'vim-9'" in occurrence.error["detail"]


async def test_an_image_that_is_nowhere_is_told_by_its_name(vnfm, vim, packages, ended, created):
    """An image that neither the package carries nor the VIM has fails the instantiation and is named."""
    simple = FIREWALL.flavours["simple"]
    image = msgspec.structs.replace(simple.vdus["firewall"].image, name="nowhere", checksum="0" * 64)
    vdu = msgspec.structs.replace(simple.vdus["firewall"], image=image)
    flavour = msgspec.structs.replace(simple, vdus={"firewall": vdu})
    packages.vnfds[FIREWALL.id] = msgspec.structs.replace(FIREWALL, flavours={"simple": flavour})
    occurrence = await ended(await vnfm.lifecycle.instantiate(created, InstantiateVnfRequest(flavour_id="simple")))
    assert occurrence.operation_state == "FAILED_TEMP"
    assert "nowhere" in occurrence.error["detail"]


async def test_an_image_that_the_package_carries_is_uploaded_and_removed_with_the_vnf(
    vnfm, vim, packages, ended, tmp_path
):
    """The bytes of the package become an image of the VIM that the VNF owns, checked by their digest."""
    file = tmp_path / "own.img"
    await asyncio.to_thread(file.write_bytes, b"an image" * 1000)
    packages.files["Files/own.img"] = file
    image = SoftwareImage(
        id="own",
        name="own",
        checksum_algorithm="sha-256",
        checksum=hashlib.sha256(b"an image" * 1000).hexdigest(),
        disk_format="raw",
        artifact=Artifact(name="own", file="Files/own.img"),
    )
    flavour = Flavour(id="simple", vdus={"only": Vdu(id="only", name="only", memory_bytes=2**20, image=image)})
    vnfd = msgspec.structs.replace(FIREWALL, id="with-image", flavours={"simple": flavour})
    packages.vnfds[vnfd.id] = vnfd
    vnf = await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=vnfd.id))
    occurrence = await ended(await vnfm.lifecycle.instantiate(vnf.id, InstantiateVnfRequest(flavour_id="simple")))
    assert occurrence.operation_state == "COMPLETED", occurrence.error
    assert set(await vim.resources()) == {f"vnf/{vnf.id}/image/own", f"vnf/{vnf.id}/vdu/only/0/server"}
    assert (await ended(await vnfm.lifecycle.terminate(vnf.id, END))).operation_state == "COMPLETED"
    assert await vim.resources() == {}


async def test_a_second_operation_is_refused_with_the_first_ones_identifier(vnfm, vim, ended, instantiated):
    """409 names the occurrence that has not ended, and FAILED_TEMP counts as not ended; nor may one delete."""
    await vim.spoil(error="refused", kind="server")
    operation = await vnfm.lifecycle.scale(instantiated, OUT)
    await ended(operation)
    with pytest.raises(SolProblemError) as refused:
        await vnfm.lifecycle.scale(instantiated, OUT)
    assert refused.value.status == 409
    assert refused.value.members["vnfLcmOpOccId"] == operation
    with pytest.raises(SolProblemError) as refused:
        await vnfm.lifecycle.delete_vnf(instantiated)
    assert refused.value.status == 409


async def test_of_requests_at_once_one_begins(vnfm, ended, instantiated):
    """Whatever is asked of a VNF at the same time, one operation begins, and the others are told its identifier."""
    asked = [vnfm.lifecycle.scale(instantiated, OUT) for _ in range(4)]
    asked.append(vnfm.lifecycle.modify(instantiated, VnfInfoModificationRequest(vnf_instance_name="x")))
    asked.append(vnfm.lifecycle.terminate(instantiated, END))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    (begun,) = (answer for answer in answers if isinstance(answer, str))
    refused = [answer for answer in answers if answer != begun]
    assert all(isinstance(it, SolProblemError) and it.status == 409 for it in refused)
    assert {it.members["vnfLcmOpOccId"] for it in refused} == {begun}
    assert (await ended(begun)).operation_state == "COMPLETED"
    assert len(await vnfm.lifecycle.operations_of(instantiated)) == 2


async def test_operations_that_the_state_does_not_allow_are_refused(vnfm, created, instantiated):
    """409 for what needs the other instantiation state: instantiate twice, and delete while instantiated."""
    with pytest.raises(SolProblemError, match="INSTANTIATED") as refused:
        await vnfm.lifecycle.instantiate(instantiated, InstantiateVnfRequest(flavour_id="simple"))
    assert refused.value.status == 409
    with pytest.raises(SolProblemError) as refused:
        await vnfm.lifecycle.delete_vnf(instantiated)
    assert refused.value.status == 409


async def test_an_instance_is_found_by_its_metadata(vnfm):
    """An NFVO that lost the answer to a creation finds the instance by what it wrote on it."""
    made = await vnfm.lifecycle.create_vnf(
        CreateVnfRequest(vnfd_id=FIREWALL.id, metadata={"mano.identity": "ns/1/vnf/fw/0"})
    )
    await vnfm.lifecycle.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id))
    assert await vnfm.lifecycle.find_vnfs("mano.identity", "ns/1/vnf/fw/0") == [made]


async def test_the_operations_of_an_instance_are_listed_with_their_parent(vnfm, engine, ended, instantiated):
    """The newest comes last, and the NS operation that an operation serves is on its record."""
    operation = await vnfm.lifecycle.scale(instantiated, OUT, parent="ns-operation")
    await ended(operation)
    found = await vnfm.lifecycle.operations_of(instantiated)
    assert [occurrence.operation for occurrence in found] == ["INSTANTIATE", "SCALE"]
    assert (await engine.get(operation)).parent == "ns-operation"
