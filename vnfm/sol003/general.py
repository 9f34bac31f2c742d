"""Types that several interfaces of SOL003 share (SOL003 clause 4.4.1)."""

from __future__ import annotations

from typing import Any

import msgspec

KeyValuePairs = dict[str, Any]
"""Free-form attributes by name (SOL013 clause 7.1)."""


class Sol003Type(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A value of the Or-Vnfm reference point: camelCase on the wire, absent attributes left out."""


class Link(Sol003Type, frozen=True, kw_only=True):
    """A hypermedia link (SOL013 clause 4.4)."""

    href: str
    """Absolute URI."""


class VimConnectionInfo(Sol003Type, frozen=True, kw_only=True):
    """How a VIM is reached (SOL003 clause 4.4.1.6)."""

    vim_id: str | None = None
    vim_type: str
    interface_info: KeyValuePairs = {}
    access_info: KeyValuePairs = {}
    """Secrets among these are never given out again."""
    extra: KeyValuePairs = {}


class ResourceHandle(Sol003Type, frozen=True, kw_only=True):
    """Where a virtualised resource is (SOL003 clause 4.4.1.7)."""

    vim_connection_id: str | None = None
    resource_provider_id: str | None = None
    resource_id: str
    """Identifier on the VIM; empty while the VIM has not given one."""
    vim_level_resource_type: str | None = None


class ScaleInfo(Sol003Type, frozen=True, kw_only=True):
    """How far the VNF is scaled in one aspect (SOL003 clause 4.4.1.19)."""

    aspect_id: str
    vnfd_id: str | None = None
    scale_level: int
    """From 0."""
