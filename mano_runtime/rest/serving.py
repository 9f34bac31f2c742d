"""An application on a port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web
from yarl import URL

from mano_runtime.rest.problems import ProblemError, phrase, problem_response

SHUTDOWN_SECONDS = 10.0


class _Connection(web.RequestHandler):
    """Speaks HTTP with one client; what cannot even be parsed is answered with problem details as well."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        super().handle_error(request, status, exc, message)
        answer = problem_response(
            ProblemError(status, phrase(status), message or phrase(status), type="urn:mano:problem:malformed-request")
        )
        answer.force_close()
        return answer


@asynccontextmanager
async def serving(
    app: web.Application, *, host: str, port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[URL]:
    """Serve ``app`` while the context is open, and give the URL that it is reached by.

    Port 0 takes a free one. With ``tls`` it speaks HTTPS and nothing else (``rest.transport_security``).
    At the end no request is accepted any more and those under way get
    ``SHUTDOWN_SECONDS``. An address that cannot be listened on is an OSError.
    """
    loop = asyncio.get_running_loop()
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        listening = await loop.create_server(partial(_connection, runner), host, port, reuse_address=True, ssl=tls)
        try:
            yield URL.build(scheme="https" if tls else "http", host=host, port=listening.sockets[0].getsockname()[1])
        finally:
            listening.close()
    finally:
        await runner.cleanup()


def _connection(runner: web.AppRunner) -> _Connection:
    server = runner.server
    assert server is not None  # noqa: S101  the runner is set up before anything is listened for
    return _Connection(
        server,
        loop=asyncio.get_running_loop(),
        access_log=None,  # type: ignore[arg-type]  # turns aiohttp's own access log off, which its type forgets
    )
