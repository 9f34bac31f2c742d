"""The event loop of a process that serves."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run_process(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end as ``asyncio.run`` does, on a loop whose turns cost less (docs/decisions/0007)."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
