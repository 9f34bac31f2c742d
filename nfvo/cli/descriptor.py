"""``mano descriptor``: look at a package without a server, and make one from a directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from descriptors.mode import Mode
from descriptors.signatures import SignaturePolicy
from nfvo.cli import descriptor_authoring, descriptor_models
from nfvo.cli.descriptor_check import Asked, FailOn, Format, check
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
    trust_store: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Directory of certificates whose signatures are trusted."),
    ] = None,
    signatures: Annotated[
        Literal["optional", "signed", "trusted"],
        typer.Option(help="What the package must have: nothing, an intact signature, or one by a trusted signer."),
    ] = "optional",
    fail_on: Annotated[FailOn, typer.Option(help="The least severity that makes the command exit with 1.")] = (
        FailOn.ERROR
    ),
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Ask tosca-parser too, and tell where the two disagree.")
    ] = False,
) -> None:
    """Check a VNF package or NSD archive on this machine: findings with file, line and column."""
    asked = session(context, formats=FORMATS)
    policy = SignaturePolicy(require=signatures, trust_store=trust_store)
    wanted = Asked(
        package, mode, Format(asked.format), fail_on,
        color=asked.output.color, signatures=policy, second_opinion=second_opinion,
    )  # fmt: skip
    raise typer.Exit(check(wanted))


app.command("pack")(descriptor_authoring.pack)
app.command("sign")(descriptor_authoring.sign)
app.command("show")(descriptor_models.show)
app.command("diff")(descriptor_models.diff)
app.command("new")(descriptor_models.new)
