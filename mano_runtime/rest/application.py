"""The application: every API of a process on one port, with health, readiness and metrics beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

from aiohttp import web
from aiohttp.typedefs import Middleware

from mano_runtime.rest.api import Api
from mano_runtime.rest.call import CLOSING, ROOTS
from mano_runtime.rest.dispatch import endpoint
from mano_runtime.rest.documentation import documentation
from mano_runtime.rest.failures import answer_with_problem_details
from mano_runtime.rest.gate import GATE, Gate, OpenGate
from mano_runtime.rest.observation import observe_requests, sample_event_loop_lag, surroundings
from mano_runtime.rest.paging import PAGING, Paging
from mano_runtime.rest.versions import version_routes

Readiness = Callable[[], Awaitable[list[str]]]
Context = Callable[[web.Application], AsyncIterator[None]]


def application(
    *apis: Api,
    ready: Readiness,
    paging: Paging | None = None,
    body_limit: int = 4 * 1024 * 1024,
    contexts: Sequence[Context] = (),
    gate: Gate | None = None,
    routes: Iterable[web.RouteDef] = (),
    witness: Middleware | None = None,
) -> web.Application:
    """Return the application that serves ``apis``, what documents them, ``/metrics``, ``/healthz`` and ``/readyz``.

    ``ready`` lists what keeps the process from working (empty: nothing). ``paging`` says how lists are answered
    (None: in pages of 100), ``body_limit`` is the largest JSON body in bytes; raw bodies are limited by their handlers.
    ``contexts`` are opened in order before the first request and closed in reverse after the last. ``gate`` decides
    who may use which route (None: everybody may use all); ``routes`` are served beside the APIs, before no gate.
    ``witness`` sees every request, and its answer, problem details included, before the client does.
    """
    # What goes wrong while a request is witnessed is answered like all else that goes wrong.
    witnessing = [answer_with_problem_details, witness] if witness else []
    middlewares: list[Middleware] = [observe_requests, *witnessing, answer_with_problem_details]
    app = web.Application(middlewares=middlewares, client_max_size=body_limit)
    app[PAGING] = paging or Paging()
    app[CLOSING] = asyncio.Event()
    app[ROOTS] = frozenset(api.root for api in apis)
    app.on_shutdown.append(_close)
    app[GATE] = gate or OpenGate()
    app.add_routes(surroundings(ready))
    app.add_routes(routes)
    app.add_routes(version_routes(apis))
    app.add_routes(documentation(apis))
    for api in apis:
        for route in api.routes:
            app.router.add_route(route.method, api.root + route.path, endpoint(api, route))
            if route.method == "GET":
                app.router.add_route("HEAD", api.root + route.path, endpoint(api, route))
    app.on_response_prepare.append(_version_header(apis))
    app.cleanup_ctx.append(sample_event_loop_lag)
    app.cleanup_ctx.extend(contexts)
    return app


async def _close(app: web.Application) -> None:
    app[CLOSING].set()


def _version_header(apis: Sequence[Api]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return the signal handler that tells the version on every answer below an API's root, errors included."""

    async def tell(request: web.Request, response: web.StreamResponse) -> None:
        for api in apis:
            if request.path.startswith(api.root + "/"):
                response.headers["Version"] = api.version

    return tell
