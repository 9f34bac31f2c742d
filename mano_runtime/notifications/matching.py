"""Whether a filter of a subscription matches: "and" between attributes, "or" within one (SOL003 clause 5.5.3.12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def fits(wanted: Mapping[str, Any], facts: Mapping[str, Collection[str]]) -> bool:
    """Return whether of every attribute of a filter one value is among the facts.

    ``facts`` has what is known by the name of the attribute that asks for it: nothing known of it matches no value.
    An attribute that is not in ``facts`` at all says nothing about this sort of notification, and is passed over.
    """
    return all(
        name not in facts or not values or not set(values).isdisjoint(facts[name]) for name, values in wanted.items()
    )
