"""``mano serve``: run the orchestrator and the VNF manager in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.  [env: MANO_HOST]", show_default="127.0.0.1")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.  [env: MANO_PORT]", show_default="8484")] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            help="Directory of databases and packages; made when absent.  [env: MANO_DATA_DIR]", show_default="data"
        ),
    ] = None,
) -> None:
    """Run the server (NFVO, VNFM and a simulated VIM in one process) until it is interrupted."""
    from mano_runtime.settings import Settings  # noqa: PLC0415  # the server's imports take a second
    from nfvo.server import run as run_server  # noqa: PLC0415  # as above

    run_server(Settings.read(host=host, port=port, data_dir=data_dir))
