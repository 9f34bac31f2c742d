"""A world for whole lives of VNFs and network services, and what may befall them in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from ns_examples import Descriptors
from unheard import Ears
from vim_picture import Picture, picture_of

from mano_runtime.rest import ProblemError
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine, WrongStateError
from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.operation import ENDED_STATES, CancelMode, Operation, OperationState
from mano_runtime.workflow.patience import Patience
from mano_runtime.workflow.trust import doubtful
from nfvo.grants.decisions import GrantDecisions
from nfvo.lifecycle.operations import NsOperations
from nfvo.lifecycle.service import build_nslcm
from vim_adapters.contract import Identity, Observation, State
from vim_adapters.registry import VimConnection, VimRegistry
from vim_adapters.resources import Kind, NetworkSpec, SubnetSpec
from vim_adapters.simulated.faults import FaultRule, add_rule, clear_rules
from vim_adapters.simulated.settings import DEFAULTS, set_setting
from vim_adapters.simulated.store import Store
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.tables import VNF_INSTANCES
from vnfm.lifecycle.operations import VnfOperations
from vnfm.service import build_vnfm
from vnfm.sol003.ports import SolProblemError

OWNER = "mano-walk"
BEHAVIOURS = {**VnfOperations.behaviours, **NsOperations.behaviours}
_KINDS = frozenset(kind.value for kind in Kind)
REFUSALS = (SolProblemError, ProblemError)
QUICK = Patience(tries=2, first=0.001, longest=0.002, total=5.0)

# No twins: one that no answer tells of is found when its identity is asked for again, not when the operation ends.
faults = st.builds(
    dict,
    error=st.sampled_from(["refused", "capacity", "outcome_lost", "boot_fault", "unreachable", "throttled"]),
    verb=st.sampled_from(["ensure_present", "ensure_absent", "ensure_*", "operate", "adjust", "find"]),
    kind=st.sampled_from(["server", "port", "*"]),
    after_calls=st.integers(0, 6),
    remaining=st.sampled_from([1, 3]),
)
cancels = st.tuples(st.sampled_from(CancelMode), st.integers(0, 40))
"""How, and after how many milliseconds; an operation that nothing delays takes some thirty."""


restarts = st.none() | st.integers(0, 40)
"""After how many milliseconds the server ends, and another takes over; None: it lives."""


def acts(operations: st.SearchStrategy[Any], ways_out: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """What is asked, what goes wrong with it, when it is cancelled or the server ends, and how it is left at last."""
    return st.fixed_dictionaries(
        {
            "operation": operations,
            "faults": st.lists(faults, max_size=2),
            "cancels": st.lists(cancels, max_size=2),
            "restarts": st.lists(restarts, max_size=2),
            "ways": st.lists(ways_out, min_size=1, max_size=3),
        }
    )


def quietly(operation: Any) -> dict[str, Any]:
    """An act that nothing befalls."""
    return {"operation": operation, "faults": [], "cancels": [], "restarts": [], "ways": ["retry"]}


_ASKED = os.environ.get("MANO_EXAMPLES")
MARKS = [pytest.mark.timeout(0)] if _ASKED else []  # whoever asks for many waits for them
"""Of every module with whole lives."""


def lives(few: int) -> settings:
    """Return how many lives are tried: ``few``, or as many as ``MANO_EXAMPLES`` says."""
    return settings(max_examples=int(_ASKED or few), deadline=None, suppress_health_check=list(HealthCheck))


class World:
    """NFVO and VNFM on a simulated VIM, for all the lives of a test."""

    def __init__(self, directory: Path, descriptors: Descriptors | None = None) -> None:
        self._descriptors = descriptors or Descriptors()
        self._directory = directory
        self._vim = directory / "vim.sqlite"
        self._store = Store(self._vim)

    async def start(self) -> None:
        with self._store.transaction() as connection:
            for key in DEFAULTS:
                set_setting(connection, key, 0.0)
        await self._serve()

    async def _serve(self) -> None:
        self.registry = VimRegistry()
        info = {"path": str(self._vim)}
        self.registry.register(
            VimConnection(id="vim-1", vim_type="SIMULATED", interface_info=info, extra={"poll_seconds": 0.002})
        )
        self.database = await Database.open(f"sqlite+aiosqlite:///{self._directory}/mano.sqlite")
        self.engine = Engine(self.database, patience=QUICK)
        grants = GrantDecisions(self.database, self.registry, self._descriptors)
        notifications: Any = Ears(everybody=("2.3.0", "FULL"))
        vnfm = build_vnfm(
            self.database,
            self.engine,
            self.registry,
            grants,
            self._descriptors,
            owner=OWNER,
            notifications=notifications,
        )
        grants.attach(vnfm.lifecycle)
        self.vnfs: Any = vnfm.lifecycle
        self.services = build_nslcm(
            self.database, self.engine, self.registry, self._descriptors, self.vnfs, owner=OWNER
        )
        await self.engine.start()

    async def restart(self) -> None:
        """Have the server end where it is, and another take up what it left."""
        await self.stop()
        await self._serve()

    async def stop(self) -> None:
        await self.engine.aclose()
        await self.database.aclose()
        await self.registry.aclose()

    async def spoil(self, rules: list[dict[str, Any]]) -> None:
        def change() -> None:
            with self._store.transaction() as connection:
                clear_rules(connection)
                for rule in rules:
                    add_rule(connection, FaultRule(**rule))

        await asyncio.to_thread(change)

    async def network(self, name: str) -> str:
        """Make a network of somebody else, with a subnet, and return its identifier."""
        adapter = self.registry.adapter("vim-1")
        network = await adapter.ensure_present(NetworkSpec(name=name), Identity(owner="somebody-else", path=name))
        subnet = SubnetSpec(name=name, network=network.handle.id, cidr="10.0.0.0/16")
        await adapter.ensure_present(subnet, Identity(owner="somebody-else", path=f"{name}/subnet"))
        return network.handle.id

    async def owned(self) -> list[Observation]:
        """What the VIM has of all that is ours."""
        return [seen for seen in await self.registry.adapter("vim-1").list_owned(OWNER) if seen.identity]

    async def picture(self) -> Picture:
        """What the VIM was asked for of ours."""
        return await asyncio.to_thread(picture_of, self._store, OWNER)

    async def vnf_record(self, vnf: str) -> VnfRecord:
        """The inventory's record of a VNF."""
        async with self.database.reading() as connection:
            stored = await VNF_INSTANCES.get(connection, vnf)
        assert stored
        return stored.document


def identifiers(graph: Graph) -> Counter[str]:
    """What a record says is on the VIM, without what is the VIM's own."""
    results = [resource.result or {} for resource in graph.values() if resource.kind in _KINDS]
    return Counter(str(result.get("id")) for result in results if not result.get("shared"))


class Life:
    """One instance, and what the VIM had of it when it was last at rest.

    Whoever declares an operation failed leaves what it was at as it is, perhaps half made, and doubts where no answer
    came: what is there is known even so, and the next operation that ends well brings it in order.
    """

    restoring: frozenset[str] = frozenset({"INSTANTIATE", "TERMINATE"})
    """Operations that bring in order what one that was declared failed has left."""

    def __init__(self, world: World, subject: str) -> None:
        self.world = world
        self.subject = subject
        self.before: Counter[str] = Counter()
        self.sure = True
        self.restarts: list[int | None] = []

    async def restart(self) -> None:
        """Have the server end where it is, and another take up what it left."""
        await self.world.restart()

    async def begin(self, operation: Any) -> str:
        """Ask for an operation; ``REFUSALS`` when it is not for this state."""
        raise NotImplementedError

    async def quiet(self) -> None:
        """Wait until nothing moves by itself any more, at whichever level."""

    async def there(self) -> list[tuple[str, Observation]]:
        """What the VIM has of it, with a name that stays when it is made anew."""
        raise NotImplementedError

    async def known(self) -> set[str]:
        """The names of what the inventory knows that it may be there."""
        raise NotImplementedError

    def outlives(self, name: str) -> bool:  # of ``there``
        """Whether that stays when the instance is terminated."""
        return False

    async def graphs(self) -> list[Graph]:
        """What the inventory's records have of it."""
        raise NotImplementedError

    async def act(self, act: dict[str, Any]) -> None:
        """Ask for an operation among faults and cancels, and see that it ends as it may."""
        await self.world.spoil(act["faults"])
        try:
            operation = await self.begin(act["operation"])
        except REFUSALS:
            return
        wishes, self.restarts = list(act["cancels"]), list(act["restarts"])
        state = await self.end(operation, wishes)
        for way in act["ways"]:
            if state is not OperationState.FAILED_TEMP:
                return
            await getattr(self.world.engine, way)(operation)
            state = await self.end(operation, wishes)
        await self.world.spoil([])
        if state is OperationState.FAILED_TEMP:
            await self.world.engine.rollback(operation)
            assert await self.end(operation, []) is OperationState.ROLLED_BACK

    async def end(self, operation: str, wishes: list[tuple[CancelMode, int]]) -> OperationState:
        """Cancel it if that is wished, wait for its end, and compare."""
        if wishes:
            mode, milliseconds = wishes.pop(0)
            await asyncio.sleep(milliseconds / 1000)
            with contextlib.suppress(WrongStateError):
                await self.world.engine.cancel(operation, mode)
        if self.restarts and (milliseconds := self.restarts.pop(0)) is not None:
            await asyncio.sleep(milliseconds / 1000)
            await self.restart()
        ended = await self.world.engine.ended(operation, timeout=60)
        await self.quiet()
        event(f"{ended.kind} {ended.state}")
        assert ended.state in ENDED_STATES, f"{ended.kind} is {ended.state} after a minute"
        assert ended.cancel is None
        if ended.state in {OperationState.FAILED, OperationState.PARTIALLY_COMPLETED}:
            self.sure = False
        elif ended.state is OperationState.COMPLETED and ended.kind in self.restoring:
            self.sure = True
        await self.compare(ended)
        return ended.state

    async def compare(self, ended: Operation) -> None:
        """Hold what has to be true of inventory and VIM once an operation has come to a state."""
        there = await self.there()
        names = Counter(name for name, _ in there)
        if ended.state is not OperationState.FAILED_TEMP:
            unknown = {name for name, seen in there if seen.state is not State.DELETING} - await self.known()
            assert not unknown, f"{ended.kind} {ended.state}: nothing knows of {unknown}"
        if self.sure and ended.state in {OperationState.COMPLETED, OperationState.ROLLED_BACK}:
            graphs = await self.graphs()
            recorded, found = sum(map(identifiers, graphs), Counter()), Counter(seen.handle.id for _, seen in there)
            assert recorded == found, f"{ended.kind} {ended.state}: {recorded - found} gone, {found - recorded} more"
            astray = {name: seen.state for name, seen in there if seen.state not in {State.READY, State.STOPPED}}
            assert not astray, f"{ended.kind} {ended.state}: {astray}"
            doubted = [sorted(doubtful(graph, BEHAVIOURS)) for graph in graphs]
            assert not any(doubted), f"{ended.kind} {ended.state}: {doubted} would be brought about anew"
        if self.sure and ended.state is OperationState.ROLLED_BACK:
            assert names == self.before, f"{ended.kind}: {names - self.before} more, {self.before - names} fewer"
        if ended.state is OperationState.COMPLETED and ended.kind == "TERMINATE":
            assert not [name for name in names if not self.outlives(name)]
        if ended.state is not OperationState.FAILED_TEMP:
            self.before = names
