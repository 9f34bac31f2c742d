from __future__ import annotations

from ipaddress import ip_address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from vim_adapters.redaction import Redaction
from vim_adapters.resources import AllocationPool, NetworkSpec, SubnetSpec, spec_digest
from vim_adapters.simulated import addressing
from vim_adapters.simulated.placement import Company, Demand, Host, choose

_HOSTS = st.lists(
    st.builds(
        Host,
        name=st.uuids().map(str),
        zone=st.sampled_from(["az1", "az2"]),
        vcpus=st.integers(0, 16),
        memory_mib=st.integers(0, 4096),
        storage_gib=st.integers(0, 100),
    ),
    max_size=6,
    unique_by=lambda host: host.name,
)
_DEMANDS = st.builds(Demand, vcpus=st.integers(0, 16), memory_mib=st.integers(0, 4096), storage_gib=st.integers(0, 100))
_POLICIES = st.sampled_from(["affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"])


@settings(deadline=None)  # how long it takes says nothing on a busy machine
@given(
    prefix=st.integers(27, 30),
    network=st.integers(0, 2**20),
    gateway=st.sampled_from([None, "", "last"]),
    pooled=st.booleans(),
)
def test_every_address_is_given_once_and_none_that_is_reserved(prefix, network, gateway, pooled):
    """Ports use up exactly the addresses of the pools, in the range, each once, without gateway or broadcast."""
    cidr = ip_network((10 * 2**24 + network * 2 ** (32 - prefix), prefix))
    hosts = list(cidr.hosts())
    pools = (AllocationPool(start=str(hosts[0]), end=str(hosts[len(hosts) // 2])),) if pooled else ()
    spec = SubnetSpec(
        name="s",
        network="n",
        cidr=str(cidr),
        gateway=str(hosts[-1]) if gateway == "last" else gateway,
        allocation_pools=pools,
    )
    addressing.check_subnet(spec)
    taken: set[str] = set()
    allocation = addressing.Allocation(spec, set())
    while address := allocation.pick("fa:16:3e:00:00:01"):
        assert address not in taken
        assert not allocation.take(address)
        taken.add(address)
    expected = set(hosts[: len(hosts) // 2 + 1] if pooled else hosts) - {addressing.gateway(spec)}
    assert {ip_address(address) for address in taken} == expected


@settings(deadline=None)  # how long it takes says nothing on a busy machine
@given(mac=st.binary(min_size=6, max_size=6))
def test_slaac_addresses_tell_the_mac_address(mac):
    """With SLAAC the address follows from the MAC address alone, and different ones give different addresses."""
    spec = SubnetSpec(name="s", network="n", cidr="2001:db8::/64", ip_version=6, ipv6_address_mode="slaac")
    allocation = addressing.Allocation(spec, set())
    address = ip_address(allocation.pick(mac.hex(":")))
    assert allocation.pick(mac.hex(":")) is None
    assert address in ip_network(spec.cidr)
    interface = (int(address) & (2**64 - 1)).to_bytes(8, "big")
    assert bytes([interface[0] ^ 2, *interface[1:3], *interface[5:]]) == mac


@settings(deadline=None)  # how long it takes says nothing on a busy machine
@given(hosts=_HOSTS, demand=_DEMANDS, zone=st.sampled_from([None, "az1", "az2"]), policy=_POLICIES, data=st.data())
def test_placement_is_lawful_and_finds_a_host_where_there_is_one(hosts, demand, zone, policy, data):
    """The chosen host has room, is in the zone and permitted by the group; None only when no host is all that."""
    names = [host.name for host in hosts]
    others = data.draw(st.sets(st.sampled_from(names))) if names else set()
    group = Company(policy=policy, hosts=others)
    lawful = {
        host.name
        for host in hosts
        if host.has_room(demand)
        and zone in {None, host.zone}
        and (policy != "anti-affinity" or host.name not in others)
        and (policy != "affinity" or not others or host.name in others)
    }
    chosen = choose(hosts, demand, zone=zone, groups=(group,))
    assert chosen.name in lawful if chosen else not lawful
    assert chosen == choose(hosts[::-1], demand, zone=zone, groups=(group,))
    if chosen and policy.startswith("soft"):
        wished = lawful & others if policy == "soft-affinity" else lawful - others
        assert not wished or chosen.name in wished


@settings(deadline=None)  # how long it takes says nothing on a busy machine
@given(secret=st.text(min_size=4, max_size=20), before=st.text(max_size=20), after=st.text(max_size=20))
def test_no_secret_survives_redaction(secret, before, after):
    """Wherever a secret stands in a text, it is not in the redacted text, unless the asterisks happen to spell it."""
    assert secret not in Redaction([secret]).text(before + secret + after).replace("***", "")


@settings(deadline=None)  # how long it takes says nothing on a busy machine
@given(name=st.text(), description=st.text(), mtu=st.none() | st.integers(68, 9000))
def test_equal_specs_have_equal_digests(name, description, mtu):
    """The digest tells specs apart by what they ask for."""
    spec = NetworkSpec(name=name, description=description, mtu=mtu)
    assert spec_digest(spec) == spec_digest(NetworkSpec(name=name, description=description, mtu=mtu))
    assert spec_digest(spec) != spec_digest(NetworkSpec(name=name, description=description + "x", mtu=mtu))
