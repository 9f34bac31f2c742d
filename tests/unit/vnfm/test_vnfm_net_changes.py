"""What an occurrence tells of changes is the sum of all that was done for it, errors and their handling included."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mano_runtime.workflow.engine import StepStatus
from mano_runtime.workflow.graph import Graph, Resource, reference
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import Outcome, Plan, Verb, difference
from mano_runtime.workflow.settlement import way_back
from vim_adapters.performer import BEHAVIOURS
from vnfm.lifecycle.decision import Decision, Package
from vnfm.lifecycle.occurrences import occurrence_of
from vnfm.planning.shape import Shape
from vnfm.sol003.operation_occurrences import LcmOperationStateType, ResourceChanges

NETWORK, PORT, SERVER = "vl/inside/network", "vdu/firewall/0/cp/inside", "vdu/firewall/0/server"


def graph(identifiers: str = "", **server: Any) -> Graph:
    """A server with a port on a link; ``identifiers`` begin those that the VIM gave, empty: it gave none."""
    specs: dict[str, tuple[str, dict[str, Any]]] = {
        NETWORK: ("network", {"name": "inside"}),
        PORT: ("port", {"name": "inside", "network": reference(NETWORK)}),
        SERVER: ("server", {"name": "fw", "ports": [reference(PORT)], "vcpus": 1, **server}),
    }
    return {
        path: Resource(
            path=path,
            kind=kind,
            target="vim-1",
            spec=spec,
            result={"id": f"{identifiers}-{kind}", "state": "ready"} if identifiers else None,
        )
        for path, (kind, spec) in specs.items()
    }


def walked(plan: Plan, phase: str, identifiers: str, until: int | None = None) -> list[StepStatus]:
    """The steps of a plan, done up to some step, with what the VIM answered."""
    return [
        StepStatus(
            id=step.id,
            verb=step.verb,
            path=step.path,
            kind=(kind := plan.resource(step).kind),
            state="done" if until is None or number < until else "failed" if number == until else "blocked",
            result={"id": f"{identifiers}-{kind}", "state": "ready"}
            if step.verb not in {Verb.DELETE, Verb.GONE}
            else None,
            phase=phase,
        )
        for number, step in enumerate(plan.steps)
    ]


def outcomes(steps: list[StepStatus]) -> dict[str, Outcome]:
    begun = (step for step in steps if step.state != "blocked")
    return {step.id: Outcome(done=step.state == "done", result=step.result) for step in begun}


def between(before: Graph, desired: Graph, state: OperationState, kind: str = "SCALE", **decided: Any) -> Operation:
    return Operation(
        id="op-1",
        level="vnf",
        kind=kind,
        subject="vnf-1",
        state=state,
        state_entered_at="2026-01-01T00:00:01Z",
        started_at="2026-01-01T00:00:00Z",
        context=Decision(shape=Shape(flavour_id="simple"), **decided).encoded(),
        plan=difference(before, desired, scope="vnf/vnf-1", behaviours=BEHAVIOURS),
    )


def changes_of(operation: Operation, steps: list[StepStatus]) -> ResourceChanges:
    changes = occurrence_of(operation, steps).resource_changes
    assert changes
    return changes


def told(operation: Operation, steps: list[StepStatus]) -> dict[str, list[tuple[str, str]]]:
    """What changed, and how: VNFCs by the server that they are, links by their path."""
    changes = changes_of(operation, steps)
    return {
        "vnfcs": [(it.change_type, it.compute_resource.resource_id) for it in changes.affected_vnfcs],
        "links": [(it.change_type, it.id) for it in changes.affected_virtual_links],
    }


def back_from(operation: Operation, steps: list[StepStatus]) -> Operation:
    assert operation.plan
    rollback = way_back(operation.plan, outcomes(steps), BEHAVIOURS)
    return msgspec.structs.replace(operation, rollback=rollback)


def test_what_was_done_is_told_and_nothing_else():
    """A step that is pending or failed has changed nothing; a link and its ports come with an entry of each kind."""
    operation = between({}, graph(), OperationState.FAILED_TEMP)
    assert operation.plan
    server = next(number for number, step in enumerate(operation.plan.steps) if step.id == f"create:{SERVER}")
    steps = walked(operation.plan, "forward", "new", until=server)
    assert told(operation, steps) == {"vnfcs": [], "links": [("ADDED", NETWORK), ("LINK_PORT_ADDED", NETWORK)]}
    steps = walked(operation.plan, "forward", "new")
    assert told(operation, steps)["vnfcs"] == [("ADDED", "new-server")]
    gone = between(graph("old"), {}, OperationState.COMPLETED, "TERMINATE")
    assert gone.plan
    assert told(gone, walked(gone.plan, "forward", "")) == {
        "vnfcs": [("REMOVED", "old-server")],
        "links": [("REMOVED", NETWORK), ("LINK_PORT_REMOVED", NETWORK)],
    }
    assert occurrence_of(gone).resource_changes is None


def test_what_came_and_was_put_back_is_no_change():
    """Half-way back only what is still there is told, and at the end nothing."""
    operation = between({}, graph(), OperationState.ROLLING_BACK)
    assert operation.plan
    steps = walked(operation.plan, "forward", "new")
    operation = back_from(operation, steps)
    assert operation.rollback
    network = next(number for number, step in enumerate(operation.rollback.steps) if step.path == NETWORK)
    half = steps + walked(operation.rollback, "rollback", "", until=network)
    assert told(operation, half) == {"vnfcs": [], "links": [("ADDED", NETWORK)]}
    whole = steps + walked(operation.rollback, "rollback", "")
    assert told(operation, whole) == {"vnfcs": [], "links": []}


@pytest.mark.parametrize("desired", [{}, graph(vcpus=2)], ids=["gone", "another"])
def test_what_was_made_anew_on_the_way_back_is_told(desired):
    """A server that went for a time is another than before, and is told as it is now."""
    operation = between(graph("old"), desired, OperationState.ROLLED_BACK)
    assert operation.plan
    steps = walked(operation.plan, "forward", "new")
    operation = back_from(operation, steps)
    assert operation.rollback
    steps += walked(operation.rollback, "rollback", "again")
    assert told(operation, steps)["vnfcs"] == [("MODIFIED", "again-server")]


def test_what_was_switched_and_switched_back_is_no_change():
    """The server is the one that it was."""
    operation = between(graph("old"), graph(power="off"), OperationState.ROLLED_BACK, "OPERATE")
    assert operation.plan
    steps = walked(operation.plan, "forward", "old")
    assert told(operation, steps)["vnfcs"] == [("MODIFIED", "old-server")]
    operation = back_from(operation, steps)
    assert operation.rollback
    steps += walked(operation.rollback, "rollback", "old")
    assert told(operation, steps) == {"vnfcs": [], "links": []}


def test_the_way_back_from_another_package_is_described_by_the_one_before():
    """A VNFC that was made anew on the way back is the source VNFD's again."""
    package = Package(vnfd_id="new", provider="", product_name="", software_version="", vnfd_version="")
    operation = between(
        graph("old"),
        graph(vcpus=2),
        OperationState.ROLLED_BACK,
        "CHANGE_VNFPKG",
        vnfd_before="source",
        package=package,
    )
    assert operation.plan
    steps = walked(operation.plan, "forward", "new")
    (forward,) = changes_of(operation, steps).affected_vnfcs
    assert forward.vnfd_id == "new"
    operation = back_from(operation, steps)
    assert operation.rollback
    steps += walked(operation.rollback, "rollback", "again")
    (back,) = changes_of(operation, steps).affected_vnfcs
    assert back.vnfd_id == "source"


@pytest.mark.parametrize("state", sorted(LcmOperationStateType))
def test_attributes_are_told_once_they_are_set(state):
    """That is when the operation is completed: one that stopped, or was rolled back, has set none."""
    operation = msgspec.structs.replace(
        between({}, {}, OperationState(state), "MODIFY_INFO"),
        request={"vnfInstanceName": "another", "metadata": {"a": None}},
    )
    info = occurrence_of(operation, []).changed_info
    expected = ("another", {"a": None}) if state == OperationState.COMPLETED else None
    assert (info and (info.vnf_instance_name, info.metadata)) == expected
