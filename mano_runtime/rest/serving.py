"""An application on a port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from yarl import URL

SHUTDOWN_SECONDS = 10.0


@asynccontextmanager
async def serving(app: web.Application, *, host: str, port: int) -> AsyncIterator[URL]:
    """Serve ``app`` while the context is open, and give the URL that it is reached by.

    Port 0 takes a free one. At the end no request is accepted any more and those under way get
    ``SHUTDOWN_SECONDS``. An address that cannot be listened on is an OSError.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0][1]
        yield URL.build(scheme="http", host=host, port=bound)
    finally:
        await runner.cleanup()
