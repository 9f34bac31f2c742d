"""What every part of the model is."""

from __future__ import annotations

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Frozen, by keyword, small when stored.

    What is added to a type has a default, so that models stored before stay readable.
    """
