"""What a server offers, by listener."""

from __future__ import annotations

from dataclasses import dataclass, field

from mano_runtime.rest import Api


@dataclass(frozen=True, kw_only=True)
class Interfaces:
    """The interfaces of a server: on its port, and on the one that is for VNFMs alone, where there is one."""

    main: list[Api]
    or_vnfm: list[Api] = field(default_factory=list)
    """What SOL003 has, and nothing else; empty: there is one listener."""
