"""VNFs as steps: whatever happened before, each verb does what is missing and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from vnfm_double import CAUSE, VnfmDouble

from mano_runtime.workflow.graph import UNCERTAIN, Resource
from mano_runtime.workflow.performer import StepFailedError, Task
from nfvo.lifecycle import vnf_performer
from nfvo.lifecycle.vnf_performer import VnfPerformer
from nfvo.lifecycle.vnf_sight import creation
from vnfm.sol003.instances import InstantiationState
from vnfm.sol003.operation_occurrences import LcmOperationStateType as State
from vnfm.sol003.ports import SolProblemError

SPEC: dict[str, Any] = {
    "name": "fw-0",
    "vnfdId": "vnfd-fw",
    "flavourId": "simple",
    "instantiationLevelId": "small",
    "scaleLevels": {"capacity": 0},
    "metadata": {"rack": "7"},
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(vnf_performer, "_FIRST_PAUSE", 0.0)


def task(*, capacity: int = 0, in_doubt: bool = False, result: dict[str, Any] | None = None, **spec: Any) -> Task:
    resource = Resource(
        path="vnf/fw/0", kind="vnf", spec={**SPEC, "scaleLevels": {"capacity": capacity}, **spec}, result=result
    )
    return Task(operation="ns-op", scope="ns/1", resource=resource, in_doubt=in_doubt)


async def instantiated(vnfm: VnfmDouble) -> VnfPerformer:
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    await performer.ready(task())
    vnfm.calls.clear()
    return performer


async def test_create_and_ready_bring_a_vnf_up():
    """One record with our identity, one instantiation that names the NS operation, and a ready result."""
    vnfm = VnfmDouble()
    performer = VnfPerformer(vnfm)
    begun = await performer.create(task())
    ready = await performer.ready(task())
    assert begun["id"] == ready["id"] == "vnf-001"
    assert ready["state"] == "ready"
    assert vnfm.vnfs["vnf-001"].metadata == {"rack": "7", "mano.identity": "ns/1/vnf/fw/0"}
    assert [(verb, parent) for verb, _, parent in vnfm.requests] == [("instantiate", "ns-op")]


@pytest.mark.parametrize("lost", ["create_vnf", "instantiate"])
async def test_a_lost_answer_is_made_up_for_by_looking(lost):
    """The executor tries again what had no answer; the VNF and its operation are found, not made twice."""
    vnfm = VnfmDouble()
    vnfm.lose = {lost}
    performer = VnfPerformer(vnfm)
    with pytest.raises(StepFailedError) as failure:
        await performer.create(task())
    assert failure.value.again
    await performer.create(task(in_doubt=True))
    await performer.ready(task())
    assert vnfm.calls.count("create_vnf") == vnfm.calls.count("instantiate") == 1


async def test_of_two_records_the_oldest_stays():
    """A second record, left by two callers at once, is removed unused."""
    vnfm = VnfmDouble()
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    await vnfm.create_vnf(creation(SPEC, "ns/1/vnf/fw/0"))
    await performer.create(task(in_doubt=True))
    assert list(vnfm.vnfs) == ["vnf-001"]


async def test_a_failing_vnf_fails_the_step_with_its_own_error():
    """The problem has the VNF operation's identifier and its error; nothing is retried behind the operator's back."""
    vnfm = VnfmDouble(State.FAILED_TEMP)
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    with pytest.raises(StepFailedError) as failure:
        await performer.ready(task())
    assert failure.value.members == {"vnfLcmOpOccId": "op-002", "vnfInstanceId": "vnf-001", "cause": CAUSE}
    assert CAUSE["detail"] in failure.value.detail
    assert not failure.value.again
    assert "retry" not in vnfm.calls


async def test_a_retried_step_retries_the_vnf_operation():
    """The same VNF operation is retried and brought to its end."""
    vnfm = VnfmDouble(State.FAILED_TEMP)
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    with pytest.raises(StepFailedError):
        await performer.ready(task())
    assert (await performer.ready(task(in_doubt=True)))["operation"] == "op-002"
    assert vnfm.calls[-1] == "retry"


async def test_a_retry_in_vain_is_not_repeated():
    """One retry of the NS operation is one retry of the VNF operation."""
    vnfm = VnfmDouble(State.FAILED_TEMP, State.FAILED_TEMP)
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    with pytest.raises(StepFailedError):
        await performer.ready(task(in_doubt=True))
    assert vnfm.calls.count("retry") == 1


@pytest.mark.parametrize("ending", [State.ROLLED_BACK, State.FAILED])
async def test_what_was_rolled_back_or_given_up_is_begun_anew_by_a_retry(ending):
    """A refused grant ends a VNF operation ROLLED_BACK; the retried step instantiates again."""
    vnfm = VnfmDouble(ending)
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    with pytest.raises(StepFailedError):
        await performer.ready(task())
    await performer.ready(task(in_doubt=True))
    assert vnfm.calls.count("instantiate") == 2


async def test_ready_scales_a_vnf_that_came_up_at_another_size():
    """A VNF that is brought back after a rollback gets the levels that it had."""
    vnfm = VnfmDouble()
    performer = VnfPerformer(vnfm)
    await performer.create(task(capacity=2))
    await performer.ready(task(capacity=2))
    assert [verb for verb, *_ in vnfm.requests] == ["instantiate", "scale_to_level"]


async def test_update_scales_once():
    """Asked again, also after a lost answer, the scaling that was begun is found."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    vnfm.lose = {"scale_to_level"}
    with pytest.raises(StepFailedError):
        await performer.update(task(capacity=2))
    await performer.update(task(capacity=2, in_doubt=True))
    await performer.ready(task(capacity=2))
    await performer.update(task(capacity=2, in_doubt=True))
    assert vnfm.calls == ["scale_to_level"]


async def test_update_back_rolls_a_failed_scaling_back():
    """An operation that failed on its way elsewhere is rolled back; then the VNF is where it shall be."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    vnfm.outcomes = [State.FAILED_TEMP]
    await performer.update(task(capacity=2))
    with pytest.raises(StepFailedError):
        await performer.ready(task(capacity=2))
    await performer.update(task(capacity=0))
    await performer.ready(task(capacity=0))
    assert vnfm.calls == ["scale_to_level", "rollback"]


async def test_delete_and_gone_leave_nothing():
    """Terminated as wished, waited for, and the record removed; again is a success."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    going = task(termination={"terminationType": "GRACEFUL", "gracefulTerminationTimeout": 3})
    await performer.delete(going)
    await performer.gone(going)
    assert vnfm.vnfs == {}
    assert vnfm.requests[-1][1].graceful_termination_timeout == 3
    await performer.delete(going)
    await performer.gone(going)
    assert vnfm.calls == ["terminate", "delete_vnf"]


async def test_a_vnf_that_failed_to_come_up_is_rolled_back_and_removed():
    """Nothing is terminated that was never there."""
    vnfm = VnfmDouble(State.FAILED_TEMP)
    performer = VnfPerformer(vnfm)
    await performer.create(task())
    with pytest.raises(StepFailedError):
        await performer.ready(task())
    await performer.delete(task())
    await performer.gone(task())
    assert vnfm.vnfs == {}
    assert vnfm.calls[-2:] == ["rollback", "delete_vnf"]


async def test_what_cannot_be_rolled_back_is_given_up():
    """A VNFM that refuses to roll back is told to give up, so that the VNF can be removed."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    vnfm.outcomes = [State.FAILED_TEMP]
    await performer.update(task(capacity=2))
    with pytest.raises(StepFailedError):
        await performer.ready(task(capacity=2))
    vnfm.refuse = {"rollback": SolProblemError(409, "No", "not possible")}
    await performer.delete(task())
    await performer.gone(task())
    assert vnfm.calls == ["scale_to_level", "rollback", "fail", "terminate", "delete_vnf"]


async def test_what_took_the_place_of_the_vnf_that_the_result_names_goes():
    """An identifier that leads nowhere is not all that is known of a VNF: its identity is."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    former = {"id": "what-went-long-ago", "state": UNCERTAIN}
    await performer.delete(task(result=former))
    await performer.gone(task(result=former))
    assert vnfm.vnfs == {}


async def test_a_termination_that_failed_fails_the_step_and_is_retried_with_it():
    """The NS's retry retries the VNF's termination."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    vnfm.outcomes = [State.FAILED_TEMP]
    await performer.delete(task())
    with pytest.raises(StepFailedError, match="TERMINATE"):
        await performer.gone(task())
    await performer.gone(task(in_doubt=True))
    assert vnfm.vnfs == {}
    assert vnfm.calls == ["terminate", "retry", "delete_vnf"]


async def test_creating_what_was_half_removed_rolls_its_termination_back():
    """The rollback of an NS's termination has the VNFM put the VNF back."""
    vnfm = VnfmDouble()
    performer = await instantiated(vnfm)
    vnfm.outcomes = [State.FAILED_TEMP]
    await performer.delete(task())
    with pytest.raises(StepFailedError):
        await performer.gone(task())
    assert vnfm.vnfs["vnf-001"].instantiation_state is InstantiationState.INSTANTIATED
    await performer.create(task())
    await performer.ready(task())
    assert vnfm.calls == ["terminate", "rollback"]


@pytest.mark.parametrize(("status", "again"), [(503, True), (422, False)])
async def test_a_refusal_of_the_vnfm_is_a_failed_step(status, again):
    """What may pass is tried again by the executor; what the request is to blame for is not."""
    vnfm = VnfmDouble()
    vnfm.refuse = {"create_vnf": SolProblemError(status, "No", "not now")}
    with pytest.raises(StepFailedError, match="not now") as failure:
        await VnfPerformer(vnfm).create(task())
    assert failure.value.again is again


async def test_a_vnf_that_vanished_is_told():
    """A VNF that somebody removed at the VNFM cannot become ready."""
    with pytest.raises(StepFailedError, match="vanished"):
        await VnfPerformer(VnfmDouble()).ready(task(result={"id": "vnf-404"}))


async def test_a_vnf_with_levels_only_is_judged_by_the_last_one():
    """Without scaling aspects the instantiation level that was reached last tells the size."""
    vnfm = VnfmDouble()
    performer = VnfPerformer(vnfm)
    await performer.create(task(scaleLevels={}))
    await performer.ready(task(scaleLevels={}))
    large = task(scaleLevels={}, instantiationLevelId="large")
    await performer.update(large)
    await performer.ready(large)
    await performer.update(large)
    assert [verb for verb, *_ in vnfm.requests] == ["instantiate", "scale_to_level"]


@pytest.mark.parametrize("question", range(1, 9))
async def test_an_operation_that_ends_between_two_looks_is_not_asked_for_again(question):
    """Whichever question to the VNFM the operation ends behind, it is neither missed nor asked for once more."""

    class Quick(VnfmDouble):
        """Answers as things are, and lets the operation under way end right after one of the questions."""

        asked = 0

        def _looked_at(self, operation_id):
            return self.operations[operation_id]

        def count(self):
            self.asked += 1
            for id_ in list(self._pending) if self.asked == question else ():
                VnfmDouble._looked_at(self, id_)

        async def operations_of(self, vnf_instance_id):
            answer = await super().operations_of(vnf_instance_id)
            self.count()
            return answer

        async def get_operation(self, vnf_lcm_op_occ_id):
            answer = await super().get_operation(vnf_lcm_op_occ_id)
            self.count()
            return answer

        async def get_vnf(self, vnf_instance_id):
            answer = await super().get_vnf(vnf_instance_id)
            self.count()
            return answer

    vnfm = Quick()
    performer = VnfPerformer(vnfm)
    begun = await performer.create(task())
    ready = await performer.ready(task(result=begun))
    assert ready["state"] == "ready"
    assert vnfm.calls.count("instantiate") == 1
