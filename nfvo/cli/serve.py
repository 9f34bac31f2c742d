"""``mano serve``: run the orchestrator and the VNF manager in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nfvo.cli.errors import InputError


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1, or MANO_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8484, or MANO_PORT. 0: any free one.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Directory of all that is kept; ./data, or MANO_DATA_DIR. Made when absent.")
    ] = None,
) -> None:
    """Run the server (NFVO, VNFM and a simulated VIM in one process) until it is interrupted."""
    from mano_runtime.settings import Settings, SettingsError  # noqa: PLC0415  # the server's imports take a second
    from nfvo.server import CannotServeError, run  # noqa: PLC0415  # as above

    try:
        run(Settings.read(host=host, port=port, data_dir=data_dir))
    except SettingsError as error:
        raise InputError("A setting cannot be used", str(error)) from error
    except CannotServeError as error:
        raise InputError("The server cannot start", str(error)) from error
