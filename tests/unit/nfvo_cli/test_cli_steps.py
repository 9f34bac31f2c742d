"""From what the server tells of an operation to the steps that a person sees."""

import pytest

from nfvo.cli.progress import flattened, named

VIEW = {
    "id": "o1",
    "steps": [
        {"id": "create:vl/wan/network", "verb": "create", "path": "vl/wan/network", "kind": "network", "state": "done"},
        {"id": "ready:vnf/firewall/0", "verb": "ready", "path": "vnf/firewall/0", "kind": "vnf", "state": "running"},
    ],
    "children": [
        {
            "id": "o2",
            "subject": "v1",
            "steps": [
                {
                    "id": "create:vdu/inspector/0/server",
                    "verb": "create",
                    "path": "vdu/inspector/0/server",
                    "kind": "server",
                    "state": "failed",
                    "phase": "rollback",
                    "error": {"detail": "no room"},
                    "startedAt": "2026-01-01T00:00:00Z",
                    "endedAt": "2026-01-01T00:00:01.5Z",
                }
            ],
        }
    ],
}


def test_the_steps_of_vnfs_are_marked_with_the_vnf():
    """Steps of the network service and of its VNFs stand in one list; whose they are can be read."""
    steps = list(flattened(VIEW, {"v1": "branch-firewall-0"}))
    assert [step.label for step in steps] == [
        "create network wan",
        "await vnf firewall/0",
        "undo: create server inspector/0  (branch-firewall-0)",
    ]
    assert (steps[2].problem, steps[2].seconds) == ("no room", "1.50")
    assert len({step.key for step in steps}) == 3


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("vdu/control/0/cp/control_mgmt", "control/0/control_mgmt"),
        ("vdu/control/0/storage/disk", "control/0/disk"),
        ("vdu/control/storage/disk", "control/disk"),
        ("vl/fabric/subnet/0", "fabric/0"),
        ("vl/fabric/network", "fabric"),
        ("sg/allow_ssh", "allow_ssh"),
        ("image/disk", "disk"),
        ("vnf/firewall/0", "firewall/0"),
        ("vdu/server/0/server", "server/0"),
        ("server", "server"),
    ],
)
def test_paths_lose_the_words_that_the_kind_says(path, name):
    """A step reads `create port control/0/control_mgmt`: the kind is said once."""
    assert named(path) == name
