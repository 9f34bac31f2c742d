"""Attempts as DBOS workflows: durable from the moment they are dispatched.

DBOS lives in a thread of its own, with an event loop of its own, since it takes over the default executor of the loop
that it runs on, and its work must not stand in the way of ours. Its workflows do nothing but call back into the loop
of the engine. It knows identifiers and numbers only; what an operation is and how far it got, our own tables know.

A workflow that a process leaves unfinished (it died, or closed) is not recovered by DBOS. The next start forgets it,
with those that ended, and the engine dispatches a fresh attempt for every operation that is under way: one way to take
up work for all cases, a crash before the dispatch included, without DBOS's private recovery call and its wait for a
queue.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, ClassVar

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID

from mano_runtime.identifiers import new_id
from mano_runtime.storage.sqlite import blocking_sqlite

Carry = Callable[[str, int], Coroutine[Any, Any, None]]
"""Carries out attempt number n at an operation."""

_THREADS = 16
"""Of DBOS's executor: its reads and writes of the dispatch database."""
_FORGOTTEN_AT_ONCE = 1000
_log = structlog.get_logger(__name__)


class Dispatcher:
    """Hands attempts to DBOS, and has them carried out on the event loop that started it.

    DBOS allows one of it per process. The caller must hold the directory's lock.
    """

    live: ClassVar[Dispatcher | None] = None

    def __init__(self, directory: Path, carry: Carry) -> None:
        self._path = directory / "dispatch.sqlite"
        self._carry = carry
        self._thread: threading.Thread | None = None
        self._stop = asyncio.Event()
        self._home: asyncio.AbstractEventLoop | None = None
        """Where attempts are carried out."""
        self._abroad: asyncio.AbstractEventLoop | None = None
        """Where DBOS lives."""

    async def start(self) -> None:
        """Open the dispatch database, forget what earlier processes left in it, and begin to work.

        Raises:
            RuntimeError: this process has a dispatcher already.
        """
        if Dispatcher.live is not None:
            raise RuntimeError("this process runs an engine already; DBOS allows one")
        Dispatcher.live = self
        self._home = asyncio.get_running_loop()
        launched: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, args=(launched,), name="dispatch", daemon=True)
        self._thread.start()
        try:
            await asyncio.wrap_future(launched)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop at once; idempotent. Attempts that are not done are called off, and nothing is said of them."""
        if self._thread is None:
            return
        if self._abroad is not None:
            with contextlib.suppress(RuntimeError):  # its loop ended by itself
                self._abroad.call_soon_threadsafe(self._stop.set)
            self._abroad = None
        await asyncio.to_thread(self._thread.join)
        self._thread = None
        Dispatcher.live = None

    async def dispatch(self, operation: str, verb: str, number: int) -> None:
        """Return once the attempt is durable; it is carried out soon. Idempotent by operation, verb and number."""
        if self._abroad is None:
            raise RuntimeError("the dispatcher is not started")
        await _elsewhere(_start(operation, verb, number), self._abroad)

    async def carried(self, operation: str, number: int) -> None:
        """Carry an attempt out at home; called abroad."""
        if self._home is None:
            raise RuntimeError("the dispatcher is not started")
        await _elsewhere(self._carry(operation, number), self._home)

    def _run(self, launched: concurrent.futures.Future[None]) -> None:
        engine = blocking_sqlite(self._path)
        try:
            _quieten()
            DBOS(config=_config(self._path, engine))
            DBOS.launch()
            asyncio.run(self._live(launched))
        except BaseException as error:  # noqa: BLE001  # the thread that waits at home is told
            if not launched.done():
                launched.set_exception(error)
            else:
                _log.exception("the dispatcher ended badly")
        finally:
            DBOS.destroy()
            engine.dispose()

    async def _live(self, launched: concurrent.futures.Future[None]) -> None:
        await _forget_all()
        self._abroad = asyncio.get_running_loop()
        launched.set_result(None)
        await self._stop.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _elsewhere(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    """Await work that runs on another loop.

    It gets a context of its own: an operation that an attempt begins is no child of that attempt's workflow.
    """
    future = contextvars.Context().run(asyncio.run_coroutine_threadsafe, work, loop)
    await asyncio.wrap_future(future)


@DBOS.workflow(name="attempt", max_recovery_attempts=None)
async def _attempt(operation: str, verb: str, number: int) -> None:  # noqa: ARG001  # the verb is for people who read DBOS's tables
    """Carry out one attempt. It has no steps for DBOS to record: the journal is ours, and twice is harmless."""
    if Dispatcher.live is None:
        raise RuntimeError("the dispatcher has stopped")
    await Dispatcher.live.carried(operation, number)


async def _start(operation: str, verb: str, number: int) -> None:
    with SetWorkflowID(f"{operation}:{verb}:{number}"):
        await DBOS.start_workflow_async(_attempt, operation, verb, number)


async def _forget_all() -> None:
    while left := await DBOS.list_workflows_async(limit=_FORGOTTEN_AT_ONCE, load_input=False, load_output=False):
        await DBOS.delete_workflows_async([workflow.workflow_id for workflow in left])


def _config(path: Path, engine: Any) -> DBOSConfig:
    return {
        "name": "mano",
        "system_database_url": f"sqlite:///{path}",
        "system_database_engine": engine,
        "application_version": "1",  # a hash of the sources would strand pending work after an upgrade
        "executor_id": new_id(),
        "max_executor_threads": _THREADS,
        "enable_otlp": False,
        "log_level": "ERROR",
        "notification_listener_polling_interval_sec": 0.1,  # looks at memory only, and holds up the closing
    }


def _quieten() -> None:
    """Have DBOS log as everything else does; that attempts end when the process closes is no warning."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())  # or DBOS would write to stderr itself
    logger.setLevel(logging.ERROR)
