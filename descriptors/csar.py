"""Packages as archives: safe to open, streamed when read, never unpacked for parsing."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol

from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits


class Archive(Protocol):
    """Files by path. Threads may read different members at once."""

    def names(self) -> tuple[str, ...]:
        """Paths of all files, in the archive's order."""

    def size(self, name: str) -> int:
        """Unpacked size in bytes. KeyError for a path that is not there."""

    def open(self, name: str) -> BinaryIO:
        """Stream a file. KeyError for a path that is not there."""

    def extract(self, name: str, to_path: Path) -> None:
        """Write a file's bytes to ``to_path``, streamed."""

    def close(self) -> None:
        """Let go of the file."""


def open_archive(path: Path, limits: Limits, diagnostics: Diagnostics) -> Archive | None:
    """Open a zip archive, a directory or a single file; None, with an error among the diagnostics, if it is unsafe."""
    raise NotImplementedError
