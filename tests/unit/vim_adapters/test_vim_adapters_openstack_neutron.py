from __future__ import annotations

from vim_adapters.contract import Identity
from vim_adapters.openstack.neutron import Networks, Ports
from vim_adapters.openstack.rules import QosPolicies
from vim_adapters.resources import NetworkSpec, PortSpec, QosPolicySpec

IDENTITY = Identity(owner="mano-1", path="vnf/1/x")


class Neutron:
    """Answers as Neutron 29 was recorded to, and keeps what it was asked for."""

    def __init__(self):
        self.asked = []

    def post(self, _service, path, body):
        self.asked.append(("POST", path))
        return {"policy": {"id": "p1", "rules": [], **body.get("policy", {})}}

    def put(self, _service, path, body):
        self.asked.append(("PUT", path, body))
        return body if path.endswith("/tags") else {name: {"id": path, **changed} for name, changed in body.items()}

    def get(self, _service, path):
        return {"port": {"id": path, "fixed_ips": [{"ip_address": "10.0.0.9"}]}} if path.startswith("/ports/") else None


def test_a_policys_tags_are_written_beside_its_collection():
    """Neutron has a QoS policy's tags under /policies; below /qos/policies it answers 400, and no mark is left."""
    neutron = Neutron()
    made = QosPolicies(neutron).create(QosPolicySpec(name="rate", max_bps=1_000_000), IDENTITY)
    assert neutron.asked[0] == ("POST", "/qos/policies")
    assert neutron.asked[-1] == ("PUT", "/policies/p1/tags", {"tags": made["tags"]})
    assert made["tags"]


def test_a_port_is_adjusted_in_place():
    """Only what differs is asked for: a Neutron without QoS knows no policy, and would refuse to hear of none."""
    neutron = Neutron()
    port = {"id": "one", "qos_policy_id": "rate", "allowed_address_pairs": []}
    spec = PortSpec(name="one", network="net", qos_policy="rate", carries_addresses_of=("two",))
    Ports(neutron).adjusted(spec, port)
    pairs = [{"ip_address": "10.0.0.9"}]
    assert neutron.asked.pop() == ("PUT", "/ports/one", {"port": {"allowed_address_pairs": pairs}})
    Ports(neutron).adjusted(PortSpec(name="one", network="net"), port)
    assert neutron.asked.pop() == ("PUT", "/ports/one", {"port": {"qos_policy_id": None}})
    Ports(neutron).adjusted(PortSpec(name="one", network="net"), {"id": "one", "allowed_address_pairs": []})
    Networks(neutron).adjusted(NetworkSpec(name="net"), {"id": "net"})
    assert neutron.asked == []
    Networks(neutron).adjusted(NetworkSpec(name="net", qos_policy="rate"), {"id": "net", "qos_policy_id": None})
    assert neutron.asked == [("PUT", "/networks/net", {"network": {"qos_policy_id": "rate"}})]
