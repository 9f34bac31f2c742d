"""``mano vnf-package``: what every archive of the catalogue has, and what only VNF packages have (SOL005 clause 9)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nfvo.cli.access import secret_of
from nfvo.cli.archives import VNF_PACKAGES, concluded
from nfvo.cli.archives import commands as commands_of
from nfvo.cli.errors import InputError, RefusedError
from nfvo.cli.output import Output
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client


async def onboard_from(
    client: Client, output: Output, uri: str, *, user: str = "", password: str = "", keep_failed: bool = False
) -> dict[str, Any]:
    """Have the server fetch a package, wait until it is onboarded and return its entry.

    ``user`` and ``password`` are shown to the server at ``uri``. Errors are those of ``archives.onboard``.
    """
    made = (await client.post(VNF_PACKAGES.path, {})).body
    path = f"{VNF_PACKAGES.path}/{made['id']}"
    basic = {"authType": "BASIC", "paramsBasic": {"userName": user, "password": password}} if user else {}
    try:
        await client.post(f"{path}/package_content/upload_from_uri", {"addressInformation": uri, **basic})
    except RefusedError:
        await client.delete(path)
        raise
    return await concluded(client, output, VNF_PACKAGES, path, uri, keep_failed=keep_failed)


def commands() -> typer.Typer:
    """Return the commands for VNF packages."""
    app = commands_of(VNF_PACKAGES)

    @app.command("onboard-from")
    def onboard_from_command(
        context: typer.Context,
        uri: Annotated[str, typer.Argument(metavar="URI", help="Where the server fetches it: http or https.")],
        *,
        user: Annotated[
            str, typer.Option(help="Name that is shown to the server at URI; its password is asked for.")
        ] = "",
        password_file: Annotated[
            Path | None, typer.Option(help="File with the password; else it is asked for, or read from stdin.")
        ] = None,
        keep_failed: Annotated[
            bool, typer.Option("--keep-failed", help="Keep the server's record of a package with errors.")
        ] = False,
    ) -> None:
        """Have the server fetch one VNF package from a URI, and wait for the result."""
        if password_file and not user:
            raise InputError("A password without a name", hint="Give the name with --user.")
        password = secret_of(password_file).strip() if user else ""
        session(context).run(onboard_from, uri, user=user, password=password, keep_failed=keep_failed)

    return app
