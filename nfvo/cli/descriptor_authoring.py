"""``mano descriptor pack`` and ``sign``: SOL004 packages and SOL007 archives from directories, and their signatures."""

from __future__ import annotations

import enum
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group
from rich.text import Text

from nfvo.cli.errors import InputError
from nfvo.cli.packing import told_to_people
from nfvo.cli.session import session

if TYPE_CHECKING:
    from descriptors.authoring.packing import Packed
    from nfvo.cli.output import Output


class Layouts(enum.StrEnum):
    """Where a package says what it starts from."""

    METADATA = "metadata"
    ROOT = "root"


def pack(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Directory of an unpacked package.")],
    archive: Annotated[
        Path | None, typer.Option("--to", "-o", help="Archive to write; DIRECTORY.csar by default.")
    ] = None,
    layout: Annotated[
        Layouts | None,
        typer.Option(
            help="With TOSCA-Metadata, or with the descriptor at the root; that of the directory if not given."
        ),
    ] = None,
    released: Annotated[
        datetime | None,
        typer.Option(help="Release date for a manifest that is made; that of the newest file by default."),
    ] = None,
    *,
    refresh_digests: Annotated[
        bool, typer.Option("--refresh-digests", help="Bring the manifest in the directory up to date too.")
    ] = False,
) -> None:
    """Make a CSAR from a directory, its manifest complete and right; the same files always make the same bytes."""
    from descriptors.authoring import packing  # noqa: PLC0415  # the parser takes a while to import

    output = session(context).output
    target = archive or directory.resolve().with_suffix(".csar")
    moment = released.astimezone() if released else None
    with told_to_people():
        refreshed = packing.refresh(directory) if refresh_digests else None
        packed = packing.pack(directory, target, layout=layout.value if layout else None, released=moment)
    _tell(output, refreshed or packed)
    output.done(f"Packed {directory}")
    output.data(
        {"archive": str(target), "manifest": packed.manifest_file, "files": list(packed.files)},
        lambda: Text(str(target)),
    )


def _tell(output: Output, packed: Packed) -> None:
    manifest = packed.manifest
    for name in packed.made:
        output.say(f"made {name}")
    for name in manifest.changed:
        output.say(f"new digest of {name}")
    for name in manifest.added:
        output.say(f"listed {name}")
    for name in manifest.dropped:
        output.say(f"no longer listed: {name}, which is not there")
    if manifest.signature_dropped:
        output.warn("the signature of the manifest is gone, it was for the manifest as it was; sign the package anew")


def sign(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A package, a manifest or another file.")],
    key: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Private key, PEM.")],
    cert: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="Certificate of the key, PEM or DER; its authorities after it."),
    ],
    *,
    option: Annotated[
        int,
        typer.Option(min=1, max=2, help="1: sign the manifest. 2: put the package into a zip file with its signature."),
    ] = 1,
    to_path: Annotated[
        Path | None, typer.Option("--to", "-o", help="File to write; the package itself, with option 2 PACKAGE.zip.")
    ] = None,
    key_password: Annotated[
        str,
        typer.Option(envvar="MANO_KEY_PASSWORD", show_envvar=False, help="Of the key; better in MANO_KEY_PASSWORD."),
    ] = "",
    detached: Annotated[
        bool, typer.Option("--detached", help="Sign the manifest in a file beside it rather than at its end.")
    ] = False,
    cert_beside: Annotated[
        bool, typer.Option("--cert-beside", help="Put the certificate into a file of its own, not into the signature.")
    ] = False,
) -> None:
    """Sign a package by CMS (SOL004 5.1), or a single file or manifest that lies in a directory."""
    from descriptors.authoring import signing  # noqa: PLC0415  # cryptography takes a while to import

    output = session(context).output
    with told_to_people():
        signer = signing.Signer.load(key, cert, password=key_password, embedded=not cert_beside)
        if zipfile.is_zipfile(file):
            target = to_path or (file.with_suffix(".zip") if option == signing.WHOLE else file)
            if target.resolve() == file.resolve() and option == signing.WHOLE:
                raise InputError("Cannot sign a package into itself", str(file), hint="Name another file with --to.")
            added = signing.sign_package(
                file, target, signer, option=2 if option == signing.WHOLE else 1, detached=detached
            )
            written: tuple[Path, ...] = (target,)
        else:
            if to_path is not None or option == signing.WHOLE or detached:
                raise InputError("Cannot sign the file in this way", f"{file} is no package")
            written, added = signing.sign_file(file, signer), ()
    output.done(f"Signed {file} as {signer.certificate.subject.rfc4514_string()}")
    output.data(
        {"files": [str(path) for path in written], "added": list(added)},
        lambda: Group(*(Text(str(path)) for path in written)),
    )
