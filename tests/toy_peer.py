"""A peer to run plans against: things in a directory or in memory, faults on demand, and a memory of every call."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from mano_runtime.workflow.graph import Graph, Resource, graph_of, reference
from mano_runtime.workflow.logic import Prepared, Steps
from mano_runtime.workflow.operation import Operation, OperationState
from mano_runtime.workflow.performer import StepFailedError, Task
from mano_runtime.workflow.plan import Behaviour, difference

BEHAVIOURS = {
    "thing": Behaviour(mutable=frozenset({"size"})),
    "slow": Behaviour(awaited=True, mutable=frozenset({"size"})),
}


class RefusalError(StepFailedError):
    """What a toy refuses with."""

    def __init__(self, detail: str = "no", **members: Any) -> None:
        super().__init__("The toy refused", detail, **members)


class ToyPeer:
    """A Performer. Not in doubt it creates blindly, so that an engine that forgets makes duplicates."""

    def __init__(self, directory: Path | None = None, *, latency: float = 0.0) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str]] = []
        self.tasks: list[Task] = []
        self.refusals: defaultdict[tuple[str, str], list[Exception]] = defaultdict(list)
        """Raised before anything is done, first in first out, by verb and path."""
        self.lost: defaultdict[tuple[str, str], list[Exception]] = defaultdict(list)
        """Raised after it was done."""
        self.concurrent = 0
        self.most_concurrent = 0
        self._directory = directory
        self._latency = latency
        if directory:
            for file in directory.glob("*.json"):
                self.things[file.stem] = json.loads(file.read_text())

    def identities(self) -> Counter[str]:
        return Counter(thing["identity"] for thing in self.things.values())

    def specs(self) -> dict[str, dict[str, Any]]:
        """By path, for peers that hold one scope."""
        return {thing["path"]: thing["spec"] for thing in self.things.values()}

    async def create(self, task: Task) -> dict[str, Any]:
        return await self._call("create", task, self._create)

    async def ready(self, task: Task) -> dict[str, Any]:
        return await self._call("ready", task, lambda task: {"id": self._needed(task), "ready": True})

    async def update(self, task: Task) -> dict[str, Any]:
        return await self._call("update", task, self._update)

    async def delete(self, task: Task) -> None:
        await self._call("delete", task, self._delete)

    async def gone(self, task: Task) -> None:
        def check(task: Task) -> None:
            assert self._find(task) is None, f"{task.resource.path} is still there"

        await self._call("gone", task, check)

    async def _call(self, verb: str, task: Task, act: Any) -> Any:
        path = task.resource.path
        self.calls.append((verb, path))
        self.tasks.append(task)
        self.concurrent += 1
        self.most_concurrent = max(self.most_concurrent, self.concurrent)
        try:
            await asyncio.sleep(self._latency)
            if self.refusals[verb, path]:
                raise self.refusals[verb, path].pop(0)
            result = act(task)
            if self.lost[verb, path]:
                raise self.lost[verb, path].pop(0)
            await asyncio.sleep(self._latency)
            return result
        finally:
            self.concurrent -= 1

    def _create(self, task: Task) -> dict[str, Any]:
        id_ = self._find(task) if task.in_doubt else None
        if id_ is None:
            id_ = uuid.uuid4().hex
            self._put(id_, {"identity": _identity(task), "path": task.resource.path, "spec": task.resource.spec})
        return {"id": id_}

    def _update(self, task: Task) -> dict[str, Any]:
        id_ = self._needed(task)
        self._put(id_, {**self.things[id_], "spec": task.resource.spec})
        return {"id": id_}

    def _delete(self, task: Task) -> None:
        known = (task.resource.result or {}).get("id")
        id_ = known or self._find(task)
        if id_ in self.things:
            used = [thing["path"] for thing in self.things.values() if id_ in json.dumps(thing["spec"])]
            if used:
                raise RefusalError(f"{task.resource.path} is used by {used}")
            del self.things[id_]
            if self._directory:
                (self._directory / f"{id_}.json").unlink()

    def _needed(self, task: Task) -> str:
        id_ = (task.resource.result or {}).get("id")
        if id_ not in self.things:
            raise RefusalError(f"{task.resource.path} is not there")
        return str(id_)

    def _find(self, task: Task) -> str | None:
        return next((id_ for id_, thing in self.things.items() if thing["identity"] == _identity(task)), None)

    def _put(self, id_: str, thing: dict[str, Any]) -> None:
        self.things[id_] = thing
        if self._directory:
            file = self._directory / f"{id_}.tmp"
            file.write_text(json.dumps(thing))
            file.rename(file.with_suffix(".json"))


def _identity(task: Task) -> str:
    return f"{task.scope}/{task.resource.path}"


class Gate(ToyPeer):
    """Holds one call until it is opened, before or after the call takes effect."""

    def __init__(self, verb: str, path: str, *, after: bool = False) -> None:
        super().__init__()
        self._at = (verb, path)
        self._after = after
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def _call(self, verb: str, task: Task, act: Any) -> Any:
        held = (verb, task.resource.path) == self._at
        result = await super()._call(verb, task, act) if self._after or not held else None
        if held:
            self.reached.set()
            await self.opened.wait()
        return await super()._call(verb, task, act) if held and not self._after else result


class ToyLogic:
    """An OperationLogic. The request is the desired graph; the inventory is the last settled graph of a subject."""

    def __init__(
        self, peer: ToyPeer, *, level: str = "toy", first_state: OperationState = OperationState.STARTING
    ) -> None:
        self.level = level
        self.first_state = first_state
        self.performers = dict.fromkeys(BEHAVIOURS, peer)
        self.behaviours = BEHAVIOURS
        self.inventory: dict[str, Graph] = {}
        self.cancels: list[tuple[Any, set[str]]] = []
        self.settlements: list[tuple[OperationState, Graph]] = []
        self.refusals: list[Exception] = []
        self.settle_failures: list[Exception] = []
        self.told_of: list[tuple[OperationState, list[str]]] = []
        """Each state that was told, with the paths of the steps that were done by then."""

    async def prepare(self, operation: Operation) -> Prepared:
        if self.refusals:
            raise self.refusals.pop(0)
        before = self.inventory.get(operation.subject, {})
        plan = difference(before, wanted(operation.request), scope=operation.subject, behaviours=self.behaviours)
        return Prepared(plan=plan, context={"permit": "granted"})

    async def settle(self, connection: Any, operation: Operation, graph: Graph) -> None:
        if self.settle_failures:
            raise self.settle_failures.pop(0)
        self.settlements.append((operation.state, graph))
        if operation.plan is not None:
            self.inventory[operation.subject] = graph

    async def cancelled(self, operation: Operation, paths: Any) -> None:
        self.cancels.append((operation.cancel, set(paths)))

    async def told(self, connection: Any, operation: Operation, steps: Steps) -> None:
        done = [step.path for step in await steps() if step.state == "done" and step.phase == "forward"]
        self.told_of.append((operation.state, done))


def chain(*names: str, kind: str = "thing", size: int = 1) -> dict[str, Any]:
    """A request for things of which each needs the one before it."""
    return {
        name: {"kind": kind, "size": size, "needs": list(names[index - 1 : index] if index else [])}
        for index, name in enumerate(names)
    }


def wanted(request: dict[str, Any]) -> Graph:
    """The desired graph that a request stands for."""
    return graph_of(
        *(
            Resource(
                path=name,
                kind=thing["kind"],
                spec={
                    "size": thing["size"],
                    "needs": [reference(need) for need in thing["needs"]],
                    **({"colour": thing["colour"]} if "colour" in thing else {}),
                },
            )
            for name, thing in request.items()
        )
    )
