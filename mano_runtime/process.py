"""How a process shares its interpreter with the garbage collector, and with its own threads."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 50_000
"""Objects made until the next collection: enough that a plan of hundreds of resources is made and used in between."""
_LEFT_BEHIND = 5_000
"""Objects made since the last collection that are worth one while nobody waits for it."""
_TURN_SECONDS = 0.001
"""How long a thread waits for its turn, a fifth of Python's own: a commit takes several, and steps wait for it."""


@contextmanager
def importing() -> Iterator[None]:
    """Have no collection walk what is imported meanwhile, nor any later: it stays to the end."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


def settle_process() -> None:
    """Have no collection walk again what is there now, and let threads soon have their turn; for whoever is ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    sys.setswitchinterval(_TURN_SECONDS)


def collect_at_rest() -> None:
    """Collect what was left behind, for whoever has nothing to do: the next work is not stopped for it.

    What lives on is not walked again as long as no collection of everything is due.
    """
    if gc.get_count()[0] > _LEFT_BEHIND:
        gc.collect(1)
