from __future__ import annotations

import base64

import msgspec
import pytest

from vim_adapters.contract import Action, Identity, State
from vim_adapters.errors import InvalidSpecError, MisconfiguredError
from vim_adapters.openstack import networking
from vim_adapters.openstack.capacity import quota_left, room_of
from vim_adapters.openstack.discovery import EVERYTHING, Offer, capabilities_of, check_versions, findings_of
from vim_adapters.openstack.flavours import Flavour, fits, matching, new_name
from vim_adapters.openstack.images import image_body, known_digests, meant
from vim_adapters.openstack.marks import as_description, as_tags, from_name, marked_now
from vim_adapters.openstack.routing import Outside
from vim_adapters.openstack.rules import rule_body
from vim_adapters.openstack.servers import _is_done, _is_possible, server_body, server_state
from vim_adapters.openstack.snapshots import ServerSnapshots, server_snapshot_properties, volume_snapshot_body
from vim_adapters.openstack.volumes import SNAPSHOT_METADATA, Volumes, volume_body
from vim_adapters.resources import (
    AddressPair,
    AllocationPool,
    FixedAddress,
    ImageSpec,
    Kind,
    NetworkSpec,
    PortSpec,
    SecurityRule,
    ServerSnapshotSpec,
    ServerSpec,
    SubnetSpec,
    SubPort,
    TrunkSpec,
    VolumeAttachment,
    VolumeSnapshotSpec,
    VolumeSpec,
)

SERVER = ServerSpec(name="vnfc", vcpus=2, memory_mib=1024, disk_gib=10, image="image")
IDENTITY = Identity(owner="mano-1", path="vnf/1/x")
TAGS = as_tags(marked_now(IDENTITY, "f" * 32))


def test_a_network_asks_for_what_is_given_only():
    """What a spec leaves open is left to the cloud."""
    assert networking.network_body(NetworkSpec(name="net")) == {"name": "net"}
    spec = NetworkSpec(name="net", mtu=1400, provider_type="vlan", provider_segment=7, provider_physical_network="p")
    assert networking.network_body(spec) == {
        "name": "net",
        "mtu": 1400,
        "provider:network_type": "vlan",
        "provider:segmentation_id": 7,
        "provider:physical_network": "p",
    }


@pytest.mark.parametrize(
    ("gateway", "asked"), [(None, {}), ("", {"gateway_ip": None}), ("192.0.2.9", {"gateway_ip": "192.0.2.9"})]
)
def test_a_gateway_is_chosen_absent_or_given(gateway, asked):
    """Absent and null are different questions to Neutron."""
    body = networking.subnet_body(SubnetSpec(name="sub", network="net", cidr="192.0.2.0/24", gateway=gateway))
    assert {name: value for name, value in body.items() if name == "gateway_ip"} == asked


def test_a_subnet_of_version_6():
    """The address mode is the mode of the router's advertisements, too."""
    pool = AllocationPool(start="2001:db8::10", end="2001:db8::20")
    spec = SubnetSpec(
        name="six", network="net", cidr="2001:db8::/64", ip_version=6, ipv6_address_mode="slaac",
        dns_servers=("2001:db8::1",), allocation_pools=(pool,),
    )  # fmt: skip
    body = networking.subnet_body(spec)
    assert (body["ipv6_address_mode"], body["ipv6_ra_mode"], body["ip_version"]) == ("slaac", "slaac", 6)
    assert body["allocation_pools"] == [{"start": "2001:db8::10", "end": "2001:db8::20"}]
    assert body["dns_nameservers"] == ["2001:db8::1"]


def test_a_port_asks_for_addresses_groups_and_pairs():
    """Fixed addresses keep their order; carried addresses are pairs besides those of the spec."""
    spec = PortSpec(
        name="port", network="net", vnic_type="direct", qos_policy="q", security_groups=("g",),
        fixed_addresses=(FixedAddress(subnet="s"), FixedAddress(address="192.0.2.7")),
        allowed_address_pairs=(AddressPair(address="198.51.100.0/24", mac_address="02:00:00:00:00:01"),),
    )  # fmt: skip
    assert networking.port_body(spec, ["192.0.2.200"]) == {
        "name": "port",
        "network_id": "net",
        "fixed_ips": [{"subnet_id": "s"}, {"ip_address": "192.0.2.7"}],
        "security_groups": ["g"],
        "allowed_address_pairs": [
            {"ip_address": "198.51.100.0/24", "mac_address": "02:00:00:00:00:01"},
            {"ip_address": "192.0.2.200"},
        ],
        "binding:vnic_type": "direct",
        "qos_policy_id": "q",
    }


def test_a_port_without_security_has_no_groups():
    """Neutron would put the project's default group on it, and then refuse."""
    body = networking.port_body(PortSpec(name="port", network="net", port_security=False), [])
    assert (body["port_security_enabled"], body["security_groups"]) == (False, [])


def test_a_trunk_names_its_ports():
    """An inherited segment has no number."""
    subs = (SubPort(port="a", segmentation_id=101), SubPort(port="b", segmentation_type="inherit"))
    assert networking.trunk_body(TrunkSpec(name="t", port="p", sub_ports=subs))["sub_ports"] == [
        {"port_id": "a", "segmentation_type": "vlan", "segmentation_id": 101},
        {"port_id": "b", "segmentation_type": "inherit"},
    ]


def test_a_port_is_told_with_its_addresses():
    """What later steps take from a port is there, and whose it is."""
    seen = networking.observation(
        Kind.PORT,
        {
            "id": "1", "status": "DOWN", "tags": TAGS, "description": as_description(IDENTITY),
            "network_id": "net", "mac_address": "fa:16:3e:00:00:01",
            "fixed_ips": [{"subnet_id": "s", "ip_address": "192.0.2.7"}], "created_at": "2026-01-01T00:00:00Z",
            "allowed_address_pairs": [{"ip_address": "192.0.2.200"}],
        },
    )  # fmt: skip
    assert (seen.state, seen.digest) == (State.READY, "f" * 32)
    assert seen.identity == Identity(owner="mano-1", path="vnf/1/x")
    assert seen.created_at != "2026-01-01T00:00:00Z"  # ours is finer
    assert seen.attributes == {
        "mac_address": "fa:16:3e:00:00:01",
        "addresses": ["192.0.2.7"],
        "subnets": ["s"],
        "network": "net",
        "allowed_addresses": ["192.0.2.200"],
    }


def test_a_policy_tells_the_rates_of_its_rules():
    """Rates are in bit/s; both directions have the same."""
    rules = [{"max_kbps": 8000, "direction": "egress"}, {"max_kbps": 8000, "direction": "ingress"}]
    seen = networking.observation(Kind.QOS_POLICY, {"id": "1", "rules": rules})
    assert seen.attributes == {"max_bps": 8_000_000, "min_bps": None}


def test_a_security_rule_in_neutrons_words():
    """The version of IP is spelt as Neutron does."""
    rule = SecurityRule(direction="ingress", ether_type="ipv6", protocol="TCP", port_min=22, port_max=22)
    assert rule_body(rule, "g") == {
        "security_group_id": "g", "direction": "ingress", "ethertype": "IPv6", "protocol": "tcp",
        "port_range_min": 22, "port_range_max": 22,
    }  # fmt: skip


def test_a_server_boots_from_its_image():
    """Ports come in order, user data encoded, and the group as a hint."""
    spec = msgspec.structs.replace(
        SERVER, ports=("p2", "p1"), user_data="#!/bin/sh\n", zone="az1", metadata={"a": "b"}, config_drive=True,
        placement_groups=("g",), key_pair="k",
    )  # fmt: skip
    body = server_body(spec, "flavour", TAGS)
    assert body["os:scheduler_hints"] == {"group": "g"}
    assert base64.b64decode(body["server"].pop("user_data")) == b"#!/bin/sh\n"
    assert body["server"] == {
        "name": "vnfc", "flavorRef": "flavour", "imageRef": "image", "networks": [{"port": "p2"}, {"port": "p1"}],
        "tags": TAGS, "availability_zone": "az1", "config_drive": True, "metadata": {"a": "b"}, "key_name": "k",
    }  # fmt: skip


def test_a_server_is_taken_out_of_a_reservation():
    """Blazar's filter reads the hint; beside the group where there is one, and without it."""
    spec = msgspec.structs.replace(SERVER, reservation="lease-1")
    assert server_body(spec, "flavour", TAGS)["os:scheduler_hints"] == {"reservation": "lease-1"}
    spec = msgspec.structs.replace(spec, placement_groups=("g",))
    assert server_body(spec, "flavour", TAGS)["os:scheduler_hints"] == {"group": "g", "reservation": "lease-1"}


def test_a_server_without_ports_asks_for_no_network():
    """Nova would choose one otherwise."""
    assert server_body(SERVER, "flavour", TAGS)["server"]["networks"] == "none"


def test_disks_outlive_the_server_but_for_its_image():
    """A server that boots from its image has that as first disk; one that boots from a volume has no image."""
    data = msgspec.structs.replace(SERVER, volumes=(VolumeAttachment(volume="data"),))
    devices = server_body(data, "f", TAGS)["server"]["block_device_mapping_v2"]
    assert [(one["uuid"], one["boot_index"], one["delete_on_termination"]) for one in devices] == [
        ("image", 0, True),
        ("data", -1, False),
    ]
    root = msgspec.structs.replace(SERVER, image=None, volumes=(VolumeAttachment(volume="root", boot=True),))
    server = server_body(root, "f", TAGS)["server"]
    assert "imageRef" not in server
    assert [one["boot_index"] for one in server["block_device_mapping_v2"]] == [0]


@pytest.mark.parametrize(
    "change",
    [
        {"image": None},
        {"volumes": (VolumeAttachment(volume="root", boot=True),)},
        {"placement_groups": ("g", "h")},
    ],
)
def test_servers_that_cannot_be_are_refused(change):
    """A server boots from one thing and is in one group at most."""
    with pytest.raises(InvalidSpecError):
        server_body(msgspec.structs.replace(SERVER, **change), "f", TAGS)


@pytest.mark.parametrize(
    ("status", "task", "state"),
    [
        ("BUILD", "spawning", State.PENDING),
        ("ACTIVE", None, State.READY),
        ("SHUTOFF", None, State.STOPPED),
        ("ERROR", None, State.FAULTED),
        ("ERROR", "deleting", State.DELETING),
        ("REBOOT", "rebooting", State.PENDING),
        ("VERIFY_RESIZE", None, State.PENDING),
        ("DELETED", None, State.ABSENT),
    ],
)
def test_the_state_of_a_server(status, task, state):
    """Status and task tell where a server is in its life."""
    assert server_state({"status": status, "OS-EXT-STS:task_state": task}) is state


@pytest.mark.parametrize(
    ("status", "task", "action", "done", "possible"),
    [
        ("ACTIVE", None, Action.START, True, True),
        ("ACTIVE", None, Action.STOP, False, True),
        ("ACTIVE", "powering-off", Action.STOP, True, False),
        ("ACTIVE", "powering-off", Action.HALT, True, False),
        ("ACTIVE", "powering-off", Action.START, False, False),
        ("SHUTOFF", None, Action.STOP, True, True),
        ("SHUTOFF", None, Action.START, False, True),
        ("SHUTOFF", "powering-on", Action.START, True, False),
        ("SHUTOFF", None, Action.REBOOT, False, False),
        ("REBOOT", "rebooting", Action.REBOOT, True, False),
        ("BUILD", "spawning", Action.START, False, False),
        ("ERROR", None, Action.STOP, False, False),
    ],
)
def test_what_can_be_done_to_a_server(status, task, action, done, possible):
    """What is so, or on its way there, is done; what Nova would refuse is not asked for."""
    document = {"status": status, "OS-EXT-STS:task_state": task}
    assert (_is_done(document, action), _is_possible(document, action)) == (done, possible)


def _flavour(name, vcpus, memory_mib, disk_gib, **extra_specs):
    return Flavour(id=name, name=name, vcpus=vcpus, memory_mib=memory_mib, disk_gib=disk_gib, extra_specs=extra_specs)


def test_the_flavour_that_wastes_least_comes_first():
    """Too small ones are out; those that bind to special hosts come last; a volume's server needs no disk."""
    known = [
        _flavour("small", 1, 1024, 10),
        _flavour("gpu", 2, 1024, 10, **{"pci_passthrough:alias": "gpu:1"}),
        _flavour("large", 8, 8192, 80),
        _flavour("exact", 2, 1024, 10),
        _flavour("diskless", 2, 1024, 0),
    ]
    assert [one.name for one in matching(known, SERVER)] == ["exact", "large", "gpu"]
    root = msgspec.structs.replace(SERVER, image=None, disk_gib=0, volumes=(VolumeAttachment(volume="v", boot=True),))
    assert matching(known, root)[0].name == "diskless"
    assert [one.name for one in known if fits(one, SERVER)] == ["exact"]


def test_extra_specs_are_kept():
    """A flavour without what was asked of the hypervisor does not match, and one that is made for it has its name."""
    pinned = msgspec.structs.replace(SERVER, extra_specs={"hw:cpu_policy": "dedicated"})
    known = [_flavour("exact", 2, 1024, 10), _flavour("pinned", 4, 4096, 40, **{"hw:cpu_policy": "dedicated"})]
    assert [one.name for one in matching(known, pinned)] == ["pinned"]
    assert new_name(pinned) != new_name(SERVER) == "mano.2-1024MiB-10GiB"


def test_the_digest_decides_which_image_is_meant():
    """Else the name does; what bears marks is somebody's and not meant."""
    spec = ImageSpec(name="cirros", checksum_algorithm="sha-256", checksum="AB" * 32)
    by_property = {"id": "1", "name": "other", "status": "active", "owner_specified.openstack.sha256": "ab" * 32}
    namesake = {"id": "2", "name": "cirros", "status": "active", "os_hash_algo": "sha512", "os_hash_value": "cd"}
    wrong = {**namesake, "owner_specified.openstack.sha256": "00"}
    assert meant(spec, [namesake, by_property]) is by_property
    assert meant(spec, [namesake]) is namesake
    assert meant(spec, [wrong]) is None
    assert meant(spec, [{**by_property, "tags": TAGS}]) is None
    assert meant(spec, [{**by_property, "status": "queued"}]) is None
    assert known_digests(wrong) == {"sha512": "cd", "sha256": "00"}


def test_an_upload_tells_its_digest():
    """Whoever looks for this content later finds it by the digest, as after the client's own uploads."""
    body = image_body(ImageSpec(name="disk", disk_format="QCOW2"), {"sha256": "ab", "sha512": "cd"})
    assert body["owner_specified.openstack.sha256"] == "ab"
    assert (body["disk_format"], "owner_specified.openstack.sha512" in body) == ("qcow2", False)


def test_capabilities_follow_from_the_offer():
    """Kinds and features are those of the services and extensions that the cloud has; the rest is told as lacking."""
    bare = Offer(versions={"compute": "2.90", "network": "", "image": "2.9"}, extensions=frozenset(), zones=("nova",))
    assert Kind.VOLUME not in capabilities_of(bare).kinds
    assert Kind.TRUNK not in capabilities_of(bare).kinds
    assert "volume" in findings_of(bare)[0]
    extensions = frozenset(
        {
            "tag-ports-during-bulk-creation",
            "trunk",
            "qos",
            "security-group",
            "allowed-address-pairs",
            "binding",
            "provider",
        }
        | {"vlan-transparent"}
    )
    full = Offer(
        versions={**bare.versions, "block_storage": "3.70"},
        extensions=extensions,
        qos_rules=frozenset({"bandwidth_limit", "minimum_bandwidth"}),
        provider_networks=True,
        outside=Outside(network="public"),
        zones=("nova",),
    )
    assert capabilities_of(full) == EVERYTHING
    assert findings_of(full) == ()
    assert full.version == "Nova 2.90, Neutron, Glance 2.9, Cinder 3.70"


def test_old_services_are_refused():
    """A Nova that lacks what we use is named with what is needed."""
    check_versions({"compute": "2.72"})
    with pytest.raises(MisconfiguredError, match=r"Nova has version 2\.60, and we need 2\.72"):
        check_versions({"compute": "2.60"})


def test_room_counts_overcommitment():
    """What is reserved is not there, and what may be promised twice is there twice."""
    inventory = {"total": 16, "reserved": 2, "allocation_ratio": 2.0}
    room = room_of("az1", {"VCPU": inventory}, {"VCPU": 5})
    assert (room.total, room.free) == ({"vcpus": 28}, {"vcpus": 23})


def test_quota_without_limit_is_left_out():
    """Nova says -1 for no limit."""
    absolute = {"maxTotalCores": 20, "totalCoresUsed": 21, "maxTotalRAMSize": -1, "totalRAMUsed": 5}
    assert quota_left(absolute) == {"vcpus": (20, 0)}


class Answers:
    """A session that lists what it is told to."""

    def __init__(self, *documents):
        self.documents = list(documents)
        self.asked = []

    def list(self, service, path, key, **query):
        self.asked.append((service, path, query))
        return self.documents


def test_a_snapshot_of_a_server_bears_the_same_properties_always():
    """Nova passes properties of the first image on: the marks of another snapshot are written over whole."""
    spec = ServerSnapshotSpec(name="kept", server="server-1")
    short = server_snapshot_properties(spec, IDENTITY)
    longer = server_snapshot_properties(spec, Identity(owner="mano-1", path="vnf/" + "x" * 200))
    assert short.keys() == longer.keys()
    assert from_name(short["mano.marks"]).identity == IDENTITY
    assert all(len(value) <= 255 for value in longer.values())
    document = {"id": "i", "status": "saving", "name": "kept", **short}
    session = Answers(document, {"id": "j", "status": "active", "name": "somebody's"})
    snapshots = ServerSnapshots(session)
    assert [snapshots.observed(one).state for one in snapshots.bearing(IDENTITY)] == [State.PENDING]
    assert session.asked == [("image", "/images", {"mano.key": short["mano.key"]})]


def test_a_snapshot_of_a_server_is_no_image_that_a_package_means():
    """It has the digests of the image that the server was made from, and is another."""
    digest = {"owner_specified.openstack.sha256": "f" * 64, "status": "active", "name": "cirros"}
    snapshot = {"id": "snapshot", "image_type": "snapshot", **digest}
    wanted = ImageSpec(name="cirros", checksum_algorithm="sha-256", checksum="f" * 64)
    assert meant(wanted, [snapshot]) is None
    assert meant(wanted, [snapshot, {"id": "image", **digest}])["id"] == "image"


def test_a_snapshot_of_a_volume_is_a_volume_that_is_none_of_ours():
    """Lists of volumes leave it out; what is filled with it is made of it, in its zone."""
    body = volume_snapshot_body(VolumeSnapshotSpec(name="kept", volume="volume-1", size_gib=7), IDENTITY)
    assert (body["source_volid"], body["size"]) == ("volume-1", 7)
    plain = {"id": "plain", "metadata": {"mano.owner.0": "mano-1"}}
    kept = {"id": "kept", "metadata": body["metadata"]}
    assert [one["id"] for one in Volumes(Answers(plain, kept), zones=()).owned("mano-1")] == ["plain"]
    assert SNAPSHOT_METADATA.items() <= body["metadata"].items()
    filled = volume_body(VolumeSpec(name="v", size_gib=8, snapshot="kept", zone="az1"), zone="az1")
    assert filled == {"name": "v", "size": 8, "source_volid": "kept"}
    with pytest.raises(InvalidSpecError, match="not with both"):
        volume_body(VolumeSpec(name="v", size_gib=8, snapshot="kept", image="i"), zone=None)
