"""Whole lives of VNFs on the simulated VIM: any operations, faults, cancels, restarts and ways out, in turn."""

from __future__ import annotations

import asyncio
import io
import itertools
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ns_examples import Descriptors
from unheard import heard
from vnf_operations import NETWORKS, operations
from vnfm_examples import FIREWALL, LARGE, OUTSIDE, SIMPLE, UPGRADED
from walk_world import MARKS, REFUSALS, Life, World, acts, lives, quietly

from mano_runtime.merge_patch import merge_patch
from mano_runtime.workflow.operation import TRANSITIONS, OperationState
from vim_adapters.resources import Kind
from vnfm.inventory.modifications import attributes_of
from vnfm.inventory.records import scope_of
from vnfm.lifecycle.snapshot_requests import SnapshotRequests
from vnfm.planning.shape import Shape
from vnfm.planning.snapshots import snapshot_scope
from vnfm.sol003.connectivity import (
    CpProtocolData,
    IpAddressData,
    IpAddressType,
    IpOverEthernetAddressData,
    LayerProtocol,
    VnfExtCpConfig,
)
from vnfm.sol003.operation_occurrences import ChangeType, LcmOperationType
from vnfm.sol003.ports import SolProblemError
from vnfm.sol003.requests import (
    ChangeExtVnfConnectivityRequest,
    CreateVnfRequest,
    InstantiateVnfRequest,
    TerminateVnfRequest,
    TerminationType,
)
from vnfm.sol003.snapshots import (
    CreateVnfSnapshotInfoRequest,
    CreateVnfSnapshotRequest,
    RevertToVnfSnapshotRequest,
)

pytestmark = MARKS

TWO_FLAVOURS = msgspec.structs.replace(FIREWALL, flavours={"simple": SIMPLE, "large": LARGE})

ways_out = st.sampled_from(["retry", "rollback", "fail"])


class Packages(Descriptors):
    """Two packages, one of which carries its image."""

    def __init__(self, directory: Path) -> None:
        super().__init__(vnfds={FIREWALL.id: TWO_FLAVOURS, UPGRADED.id: UPGRADED})
        self._image = directory / "own.img"
        self._image.write_bytes(b"an image" * 1000)

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        return self._image if path == "Files/own.img" else None


def with_address(index, block):
    addresses = IpAddressData(type=IpAddressType.IPV4, fixed_addresses=(f"10.0.{block}.{index + 10}",))
    data = CpProtocolData(
        layer_protocol=LayerProtocol.IP_OVER_ETHERNET,
        ip_over_ethernet=IpOverEthernetAddressData(ip_addresses=(addresses,)),
    )
    return f"out-{index}", VnfExtCpConfig(cp_protocol_data=(data,))


class Rest(msgspec.Struct, frozen=True):
    """What there was of a VNF when it was last at rest."""

    sure: bool = True
    attributes: dict[str, Any] = {}
    """Of the instance, besides what it is made of."""
    shape: Shape | None = None
    picture: dict[str, tuple[str, bool]] = {}
    """Of the VNF itself and of its snapshots, without what the VIM numbers."""
    servers: dict[str, str] = {}
    """Their identifiers, by VNFC."""


class VnfLife(Life):
    restoring = frozenset(LcmOperationType) - {LcmOperationType.MODIFY_INFO, LcmOperationType.CREATE_SNAPSHOT}

    def __init__(self, world, subject, networks):
        super().__init__(world, subject)
        self.networks = networks
        self.blue_greens = 0
        self.places = SnapshotRequests(world.database, world.engine)
        self.snapshots = []
        self.rest = Rest()

    async def restart(self):
        await super().restart()
        self.places = SnapshotRequests(self.world.database, self.world.engine)

    async def act(self, act):
        name, which = act["operation"]
        if name == "delete_snapshot":
            await self.world.spoil(act["faults"])
            for snapshot in self.snapshots[which : which + 1]:
                await self.delete(snapshot)
            return
        sure = self.sure
        await super().act(act)
        for snapshot in tuple(self.snapshots):
            if (
                await self.places.stored(snapshot)
            ).document.snapshot is None:  # it was not taken, and the VNF is as it was
                await self.delete(snapshot)
                self.sure = sure

    async def begin(self, operation):
        name, request = operation
        if name == "instantiate":
            request = InstantiateVnfRequest(flavour_id="simple", ext_virtual_links=(self.link("outside"),))
        elif name == "change_ext_conn":
            request = ChangeExtVnfConnectivityRequest(ext_virtual_links=(self.link(request),))
        elif name == "create_snapshot":
            return await self.taken(request)
        elif name == "revert_to_snapshot":
            which, vnfc = request
            snapshot = (self.snapshots[which:] or ["none"])[0]
            request = RevertToVnfSnapshotRequest(vnf_snapshot_info_id=snapshot, vnfc_instance_id=vnfc)
        elif getattr(request, "additional_params", {}).get("upgradeType") == "BLUE_GREEN":
            self.blue_greens += 1
            request = msgspec.structs.replace(request, ext_virtual_links=(self.link("outside", self.blue_greens),))
        return await getattr(self.world.vnfs, name)(self.subject, request)

    def link(self, network, addresses=0):
        """The firewalls attached to a network, with the addresses that are at hand or with others."""
        (outside,) = OUTSIDE.ext_cps
        moved = msgspec.structs.replace(outside, cp_config=dict(map(with_address, range(2), (addresses,) * 2)))
        return msgspec.structs.replace(OUTSIDE, id=network, resource_id=self.networks[network], ext_cps=(moved,))

    async def taken(self, vnfc):
        """Begin to take a snapshot; its place goes when that is refused."""
        place = (await self.places.create(CreateVnfSnapshotInfoRequest())).id
        request = CreateVnfSnapshotRequest(vnf_snapshot_info_id=place, vnfc_instance_id=vnfc)
        try:
            operation = await self.world.vnfs.create_snapshot(self.subject, request)
        except REFUSALS:
            await self.places.delete(place)
            raise
        self.snapshots.append(place)
        return operation

    async def delete(self, snapshot):
        """Remove a snapshot, a second time when a VIM does not let go of it, unless something is made from it."""
        try:
            await self.places.delete(snapshot)
        except SolProblemError as problem:
            if problem.slug == "wrong-snapshot-state":
                return
            await self.world.spoil([])
            await self.places.delete(snapshot)
        self.snapshots.remove(snapshot)
        left = [name for name, _ in await self.there() if name.startswith(snapshot_scope(snapshot))]
        assert not left
        self.before = Counter(name for name, _ in await self.there())
        self.rest = await self.looked_at()

    async def there(self):
        scopes = [scope_of(self.subject), *map(snapshot_scope, self.snapshots)]
        owned = [(seen.identity.path, seen) for seen in await self.world.owned()]
        return [(path, seen) for path, seen in owned if path.startswith(tuple(f"{scope}/" for scope in scopes))]

    def outlives(self, name):
        return not name.startswith(scope_of(self.subject))

    async def known(self):
        return {name for name, _ in await self.inventory()}

    async def graphs(self):
        return [dict(await self.inventory())]

    async def inventory(self):
        """What the records of the VNF and of its snapshots have, by its name on the VIM."""
        graphs = {scope_of(self.subject): (await self.world.vnf_record(self.subject)).graph}
        for snapshot in self.snapshots:
            graphs[snapshot_scope(snapshot)] = (await self.places.stored(snapshot)).document.graph
        return [(f"{scope}/{path}", it) for scope, graph in graphs.items() for path, it in graph.items()]

    async def compare(self, ended):
        """Hold besides that VNFCs are as they shall be, and that what is told of all of it is true."""
        await super().compare(ended)
        if ended.state is OperationState.FAILED_TEMP:
            return
        now = await self.looked_at()
        await self.check_heard(ended)
        if ended.state is not OperationState.COMPLETED:
            assert now.attributes == self.rest.attributes
        elif ended.kind not in {LcmOperationType.CHANGE_VNFPKG, LcmOperationType.REVERT_TO_SNAPSHOT}:
            expected = self.rest.attributes
            for name in expected.keys() & ended.request.keys():
                value = ended.request[name]
                expected = expected | {name: merge_patch(expected[name], value) if isinstance(value, dict) else value}
            assert now.attributes == expected
        if self.sure and ended.state in {OperationState.COMPLETED, OperationState.ROLLED_BACK}:
            still = {name.rpartition("/")[0] for name, (_, off) in now.picture.items() if off}
            assert still == {f"{scope_of(self.subject)}/{vnfc}" for vnfc in (now.shape.stopped if now.shape else ())}
            await self.check_told(ended, now)
        if self.sure and ended.state is OperationState.ROLLED_BACK:
            assert (now.picture, now.shape) == (self.rest.picture, self.rest.shape)
        self.rest = now

    async def looked_at(self):
        names = {name for name, _ in await self.there()}
        servers = [(name, seen.handle) for name, seen in await self.there() if seen.handle.kind is Kind.SERVER]
        beginning = f"{scope_of(self.subject)}/"
        record = await self.world.vnf_record(self.subject)
        return Rest(
            sure=self.sure,
            attributes={"vnfInstanceName": record.name, "vnfdId": record.vnfd_id, **attributes_of(record)},
            shape=record.shape,
            picture={name: seen for name, seen in (await self.world.picture()).items() if name in names},
            servers={name.removeprefix(beginning).rpartition("/")[0]: handle.id for name, handle in servers},
        )

    async def check_heard(self, ended):
        """Hold that subscribers heard of every state, one after the other, whoever carried the operation on."""
        told = await heard(self.world.database, "everybody", ended.id)
        states = [OperationState(body["operationState"]) for body in told]
        assert [body["notificationStatus"] for body in told] == ["START", *["RESULT"] * (len(told) - 1)]
        assert (states[0], states[-1]) == (OperationState.STARTING, ended.state)
        known = {(state, following) for (state, _), following in TRANSITIONS.items()}
        assert set(itertools.pairwise(states)) <= known, states

    async def check_told(self, ended, now):
        """Hold that instance and occurrence tell of the servers, whatever became of the operation."""
        vnf = await self.world.vnfs.get_vnf(self.subject)
        info = vnf.instantiated_vnf_info
        told = {vnfc.id: vnfc.compute_resource.resource_id for vnfc in (info.vnfc_resource_info if info else ())}
        assert told == now.servers
        stopped = now.shape.stopped if now.shape else ()
        states = {vnfc: "STOPPED" if vnfc in stopped else "STARTED" for vnfc in now.servers}
        assert {vnfc.id: vnfc.vnfc_state for vnfc in (info.vnfc_info if info else ())} == states
        if (ended.kind, ended.state) == ("CREATE_SNAPSHOT", OperationState.COMPLETED):
            assert await self.kept(ended.request["vnfSnapshotInfoId"]) == now.servers
        if not self.rest.sure:
            return  # what is told as come may have been there before
        changes = (await self.world.vnfs.get_operation(ended.id)).resource_changes
        affected = changes.affected_vnfcs if changes else ()
        told = {it.id: (it.change_type, it.compute_resource.resource_id) for it in affected}
        before = self.rest.servers
        expected = {
            **{vnfc: (ChangeType.ADDED, id_) for vnfc, id_ in now.servers.items() if vnfc not in before},
            **{vnfc: (ChangeType.REMOVED, id_) for vnfc, id_ in before.items() if vnfc not in now.servers},
            **{vnfc: (ChangeType.MODIFIED, id_) for vnfc, id_ in now.servers.items() if before.get(vnfc, id_) != id_},
        }
        switched = {vnfc for vnfc, it in told.items() if it == (ChangeType.MODIFIED, before.get(vnfc))}
        assert {vnfc: it for vnfc, it in told.items() if vnfc not in switched} == expected, ended.state
        assert not switched or (ended.kind, ended.state) == ("OPERATE", OperationState.COMPLETED)

    async def kept(self, snapshot):
        """What the file of a snapshot says of servers, by VNFC."""
        with zipfile.ZipFile(io.BytesIO(await self.places.state(snapshot))) as archive:
            state = msgspec.json.decode(archive.read("state.json"))
        servers = {it["path"]: it["known"]["id"] for it in state["resources"] if it["kind"] == Kind.SERVER}
        return {path.removesuffix("/server"): id_ for path, id_ in servers.items()}


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def world(runner, tmp_path_factory) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("walks")
    world = World(directory, Packages(directory))
    runner.run(world.start())
    yield world
    runner.run(world.stop())


@lives(3)
@given(st.lists(acts(operations, ways_out), min_size=1, max_size=8))
def test_whatever_happens_inventory_and_vim_agree(runner, world, life):
    """Every operation ends in a legal state; inventory and VIM agree whenever one ends well or is rolled back.

    After a rollback the VIM has what it had before; after a termination, nothing but snapshots, which go with their own
    resources. When an operation was given up, the record knows all that may be there, and the next one about resources
    that ends well has cleared it up.
    """

    async def story() -> None:
        vnf = await world.vnfs.create_vnf(CreateVnfRequest(vnfd_id=FIREWALL.id, vnf_instance_name="walker"))
        networks = {name: await world.network(f"{name}-of-{vnf.id}") for name in NETWORKS}
        lived = VnfLife(world, vnf.id, networks)
        lived.rest = await lived.looked_at()
        for act in [
            quietly(("instantiate", None)),
            *life,
            quietly(("terminate", TerminateVnfRequest(termination_type=TerminationType.FORCEFUL))),
        ]:
            await lived.act(act)
        await world.spoil([])
        for snapshot in tuple(lived.snapshots):
            await lived.delete(snapshot)
        assert await lived.there() == lived.snapshots == []
        await world.vnfs.delete_vnf(vnf.id)

    runner.run(story())
