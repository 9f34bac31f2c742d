"""Packages from directories, for commands: what authoring makes, and its errors in the words of the command line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nfvo.cli.errors import InputError


@contextmanager
def told_to_people() -> Iterator[None]:
    """Turn what authoring says about its input into an InputError."""
    from descriptors.authoring.errors import AuthoringError  # noqa: PLC0415  # only these commands need it

    try:
        yield
    except AuthoringError as error:
        raise InputError(error.title, error.detail, hint=error.hint) from error


@contextmanager
def archive_of(package: Path) -> Iterator[Path]:
    """Yield an archive: ``package`` itself, or for a directory a packed copy that lives as long as the context.

    A directory is packed as it is: whether its manifest is right is for the server to say.
    """
    from descriptors.authoring.packing import pack_as_is  # noqa: PLC0415  # as above

    if not package.exists():
        raise InputError("No such file or directory", str(package))
    if package.is_file():
        yield package
        return
    with tempfile.TemporaryDirectory(prefix="mano-") as scratch:
        archive = Path(scratch) / f"{package.resolve().name}.csar"
        with told_to_people():
            pack_as_is(package, archive)
        yield archive
