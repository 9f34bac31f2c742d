"""How much of a package is read before it is refused."""

from __future__ import annotations

import msgspec

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on an archive and on the documents in it; what goes beyond is refused, never truncated."""

    members: int = 20_000
    """Files and directories in an archive."""
    member_bytes: int = 64 * GIB
    """Unpacked size of one member."""
    total_bytes: int = 256 * GIB
    """Unpacked size of all members together."""
    ratio: int = 200
    """Unpacked to packed size of a member; judged from ``ratio_from_bytes`` of unpacked size on."""
    ratio_from_bytes: int = 16 * MIB
    path_characters: int = 1_000
    """Length of a member's name."""
    path_depth: int = 64
    """Directories above a member."""
    document_bytes: int = 16 * MIB
    """One YAML document, TOSCA.meta or manifest."""
    documents: int = 2_000
    """YAML documents that a descriptor imports, directly or not."""
    nodes: int = 500_000
    """YAML nodes of one document, aliases counted as often as they are used."""
    total_nodes: int = 1_000_000
    """YAML nodes of all documents that a descriptor is made of; the largest real ones have some hundred thousand."""
    depth: int = 100
    """Nesting of one YAML document."""
    findings: int = 500
    """Diagnostics that are kept; the rest is counted."""
