"""What operators see of the REST layer: metrics, access log, liveness, readiness, event-loop lag."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog
from aiohttp import hdrs, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mano_runtime.background import in_background
from mano_runtime.identifiers import new_id
from mano_runtime.metrics import EVENT_LOOP_LAG, REGISTRY, REST_REQUESTS, REST_SECONDS
from mano_runtime.rest.gate import GATE
from mano_runtime.rest.problems import ProblemError

_log = structlog.get_logger(__name__)

LAG_INTERVAL_SECONDS = 1.0
REQUEST_ID = "X-Request-Id"
METRICS_SCOPE = "mano:v1:metrics:readonly"
"""What who reads the metrics needs; Prometheus gets itself a token (``oauth2`` in its configuration)."""
_METHODS = hdrs.METH_ALL
_ASKED_OFTEN = frozenset({"/metrics", "/healthz", "/readyz"})
"""Routes that machines ask every few seconds: they are logged at level debug only."""


@web.middleware
async def observe_requests(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Count, time and log the request; everything logged meanwhile carries its id, which the answer tells."""
    began = time.perf_counter()
    request_id = new_id()
    status = 500
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        try:
            response = await handler(request)
        except asyncio.CancelledError:
            status = 499  # the client went away; the de-facto code for it
            raise
        else:
            status = response.status
            if not response.prepared:
                response.headers[REQUEST_ID] = request_id
            return response
        finally:
            seconds = time.perf_counter() - began
            labels = (_method(request), _route(request), str(status))
            REST_REQUESTS.labels(*labels).inc()
            REST_SECONDS.labels(*labels).observe(seconds)
            _log.log(
                logging.DEBUG if labels[1] in _ASKED_OFTEN else logging.INFO,
                "request",
                method=request.method,
                path=request.path,
                status=status,
                milliseconds=round(seconds * 1000, 2),
            )


def _method(request: web.Request) -> str:
    return request.method if request.method in _METHODS else "other"


def _route(request: web.Request) -> str:
    """Return the template of the route, since a path would give every resource a series of its own."""
    resource = request.match_info.route.resource
    return "unmatched" if resource is None else resource.canonical


def surroundings(ready: Callable[[], Awaitable[list[str]]]) -> list[web.RouteDef]:
    """Return the routes that are no API: ``/metrics``, ``/healthz`` and ``/readyz``."""

    async def metrics(request: web.Request) -> web.Response:
        """Serve every metric in Prometheus' text format."""
        await request.app[GATE].admit(request, METRICS_SCOPE)
        text = await asyncio.to_thread(generate_latest, REGISTRY)  # it reads /proc
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def healthz(_request: web.Request) -> web.Response:
        """Tell that the process serves requests; nothing else is asked."""
        return web.json_response({"status": "alive"})

    async def readyz(_request: web.Request) -> web.Response:
        """Tell that work is accepted, or what is in the way (503)."""
        obstacles = await ready()
        if obstacles:
            raise ProblemError(
                503, "Not ready", "; ".join(obstacles), type="urn:mano:problem:not-ready", obstacles=obstacles
            )
        return web.json_response({"status": "ready"})

    return [web.get("/metrics", metrics), web.get("/healthz", healthz), web.get("/readyz", readyz)]


async def sample_event_loop_lag(_app: web.Application) -> AsyncIterator[None]:
    """Keep the gauge of the event loop's lag fresh while the application runs."""
    sampler = in_background(_sample(), name="event-loop-lag")
    yield
    sampler.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await sampler


async def _sample() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_INTERVAL_SECONDS
        await asyncio.sleep(LAG_INTERVAL_SECONDS)
        EVENT_LOOP_LAG.set(max(0.0, loop.time() - due))
