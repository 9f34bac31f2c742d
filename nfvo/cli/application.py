"""``mano``: the command line of the orchestrator, all of it."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from nfvo.cli import access, archives, audit, descriptor, operations, services, vims, vnf_packages
from nfvo.cli.errors import MEANINGS
from nfvo.cli.output import Output
from nfvo.cli.serve import serve
from nfvo.cli.session import FORMATS, PLAIN_FORMATS, Session
from nfvo.cli.trust import Trust

DEFAULT_URL = "http://127.0.0.1:8484"
"""Where ``mano serve`` listens unless it is told otherwise."""
_EXITS = "\n\n".join(f"{code.value}  {meaning}" for code, meaning in MEANINGS.items())

HELP = (
    "Onboard VNF packages and network services, bring them up, scale them, take them down.\n\n"
    "[bold]mano serve[/] runs the orchestrator; every other command talks to one over its REST interfaces, and "
    "[bold]mano descriptor[/] needs none. Data goes to stdout, messages to stderr. Names are accepted in place of "
    "identifiers as long as they are unambiguous. --url and the like may stand anywhere on the line."
)

app = typer.Typer(
    help=HELP,
    epilog=f"Exit codes:\n\n{_EXITS}",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serve)
app.add_typer(vnf_packages.commands(), name="vnf-package", help="VNF packages in the catalogue.")
app.add_typer(archives.commands(archives.NSDS), name="nsd", help="Network service descriptors in the catalogue.")
app.add_typer(archives.commands(archives.PNFDS), name="pnfd", help="Descriptors of physical network functions.")
app.add_typer(services.app, name="ns", help="Network services: create, instantiate, scale, terminate.")
app.add_typer(operations.app, name="op", help="Operations: follow, retry, roll back, give up.")
app.add_typer(vims.app, name="vim", help="Virtualised infrastructure managers: where things run.")
app.add_typer(access.app, name="client", help="Clients: who may talk to the server, and what they may do.")
app.command("login")(access.login)
app.command("logout")(access.logout)
app.command("audit")(audit.audit)
app.add_typer(descriptor.app, name="descriptor", help="Packages on this machine, without a server.")


def _tell_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  # nothing else needs it, and it brings a lot

        typer.echo(version("mano-stack"))
        raise typer.Exit


@app.callback()
def options(  # noqa: PLR0917  # typer calls it by name
    context: typer.Context,
    url: Annotated[str, typer.Option(envvar="MANO_URL", help="The server.")] = DEFAULT_URL,
    output: Annotated[str, typer.Option(metavar="human|json", help="For people or for machines.")] = "human",
    ca_file: Annotated[
        str, typer.Option(envvar="MANO_CA_FILE", help="Authorities of the server's certificate, PEM.")
    ] = "",
    client_certificate: Annotated[
        str, typer.Option(envvar="MANO_CLIENT_CERTIFICATE", help="Certificate to show to the server, PEM.")
    ] = "",
    client_key: Annotated[str, typer.Option(envvar="MANO_CLIENT_KEY", help="Key of that certificate, PEM.")] = "",
    *,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours; NO_COLOR in the environment does it too.")
    ] = False,
    version: Annotated[  # noqa: ARG001  # the callback acts on it
        bool,
        typer.Option(
            "--version", callback=lambda value: _tell_version(wanted=value), is_eager=True, help="Tell the version."
        ),
    ] = False,
) -> None:
    """Set what every command shares."""
    if output not in FORMATS:
        raise typer.BadParameter(f"is {' or '.join(PLAIN_FORMATS)}", param_hint="--output")
    trust = Trust(ca_file, client_certificate, client_key)
    color = not no_color and not os.environ.get("NO_COLOR")
    context.obj = Session(url, Output(as_json=output == "json", color=color), output, trust)
