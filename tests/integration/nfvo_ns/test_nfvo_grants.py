"""Grants: where resources go, on simulated VIMs with a known room."""

from __future__ import annotations

import asyncio

import pytest
from ns_examples import FIREWALL, Descriptors

from nfvo.grants.decisions import GrantDecisions
from nfvo.grants.reservations import UNSEEN_SECONDS
from vim_adapters.connection import VimConnection
from vim_adapters.simulated.store import Store
from vnfm.sol003.general import Link, ResourceHandle
from vnfm.sol003.grants import (
    Affinity,
    ConstraintResourceRef,
    GrantRequest,
    GrantRequestLinks,
    PlacementConstraint,
    PlacementScope,
    ResourceDefinition,
    ResourceIdType,
    ResourceType,
)
from vnfm.sol003.operation_occurrences import (
    AffectedVnfc,
    ChangeType,
    LcmOperationStateType,
    LcmOperationType,
    ResourceChanges,
    VnfLcmOpOcc,
)
from vnfm.sol003.ports import GrantRefusedError


class Vnfs:
    """The VNFM, as far as a grant asks it."""

    def __init__(self, **params) -> None:
        self.params = params
        self.state = LcmOperationStateType.STARTING
        self.added: list[str] = []

    async def get_vnf(self, vnf_instance_id):
        return None

    async def get_operation(self, vnf_lcm_op_occ_id):
        return VnfLcmOpOcc(
            id=vnf_lcm_op_occ_id,
            operation_state=self.state,
            state_entered_time="",
            start_time="",
            vnf_instance_id="vnf-1",
            operation=LcmOperationType.INSTANTIATE,
            is_automatic_invocation=False,
            is_cancel_pending=False,
            operation_params=self.params,
            resource_changes=ResourceChanges(affected_vnfcs=tuple(map(affected, self.added))),
        )


def affected(name: str) -> AffectedVnfc:
    handle = ResourceHandle(resource_id=name)
    return AffectedVnfc(
        id=name, vdu_id="node", change_type=ChangeType.ADDED, compute_resource=handle, resource_definition_id=name
    )


def server(name: str) -> ResourceDefinition:
    return ResourceDefinition(id=name, type=ResourceType.COMPUTE, vdu_id="node", resource_template_id="node")


def request(*resources: ResourceDefinition, operation: str = "op-1", **attributes) -> GrantRequest:
    return GrantRequest(
        vnf_instance_id="vnf-1",
        vnf_lcm_op_occ_id=operation,
        vnfd_id=attributes.pop("vnfd_id", FIREWALL.id),
        flavour_id="simple",
        operation=LcmOperationType.INSTANTIATE,
        is_automatic_invocation=False,
        add_resources=resources,
        **attributes,
    )


@pytest.fixture
def vnfs() -> Vnfs:
    return Vnfs()


@pytest.fixture
def grants(database, registry, vnfs) -> GrantDecisions:
    decisions = GrantDecisions(database, registry, Descriptors())
    decisions.attach(vnfs)
    return decisions


@pytest.fixture
async def small(tmp_path, registry):
    """Register a second VIM that has room for nothing, and return its identifier."""
    path = tmp_path / "small.sqlite"

    def shrink() -> None:
        with Store(path).transaction() as connection:
            connection.execute("UPDATE hosts SET vcpus = 0")

    await asyncio.to_thread(shrink)
    await asyncio.to_thread(registry.register, _simulated("vim-small", path))
    return "vim-small"


def _simulated(vim, path):
    return VimConnection(id=vim, vim_type="SIMULATED", interface_info={"path": str(path)})


async def test_each_resource_gets_a_vim_and_each_server_a_zone(grants):
    """Networks and ports get the VIM; servers a zone of it, too."""
    network = ResourceDefinition(id="vl/x/network", type=ResourceType.VL, resource_template_id="x")
    grant = await grants.grant(request(server("a"), network))
    compute, link = grant.add_resources
    assert (compute.vim_connection_id, link.vim_connection_id) == ("vim-1", "vim-1")
    zones = {zone.id: zone.zone_id for zone in grant.zones}
    assert compute.zone_id in zones
    assert link.zone_id is None
    assert grant.vim_connection_info["vim-1"].access_info == {}


async def test_asked_again_the_answer_is_the_same(grants, registry):
    """A VNFM that lost the answer gets it again, even when there is no VIM any more; so do two askers at once."""
    first, second = await asyncio.gather(*(grants.grant(request(server("a"))) for _ in range(2)))
    await asyncio.to_thread(registry.remove, "vim-1")
    assert await grants.grant(request(server("a"))) == first == second


async def test_what_is_removed_needs_no_room(grants, registry):
    """A termination is granted whatever the VIMs say."""
    await asyncio.to_thread(registry.remove, "vim-1")
    grant = await grants.grant(request(remove_resources=(server("a"),)))
    assert [info.resource_definition_id for info in grant.remove_resources] == ["a"]


async def test_servers_apart_are_in_different_zones(grants):
    """An anti-affinity of zones is kept; one of hosts is the VIM's to keep, one of VIMs cannot be."""

    def apart(scope: PlacementScope, operation: str) -> GrantRequest:
        rule = PlacementConstraint(
            affinity_or_anti_affinity=Affinity.ANTI_AFFINITY,
            scope=scope,
            resource=tuple(ConstraintResourceRef(id_type=ResourceIdType.GRANT, resource_id=name) for name in "ab"),
        )
        return request(server("a"), server("b"), operation=operation, placement_constraints=(rule,))

    grant = await grants.grant(apart(PlacementScope.ZONE, "op-1"))
    assert len({info.zone_id for info in grant.add_resources}) == 2
    grant = await grants.grant(apart(PlacementScope.NFVI_NODE, "op-2"))
    assert len({info.zone_id for info in grant.add_resources}) == 1
    with pytest.raises(GrantRefusedError, match="more than one VIM"):
        await grants.grant(apart(PlacementScope.NFVI_POP, "op-3"))


async def test_a_constraint_on_groups_of_zones_is_confirmed(grants):
    """The grant tells which zones are the group that was chosen, and says nothing of groups that nobody asked for."""
    rule = PlacementConstraint(
        affinity_or_anti_affinity=Affinity.AFFINITY,
        scope=PlacementScope.ZONE_GROUP,
        resource=tuple(ConstraintResourceRef(id_type=ResourceIdType.GRANT, resource_id=name) for name in "ab"),
    )
    grant = await grants.grant(request(server("a"), server("b"), placement_constraints=(rule,)))
    assert [set(group.zone_id) for group in grant.zone_groups] == [{info.zone_id for info in grant.add_resources}]
    assert (await grants.grant(request(server("a"), operation="op-2"))).zone_groups == ()


async def test_a_vnf_goes_to_the_vim_of_the_links_it_is_attached_to(grants, small):
    """Ports must be on their networks: another VIM with room is no way out, and the refusal has the numbers."""
    grants.attach(Vnfs(extVirtualLinks=[{"id": "l", "vimConnectionId": small, "resourceId": "n", "extCps": []}]))
    with pytest.raises(GrantRefusedError, match="asked for 1 vCPU") as refusal:
        await grants.grant(request(server("a")))
    assert "has 0 vCPU" in refusal.value.detail
    assert small in refusal.value.detail


async def test_an_unknown_vim_is_refused(grants):
    """A link on a VIM that is not registered."""
    grants.attach(Vnfs(extVirtualLinks=[{"id": "l", "vimConnectionId": "ghost", "resourceId": "n", "extCps": []}]))
    with pytest.raises(GrantRefusedError, match="ghost"):
        await grants.grant(request(server("a")))


async def test_without_a_vim_it_is_told_how_to_add_one(grants, registry):
    """No VIM at all."""
    await asyncio.to_thread(registry.remove, "vim-1")
    with pytest.raises(GrantRefusedError, match="mano vim add"):
        await grants.grant(request(server("a")))


async def test_an_unknown_descriptor_is_refused(grants):
    """A VNFD that is not onboarded."""
    with pytest.raises(GrantRefusedError, match=r"vnfdId.*ghost"):
        await grants.grant(request(server("a"), vnfd_id="ghost"))


async def test_an_unreachable_vim_is_passed_over(grants, vim, tmp_path, registry):
    """The next VIM takes what the first one, which does not answer, cannot."""
    await asyncio.to_thread(registry.register, _simulated("vim-2", tmp_path / "two.sqlite"))
    await vim.spoil(error="unreachable", verb="capacity", remaining=None)
    grant = await grants.grant(request(server("a")))
    assert grant.add_resources[0].vim_connection_id == "vim-2"


@pytest.fixture
async def two_left(vim):
    """Leave room for two servers on the VIM, in one zone."""

    def shrink() -> None:
        with Store(vim.path).transaction() as connection:
            connection.execute("UPDATE hosts SET vcpus = 0")
            connection.execute("UPDATE hosts SET vcpus = 2 WHERE name = (SELECT MIN(name) FROM hosts)")

    await asyncio.to_thread(shrink)


async def test_what_is_granted_at_the_same_moment_is_not_granted_twice(grants, two_left):
    """Of three operations that ask for one of two places at once, one is refused, with the numbers."""
    asked = [request(server("a"), operation=f"op-{number}") for number in range(3)]
    answers = await asyncio.gather(*map(grants.grant, asked), return_exceptions=True)
    (refusal,) = [it for it in answers if isinstance(it, GrantRefusedError)]
    assert "has 0 vCPU" in refusal.detail
    assert [it.id for it in answers if it is not refusal] == ["op-0", "op-1"]


async def test_what_was_promised_is_remembered_over_a_restart(grants, two_left, database, registry, vnfs):
    """A server that starts anew knows what the one before it granted."""
    await grants.grant(request(server("a"), server("b")))
    anew = GrantDecisions(database, registry, Descriptors())
    anew.attach(vnfs)
    with pytest.raises(GrantRefusedError):
        await anew.grant(request(server("c"), operation="op-2"))


@pytest.mark.parametrize("how", ["ended", "made"])
async def test_room_is_kept_until_it_is_taken_or_not_needed(grants, two_left, vnfs, how):
    """When the operation has ended, or its server is on the VIM and in the VIM's numbers, the place counts no more."""
    await grants.grant(request(server("a"), server("b")))
    with pytest.raises(GrantRefusedError):
        await grants.grant(request(server("c"), server("d"), operation="op-2"))
    if how == "ended":
        vnfs.state = LcmOperationStateType.ROLLED_BACK
    else:
        vnfs.added = ["a", "b"]
    assert (await grants.grant(request(server("c"), server("d"), operation="op-2"))).id == "op-2"


async def test_room_is_kept_a_while_for_a_vnfm_that_cannot_be_asked(two_left, database, registry, vnfs, monkeypatch):
    """What was granted over HTTP to a VNFM that is not ours counts until the VIM's numbers must have it."""
    now = [0.0]
    grants = GrantDecisions(database, registry, Descriptors(), clock=lambda: now[0])
    grants.attach(vnfs)

    async def unheard(_operation):
        return None

    monkeypatch.setattr(vnfs, "get_operation", unheard)
    link = Link(href="http://vnfm.example")
    links = GrantRequestLinks(vnf_lcm_op_occ=link, vnf_instance=link)
    await grants.grant(request(server("a"), server("b"), links=links))
    with pytest.raises(GrantRefusedError):
        await grants.grant(request(server("c"), operation="op-2"))
    now[0] = UNSEEN_SECONDS
    assert (await grants.grant(request(server("c"), operation="op-2"))).id == "op-2"
