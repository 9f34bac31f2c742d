"""``mano descriptor``: look at a package without a server, and make one from a directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from nfvo.cli.errors import CommandError, ExitCode, InputError
from nfvo.cli.output import Output
from nfvo.cli.packing import pack, refresh_digests
from nfvo.cli.problems import finding_lines
from nfvo.cli.session import session

if TYPE_CHECKING:
    from descriptors.onboarding import Onboarded

app = typer.Typer(no_args_is_help=True)


class FindingsError(CommandError):
    """The check found errors; they are printed already."""

    code = ExitCode.FAILED


def check(output: Output, package: Path) -> None:
    """Print every finding about the package; FindingsError when one of them is an error."""
    import msgspec  # noqa: PLC0415  # only this command needs it

    from descriptors.onboarding import read_package  # noqa: PLC0415  # the parser takes a while to import

    if not package.exists():
        raise InputError("No such file or directory", str(package))
    found = read_package(package)
    findings: list[dict[str, Any]] = msgspec.to_builtins(found.diagnostics)
    document = {"file": str(package), "kind": found.kind, "usable": not found.failed, "diagnostics": findings}
    output.data(
        document, lambda: Group(*(line for finding in findings for line in finding_lines(finding)), _verdict(found))
    )
    if found.failed:
        errors = sum(finding["severity"] == "error" for finding in findings)
        raise FindingsError(
            f"{package} cannot be onboarded",
            f"{errors} error{'s' if errors != 1 else ''}",
            hint="Each line above says where.",
        )


def _verdict(found: Onboarded) -> Text:
    if found.vnfd:
        vnfd = found.vnfd
        return Text.assemble(
            ("✔ ", "green"),
            f"VNFD {vnfd.id}: {vnfd.product_name} {vnfd.software_version} by {vnfd.provider}, "
            f"{_count(len(vnfd.flavours), 'flavour')} ({', '.join(vnfd.flavours)})",
        )
    if found.nsd:
        nsd = found.nsd
        return Text.assemble(
            ("✔ ", "green"),
            f"NSD {nsd.id}: {nsd.name} {nsd.version} by {nsd.designer}, "
            f"{_count(len(nsd.flavours), 'flavour')} ({', '.join(nsd.flavours)})",
        )
    return Text.assemble(("✘ ", "red"), "not usable")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


@app.command("check")
def check_command(
    context: typer.Context,
    package: Annotated[Path, typer.Argument(help="A CSAR file, an unpacked one's directory, or a YAML file.")],
) -> None:
    """Check a VNF package or NSD archive on this machine: findings with file, line and column."""
    check(session(context).output, package)


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
