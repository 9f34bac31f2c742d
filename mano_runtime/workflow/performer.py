"""What a functional block supplies so that the executor can carry out the steps of one kind of resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from mano_runtime.workflow.graph import Resource


def _never() -> bool:
    return False


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One step, ready to be carried out: every reference in its specs is resolved."""

    operation: str
    """Identifier of the operation that the step belongs to."""
    scope: str
    """Whose resource it is; (scope, path) is the identity under which the peer remembers it."""
    resource: Resource
    """The resource to bring about, wait for or remove; ``resource.result`` is the newest known, if any."""
    previous: Resource | None = None
    """For an update, the resource as it was."""
    in_doubt: bool = False
    """An earlier run began this step and its outcome is not known: look before acting."""
    cancelled: Callable[[], bool] = _never
    """Tells whether the operation is being cancelled: then see through what was begun, and begin nothing more."""


class StepFailedError(Exception):
    """A step that cannot be done now; the operation goes to FAILED_TEMP with ``problem`` as its error.

    ``again`` asks the executor to try the step again by itself, with back-off, before giving up: for a peer that
    is unreachable, throttles, or whose answer was lost. ``after`` is the peer's own wish in seconds (Retry-After).
    """

    def __init__(
        self, title: str, detail: str, *, again: bool = False, after: float | None = None, **members: Any
    ) -> None:
        super().__init__(f"{title}: {detail}")
        self.title = title
        self.detail = detail
        self.again = again
        self.after = after
        self.members = members
        """Further JSON members for the problem, such as the peer's request identifier."""


class Performer(Protocol):
    """Carries out steps on resources of one or more kinds.

    Every method is idempotent and may be cancelled and called again by another process. None keeps state that
    matters between calls. Failures are :class:`StepFailedError`; anything else is a defect and is reported as one.
    """

    async def create(self, task: Task) -> dict[str, Any]:
        """Bring the resource about, or find it where it already is; return its result with ``id``. Does not wait."""

    async def ready(self, task: Task) -> dict[str, Any]:
        """Return once the resource can be used, with what is known of it then; StepFailedError when it faulted."""

    async def update(self, task: Task) -> dict[str, Any]:
        """Change the resource in place from ``task.previous`` to ``task.resource``. Does not wait."""

    async def delete(self, task: Task) -> None:
        """Have the resource removed; absent is success. Found by its identity where no result is known."""

    async def gone(self, task: Task) -> None:
        """Return once nothing of the resource is left."""
