"""What the collector of garbage is spared: it would walk what is there for as long as the process lives."""

from __future__ import annotations

import gc

_YOUNG = 50_000
"""Objects made until the next collection: enough that a plan of hundreds of resources is made and used in between."""


def spare_what_stays() -> None:
    """Have no collection walk again what is there now, and have them come seldom; for a process that is ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
