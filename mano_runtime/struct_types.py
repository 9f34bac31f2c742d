"""What msgspec finds out of a Struct type at its first use, found out before there are threads.

msgspec (0.22) reads a type's annotations when it first decodes one, and puts what it has so far where every thread sees
it: another thread that needs the same type meanwhile takes the process down with a segmentation fault.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import msgspec


def settle_struct_types() -> None:
    """Make every Struct type that is defined by now safe to decode in any thread. Takes a fraction of a second.

    To be called before the process uses threads; types of modules that are imported later are not covered. Idempotent.
    """
    for struct_type in set(_below(msgspec.Struct)):
        with contextlib.suppress(TypeError):  # a type that no JSON can be of is not decoded in any thread
            msgspec.json.Decoder(struct_type)


def _below(struct_type: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for subclass in struct_type.__subclasses__():
        yield subclass
        yield from _below(subclass)
