"""``mano vnf-package``: what every archive of the catalogue has, and what only VNF packages have (SOL005 clause 9)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from nfvo.cli.access import secret_of
from nfvo.cli.archives import VNF_PACKAGES, Wanted, concluded
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


async def artifacts(
    client: Client,
    output: Output,
    wanted: str,
    *,
    path: str = "",
    sets: Sequence[str] = (),
    signatures: bool = False,
    file: Path | None = None,
) -> None:
    """Write an artifact of a package to ``file``, or without ``path`` an archive of all that are no images.

    ``sets`` are the only sets of non-MANO artifacts that are wanted; with ``signatures`` what proves the artifacts
    comes along, in an archive. A file that is there already is replaced once the new one is whole.
    """
    entry = await VNF_PACKAGES.entry(client, wanted)
    url = f"{VNF_PACKAGES.path}/{entry['id']}/artifacts" + (f"/{quote(path)}" if path else "")
    query = {"select_non_mano_artifact_sets": ",".join(sets)} if sets else {}
    query |= {"include_signatures": ""} if signatures else {}
    name = PurePosixPath(path).name if path else f"{VNF_PACKAGES.name(entry)} artifacts"
    file = file or Path(name if path and not signatures else f"{name}.zip".replace("/", "-"))
    partial = file.with_name(f"{file.name}.part")
    try:
        await client.download(f"{url}?{urlencode(query)}" if query else url, partial)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    output.done(f"Wrote {file}, {file.stat().st_size} bytes")
    output.data({"file": str(file)}, lambda: "")


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

    @app.command("artifacts")
    def artifacts_command(
        context: typer.Context,
        name: Wanted,
        *,
        path: Annotated[str, typer.Option(help="Path of one artifact in the package; else all are fetched.")] = "",
        sets: Annotated[
            list[str] | None, typer.Option("--set", help="Only this set of non-MANO artifacts; may be repeated.")
        ] = None,
        signatures: Annotated[
            bool, typer.Option("--signatures", help="Signatures and certificates of the artifacts, too; in an archive.")
        ] = False,
        file: Annotated[
            Path | None, typer.Option("--file", "-f", help="Where to write it; else a name of its own.")
        ] = None,
    ) -> None:
        """Fetch the artifacts of a VNF package, all that are no software images as one archive, or one of them."""
        if path and sets:
            raise InputError("One artifact and sets of them", hint="Give either --path or --set.")
        session(context).run(artifacts, name, path=path, sets=sets or (), signatures=signatures, file=file)

    return app
