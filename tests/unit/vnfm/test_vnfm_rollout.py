"""How VNFCs make place for their successors: the waves of a plan, and what cannot be done in them."""

from __future__ import annotations

import msgspec
import pytest
from ns_examples import Descriptors
from vnfm_examples import FIREWALL, OUTSIDE, SIMPLE, UPGRADED, created, with_port

from descriptors.model.declaration import Declaration
from descriptors.model.vnfd import AddressRequest, Artifact
from mano_runtime.workflow.plan import Verb
from vnfm.inventory.records import VnfRecord
from vnfm.lifecycle.changes import Change
from vnfm.lifecycle.drafts import Draft, Drafts
from vnfm.planning import paths
from vnfm.planning.desired_state import desired_state
from vnfm.planning.generations import with_new_generation, with_new_vnfcs
from vnfm.planning.images import PackageFiles
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.rollout import Rollout, UpgradeType, rollout_of
from vnfm.planning.shape import Origin, Shape

ROLLING = Rollout(type=UpgradeType.ROLLING)
BLUE_GREEN = Rollout(type=UpgradeType.BLUE_GREEN)
WIDE = Shape(flavour_id="simple", scale_levels={"throughput": 2}, max_scale_levels={"throughput": 2})
"""Four firewalls and a database, attached to nothing outside."""


def a_vnf(shape=WIDE, vnfd=FIREWALL, files=PackageFiles()):  # noqa: B008  # frozen
    desired = desired_state(vnfd, shape, instance_id="vnf-1", label="fw", files=files)
    record = VnfRecord(
        id="vnf-1",
        label="fw",
        vnfd_id=vnfd.id,
        provider="",
        product_name="",
        software_version="",
        vnfd_version="",
        shape=shape,
        graph=created(desired.graph),
        attachments=desired.attachments,
    )
    return Draft(record=record)


def changed(vnfd, rollout, shape=WIDE, draft=None):
    draft = draft or a_vnf(shape)
    change = draft.with_room(Change(vnfd=vnfd, shape=shape, rollout=rollout))
    wanted = {
        path: msgspec.structs.replace(resource, target="vim-1")
        for path, resource in draft.desired(change).graph.items()
    }
    return change.shape, draft.plan(wanted, change)


def order_of(plan):
    """By VNFC: when work on it begins and when it is over, in steps that are done as soon as they can be."""
    when: dict[str, int] = {}
    for step in plan.steps:
        when[step.id] = 1 + max((when[need] for need in step.after), default=0)
    spans: dict[str, tuple[int, int]] = {}
    for step in plan.steps:
        if (part := paths.parse_vnfc_part(step.path)) and part.vnfc:
            first, last = spans.get(part.vnfc, (when[step.id], when[step.id]))
            spans[part.vnfc] = (min(first, when[step.id]), max(last, when[step.id]))
    return spans


def counts(plan, prefix):
    return {
        verb: sum(step.verb is verb and step.path.startswith(prefix) for step in plan.steps)
        for verb in (Verb.CREATE, Verb.DELETE)
    }


@pytest.mark.parametrize("size", [1, 3])
def test_a_batch_begins_when_the_one_before_is_ready(size):
    """VNFCs of a VDU go in batches, new VNFCs come before the first and those that are not to be go after the last."""
    _, plan = changed(UPGRADED, Rollout(type=UpgradeType.ROLLING, batch_size=size))
    spans = order_of(plan)
    firewalls = [spans[f"vdu/firewall/{number}"] for number in range(4)]
    for number, (begins, _) in enumerate(firewalls):
        before = firewalls[: number - number % size]
        assert all(ended < begins for _, ended in before)
        assert begins < firewalls[number - number % size][1]
    assert spans["vdu/cache/0"][1] < min(begins for begins, _ in firewalls)
    assert spans["vdu/database/0"][0] > max(ended for _, ended in firewalls)


def test_what_vnfcs_share_is_there_twice_meanwhile():
    """An image of the same name and another content comes before the first VNFC is touched, and the old one goes last.

    The next change finds the first generation free again.
    """
    shape, plan = changed(UPGRADED, ROLLING)
    assert shape.generations == {"image/cirros": 2}
    assert counts(plan, "image/cirros~2") == {Verb.CREATE: 1, Verb.DELETE: 0}
    assert plan.desired["vdu/firewall/0/server"].spec["image"].endswith("image/cirros~2#id")
    assert [step.path for step in plan.steps if step.verb is Verb.GONE][-1] == "image/cirros"
    then = a_vnf(shape, UPGRADED)
    assert changed(FIREWALL, ROLLING, shape, then)[0].generations == {"image/cirros": 1}


def test_vnfcs_keep_their_names_and_places_when_rolling():
    """Each is made anew at its own paths, with its volumes where those need not change."""
    shape, plan = changed(UPGRADED, ROLLING)
    assert shape.first_vnfcs == {}
    assert counts(plan, "vdu/firewall/1/server") == {Verb.CREATE: 1, Verb.DELETE: 1}
    assert counts(plan, "vdu/firewall/1/storage") == {Verb.CREATE: 0, Verb.DELETE: 0}


def test_all_new_vnfcs_are_ready_before_an_old_one_goes():
    """They have numbers of their own, and ports and volumes; what need not change is not touched."""
    vnfd = with_simple(vdus={**SIMPLE.vdus, "firewall": msgspec.structs.replace(SIMPLE.vdus["firewall"], vcpus=8)})
    shape, plan = changed(vnfd, BLUE_GREEN)
    assert shape.first_vnfcs == {"firewall": 4}
    spans = order_of(plan)
    new, old = ([spans[f"vdu/firewall/{n}"] for n in numbers] for numbers in (range(4, 8), range(4)))
    assert spans.keys() == {f"vdu/firewall/{number}" for number in range(8)}
    assert max(ended for _, ended in new) < min(begins for begins, _ in old)
    assert counts(plan, "vdu/firewall/4/") == {Verb.CREATE: 3, Verb.DELETE: 0}
    again = changed(FIREWALL, BLUE_GREEN, shape, a_vnf(shape, vnfd))[0]
    assert again.first_vnfcs == {"firewall": 0}


@pytest.mark.parametrize("rollout", [ROLLING, BLUE_GREEN])
def test_the_rest_of_a_vnfc_that_came_in_part_goes_with_the_last(rollout):
    """It has no server, and is not to have one: what a scaling left that was given up."""
    draft = a_vnf()
    graph = {path: it for path, it in draft.record.graph.items() if path != "vdu/firewall/3/server"}
    draft = msgspec.structs.replace(draft, record=msgspec.structs.replace(draft.record, graph=graph))
    narrow = msgspec.structs.replace(WIDE, scale_levels={"throughput": 1})
    vnfd = with_simple(vdus={**SIMPLE.vdus, "firewall": msgspec.structs.replace(SIMPLE.vdus["firewall"], vcpus=8)})
    _, plan = changed(vnfd, rollout, narrow, draft)
    spans = order_of(plan)
    assert spans["vdu/firewall/3"][0] == max(begins for begins, _ in spans.values())
    assert counts(plan, "vdu/firewall/3/")[Verb.CREATE] == 0


def with_simple(**changes):
    return msgspec.structs.replace(
        FIREWALL, id="changed", flavours={"simple": msgspec.structs.replace(SIMPLE, **changes)}
    )


@pytest.mark.parametrize("rollout", [ROLLING, BLUE_GREEN])
def test_a_link_that_changes_is_there_twice_meanwhile(rollout):
    """With its subnets, so that VNFCs move from one to the other; the old one goes when nobody is on it any more."""
    links = {**SIMPLE.virtual_links, "inside": msgspec.structs.replace(SIMPLE.virtual_links["inside"], l2=None)}
    shape, plan = changed(with_simple(virtual_links=links), rollout)
    assert shape.generations == {"vl/inside": 2}
    assert counts(plan, "vl/inside~2/") == {Verb.CREATE: 2, Verb.DELETE: 0}
    assert counts(plan, "vl/inside/") == {Verb.CREATE: 0, Verb.DELETE: 2}
    assert paths.link_of("vl/inside~2/network") == "inside"
    ends = order_of(plan)
    assert ends["vdu/database/1" if rollout is BLUE_GREEN else "vdu/database/0"]


def test_a_change_of_a_subnet_alone_takes_its_link_along():
    """Two subnets of one range cannot be on one network, so the network is there twice, too, and its VNFCs move."""
    inside = SIMPLE.virtual_links["inside"]
    other = msgspec.structs.replace(inside, l3=(msgspec.structs.replace(inside.l3[0], dhcp=False),))
    shape, plan = changed(with_simple(virtual_links={**SIMPLE.virtual_links, "inside": other}), BLUE_GREEN)
    assert shape.generations == {"vl/inside": 2}
    assert shape.first_vnfcs == {"firewall": 4, "database": 1}
    assert not {step.path for step in plan.steps if step.verb is Verb.CREATE} & plan.before.keys()


def attached_by(link):
    return msgspec.structs.replace(WIDE, scale_levels={"throughput": 0}, ext_virtual_links=(link,))


SHARED = msgspec.structs.replace(
    SIMPLE, storages={**SIMPLE.storages, "log": msgspec.structs.replace(SIMPLE.storages["log"], per_vnfc=False)}
)


@pytest.mark.parametrize(
    ("link", "told"),
    [(OUTSIDE, "the address 10.0.0.10"), (with_port(), "the port port-given")],
    ids=["address", "port"],
)
def test_what_only_one_can_have_rules_blue_green_out(link, told):
    """The refusal names it, who has it, and what can be asked for instead; rolling it can be done."""
    shape = attached_by(link)
    with pytest.raises(PlanningRefusedError) as refused:
        changed(UPGRADED, BLUE_GREEN, shape)
    assert refused.value.attribute == "additionalParams.upgradeType"
    assert told in refused.value.detail
    assert "vdu/firewall/0" in refused.value.detail
    assert "ROLLING" in refused.value.detail
    assert changed(UPGRADED, ROLLING, shape)[1].steps


def test_shared_storage_rules_blue_green_out():
    """Old and new software would write to it; and what changes it goes only all at once."""
    draft = a_vnf(vnfd=msgspec.structs.replace(FIREWALL, flavours={"simple": SHARED}))
    firewall = msgspec.structs.replace(SHARED.vdus["firewall"], vcpus=8)
    vnfd = with_simple(storages=SHARED.storages, vdus={**SHARED.vdus, "firewall": firewall})
    with pytest.raises(PlanningRefusedError, match="the shared storage vdu/firewall/storage/log"):
        changed(vnfd, BLUE_GREEN, draft=draft)
    assert changed(vnfd, ROLLING, draft=draft)[1].steps
    log = msgspec.structs.replace(SHARED.storages["log"], size_bytes=2**40)
    with pytest.raises(PlanningRefusedError, match=r"share, is made anew.*ALL_AT_ONCE"):
        changed(with_simple(storages={**SHARED.storages, "log": log}), ROLLING, draft=draft)


def test_a_stopped_vnfc_has_a_stopped_successor():
    """Numbers that are taken are left alone, be they of VNFCs that an operation left behind."""
    shape = msgspec.structs.replace(WIDE, stopped=("vdu/database/0", "vdu/firewall/1"))
    moved = with_new_vnfcs(shape, "firewall", 2, ["vdu/firewall/1/server", "vdu/firewall/4/cp/fw-in", "vdu/x/2/server"])
    assert moved.first_vnfcs == {"firewall": 2}
    assert moved.stopped == ("vdu/database/0", "vdu/firewall/3")
    assert with_new_generation(WIDE, "vl/a", ["vl/a/network", "vl/a~2/network", "vl/b~3/network"]).generations == {
        "vl/a": 3
    }


DECLARED = {
    "upgradeType": Declaration(name="upgradeType", default="ROLLING"),
    "batchSize": Declaration(name="batchSize", type="integer", default=2),
}


@pytest.mark.parametrize(
    ("params", "declared", "rollout"),
    [
        ({}, {}, Rollout()),
        ({"upgradeType": "ROLLING"}, {}, ROLLING),
        ({"upgradeType": "ROLLING", "batchSize": 3}, DECLARED, Rollout(type=UpgradeType.ROLLING, batch_size=3)),
        ({}, DECLARED, Rollout(type=UpgradeType.ROLLING, batch_size=2)),
        ({"upgradeType": "BLUE_GREEN"}, DECLARED, BLUE_GREEN),
    ],
)
def test_the_request_says_it_or_else_the_vnfd(params, declared, rollout):
    """One VNFC at a time where neither gives a number."""
    assert rollout_of(params, {}, declared) == rollout


@pytest.mark.parametrize(
    ("params", "beside", "attribute", "told"),
    [
        ({"upgradeType": "CANARY"}, True, "upgradeType", "ALL_AT_ONCE, ROLLING, BLUE_GREEN"),
        ({"upgradeType": ["ROLLING"]}, True, "upgradeType", "ALL_AT_ONCE, ROLLING, BLUE_GREEN"),
        ({"upgradeType": "BLUE_GREEN"}, False, "upgradeType", "ALL_AT_ONCE, ROLLING"),
        ({"upgradeType": "ROLLING", "batchSize": 0}, True, "batchSize", "positive"),
        ({"upgradeType": "ROLLING", "batchSize": True}, True, "batchSize", "positive"),
        ({"upgradeType": "ROLLING", "batchSize": "2"}, True, "batchSize", "positive"),
        ({"upgradeType": "BLUE_GREEN", "batchSize": 2}, True, "batchSize", "ROLLING only"),
        ({"batchSize": 2}, True, "batchSize", "ROLLING only"),
    ],
)
def test_what_is_no_way_to_do_it_is_refused(params, beside, attribute, told):
    """The refusal names the parameter and what it may be."""
    with pytest.raises(PlanningRefusedError) as refused:
        rollout_of(params, beside=beside)
    assert refused.value.attribute == f"additionalParams.{attribute}"
    assert told in refused.value.detail


def test_nothing_said_is_as_ever():
    """No waves, no further paths."""
    shape, plan = changed(UPGRADED, Rollout())
    assert (shape, plan.waves) == (WIDE, ())
    assert counts(plan, "image/cirros") == {Verb.CREATE: 1 + 1, Verb.DELETE: 1}


def test_addresses_that_the_vnfd_gives_rule_blue_green_out():
    """A successor is to have the address of the VNFC whose place it takes, not one of the VIM's choice."""
    given = msgspec.structs.replace(
        SIMPLE.connection_points["fw-in"], addresses=(AddressRequest(fixed=("10.1.0.7", "10.1.0.8")),)
    )
    points = {**SIMPLE.connection_points, "fw-in": given}
    draft = a_vnf(vnfd=with_simple(connection_points=points))
    firewall = msgspec.structs.replace(SIMPLE.vdus["firewall"], vcpus=8)
    vnfd = with_simple(connection_points=points, vdus={**SIMPLE.vdus, "firewall": firewall})
    with pytest.raises(PlanningRefusedError, match=r"the address 10\.1\.0\.7 while vdu/firewall/0/cp/fw-in has it"):
        changed(vnfd, BLUE_GREEN, draft=draft)


def test_successors_are_not_made_from_snapshots():
    """A snapshot is of what was there; neither they nor a VNFC that has the number later is made from it."""
    origin = Origin(snapshot="s", id="i", vim="vim-1")
    shape = msgspec.structs.replace(WIDE, origins={"vdu/firewall/0/server": origin, "vdu/database/0/server": origin})
    moved = with_new_vnfcs(shape, "firewall", 4, ["vdu/firewall/0/server"])
    assert moved.origins == {"vdu/database/0/server": origin}


async def test_boot_data_in_a_file_is_no_change(tmp_path):
    """What a request is refused for is what would change: a VNFC whose boot data is the same file stays as it is."""
    database = msgspec.structs.replace(
        SIMPLE.vdus["database"], boot_data_artifact=Artifact(name="boot", file="boot.sh", in_package=True)
    )
    fixed = msgspec.structs.replace(
        SIMPLE.connection_points["db-in"], addresses=(AddressRequest(fixed=("192.168.7.9",)),)
    )
    points = {**SIMPLE.connection_points, "db-in": fixed}
    (tmp_path / "boot.sh").write_text("#!/bin/sh\n")

    class Package(Descriptors):
        async def artifact_file(self, vnfd_id, path):
            return tmp_path / path

    vnfd = with_simple(vdus={**SIMPLE.vdus, "database": database}, connection_points=points)
    record = a_vnf(vnfd=vnfd, files=PackageFiles(boot_data={"database": "#!/bin/sh\n"})).record
    firewall = msgspec.structs.replace(SIMPLE.vdus["firewall"], vcpus=8)
    wanted = with_simple(vdus={"firewall": firewall, "database": database}, connection_points=points)
    await Drafts(Package()).check(record, Change(vnfd=wanted, shape=WIDE, rollout=BLUE_GREEN))
    (tmp_path / "boot.sh").write_text("#!/bin/sh\nexit\n")
    with pytest.raises(PlanningRefusedError, match=r"192\.168\.7\.9"):
        await Drafts(Package()).check(record, Change(vnfd=wanted, shape=WIDE, rollout=BLUE_GREEN))


@pytest.mark.parametrize("rollout", [Rollout(), ROLLING, BLUE_GREEN], ids=lambda rollout: rollout.type.value)
@pytest.mark.parametrize("renewed", [frozenset(), frozenset({paths.server("firewall", 0)})], ids=["kept", "renewed"])
def test_places_make_no_difference_to_the_steps(rollout, renewed):
    """A plan that gets its places by the grant is the one that would be made of the placed graph: grown, or renewed."""
    draft = a_vnf()
    shape = msgspec.structs.replace(WIDE, scale_levels={"throughput": 1}) if renewed else WIDE
    change = draft.with_room(Change(vnfd=UPGRADED, shape=shape, rollout=rollout, renewed=renewed))
    wanted = draft.desired(change).graph
    drafted = draft.plan(wanted, change)
    graph = {
        path: resource if resource.target else msgspec.structs.replace(resource, target="vim-2")
        for path, resource in wanted.items()
    }
    assert draft.with_places(drafted, graph, change) == draft.plan(graph, change)
