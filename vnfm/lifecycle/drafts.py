"""What a change leads to from what a VNF is: the graph that shall be, and the plan; before and after the grant."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from mano_runtime.workflow.graph import Graph
from mano_runtime.workflow.plan import Plan, PlanError, difference
from mano_runtime.workflow.trust import doubtful
from vim_adapters.performer import BEHAVIOURS
from vim_adapters.resources import Kind
from vnfm.inventory.records import VnfRecord, scope_of
from vnfm.lifecycle.changes import Change
from vnfm.lifecycle.package_files import package_files
from vnfm.planning.desired_state import DesiredVnf, desired_state
from vnfm.planning.images import PackageFiles
from vnfm.planning.placement import kept
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.planning.rollout import TYPE, Rollout, UpgradeType, waves_of, with_room
from vnfm.planning.shape import Shape
from vnfm.planning.snapshots import pinned, snapshot_scope
from vnfm.sol003.ports import Packages


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Plans the changes of one VNF as it is."""

    record: VnfRecord
    files: PackageFiles = PackageFiles()
    desired_state: Callable[..., DesiredVnf] = desired_state
    """The function of that name, or one that remembers what it returned."""

    def with_room(self, change: Change) -> Change:
        """Return the change with whatever has to be there beside what it takes the place of under paths of its own.

        Raises:
            PlanningRefusedError: the VNFD and the shape do not go together.
        """
        if change.shape is None:
            return change

        def plan_of(shape: Shape) -> Plan:
            wanted = msgspec.structs.replace(change, shape=shape, rollout=Rollout())
            return self.plan(self.desired(wanted).graph, wanted)

        shape = with_room(change.shape, change.rollout, plan_of)
        return msgspec.structs.replace(change, shape=shape)

    def desired(self, change: Change) -> DesiredVnf:
        """Return what is wanted, with what exists where it is.

        Raises:
            PlanningRefusedError: the VNFD and the shape do not go together.
        """
        if change.vnfd is None or change.shape is None:
            return DesiredVnf(graph={})
        record = self.record
        if change.snapshot:
            return DesiredVnf(graph=change.beside, attachments=record.attachments)
        desired = self.desired_state(
            change.vnfd, change.shape, instance_id=record.id, label=record.label, files=self.files
        )
        anew = doubtful(record.graph, BEHAVIOURS) | change.renewed
        graph = pinned(kept(desired.graph, record.graph, anew), change.shape.origins)
        return msgspec.structs.replace(desired, graph=graph)

    def plan(self, desired: Graph, change: Change) -> Plan:
        """Return the plan to ``desired`` in the manner and in the waves of the change.

        Raises:
            PlanningRefusedError: it cannot be done in these waves.
            PlanError: the graph cannot be planned, in whichever way.
        """
        if change.snapshot:
            return difference({}, desired, scope=snapshot_scope(change.snapshot), behaviours=BEHAVIOURS)
        before, after = (_in_manner(graph, change.manner) for graph in (self.record.graph, desired))
        scope = scope_of(self.record.id)
        plan = difference(before, after, scope=scope, behaviours=BEHAVIOURS)
        waves = waves_of(plan, change.rollout)
        if not waves:
            return plan
        try:
            return difference(before, after, scope=scope, behaviours=BEHAVIOURS, waves=waves)
        except PlanError as error:
            instead = f"{error}; ask for {UpgradeType.ALL_AT_ONCE}"
            raise PlanningRefusedError(f"additionalParams.{TYPE}", instead) from error

    def with_places(self, plan: Plan, desired: Graph, change: Change) -> Plan:
        """Return the plan to a ``desired`` in which what shall be made has got its places, and nothing else is new.

        The steps are the same: where it goes makes no difference to what has to be made before it.
        """
        wanted = desired if change.snapshot else _in_manner(desired, change.manner)
        return msgspec.structs.replace(plan, desired=wanted)


class Drafts:
    """Begins drafts, and remembers the latest desired states: an operation is planned from what its request asked for.

    Belongs to one event loop.
    """

    def __init__(self, packages: Packages) -> None:
        self._packages = packages
        self._recent: deque[tuple[object, DesiredVnf]] = deque(maxlen=4)
        """By what they were asked for with."""

    async def begun(self, record: VnfRecord, change: Change) -> Draft:
        """Return the draft of a VNF as it is, with what the change needs of the files of a package.

        Raises:
            NotOnboardedError: the package is gone.
        """
        return self._draft(record, await package_files(self._packages, change.vnfd) if change.vnfd else PackageFiles())

    async def check(self, record: VnfRecord, change: Change) -> None:
        """Refuse at once what could not be planned before the grant.

        Raises:
            PlanningRefusedError: the VNFD and the shape do not go together, or VNFCs cannot be replaced in the way that
                is asked for.
            NotOnboardedError: the package is gone.
        """
        in_waves = change.rollout.type is not UpgradeType.ALL_AT_ONCE
        draft = await self.begun(record, change) if in_waves else self._draft(record, PackageFiles())
        change = draft.with_room(change)
        desired = draft.desired(change)
        if in_waves:
            draft.plan(desired.graph, change)

    def _draft(self, record: VnfRecord, files: PackageFiles) -> Draft:
        return Draft(record=record, files=files, desired_state=self._desired_state)

    def _desired_state(self, *what: Any, **more: Any) -> DesiredVnf:
        asked = (what, more)
        for remembered, known in self._recent:
            if remembered == asked:
                return known
        found = desired_state(*what, **more)
        self._recent.append((asked, found))
        return found


def _in_manner(graph: Graph, manner: dict[str, Any]) -> Graph:
    """The graph with nothing left of how an earlier operation went about its servers."""
    return {
        path: msgspec.structs.replace(resource, manner=manner if resource.kind == Kind.SERVER else {})
        for path, resource in graph.items()
    }
