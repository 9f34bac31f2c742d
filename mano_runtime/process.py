"""How a process that serves shares its interpreter, with its threads and with the garbage collector."""

from __future__ import annotations

import gc
import sys

_YOUNG = 50_000
"""Objects made until the next collection: enough that a plan of hundreds of resources is made and used in between."""
_TURN_SECONDS = 0.001
"""How long a thread waits for its turn, a fifth of Python's own: a commit takes several, and steps wait for it."""


def settle_process() -> None:
    """Have no collection walk again what is there now, and let threads soon have their turn; for whoever is ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    sys.setswitchinterval(_TURN_SECONDS)
