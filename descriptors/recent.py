"""What was worked out lately, kept for the next one who asks, within bounds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class Recent(Generic[_Key, _Value]):
    """The values that were asked for last, up to a total weight; what was not asked for longest is dropped.

    For values that follow from their key alone, so that it never matters whether one is still here. Threads may use
    it at once.
    """

    def __init__(self, *, capacity: int) -> None:
        """Keep values of ``capacity`` in total, in the unit of their weights."""
        self._capacity = capacity
        self._lock = threading.Lock()
        self._values: OrderedDict[_Key, tuple[_Value, int]] = OrderedDict()
        self._weight = 0

    def get(self, key: _Key) -> _Value | None:
        """Return the value of a key, or None when it is not here (any more)."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
            return found[0]

    def put(self, key: _Key, value: _Value, *, weight: int) -> None:
        """Keep a value, unless it weighs more than a quarter of all: one giant would drive out everything else."""
        weight = max(weight, 1)
        if weight > self._capacity // 4:
            return
        with self._lock:
            if key in self._values:
                return  # another thread was faster, with the same value
            self._values[key] = (value, weight)
            self._weight += weight
            while self._weight > self._capacity:
                self._weight -= self._values.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._weight = 0
