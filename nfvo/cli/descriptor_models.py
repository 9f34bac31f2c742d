"""``mano descriptor show``, ``diff`` and ``new``: the model of a package, and packages to begin with."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from descriptors.mode import Mode
from nfvo.cli.errors import ExitCode, InputError
from nfvo.cli.session import session

Package = Annotated[Path, typer.Argument(help="A CSAR file, an unpacked one's directory, or a YAML file.")]
Judged = Annotated[Mode, typer.Option("--mode", help="Judge as `mano descriptor check` does.")]


class Kind(enum.StrEnum):
    """What can be begun."""

    VNF = "vnf"
    NS = "ns"


def show(context: typer.Context, package: Package, *, mode: Judged = Mode.ETSI) -> None:
    """Show the model of a package as a tree: flavours, VDUs, storages, links, levels, rules."""
    from nfvo.cli.descriptor_views import model_of, tree  # noqa: PLC0415  # the parser takes a while to import

    model = model_of(package, mode)
    session(context).output.data(msgspec.to_builtins(model), lambda: tree(model))


def diff(
    context: typer.Context,
    before: Annotated[Path, typer.Argument(help="The older package.")],
    after: Annotated[Path, typer.Argument(help="The newer package.")],
    *,
    mode: Judged = Mode.ETSI,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when there is a difference.")] = False,
) -> None:
    """Tell what changed between two versions of a package, in terms of the model."""
    from descriptors.model_diff import difference  # noqa: PLC0415  # as above
    from nfvo.cli.descriptor_views import changes, model_of  # noqa: PLC0415  # as above

    try:
        found = difference(model_of(before, mode), model_of(after, mode))
    except ValueError as error:
        raise InputError("Cannot compare the two", str(error)) from error
    document = {
        "before": str(before),
        "after": str(after),
        "changes": [msgspec.to_builtins(change) | {"kind": change.kind} for change in found],
    }
    session(context).output.data(document, lambda: changes(found))
    if found and exit_code:
        raise typer.Exit(ExitCode.FAILED)


def new(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="A VNF package, or an NSD archive.")],
    name: Annotated[str, typer.Argument(help="Name of the product or of the service.")],
    directory: Annotated[Path, typer.Argument(help="Directory to make; it must not hold anything yet.")],
    *,
    provider: Annotated[str, typer.Option(help="Who provides or designs it.")] = "Example",
) -> None:
    """Begin a package: one that is whole, and passes the check in mode strict."""
    from nfvo.cli.descriptor_scaffold import scaffold  # noqa: PLC0415  # only this command needs it

    output = session(context).output
    files = scaffold(kind, name, directory, provider=provider)
    output.done(f"Wrote {len(files)} files to {directory}")
    output.data(
        {"directory": str(directory), "files": [str(file) for file in files]},
        lambda: Text("\n".join(map(str, files))),
    )
