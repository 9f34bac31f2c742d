"""The types that every descriptor may use: TOSCA's normative ones, and SOL001's by release.

``types.json`` holds each distinct definition once, with the releases that share it; it is read once per process.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any

import msgspec

RELEASES = ("2.5.1", "2.6.1", "2.7.1", "2.8.1", "3.3.1", "3.5.1", "3.6.1", "4.2.1", "4.4.1")
"""Releases of SOL001 that are known, oldest first."""
DRAFTS = "drafts"
"""Stands for what was before the first of them: types that ETSI dropped and that packages still use."""
SECTIONS = (
    "node_types", "data_types", "capability_types", "relationship_types", "interface_types", "artifact_types",
    "policy_types", "group_types",
)  # fmt: skip

_DRAFTS = -1
_TYPE_FILE = re.compile(r"(?:etsi_)?nfv_sol_?001_(?:common|vnfd|nsd|pnfd)_types?[\w.-]*\.ya?ml$", re.IGNORECASE)
_PROFILE = re.compile(r"(?:org\.oasis-open\.)?(?:tosca\.)?simple(?::[\d.]+)?$")
_BRANCH = re.compile(r"/raw/(?:master|main|Release_(\d))/", re.IGNORECASE)
_VERSION = re.compile(r"v?(\d)\.(\d{1,2})\.(\d)")

_Variants = dict[str, dict[str, list[tuple[dict[str, Any], tuple[int, ...]]]]]


@functools.cache
def _variants() -> _Variants:
    data = resources.files(__package__).joinpath("types.json").read_bytes()
    return msgspec.json.decode(data, type=_Variants)


@functools.cache
def definition(release: str, section: str, name: str) -> dict[str, Any] | None:
    """Return a type's definition in a release, or None. The value is shared: do not change it."""
    index = _DRAFTS if release == DRAFTS else RELEASES.index(release)
    for value, releases in _variants()[section].get(name, ()):
        if not releases or index in releases:
            return value
    return None


@functools.cache
def releases_of(section: str, name: str) -> tuple[str, ...]:
    """Return the releases that have a type, oldest first."""
    found = {index for _, releases in _variants()[section].get(name, ()) for index in releases}
    return tuple(DRAFTS if index == _DRAFTS else RELEASES[index] for index in sorted(found))


def names(release: str, section: str) -> list[str]:
    """Return the names of all types of a section in a release."""
    return [name for name in _variants()[section] if definition(release, section, name) is not None]


@functools.cache
def _folded(section: str) -> dict[str, str]:
    return {name.casefold(): name for name in _variants()[section]}


def spelt(section: str, name: str) -> str:
    """Return the type, of any release, whose name is this one but for capitals; empty when there is none."""
    meant = _folded(section).get(name.casefold(), "")
    return "" if meant == name else meant


def is_type_file(name: str) -> bool:
    """Whether a file name or address is that of one of ETSI's own type definitions."""
    return _TYPE_FILE.search(name.rsplit("/", 1)[-1]) is not None


def is_profile(name: str) -> bool:
    """Whether a profile's name is that of the normative types of TOSCA's Simple Profile."""
    return _PROFILE.match(name) is not None


def release_in(text: str) -> str:
    """Return the known release that a text (file header, address) names, the nearest older one, or nothing."""
    branch = _BRANCH.search(text)
    if branch:  # of the forge: whatever is newest there
        return next((r for r in reversed(RELEASES) if r[0] == branch[1] or not branch[1]), "")
    for found in _VERSION.finditer(text):
        asked = tuple(int(part) for part in found.groups())
        older = [release for release in RELEASES if tuple(int(part) for part in release.split(".")) <= asked]
        if older and older[-1][0] == found[1]:
            return older[-1]
    return ""
