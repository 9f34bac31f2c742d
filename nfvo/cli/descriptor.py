"""``mano descriptor``: look at a package without a server, and make one from a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from descriptors.mode import Mode
from nfvo.cli import descriptor_models
from nfvo.cli.descriptor_check import Asked, FailOn, Format, check
from nfvo.cli.packing import pack, refresh_digests
from nfvo.cli.session import FORMATS, session

app = typer.Typer(no_args_is_help=True)


@app.command("check")
def check_command(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A CSAR file, an unpacked one's directory, or a YAML file.")],
    *,
    mode: Annotated[
        Mode, typer.Option(help="Judge as the standards have it, as vendors ship, or to see what there is.")
    ] = Mode.ETSI,
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that makes the command exit with 1.")] = (
        FailOn.ERROR
    ),
) -> None:
    """Check a VNF package or NSD archive on this machine: findings with file, line and column."""
    asked = session(context, formats=FORMATS)
    wanted = Asked(package, mode, Format(asked.format), fail_on, color=asked.output.color)
    raise typer.Exit(check(wanted))


@app.command("pack")
def pack_command(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Directory of an unpacked package.")],
    archive: Annotated[Path | None, typer.Option("--to", help="Archive to write; DIRECTORY.csar by default.")] = None,
    *,
    refresh: Annotated[
        bool, typer.Option("--refresh-digests", help="Bring the manifest's digests up to date.")
    ] = False,
) -> None:
    """Make a CSAR from a directory; the same files always make the same bytes."""
    output = session(context).output
    if refresh:
        for changed in refresh_digests(directory):
            output.say(f"new digest of {changed}")
    target = archive or directory.resolve().with_suffix(".csar")
    pack(directory, target)
    output.done(f"Packed {directory}")
    output.data({"archive": str(target)}, lambda: Text(str(target)))


app.command("show")(descriptor_models.show)
app.command("diff")(descriptor_models.diff)
app.command("new")(descriptor_models.new)
