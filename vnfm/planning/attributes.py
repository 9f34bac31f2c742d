"""Attributes of an instance that its VNFD declares: what they are at first, and with another VNFD (SOL003 5.5.2.2)."""

from __future__ import annotations

from typing import Any

from descriptors.model.vnfd import Vnfd
from vnfm.planning.limits import declared_attributes, defaults_of

Attributes = dict[str, dict[str, Any]]
"""By the name that requests have for them: ``vnfConfigurableProperties``, ``metadata``, ``extensions``."""


def initial_attributes(vnfd: Vnfd) -> Attributes:
    """Return the values that the VNFD gives an instance until somebody sets others."""
    given = vnfd.modifiable_attributes
    return {
        name: {**(given.get(name) or {}), **defaults_of(declared)}
        for name, declared in declared_attributes(vnfd).items()
    }


def carried_over(source: Vnfd | None, target: Vnfd, present: Attributes) -> Attributes:
    """Return as a merge patch what an instance's values become when its VNFD is another (SOL003 clause 5.5.3.22).

    They stay. What only the target declares has its initial value there; a configurable property or extension that only
    the source declared goes. Metadata stays, whoever's it is. ``source`` is None where the package is gone.
    """
    before, declared = initial_attributes(source) if source else {}, declared_attributes(target)
    patch: Attributes = {}
    for name, initial in initial_attributes(target).items():
        values, known = present[name], before.get(name, {})
        new = {key: value for key, value in initial.items() if key not in values and key not in known}
        lost: set[str] = set()
        if source and name != "metadata":
            lost = (known.keys() | declared_attributes(source)[name].keys()) - initial.keys() - declared[name].keys()
        if changes := {**dict.fromkeys(sorted(lost & values.keys())), **new}:
            patch[name] = changes
    return patch
