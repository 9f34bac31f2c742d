from __future__ import annotations

import msgspec
import pytest
from vnfm_examples import CIRROS, FIREWALL, OUTSIDE, SIMPLE, with_port

from descriptors.model.vnfd import AddressRequest, AffinityRule, VirtualStorage, Vnfd
from mano_runtime.workflow.graph import Graph, reference
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.images import PackageFiles
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.shape import Shape, initial_shape
from vnfm.sol003.connectivity import (
    CpProtocolData,
    ExtManagedVirtualLinkData,
    ExtVirtualLinkData,
    IpAddressData,
    IpAddressRange,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
    VnfExtCpData,
)
from vnfm.sol003.requests import InstantiateVnfRequest


def desired(
    *links: ExtVirtualLinkData, level: str | None = None, vnfd: Vnfd = FIREWALL, files: PackageFiles | None = None
) -> DesiredVnf:
    request = InstantiateVnfRequest(flavour_id="simple", instantiation_level_id=level, ext_virtual_links=links)
    return desired_state(vnfd, initial_shape(vnfd, request), instance_id="vnf-1", label="fw", files=files)


def graph(*links: ExtVirtualLinkData, level: str | None = None) -> Graph:
    return desired(*links, level=level).graph


def changed(**flavour: object) -> Vnfd:
    return msgspec.structs.replace(FIREWALL, flavours={"simple": msgspec.structs.replace(SIMPLE, **flavour)})


def test_paths_say_what_each_resource_is():
    """Every resource is at a path that tells what it is of, and nothing else is planned."""
    assert set(graph(OUTSIDE)) == {
        "image/cirros",
        "vl/inside/network",
        "vl/inside/subnet/0",
        "vl/raw/network",
        "vl/sync/network",
        "vl/sync/subnet/0",
        "sg/web",
        "group/apart",
        "vdu/firewall/0/storage/log",
        "vdu/firewall/0/cp/fw-out",
        "vdu/firewall/0/cp/fw-in",
        "vdu/firewall/0/server",
        "vdu/database/0/storage/scratch",
        "vdu/database/0/storage/system",
        "vdu/database/0/cp/db-in",
        "vdu/database/0/server",
    }


def test_every_reference_leads_to_a_planned_resource():
    """The desired state is closed: no spec refers to something that is not part of it."""
    planned = graph(OUTSIDE, level="large")
    assert {needed for resource in planned.values() for needed in resource.needs} <= planned.keys()


def test_a_server_has_what_its_vdu_asks_for_and_amounts_are_rounded_up():
    """Processors, memory, disk, flavour, boot data, hypervisor requests and group are those of the VDU."""
    spec = graph(OUTSIDE)["vdu/firewall/0/server"].spec
    assert spec["vcpus"] == 2
    assert spec["memory_mib"] == 513
    assert spec["disk_gib"] == 4
    assert spec["flavour"] == "m1.fast"
    assert spec["user_data"] == "#cloud-config\n"
    assert spec["extra_specs"] == {"hw:mem_page_size": "large"}
    assert spec["image"] == reference("image/cirros")
    assert spec["placement_groups"] == [reference("group/apart")]
    assert spec["metadata"] == {"vnf_instance_id": "vnf-1", "vdu_id": "firewall", "vnfc_index": "0"}


def test_a_guest_has_its_interfaces_in_the_order_of_the_descriptor():
    """Ports are given to the server by the connection points' order; one that is attached to nothing has no port."""
    spec = graph(OUTSIDE)["vdu/firewall/0/server"].spec
    assert spec["ports"] == [reference("vdu/firewall/0/cp/fw-out"), reference("vdu/firewall/0/cp/fw-in")]


def test_a_server_without_image_boots_from_the_volume_that_carries_one():
    """The volume that is filled with an image comes first and is booted from, whatever the order of the storages."""
    planned = graph(OUTSIDE)
    spec = planned["vdu/database/0/server"].spec
    assert "image" not in spec
    assert "disk_gib" not in spec
    assert spec["volumes"] == [
        {"volume": reference("vdu/database/0/storage/system"), "boot": True},
        {"volume": reference("vdu/database/0/storage/scratch")},
    ]
    assert planned["vdu/database/0/storage/system"].spec["image"] == reference("image/cirros")
    assert planned["vdu/firewall/0/storage/log"].spec["size_gib"] == 11


def test_a_vdu_that_nothing_can_boot_is_refused():
    """A VDU without image on itself or a storage is refused by name, before anything is planned."""
    vdus = {**SIMPLE.vdus, "database": msgspec.structs.replace(SIMPLE.vdus["database"], storages=("scratch",))}
    with pytest.raises(PlanningRefusedError, match="'database' has no software image"):
        desired(vnfd=changed(vdus=vdus))


def test_a_storage_of_no_known_type_is_refused():
    """What is no block, file or object storage is refused, not left out in silence."""
    storages = {**SIMPLE.storages, "log": VirtualStorage(id="log", type="TAPE")}
    with pytest.raises(PlanningRefusedError, match="type TAPE; it may be BLOCK, FILE or OBJECT"):
        desired(vnfd=changed(storages=storages))


def test_a_storage_that_the_vnfcs_share_is_one_volume():
    """Storage that is not per VNFC is created once and attached to each."""
    storages = {**SIMPLE.storages, "log": msgspec.structs.replace(SIMPLE.storages["log"], per_vnfc=False)}
    planned = desired(vnfd=changed(storages=storages), level="large").graph
    assert [path for path in planned if path.endswith("storage/log")] == ["vdu/firewall/storage/log"]
    for index in range(2):
        volumes = planned[f"vdu/firewall/{index}/server"].spec["volumes"]
        assert volumes == [{"volume": reference("vdu/firewall/storage/log")}]


def test_an_image_carries_what_the_vim_finds_it_by():
    """Name, digest and least sizes are those of the VNFD; the file only where the package has one."""
    spec = graph()["image/cirros"].spec
    assert spec == {
        "name": CIRROS.name,
        "version": "0.5.2",
        "checksum_algorithm": "sha-256",
        "checksum": CIRROS.checksum,
        "min_disk_gib": 1,
        "min_ram_mib": 1,
    }
    carried = desired(files=PackageFiles(images={"cirros": "/data/cirros.img"})).graph
    assert carried["image/cirros"].spec["content"] == "/data/cirros.img"


def test_boot_data_of_a_file_is_used_where_none_is_inline():
    """What the package keeps in a file becomes user data; inline data wins."""
    planned = desired(files=PackageFiles(boot_data={"database": "from file", "firewall": "from file"})).graph
    assert planned["vdu/database/0/server"].spec["user_data"] == "from file"
    assert planned["vdu/firewall/0/server"].spec["user_data"] == "#cloud-config\n"


def test_an_internal_link_has_the_subnets_of_its_layer_3_data():
    """Range, gateway and pools are the VNFD's, and so is the segment."""
    planned = graph()
    assert planned["vl/inside/network"].spec["mtu"] == 1400
    assert planned["vl/inside/subnet/0"].spec == {
        "name": "fw-inside-0",
        "network": reference("vl/inside/network"),
        "cidr": "192.168.7.0/24",
        "gateway": "192.168.7.1",
        "allocation_pools": [{"start": "192.168.7.10", "end": "192.168.7.99"}],
    }


def test_a_link_without_layer_3_data_gets_a_range_of_its_own_only_where_it_speaks_ip():
    """The default range is the same each time and differs between links; an Ethernet link has none."""
    planned = graph()
    assert planned["vl/sync/subnet/0"].spec["cidr"] == "10.200.2.0/24"
    assert not any(path.startswith("vl/raw/subnet") for path in planned)


def test_an_internal_port_waits_for_the_subnets_of_its_link():
    """A port that is made before the subnet has no address, so it depends on it."""
    assert graph()["vdu/firewall/0/cp/fw-in"].depends_on == ("vl/inside/subnet/0",)


def test_addresses_of_the_vnfd_are_shared_out_where_a_vdu_scales():
    """Also when nothing but its aspects says that it does; one that never has a second VNFC has all of them."""
    given = AddressRequest(fixed=("192.168.7.20", "192.168.7.21"))
    points = SIMPLE.connection_points
    wanted = {name: msgspec.structs.replace(points[name], addresses=(given,)) for name in ("fw-in", "db-in")}
    unbounded = {name: msgspec.structs.replace(it, max_instances=1, bounded=False) for name, it in SIMPLE.vdus.items()}
    vnfd = changed(connection_points={**points, **wanted}, vdus=unbounded)
    planned = desired(level="large", vnfd=vnfd).graph
    cps = ("vdu/firewall/0/cp/fw-in", "vdu/firewall/1/cp/fw-in", "vdu/database/0/cp/db-in")
    asked = [[fixed["address"] for fixed in planned[cp].spec["fixed_addresses"]] for cp in cps]
    assert asked == [["192.168.7.20"], ["192.168.7.21"], ["192.168.7.20", "192.168.7.21"]]


def test_an_externally_managed_link_is_used_and_not_made():
    """The ports go onto the network that was given, and neither network nor subnet is planned."""
    given = ExtManagedVirtualLinkData(id="m", vnf_virtual_link_desc_id="inside", resource_id="net-given")
    request = InstantiateVnfRequest(flavour_id="simple", ext_managed_virtual_links=(given,))
    planned = desired_state(FIREWALL, initial_shape(FIREWALL, request), instance_id="vnf-1", label="fw").graph
    assert not any(path.startswith("vl/inside") for path in planned)
    assert planned["vdu/firewall/0/cp/fw-in"].spec["network"] == "net-given"
    assert planned["vdu/firewall/0/cp/fw-in"].depends_on == ()


def test_external_ports_take_the_configuration_of_their_instance():
    """Each instance uses its own entry of cpConfig, with its addresses, on the network of the virtual link."""
    found = desired(OUTSIDE, level="large")
    for index in range(2):
        path = f"vdu/firewall/{index}/cp/fw-out"
        assert found.graph[path].spec["network"] == "net-outside"
        assert found.graph[path].spec["fixed_addresses"] == [{"address": f"10.0.0.{index + 10}"}]
        assert found.graph[path].spec["vnic_type"] == "direct"
        assert found.attachments[path].cp_config_id == f"out-{index}"


def test_an_instance_beyond_the_given_configurations_gets_dynamic_addresses():
    """No address is used twice: an instance without an entry of its own lets the VIM choose."""
    link = msgspec.structs.replace(
        OUTSIDE,
        ext_cps=(VnfExtCpData(cpd_id="outside", cp_config={"only": OUTSIDE.ext_cps[0].cp_config["out-0"]}),),
    )
    planned = graph(link, level="large")
    assert "fixed_addresses" in planned["vdu/firewall/0/cp/fw-out"].spec
    assert "fixed_addresses" not in planned["vdu/firewall/1/cp/fw-out"].spec


def test_a_link_port_that_was_given_is_used_and_not_made():
    """The server gets the port of the request by its identifier, and no port is planned for it."""
    found = desired(with_port())
    assert "vdu/firewall/0/cp/fw-out" not in found.graph
    assert found.graph["vdu/firewall/0/server"].spec["ports"][0] == "port-given"
    assert found.attachments["vdu/firewall/0/cp/fw-out"].link_port == "port-given"


def test_a_link_port_that_nobody_gave_is_refused():
    """LinkPortId must name one of the link's ports; the refusal says where and what there is."""
    with pytest.raises(PlanningRefusedError, match=r"cpConfig\.out-0\.linkPortId: 'given' .* there are none"):
        desired(msgspec.structs.replace(with_port(), ext_link_ports=()))


def test_a_connection_point_may_be_named_by_the_vdus_own_name():
    """A request may name the external connection point or the VDU connection point that is behind it."""
    link = msgspec.structs.replace(OUTSIDE, ext_cps=(VnfExtCpData(cpd_id="fw-out"),))
    assert desired(link).attachments["vdu/firewall/0/cp/fw-out"].cpd_id == "fw-out"


def test_a_range_that_is_none_is_refused_where_it_stands():
    """A range that ends before it begins is refused with the path of the attribute."""
    data = IpAddressData(
        type=IpAddressType.IPV4, address_range=IpAddressRange(min_address="10.0.0.9", max_address="10.0.0.1")
    )
    config = VnfExtCpConfig(
        cp_protocol_data=(
            CpProtocolData(
                layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
                ip_over_ethernet=IpOverEthernetAddressData(ip_addresses=(data,)),
            ),
        )
    )
    link = msgspec.structs.replace(OUTSIDE, ext_cps=(VnfExtCpData(cpd_id="outside", cp_config={"a": config}),))
    with pytest.raises(PlanningRefusedError, match=r"ipAddresses\[0\]\.addressRange"):
        desired(link)


def test_security_groups_are_made_where_a_port_is_under_them():
    """A policy becomes a group with its rule; one that no port is under is not made."""
    planned = graph(OUTSIDE)
    assert planned["sg/web"].spec["rules"] == [
        {"direction": "ingress", "ether_type": "ipv4", "protocol": "tcp", "port_min": 443, "port_max": 443}
    ]
    assert planned["vdu/firewall/0/cp/fw-out"].spec["security_groups"] == [reference("sg/web")]
    assert "sg/unused" not in planned
    assert "sg/web" not in graph()


def test_rules_between_hosts_become_placement_groups_and_others_do_not():
    """An nfvi_node rule is kept by the VIM; a zone rule is for the grant to keep."""
    planned = graph()
    assert planned["group/apart"].spec["policy"] == "anti-affinity"
    assert "group/same-zone" not in planned


def test_a_rule_that_another_implies_asks_for_no_group_of_its_own():
    """A VDU apart from itself and from others is in one group, as many a VIM allows one only; other kinds stay."""
    rules = tuple(
        AffinityRule(id=id_, anti=anti, scope="nfvi_node", targets=targets)
        for id_, anti, targets in (
            ("itself", True, ("firewall",)),
            ("all", True, ("firewall", "database", "inside")),
            ("again", True, ("database", "firewall")),
            ("close", False, ("firewall",)),
        )
    )
    planned = desired(vnfd=changed(affinity_rules=rules)).graph
    assert [path for path in planned if path.startswith("group/")] == ["group/all", "group/close"]
    of = {name: planned[f"vdu/{name}/0/server"].spec["placement_groups"] for name in ("firewall", "database")}
    assert of == {
        "firewall": [reference("group/all"), reference("group/close")],
        "database": [reference("group/all")],
    }


def test_a_larger_level_adds_vnfcs_and_leaves_the_others_alone():
    """What a size has in common with a smaller one is the very same."""
    small, large = graph(OUTSIDE), graph(OUTSIDE, level="large")
    assert {path: large[path] for path in small} == small
    assert {path for path in large if path not in small} == {
        "vdu/firewall/1/storage/log",
        "vdu/firewall/1/cp/fw-out",
        "vdu/firewall/1/cp/fw-in",
        "vdu/firewall/1/server",
    }


def test_flavours_and_images_that_the_grant_names_are_used():
    """With assets on the VIM the server refers to them, and no image is planned."""
    shape = Shape(flavour_id="simple", vim_flavours={"firewall": "m9"}, vim_images={"cirros": "image-9"})
    planned = desired_state(FIREWALL, shape, instance_id="vnf-1", label="fw").graph
    assert "image/cirros" not in planned
    assert planned["vdu/firewall/0/server"].spec["flavour"] == "m9"
    assert planned["vdu/firewall/0/server"].spec["image"] == "image-9"


def test_the_specs_of_a_plan_are_json_as_it_is_stored():
    """A desired state equals itself after it was stored, or each plan would replace everything."""
    planned = graph(OUTSIDE, level="large")
    stored = msgspec.json.decode(msgspec.json.encode(planned), type=Graph)
    assert stored == planned
