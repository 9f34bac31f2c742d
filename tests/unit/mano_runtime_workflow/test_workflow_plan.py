from __future__ import annotations

import msgspec
import pytest

from mano_runtime.workflow.graph import UNCERTAIN, Resource, graph_of, reference
from mano_runtime.workflow.plan import Behaviour, Outcome, Plan, PlanError, difference, state_after
from mano_runtime.workflow.settlement import way_back

BEHAVIOURS = {
    "net": Behaviour(),
    "port": Behaviour(mutable=frozenset({"groups"})),
    "server": Behaviour(awaited=True, mutable=frozenset({"name"})),
}


def net(path="net", **spec):
    return Resource(path=path, kind="net", spec=spec, result={"id": path})


def port(path="port", net="net", **spec):
    return Resource(path=path, kind="port", spec={"net": reference(net), **spec}, result={"id": path})


def server(path="server", port="port", **spec):
    return Resource(path=path, kind="server", spec={"port": reference(port), **spec}, result={"id": path})


def plan_of(before, desired):
    return difference(graph_of(*before), graph_of(*desired), scope="s", behaviours=BEHAVIOURS)


def steps(plan):
    return {step.id: set(step.after) for step in plan.steps}


def test_from_nothing_everything_is_created_in_order():
    """What is needed is usable first; only awaited kinds have a step that waits."""
    assert steps(plan_of([], [server(), port(), net()])) == {
        "create:net": set(),
        "create:port": {"create:net"},
        "create:server": {"create:port"},
        "ready:server": {"create:server"},
    }


def test_to_nothing_everything_is_removed_in_reverse():
    """Nothing is removed while something needs it."""
    assert steps(plan_of([net(), port(), server()], [])) == {
        "delete:server": set(),
        "gone:server": {"delete:server"},
        "delete:port": {"gone:server"},
        "delete:net": {"delete:port"},
    }


def test_what_is_the_same_is_left_alone():
    """Equal graphs have an empty difference, whatever is known of what exists."""
    wanted = [msgspec.structs.replace(it, result=None) for it in (net(), port(), server())]
    assert plan_of([net(), port(), server()], wanted).steps == ()


def test_a_change_that_the_kind_allows_is_an_update():
    """Only mutable attributes changed: the resource stays, and so does what needs it."""
    before = [net(), port(groups=["a"]), server()]
    assert steps(plan_of(before, [net(), port(groups=["b"]), server()])) == {"update:port": set()}
    assert steps(plan_of([net(), port(), server()], [net(), port(), server(name="n")])) == {
        "update:server": set(),
        "ready:server": {"update:server"},
    }


def test_any_other_change_replaces_the_resource_and_what_refers_to_it():
    """A new network needs a new port needs a new server; each path is free before it is used again."""
    plan = plan_of([net(), port(), server()], [net(mtu=9000), port(), server()])
    assert plan.counts() == {"create": 3, "update": 0, "delete": 3}
    after = steps(plan)
    assert after["create:net"] == {"delete:net"}
    assert after["create:port"] == {"create:net", "delete:port"}
    assert after["delete:net"] == {"delete:port"}
    assert after["create:server"] == {"create:port", "gone:server"}


def test_a_reference_in_a_mutable_attribute_is_followed_by_an_update():
    """What refers to something replaced only where it can be updated stays, and is told of what is there anew."""
    before = [net("a"), net("b"), port(net="a", groups=[reference("b")])]
    plan = plan_of(before, [net("a"), net("b", mtu=1), port(net="a", groups=[reference("b")])])
    assert steps(plan) == {"delete:b": set(), "create:b": {"delete:b"}, "update:port": {"create:b"}}


def test_a_move_to_another_peer_replaces():
    """The target is where a resource is; it cannot be updated."""
    moved = msgspec.structs.replace(net(), target="vim2")
    assert steps(plan_of([net()], [moved])) == {"delete:net": set(), "create:net": {"delete:net"}}


def test_what_stays_is_released_before_what_it_needed_goes():
    """A resource that no longer refers to another is updated before the other is removed."""
    before = [net("a"), net("b"), port(net="a", groups=[reference("b")])]
    plan = plan_of(before, [net("a"), port(net="a", groups=[])])
    assert steps(plan) == {"update:port": set(), "delete:b": {"update:port"}}


def test_the_order_is_the_same_every_time():
    """Plans are compared, stored and shown: equal graphs give equal plans."""
    one = plan_of([], [net("a"), net("b"), port(net="b")])
    assert one.steps == plan_of([], [port(net="b"), net("b"), net("a")]).steps


def test_a_plan_is_json():
    """What is stored is what was planned."""
    plan = plan_of([net()], [net(mtu=1), port()])
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan


def test_a_missing_dependency_is_named():
    """A graph that refers to what it lacks cannot be planned."""
    with pytest.raises(PlanError, match="'port' refers to 'net'"):
        plan_of([], [port()])


def test_a_circle_is_named():
    """A graph whose resources need each other cannot be planned."""
    with pytest.raises(PlanError, match=r"circle: [ab] -> [ab]"):
        plan_of([], [port("a", net="b"), port("b", net="a")])


def outcomes(**known):
    return {name.replace("_", ":"): outcome for name, outcome in known.items()}


DONE = Outcome(done=True)
FAILED = Outcome(error={"title": "no"})


def test_state_after_creating():
    """What was begun may exist; what was told of it is kept; what was not begun does not exist."""
    plan = plan_of([], [net(), port(), server()])
    known = outcomes(create_net=Outcome(done=True, result={"id": "n"}), create_port=FAILED)
    state = state_after(plan, known, doubtful_removals_happened=False)
    assert {path: it.result for path, it in state.items()} == {"net": {"id": "n"}, "port": {"id": "port"}} | {
        "port": None
    }


def test_state_after_creating_again_in_vain():
    """A creation that was carried out again and not seen through may have put another in the place of what it made."""
    plan = plan_of([], [net(), port(), server()])
    known = outcomes(create_server=Outcome(result={"id": "first", "state": "faulted"}))
    state = state_after(plan, known, doubtful_removals_happened=False)
    assert state["server"].result == {"id": "first", "state": UNCERTAIN}


def test_state_after_getting_ready():
    """What becomes known later joins what was known before."""
    plan = plan_of([], [net(), port(), server()])
    known = outcomes(
        create_server=Outcome(done=True, result={"id": "x"}), ready_server=Outcome(done=True, result={"ip": "1"})
    )
    state = state_after(plan, known, doubtful_removals_happened=False)
    assert state["server"].result == {"id": "x", "ip": "1"}


@pytest.mark.parametrize(
    ("known", "kept", "put_back"),
    [
        ({}, True, True),
        ({"delete_server": FAILED}, True, False),
        ({"delete_server": DONE}, True, False),
        ({"delete_server": DONE, "gone_server": FAILED}, True, False),
        ({"delete_server": DONE, "gone_server": DONE}, False, False),
    ],
)
def test_state_after_removing(known, kept, put_back):
    """A removal in doubt did not happen for an inventory, and did for putting things back."""
    plan = plan_of([net(), port(), server()], [net(), port()])
    assert ("server" in state_after(plan, outcomes(**known), doubtful_removals_happened=False)) is kept
    assert ("server" in state_after(plan, outcomes(**known), doubtful_removals_happened=True)) is put_back


def test_state_after_a_replacement():
    """What replaces a resource is known by what was told of it, not of its predecessor."""
    plan = plan_of([net()], [net(mtu=1)])
    state = state_after(plan, outcomes(delete_net=DONE, create_net=FAILED), doubtful_removals_happened=False)
    assert (state["net"].spec, state["net"].result) == ({"mtu": 1}, None)


def in_waves(before, desired, *waves):
    plan = difference(graph_of(*before), graph_of(*desired), scope="s", behaviours=BEHAVIOURS, waves=waves)
    return steps(plan)


def guest(number, **spec):
    return [port(f"port{number}"), server(f"server{number}", f"port{number}", **spec)]


def test_a_wave_begins_when_the_one_before_has_ended():
    """Its first steps wait for the last ones of the wave before; within a wave all is as it was."""
    before, desired = ([net(), *guest(1, image=i), *guest(2, image=i)] for i in ("old", "new"))
    after = in_waves(before, desired, {"server1", "port1"}, {"server2", "port2"})
    assert after["delete:server1"] == set()
    assert after["delete:server2"] == {"ready:server1"}
    assert after["create:server2"] == {"gone:server2"}


def test_a_wave_without_steps_keeps_nobody_waiting():
    """The next one that has any begins after the last one that had."""
    before, desired = ([net(), *guest(1, image=i), *guest(2), *guest(3, image=i)] for i in ("old", "new"))
    after = in_waves(before, desired, {"server1"}, {"server2"}, {"server3"}, {"nothing"})
    assert after["delete:server3"] == {"ready:server1"}


def test_what_is_new_can_come_before_what_is_old_goes():
    """A wave of creations and then one of removals."""
    after = in_waves([net(), *guest(1)], [net(), *guest(2)], {"server2", "port2"}, {"server1", "port1"})
    assert after["delete:server1"] == {"ready:server2"}
    assert after["delete:port1"] == {"gone:server1"}


def test_waves_that_share_what_is_made_anew_are_refused():
    """It can only be made anew when all of them have let go of it."""
    before, desired = ([net(mtu=m), *guest(1), *guest(2)] for m in (1, 2))
    with pytest.raises(PlanError, match="circle"):
        in_waves(before, desired, {"server1", "port1"}, {"server2", "port2"})


def test_the_way_back_takes_the_waves_the_other_way_round():
    """What was changed last is put back first."""
    before, desired = (graph_of(net(), *guest(1, image=i), *guest(2, image=i)) for i in ("old", "new"))
    plan = difference(before, desired, scope="s", behaviours=BEHAVIOURS, waves=[{"server1"}, {"server2"}])
    done = {step.id: Outcome(done=True, result={"id": step.path}) for step in plan.steps}
    assert steps(way_back(plan, done, BEHAVIOURS))["delete:server1"] == {"ready:server2"}


def test_the_way_back_is_never_refused_for_the_sake_of_an_order():
    """Waves that went forward and would go against what needs what on the way back are left out of it."""
    before = graph_of(server("a", "b", name="x"), net("b", mtu=1))
    desired = graph_of(msgspec.structs.replace(server("a", "b"), spec={"name": "y"}), net("b", mtu=1))
    before["b"] = port("b", "b0", groups=["x"])
    desired["b"] = port("b", "b0", groups=["y"])
    before["b0"] = desired["b0"] = net("b0")
    plan = difference(before, desired, scope="s", behaviours=BEHAVIOURS, waves=[{"b"}, {"a"}])
    done = {step.id: Outcome(done=True, result={"id": step.path}) for step in plan.steps}
    back = way_back(plan, done, BEHAVIOURS)
    assert back.waves == ()
    assert steps(back)["create:a"] >= {"update:b"}
