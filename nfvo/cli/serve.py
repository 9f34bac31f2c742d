"""``mano serve``: run the orchestrator, the VNF manager or both in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mano_runtime.process import importing
from nfvo.cli.errors import InputError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1, or MANO_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8484, or MANO_PORT. 0: any free one.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Directory of all that is kept; ./data, or MANO_DATA_DIR. Made when absent.")
    ] = None,
    *,
    database_url: Annotated[
        str | None,
        typer.Option(help="URL of a PostgreSQL database; none, or MANO_DATABASE_URL: a file in the data directory."),
    ] = None,
    or_vnfm_port: Annotated[
        int | None, typer.Option(help="Port for VNF managers alone (SOL003); none, or MANO_OR_VNFM_PORT. 0: any.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="What to be: all (NFVO and VNFM in one), nfvo or vnfm; all, or MANO_ROLE.")
    ] = None,
    nfvo: Annotated[str | None, typer.Option(help="URL of the NFVO, for the role vnfm; or MANO_NFVO.")] = None,
    vnfm: Annotated[str | None, typer.Option(help="URL of the VNFM, for the role nfvo; or MANO_VNFM.")] = None,
) -> None:
    """Run the server (NFVO, VNFM and a simulated VIM in one process, or a role of its own) until it is interrupted."""
    with importing():
        from mano_runtime.settings import Settings, SettingsError  # noqa: PLC0415  # the server's imports take a second
        from nfvo.server import CannotServeError, run  # noqa: PLC0415  # as above

    try:
        run(
            Settings.read(
                host=host,
                port=port,
                or_vnfm_port=or_vnfm_port,
                data_dir=data_dir,
                database_url=database_url,
                role=role,
                nfvo=nfvo,
                vnfm=vnfm,
            )
        )
    except SettingsError as error:
        raise InputError("A setting cannot be used", str(error)) from error
    except CannotServeError as error:
        raise InputError("The server cannot serve", str(error)) from error
