"""What the simulated VIM does beyond the contract: it behaves as an OpenStack would."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from vim_adapters.contract import Action, Identity, State
from vim_adapters.errors import (
    CapacityError,
    ConflictError,
    InvalidSpecError,
    MisconfiguredError,
    OutcomeUnknownError,
    QuotaError,
    ThrottledError,
)
from vim_adapters.resources import (
    FixedAddress,
    ImageSpec,
    Kind,
    NetworkSpec,
    PlacementGroupSpec,
    PortSpec,
    ServerSpec,
    SubnetSpec,
    VolumeAttachment,
    VolumeSpec,
)
from vim_adapters.simulated.adapter import SimulatedVim
from vim_adapters.simulated.faults import FaultRule, add_rule
from vim_adapters.simulated.images import CATALOGUE
from vim_adapters.simulated.settings import set_setting
from vim_adapters.simulated.store import Store, set_hosts


class Cloud:
    """A simulated VIM whose time the test moves."""

    def __init__(self, folder):
        self.now = 1_000_000.0
        self.vim = SimulatedVim(folder / "vim.sqlite")
        self.store = self.vim._cloud._store
        self.store.clock = lambda: self.now

    async def make(self, spec, name=""):
        return await self.vim.ensure_present(spec, Identity(owner="me", path=name or spec.name))

    async def ready(self, spec, name=""):
        seen = await self.make(spec, name)
        self.now += 1
        return (await self.vim.observe(seen.handle)).handle.id

    async def server(self, name="server", **more):
        image = (await self.make(CATALOGUE[0])).handle.id
        return ServerSpec(**{"name": name, "vcpus": 1, "memory_mib": 512, "disk_gib": 1, "image": image, **more})

    def set(self, **settings):
        with self.store.transaction() as connection:
            for key, value in settings.items():
                set_setting(connection, key.replace("__", "."), value)

    def hosts(self, zone, count, capacity=(4, 4096, 100)):
        with self.store.transaction() as connection:
            set_hosts(connection, zone, count, capacity)

    def inject(self, error, **rule):
        with self.store.transaction() as connection:
            return add_rule(connection, FaultRule(error=error, **rule))

    def calls(self):
        with self.store.transaction() as connection:
            return [tuple(row) for row in connection.execute("SELECT verb, kind, path, outcome FROM calls")]


@pytest.fixture
async def cloud(tmp_path):
    made = Cloud(tmp_path)
    yield made
    await made.vim.aclose()


async def test_states_follow_from_the_time(cloud):
    """A server boots, stops, starts and goes, each when its time has come, without anybody at work meanwhile."""
    server = (await cloud.make(await cloud.server())).handle

    async def state(after=0.0):
        cloud.now += after
        return (await cloud.vim.observe(server)).state

    assert await state() is State.PENDING
    with pytest.raises(ConflictError, match="pending"):
        await cloud.vim.operate(server, Action.STOP)
    assert await state(0.3) is State.READY
    await cloud.vim.operate(server, Action.STOP)
    assert await state() is State.STOPPED
    with pytest.raises(ConflictError, match="stopped"):
        await cloud.vim.operate(server, Action.REBOOT)
    await cloud.vim.ensure_absent(server)
    assert await state() is State.DELETING
    assert [seen.state for seen in await cloud.vim.list_owned("me")] == [State.DELETING]
    assert await state(0.1) is State.ABSENT
    assert await cloud.vim.list_owned("me") == ()


async def test_what_is_going_makes_way_for_a_new_one(cloud):
    """While a server is being removed its identity is free: a new one is made beside it, and found before it."""
    spec = await cloud.server()
    old = (await cloud.make(spec)).handle
    await cloud.vim.ensure_absent(old)
    new = (await cloud.make(spec)).handle
    assert new != old
    assert (await cloud.vim.find(Kind.SERVER, Identity(owner="me", path="server"))).handle == new


async def test_servers_are_spread_over_zones_and_take_room(cloud):
    """Servers go where most room is, into the zone that is asked for, and give their room back when they are gone."""
    first = await cloud.make(await cloud.server("a"))
    second = await cloud.make(await cloud.server("b"))
    assert first.attributes["host"] != second.attributes["host"]
    third = await cloud.make(await cloud.server("c", zone="az2"))
    assert third.attributes["zone"] == "az2"
    assert sum(zone.vcpus_free for zone in await cloud.vim.capacity()) == 2 * 4 * 32 - 3
    await cloud.vim.ensure_absent(third.handle)
    cloud.now += 1
    assert sum(zone.vcpus_free for zone in await cloud.vim.capacity()) == 2 * 4 * 32 - 2


async def test_a_full_zone_faults_servers(cloud):
    """What no host has room for is accepted and comes up FAULTED, as OpenStack has it; other zones still take it."""
    cloud.hosts("az1", 1)
    spec = await cloud.server("big", zone="az1", vcpus=5)
    server = await cloud.make(spec)
    assert server.state is State.PENDING
    cloud.now += 1
    seen = await cloud.vim.observe(server.handle)
    assert (seen.state, seen.fault_family) == (State.FAULTED, "capacity")
    assert "No valid host was found" in seen.fault
    other = await cloud.make(msgspec.structs.replace(spec, zone="az2"), "elsewhere")
    assert other.attributes["zone"] == "az2"


async def test_unknown_zones_are_refused(cloud):
    """A zone that is not there is refused at once."""
    with pytest.raises(InvalidSpecError, match="'az9'"):
        await cloud.make(await cloud.server(zone="az9"))
    with pytest.raises(InvalidSpecError, match="'az9'"):
        await cloud.make(VolumeSpec(name="v", size_gib=1, zone="az9"))


async def test_hard_anti_affinity_needs_hosts(cloud):
    """The third server of a group on two hosts faults for want of a host; a soft policy lets it share one."""
    cloud.hosts("az1", 2)
    cloud.hosts("az2", 0)
    for policy, states in (
        ("anti-affinity", [State.READY, State.READY, State.FAULTED]),
        ("soft-anti-affinity", [State.READY] * 3),
        ("affinity", [State.READY] * 3),
    ):
        group = await cloud.ready(PlacementGroupSpec(name=policy, policy=policy))
        servers = [
            await cloud.make(await cloud.server(f"{policy}-{number}", placement_groups=(group,))) for number in range(3)
        ]
        cloud.now += 1
        seen = [await cloud.vim.observe(server.handle) for server in servers]
        assert [one.state for one in seen] == states
        hosts = {one.attributes["host"] for one in seen} - {""}
        assert len(hosts) == (1 if policy == "affinity" else 2)
        for server in servers:
            await cloud.vim.ensure_absent(server.handle)
        cloud.now += 1


async def test_volumes_take_storage(cloud):
    """A volume that no host can hold faults; one that is there is told with its zone and size."""
    big = await cloud.make(VolumeSpec(name="big", size_gib=10_000))
    small = await cloud.make(VolumeSpec(name="small", size_gib=10, zone="az2"))
    cloud.now += 1
    assert (await cloud.vim.observe(big.handle)).fault_family == "capacity"
    seen = await cloud.vim.observe(small.handle)
    assert (seen.attributes["zone"], seen.attributes["size_gib"]) == ("az2", 10)
    assert sum(zone.storage_gib_free for zone in await cloud.vim.capacity()) == 2 * 4 * 2048 - 10


async def test_what_is_not_ready_cannot_be_used(cloud):
    """A volume that is still being made, one without an image, and a port that another has boot no server."""
    image = (await cloud.make(CATALOGUE[0])).handle.id
    volume = (await cloud.make(VolumeSpec(name="root", size_gib=1, image=image))).handle.id
    boot = (VolumeAttachment(volume=volume, boot=True),)
    with pytest.raises(ConflictError, match="not ready yet"):
        await cloud.make(ServerSpec(name="s", vcpus=1, memory_mib=512, volumes=boot))
    cloud.now += 1
    first = await cloud.ready(ServerSpec(name="s", vcpus=1, memory_mib=512, volumes=boot))
    with pytest.raises(ConflictError, match=f"in use by server {first}"):
        await cloud.make(ServerSpec(name="t", vcpus=1, memory_mib=512, volumes=boot))
    blank = await cloud.ready(VolumeSpec(name="blank", size_gib=1))
    blank_boot = (VolumeAttachment(volume=blank, boot=True),)
    with pytest.raises(InvalidSpecError, match="not bootable"):
        await cloud.make(ServerSpec(name="u", vcpus=1, memory_mib=512, volumes=blank_boot))
    with pytest.raises(InvalidSpecError, match="needs an image"):
        await cloud.make(ServerSpec(name="u", vcpus=1, memory_mib=512))


async def test_images_set_a_minimum(cloud, tmp_path):
    """A server smaller than its image asks for is refused."""
    content = tmp_path / "disk.img"
    content.write_bytes(b"disk")
    spec = ImageSpec(name="demanding", min_ram_mib=2048, min_disk_gib=8, content=str(content))
    image = await cloud.ready(spec)
    with pytest.raises(InvalidSpecError, match="2048 MiB"):
        await cloud.make(await cloud.server(image=image))
    with pytest.raises(InvalidSpecError, match="8 GiB"):
        await cloud.make(VolumeSpec(name="v", size_gib=7, image=image))


async def test_content_is_uploaded_where_only_a_namesake_is_there(cloud, tmp_path):
    """An image whose name the VIM has with other content is uploaded beside it."""
    content = tmp_path / "disk.img"
    content.write_bytes(b"disk")
    digest = hashlib.sha256(b"disk").hexdigest()
    name = CATALOGUE[0].name
    own = await cloud.make(ImageSpec(name=name, checksum_algorithm="SHA-256", checksum=digest, content=str(content)))
    assert own.identity == Identity(owner="me", path=name)
    assert own.attributes["size_bytes"] == 4
    other = ImageSpec(name=name, checksum_algorithm="sha-512", checksum="ab" * 64)
    assert (await cloud.make(other, "by-name")).attributes["shared"]  # no digest of that algorithm: the name decides


async def test_subnets_of_a_network_do_not_overlap(cloud):
    """A range that another subnet of the network covers is refused; on another network it is fine."""
    one, two = await cloud.ready(NetworkSpec(name="one")), await cloud.ready(NetworkSpec(name="two"))
    await cloud.make(SubnetSpec(name="a", network=one, cidr="10.0.0.0/24"))
    with pytest.raises(InvalidSpecError, match="overlaps with subnet 'a'"):
        await cloud.make(SubnetSpec(name="b", network=one, cidr="10.0.0.128/25"))
    await cloud.make(SubnetSpec(name="c", network=two, cidr="10.0.0.128/25"))


async def test_a_network_takes_its_subnets_along(cloud):
    """A network without ports goes with its subnets; a subnet with a port is in use."""
    network = (await cloud.make(NetworkSpec(name="net"))).handle
    subnet = (await cloud.make(SubnetSpec(name="sub", network=network.id, cidr="10.0.0.0/24"))).handle
    port = (await cloud.make(PortSpec(name="port", network=network.id))).handle
    with pytest.raises(ConflictError, match=port.id):
        await cloud.vim.ensure_absent(subnet)
    await cloud.vim.ensure_absent(port)
    await cloud.vim.ensure_absent(network)
    assert await cloud.vim.list_owned("me") == ()


async def test_addresses_run_out(cloud):
    """A network without free addresses cannot take another port, until one goes."""
    network = await cloud.ready(NetworkSpec(name="net"))
    await cloud.make(SubnetSpec(name="sub", network=network, cidr="10.0.0.0/30"))
    port = (await cloud.make(PortSpec(name="one", network=network))).handle
    with pytest.raises(CapacityError, match="No more IP addresses"):
        await cloud.make(PortSpec(name="two", network=network))
    await cloud.vim.ensure_absent(port)
    assert (await cloud.make(PortSpec(name="two", network=network))).attributes["addresses"] == ["10.0.0.2"]


async def test_mac_addresses_are_unique_on_a_network(cloud):
    """A MAC address is given as asked for, once per network; two addresses on one subnet differ."""
    network = await cloud.ready(NetworkSpec(name="net"))
    subnet = await cloud.ready(SubnetSpec(name="sub", network=network, cidr="10.0.0.0/24"))
    two = (FixedAddress(subnet=subnet), FixedAddress(subnet=subnet))
    port = await cloud.make(PortSpec(name="one", network=network, mac_address="02:00:00:00:00:0A", fixed_addresses=two))
    assert port.attributes["mac_address"] == "02:00:00:00:00:0a"
    assert port.attributes["addresses"] == ["10.0.0.2", "10.0.0.3"]
    with pytest.raises(ConflictError, match="02:00:00:00:00:0a"):
        await cloud.make(PortSpec(name="two", network=network, mac_address="02:00:00:00:00:0a"))
    elsewhere = await cloud.ready(NetworkSpec(name="other"))
    with pytest.raises(InvalidSpecError, match="not on the port's network"):
        await cloud.make(PortSpec(name="two", network=elsewhere, fixed_addresses=two))


async def test_quotas_are_kept(cloud):
    """What exceeds a quota is refused with the figures; lifting it lets it through."""
    cloud.set(quota__servers=1, quota__vcpus=4)
    await cloud.make(await cloud.server("a"))
    with pytest.raises(QuotaError, match="Quota exceeded for servers: 1 more than 1 of 1"):
        await cloud.make(await cloud.server("b"))
    cloud.set(quota__servers=None)
    await cloud.make(await cloud.server("b"))
    with pytest.raises(QuotaError, match="vcpus: 3 more than 2 of 4"):
        await cloud.make(await cloud.server("c", vcpus=3))


async def test_faults_hit_the_calls_that_they_name(cloud):
    """A rule passes over calls of other verbs, kinds and names, and over the first ones, and ends after its count."""
    cloud.inject("throttled", kind="network", match="vnf/*/mgmt", after_calls=1, remaining=2, retry_after=3.0)
    await cloud.make(NetworkSpec(name="x"), "vnf/1/other")
    await cloud.make(NetworkSpec(name="x"), "vnf/1/mgmt")
    for _ in range(2):
        with pytest.raises(ThrottledError) as raised:
            await cloud.make(NetworkSpec(name="x"), "vnf/2/mgmt")
        assert raised.value.after == 3.0
    await cloud.make(NetworkSpec(name="x"), "vnf/2/mgmt")


async def test_faults_by_handle_are_matched_by_what_it_is(cloud):
    """A call that names a handle is matched by the identity and name of the resource there."""
    handle = (await cloud.make(NetworkSpec(name="mgmt"), "vnf/1/mgmt")).handle
    other = (await cloud.make(NetworkSpec(name="data"), "vnf/1/data")).handle
    cloud.inject("outcome_lost", verb="ensure_absent", match="vnf/*/mgmt")
    await cloud.vim.ensure_absent(other)
    with pytest.raises(OutcomeUnknownError):
        await cloud.vim.ensure_absent(handle)
    assert (await cloud.vim.observe(handle)).state is State.ABSENT


async def test_calls_are_counted_with_what_came_of_them(cloud):
    """The file tells every call, and whether it created, found, or was refused."""
    await cloud.make(NetworkSpec(name="net"))
    await cloud.make(NetworkSpec(name="net"))
    with pytest.raises(ConflictError):
        await cloud.make(NetworkSpec(name="net", description="other"))
    cloud.inject("capacity")
    with pytest.raises(CapacityError):
        await cloud.make(NetworkSpec(name="full"))
    expected = [("net", "created"), ("net", "found"), ("net", "conflict"), ("full", "capacity")]
    assert cloud.calls() == [("ensure_present", "network", path, outcome) for path, outcome in expected]


async def test_unknown_faults_and_settings_are_refused(cloud):
    """A fault or setting that means nothing is an error, not a silent no-op."""
    with pytest.raises(ValueError, match="there is no fault 'gremlins'"):
        cloud.inject("gremlins")
    with pytest.raises(ValueError, match=r"there is no setting 'boot\.port'"):
        cloud.set(boot__port=1)


async def test_the_file_survives_who_uses_it(cloud, tmp_path):
    """Another process, or the same one later, sees the same VIM; the image catalogue is not added twice."""
    handle = (await cloud.make(NetworkSpec(name="net"))).handle
    await cloud.vim.aclose()
    cloud.vim = SimulatedVim(tmp_path / "vim.sqlite")
    assert (await cloud.vim.observe(handle)).state is State.READY
    with Store(tmp_path / "vim.sqlite").transaction() as connection:
        assert connection.execute("SELECT count(*) FROM resources WHERE owner IS NULL").fetchone()[0] == 1


async def test_what_is_no_simulated_vim_is_refused(tmp_path):
    """A file of something else, a folder that is not there, and a later layout are said to be what they are."""
    other = tmp_path / "other"
    other.write_text(json.dumps({"not": "a database"}) * 100)
    later = tmp_path / "later"
    store = Store(later)
    with store.transaction() as connection:
        connection.execute("SELECT 1")
    store._connection.execute("PRAGMA user_version = 99")
    store.close()
    for path in (other, tmp_path / "nowhere" / "vim.sqlite", later):
        vim = SimulatedVim(path)
        with pytest.raises(MisconfiguredError, match=path.name):
            await vim.check_access()
        await vim.aclose()


async def test_a_refused_removal_keeps_nobody_out(cloud):
    """Whoever holds on to the error does not hold on to the file, though others write to it meanwhile."""
    network = await cloud.make(NetworkSpec(name="net"))
    for name in ("one", "two", "three"):
        await cloud.make(PortSpec(name=name, network=network.handle.id))
    held = []
    for number in range(2):
        with pytest.raises(ConflictError) as refused:
            await cloud.vim.ensure_absent(network.handle)
        held.append(refused.value)
        with Store(cloud.store.path).transaction() as connection:
            set_setting(connection, "call.find", float(number))
    assert (await cloud.vim.observe(network.handle)).state is State.READY
    assert len(held) == 2
