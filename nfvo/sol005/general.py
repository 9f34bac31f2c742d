"""Types that several interfaces of SOL005 share (SOL005 clause 4.4.1)."""

from __future__ import annotations

from typing import Any

import msgspec

from vnfm.sol003.general import KeyValuePairs, Link

__all__ = ["Checksum", "KeyValuePairs", "Link", "ProblemDetails", "Sol005Type"]

ProblemDetails = dict[str, Any]
"""What went wrong, as RFC 9457 has it (SOL013 clause 6.3)."""


class Sol005Type(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A value of the Os-Ma-nfvo reference point: camelCase on the wire, absent attributes left out."""


class Checksum(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """Digest of a package or of a file in it (SOL005 clause 4.4.1.7)."""

    algorithm: str
    """As SOL004 writes it: SHA-256, SHA-512."""
    hash: str
    """Hexadecimal."""
