"""What the record of a network service tells of its VNFs."""

from __future__ import annotations

import msgspec
import pytest

from mano_runtime.workflow.graph import Resource
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.plan import difference
from mano_runtime.workflow.trust import doubtful, with_uncertainty
from nfvo.inventory.ns_instances import NsRecord
from nfvo.lifecycle.operations import NsOperations
from nfvo.lifecycle.planning_input import with_wishes
from nfvo.lifecycle.settlement import settled
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.sol005.ns_requests import TerminateNsRequest


def termination(graph, state):
    return Operation(
        id="op-1",
        level="ns",
        kind="TERMINATE",
        subject="ns-1",
        state=state,
        state_entered_at="",
        started_at="",
        plan=difference(graph, {}, scope="ns/ns-1", behaviours=NsOperations.behaviours),
    )


def test_a_vnf_of_which_only_doubts_are_known_has_no_identifier():
    """A VNF that no answer told of, and whose removal was given up, keeps its service from nothing."""
    known = Resource(path="vnf/probe/0", kind="vnf", spec={}, result={"id": "vnf-1", "state": "ready"})
    unheard_of = Resource(path="vnf/probe/1", kind="vnf", spec={})
    graph = {resource.path: resource for resource in (known, unheard_of)}
    given_up = termination(graph, OperationState.FAILED)
    left = with_uncertainty(graph, given_up)
    assert left["vnf/probe/1"].result == {"state": "uncertain"}
    record = NsRecord(id="ns-1", nsd_id="nsd", nsd_info_id="info", name="walker", graph=left)
    assert record.vnf_ids() == {"vnf/probe/0": "vnf-1"}


def test_a_termination_that_was_rolled_back_leaves_no_doubts():
    """What it was to remove is there, and was seen: the next operation does not bring it about anew.

    One that is given up leaves them in doubt.
    """
    known = [
        Resource(path="vl/lan/network", kind="network", spec={}, result={"id": "net-1", "state": "ready"}),
        Resource(path="vnf/probe/0", kind="vnf", spec={}, result={"id": "vnf-1", "state": "ready"}),
    ]
    graph = {resource.path: resource for resource in known}
    record = NsRecord(id="ns-1", nsd_id="nsd", nsd_info_id="info", name="walker", graph=graph)
    assert settled(record, termination(graph, OperationState.ROLLED_BACK), graph).graph == graph
    given_up = termination(graph, OperationState.FAILED)
    assert doubtful(settled(record, given_up, graph).graph, NsOperations.behaviours) == graph.keys()


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"gracefulTerminationTimeout": 5}, "GRACEFUL only"),
        ({"terminationType": "FORCEFUL", "gracefulTerminationTimeout": 5}, "GRACEFUL only"),
        ({"terminationType": "GRACEFUL", "gracefulTerminationTimeout": -5}, "no number of seconds"),
    ],
)
def test_how_a_vnf_cannot_end_is_refused_with_the_request(wish, told):
    """Not by its VNFM, when a part of the network service is gone."""
    vnf = Resource(path="vnf/probe/0", kind="vnf", spec={}, result={"id": "vnf-1", "state": "ready"})
    record = NsRecord(id="ns-1", nsd_id="nsd", nsd_info_id="info", name="walker", graph={vnf.path: vnf})
    lawful = {"vnfInstanceId": "vnf-1", "terminationType": "GRACEFUL", "gracefulTerminationTimeout": 5}
    assert with_wishes(record, {"terminateVnfData": [lawful]})[vnf.path].spec
    with pytest.raises(PlanningRefusedError, match=told) as refused:
        with_wishes(record, {"terminateVnfData": [lawful, {"vnfInstanceId": "vnf-1", **wish}]})
    assert refused.value.attribute == "terminateVnfData[1].gracefulTerminationTimeout"


def test_an_unknown_kind_of_end_is_no_request():
    """Its attribute is named when the body is read."""
    with pytest.raises(msgspec.ValidationError, match=r"terminateVnfData\[0\]\.terminationType"):
        msgspec.convert(
            {"terminateVnfData": [{"vnfInstanceId": "vnf-1", "terminationType": "SOFT"}]}, TerminateNsRequest
        )
