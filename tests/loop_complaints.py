"""What an event loop complains of in the log: tasks whose errors nobody asked for, tasks that nobody ended."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = "asyncio"
"""Where every loop of this process complains, uvloop's and asyncio's alike, unless it is given another place."""


class LoopComplaints(logging.Handler):
    """Hears what loops complain of. A task complains when it is collected, which may be in a later test."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Take a complaint, with its traceback."""
        self.heard.append(self.format(record))

    def check(self, *, collect: bool = False) -> None:
        """Fail where something was heard since the last check; ``collect`` has everybody complain who is going to."""
        if collect:
            gc.collect()
        heard, self.heard = self.heard, []
        assert not heard, "an event loop complained, of this test or an earlier one:\n" + "\n".join(heard)


@contextmanager
def loop_complaints() -> Iterator[LoopComplaints]:
    """Hear what loops complain of from now on."""
    complaints = LoopComplaints()
    logger = logging.getLogger(LOGGER)
    logger.addHandler(complaints)
    try:
        yield complaints
    finally:
        logger.removeHandler(complaints)
