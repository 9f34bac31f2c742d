from __future__ import annotations

from vim_adapters.contract import Identity
from vim_adapters.openstack.rules import QosPolicies
from vim_adapters.resources import QosPolicySpec

IDENTITY = Identity(owner="mano-1", path="vnf/1/x")


class Neutron:
    """Answers as Neutron 29 was recorded to, and keeps what it was asked for."""

    def __init__(self):
        self.asked = []

    def post(self, _service, path, body):
        self.asked.append(("POST", path))
        return {"policy": {"id": "p1", "rules": [], **body.get("policy", {})}}

    def put(self, _service, path, body):
        self.asked.append(("PUT", path))
        return body

    def get(self, _service, _path):
        return None


def test_a_policys_tags_are_written_beside_its_collection():
    """Neutron has a QoS policy's tags under /policies; below /qos/policies it answers 400, and no mark is left."""
    neutron = Neutron()
    made = QosPolicies(neutron).create(QosPolicySpec(name="rate", max_bps=1_000_000), IDENTITY)
    assert neutron.asked[0] == ("POST", "/qos/policies")
    assert neutron.asked[-1] == ("PUT", "/policies/p1/tags")
    assert made["tags"]
