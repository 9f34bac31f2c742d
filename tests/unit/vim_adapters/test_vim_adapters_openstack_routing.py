from __future__ import annotations

import pytest

from vim_adapters.contract import Identity
from vim_adapters.errors import ConflictError, DependencyMissingError, InvalidSpecError
from vim_adapters.openstack.discovery import Offer, capabilities_of, findings_of
from vim_adapters.openstack.neutron import Ports
from vim_adapters.openstack.routing import FloatingAddresses, Outside, Routers, outside_of
from vim_adapters.resources import FloatingAddressSpec, Kind, PortSpec, RouterSpec

IDENTITY = Identity(owner="mano-1", path="vnf/1/x")
PUBLIC, OTHER = {"id": "n1", "name": "public"}, {"id": "n2", "name": "other"}
INTERFACE = {"id": "i1", "device_owner": "network:router_interface", "fixed_ips": [{"subnet_id": "s1"}]}


class Neutron:
    """Answers as Neutron 29 was recorded to, and keeps what it was asked for."""

    def __init__(self, *, ports=(), addresses=(), network=True, refused=None):
        self.asked = []
        self._ports, self._addresses, self._network, self._refused = ports, addresses, network, refused

    def get(self, _service, path):
        if path.startswith("/networks/"):
            return {"network": {"id": "n1"}} if self._network else None
        found = {f"/ports/{port['id']}": {"port": port} for port in self._ports}
        return found.get(path)

    def list(self, _service, path, _key, **query):
        self.asked.append(("LIST", path, query))
        return list(self._addresses if path == "/floatingips" else self._ports)

    def post(self, _service, path, body):
        self.asked.append(("POST", path, body))
        return {name: {"id": "made", **asked} for name, asked in body.items()}

    def put(self, _service, path, body):
        self.asked.append(("PUT", path, body))
        if self._refused and path.endswith(self._refused):
            raise DependencyMissingError("no", vim_message="External network n1 is not reachable from subnet s1")
        return {name: {"id": "made", **asked} for name, asked in body.items()} if "floatingip" in body else {}

    def delete(self, _service, path):
        self.asked.append(("DELETE", path))

    def changes(self):
        return [(verb, path) for verb, path, *_ in self.asked if verb != "LIST"]


def test_the_network_outside_is_the_only_one_or_the_one_that_is_named():
    """By name or identifier; without a choice, or with one that leads nowhere, it is said what to do."""
    assert outside_of([PUBLIC]) == Outside(network="n1")
    assert outside_of([PUBLIC, OTHER], "other").network == outside_of([PUBLIC, OTHER], "n2").network == "n2"
    assert "extra.external_network must name one" in outside_of([PUBLIC, OTHER]).finding
    assert "no external network is called 'lost'" in outside_of([PUBLIC], "lost").finding
    assert (
        "several external networks are called 'public'"
        in outside_of([PUBLIC, {**PUBLIC, "id": "n3"}], "public").finding
    )
    assert outside_of([]).finding


def test_without_a_network_outside_there_are_no_routers():
    """What leads there is not declared, so that it is refused beforehand, and the check of the VIM says why."""
    offer = Offer(versions={}, extensions=frozenset({"router"}), outside=Outside(finding="there is none"))
    assert {Kind.ROUTER, Kind.FLOATING_ADDRESS}.isdisjoint(capabilities_of(offer).kinds)
    assert "there is none" in findings_of(offer)
    declared = capabilities_of(Offer(versions={}, extensions=frozenset(), outside=Outside(network="n1"))).kinds
    assert {Kind.ROUTER, Kind.FLOATING_ADDRESS} <= declared


def test_a_router_is_connected_before_it_has_its_tags():
    """An interrupted creation is completed: only what is not connected yet is."""
    neutron = Neutron(ports=[INTERFACE, {"id": "g1", "device_owner": "network:router_gateway", "fixed_ips": []}])
    Routers(neutron, "n1").create(RouterSpec(name="way", subnets=("s1", "s2")), IDENTITY)
    assert neutron.changes() == [
        ("POST", "/routers"),
        ("PUT", "/routers/made/add_router_interface"),
        ("PUT", "/routers/made/tags"),
    ]
    assert neutron.asked[0][2]["router"]["external_gateway_info"] == {"network_id": "n1"}


def test_a_router_that_cannot_be_connected_does_not_stay():
    """What is refused half-way is undone."""
    neutron = Neutron(refused="add_router_interface")
    with pytest.raises(DependencyMissingError):
        Routers(neutron, "n1").create(RouterSpec(name="way", subnets=("s1",)), IDENTITY)
    assert neutron.changes()[-1] == ("DELETE", "/routers/made")


def test_no_router_is_made_towards_a_network_that_went():
    """Neutron takes the request and loses the router."""
    neutron = Neutron(network=False)
    with pytest.raises(DependencyMissingError, match="external network n1 is not there"):
        Routers(neutron, "n1").create(RouterSpec(name="way", subnets=("s1",)), IDENTITY)
    assert neutron.asked == []


def test_a_router_is_disconnected_only_when_nothing_leads_through_it():
    """In use it stays whole."""
    with pytest.raises(ConflictError, match="floating address f1"):
        Routers(used := Neutron(ports=[INTERFACE], addresses=[{"id": "f1"}]), "n1").remove({"id": "r1"})
    assert used.changes() == []
    Routers(free := Neutron(ports=[INTERFACE]), "n1").remove({"id": "r1"})
    assert free.changes() == [("PUT", "/routers/r1/remove_router_interface"), ("DELETE", "/routers/r1")]


def test_a_port_becomes_an_interface_before_it_has_its_tags():
    """A creation that was interrupted is completed; what the router does not take does not stay."""
    spec = PortSpec(name="way", network="n2", router="r1")
    Ports(neutron := Neutron(), tags_at_once=True).create(spec, IDENTITY)
    joined = ("PUT", "/routers/r1/add_router_interface", {"port_id": "made"})
    assert neutron.changes() == [("POST", "/ports"), joined[:2], ("PUT", "/ports/made/tags")]
    assert joined in neutron.asked
    assert "tags" not in neutron.asked[0][2]["port"]
    Ports(again := Neutron(), tags_at_once=True).complete(spec, IDENTITY, {"id": "made", "device_id": "r1"})
    assert again.changes() == [("PUT", "/ports/made/tags")]
    with pytest.raises(DependencyMissingError):
        Ports(refusing := Neutron(refused="add_router_interface")).create(spec, IDENTITY)
    assert refusing.changes()[-1] == ("DELETE", "/ports/made")


def test_a_port_of_a_router_goes_by_way_of_the_router():
    """Neutron refuses to remove it otherwise, and removes it with the interface."""
    Ports(neutron := Neutron()).remove({"id": "i1", "device_id": "r1", "device_owner": "network:router_interface"})
    assert neutron.asked == [("PUT", "/routers/r1/remove_router_interface", {"port_id": "i1"})]


def test_a_router_between_networks_has_no_way_outside():
    """It needs no network outside, either."""
    Routers(neutron := Neutron(network=False), "n1").create(
        RouterSpec(name="way", subnets=("s1",), outside=False), IDENTITY
    )
    assert "external_gateway_info" not in neutron.asked[0][2]["router"]


def test_a_floating_address_leads_to_the_first_address_of_version_4():
    """Neutron does not choose among several."""
    own = [{"ip_address": "2001:db8::9"}, {"ip_address": "10.0.0.9"}, {"ip_address": "10.0.0.10"}]
    neutron = Neutron(ports=[{"id": "p1", "fixed_ips": own}, {"id": "p2", "fixed_ips": own[:1]}])
    addresses = FloatingAddresses(neutron, "n1")
    asked = addresses.body(FloatingAddressSpec(name="float", port="p1"))
    assert asked == {"floating_network_id": "n1", "port_id": "p1", "fixed_ip_address": "10.0.0.9"}
    with pytest.raises(InvalidSpecError, match="no IPv4 address"):
        addresses.body(FloatingAddressSpec(name="float", port="p2"))
    with pytest.raises(DependencyMissingError, match="no port p3"):
        addresses.body(FloatingAddressSpec(name="float", port="p3"))


def test_a_floating_address_is_led_to_another_port():
    """Where it leads there already, nothing is asked for; that no router leads there is told in our words, too."""
    neutron = Neutron(ports=[{"id": "p1", "fixed_ips": [{"ip_address": "10.0.0.9"}]}])
    addresses = FloatingAddresses(neutron, "n1")
    spec = FloatingAddressSpec(name="float", port="p1", router="r1")
    addresses.adjusted(spec, {"id": "f1", "port_id": "p1"})
    assert neutron.changes() == []
    seen = addresses.observed(addresses.adjusted(spec, {"id": "f1", "port_id": None}))
    assert neutron.changes() == [("PUT", "/floatingips/f1")]
    assert seen.attributes["port"] == "p1"
    lost = FloatingAddresses(
        Neutron(ports=[{"id": "p1", "fixed_ips": [{"ip_address": "10.0.0.9"}]}], refused="f1"), "n1"
    )
    with pytest.raises(DependencyMissingError, match="no router leads from its subnet"):
        lost.adjusted(spec, {"id": "f1", "port_id": None})
