"""One call from a package on disk to the NFV model and everything there is to say about it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from descriptors.diagnostics import Diagnostic
from descriptors.limits import Limits
from descriptors.manifest import Manifest
from descriptors.model.nsd import Nsd
from descriptors.model.vnfd import Vnfd


class PackagedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the package, as it was read."""

    path: str
    """From the package's root, with ``/``."""
    size: int
    """Bytes, unpacked."""
    sha256: str
    """Hexadecimal, lower case."""


class Onboarded(msgspec.Struct, frozen=True, kw_only=True):
    """What a package holds. ``vnfd`` and ``nsd`` are both None when any diagnostic is an error."""

    kind: Literal["vnfd", "nsd", ""]
    """What it describes; empty when that could not be told."""
    vnfd: Vnfd | None = None
    nsd: Nsd | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    manifest: Manifest | None = None
    artifacts: tuple[PackagedFile, ...] = ()
    """Every file of the package, descriptors included, in the archive's order."""
    entry_definitions: str = ""
    """Path of the document that everything starts from."""
    definitions: tuple[str, ...] = ()
    """Paths of the documents that were read, the entry first."""

    @property
    def failed(self) -> bool:
        """Whether the package cannot be used."""
        return self.vnfd is None and self.nsd is None


def read_package(
    path: Path, *, limits: Limits | None = None, expect: Literal["vnfd", "nsd"] | None = None
) -> Onboarded:
    """Read the package at ``path`` and return its model with all findings; bad input never raises.

    ``path`` is a zip archive (SOL004 or SOL007), a directory that holds an unpacked one, or one YAML file.
    ``expect`` refuses a package of the other kind. The call blocks and computes: run it in a thread. It keeps no
    state between calls and may run in many threads at once. Nothing of an archive is written to disk.
    """
    raise NotImplementedError
