"""From what the server tells of an operation to the steps that a person sees."""

from nfvo.cli.progress import flattened


def test_the_steps_of_a_vnf_follow_the_step_that_asked_for_them():
    """A VNF's own steps stand below the NS step whose result names the VNF, marked with the VNF's place in the NS."""
    view = {
        "id": "o1",
        "steps": [
            {
                "id": "create:vl/wan/network",
                "verb": "create",
                "path": "vl/wan/network",
                "kind": "network",
                "state": "done",
            },
            {
                "id": "create:vnf/firewall/0",
                "verb": "create",
                "path": "vnf/firewall/0",
                "kind": "vnf",
                "state": "done",
                "result": {"id": "v1"},
            },
            {
                "id": "ready:vnf/firewall/0",
                "verb": "ready",
                "path": "vnf/firewall/0",
                "kind": "vnf",
                "state": "running",
            },
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
                        "error": {"detail": "no room"},
                        "startedAt": "2026-01-01T00:00:00Z",
                        "endedAt": "2026-01-01T00:00:01.5Z",
                    }
                ],
            }
        ],
    }
    steps = list(flattened(view))
    assert [step.label for step in steps] == [
        "create network wan/network",
        "create vnf firewall/0",
        "create server vdu/inspector/0/server  (firewall/0)",
        "await vnf firewall/0",
    ]
    assert (steps[2].problem, steps[2].seconds) == ("no room", "1.50")


def test_a_vnf_that_no_step_names_yet_is_shown_all_the_same():
    """Nothing that runs is hidden while the NS step has no result."""
    inner = {"id": "create:x", "verb": "create", "path": "x", "kind": "port", "state": "running", "phase": "rollback"}
    (step,) = flattened(
        {"id": "o1", "steps": [], "children": [{"id": "o2", "subject": "abc-123456", "steps": [inner]}]}
    )
    assert step.label == "undo: create port x  (VNF 123456)"
