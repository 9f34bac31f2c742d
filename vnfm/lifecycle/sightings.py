"""Looks at VIMs before a plan is made: somebody may have removed or switched what is there, and we would not know.

What a VIM cannot tell now is taken to be as it is recorded: should it not be, its step says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import msgspec
import structlog

from mano_runtime.workflow.graph import Graph, Resource
from mano_runtime.workflow.trust import doubtful
from vim_adapters.contract import Handle, Observation, State
from vim_adapters.errors import VimError
from vim_adapters.performer import BEHAVIOURS
from vim_adapters.registry import UnknownVimError, VimRegistry
from vim_adapters.resources import Kind, Power
from vnfm.inventory.records import VnfRecord
from vnfm.lifecycle.changes import Change
from vnfm.planning.paths import parse_vnfc_part
from vnfm.planning.refusal import PlanningRefusedError
from vnfm.sol003.operation_occurrences import LcmOperationType

_log = structlog.get_logger(__name__)
_LOST = frozenset({State.ABSENT, State.DELETING})


async def sighted(
    kind: str, record: VnfRecord, change: Change, registry: VimRegistry, owner: str
) -> tuple[VnfRecord, Change]:
    """Return a record and its change as the VIMs let them be.

    What a heal finds lost of the VNFCs chosen is made anew. What is to be switched counts as on or off as it is now.

    Raises:
        PlanningRefusedError: there is nothing to switch, as the VIM has a server no more.
    """
    match kind:
        case LcmOperationType.HEAL:
            lost = await _lost_resources(registry, owner, record.graph, change.chosen)
            return record, msgspec.structs.replace(change, renewed=change.renewed | lost)
        case LcmOperationType.OPERATE:
            graph = await _as_switched(registry, owner, record.graph, change.chosen)
            return msgspec.structs.replace(record, graph=graph), change
        case _:
            return record, change


async def _lost_resources(registry: VimRegistry, owner: str, graph: Graph, vnfcs: Collection[str]) -> frozenset[str]:
    """Return the paths of what the VIMs have no more of these VNFCs, and of all that they need."""
    relied_on = sorted(_relied_on(graph, vnfcs))
    seen = await asyncio.gather(*(_seen(registry, owner, graph[path]) for path in relied_on))
    return frozenset(path for path, state in zip(relied_on, seen, strict=True) if state in _LOST)


async def _as_switched(registry: VimRegistry, owner: str, graph: Graph, vnfcs: Collection[str]) -> Graph:
    """Return the graph with the servers of these VNFCs as they are now: off, or running."""
    parts = {path: part for path in graph if (part := parse_vnfc_part(path)) and part.vnfc in vnfcs}
    servers = {path: part.vnfc for path, part in parts.items() if part.part == "server"}
    certain = sorted(servers.keys() - doubtful(graph, BEHAVIOURS))
    seen = await asyncio.gather(*(_seen(registry, owner, graph[path]) for path in certain))
    states = dict(zip(certain, seen, strict=True))
    if lost := [servers[path] for path, state in states.items() if state in _LOST]:
        raise PlanningRefusedError(
            "vnfcInstanceId", f"the VIM has no more servers of {', '.join(lost)}: heal them first"
        )
    return graph | {path: _powered(graph[path], state) for path, state in states.items()}


def _powered(server: Resource, state: State | None) -> Resource:
    if state not in {State.READY, State.STOPPED}:
        return server
    spec = {name: value for name, value in server.spec.items() if name != "power"}
    if state is State.STOPPED:
        spec["power"] = Power.OFF.value
    return msgspec.structs.replace(server, spec=spec)


def _relied_on(graph: Graph, vnfcs: Collection[str]) -> set[str]:
    found = {path for path in graph if (part := parse_vnfc_part(path)) and part.vnfc in vnfcs}
    reached = found
    while reached:
        reached = {needed for path in reached for needed in graph[path].needs & graph.keys()} - found
        found |= reached
    return found


async def _seen(registry: VimRegistry, owner: str, resource: Resource) -> State | None:
    known = resource.result or {}
    if "id" not in known or known.get("shared"):
        return None
    try:
        handle = Handle(kind=Kind(resource.kind), id=str(known["id"]))
        found = await registry.watch(resource.target, owner).until(handle, _anything)
        if found.state in _LOST:  # a list may miss what was renamed or lost its tag; nothing is replaced for that
            found = await registry.adapter(resource.target).observe(handle)
    except (VimError, UnknownVimError) as error:
        _log.info("not looked for", path=resource.path, why=str(error))
        return None
    return found.state


def _anything(_seen: Observation) -> bool:
    return True
