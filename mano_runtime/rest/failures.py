"""Whatever goes wrong while a request is served becomes problem details here, and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from mano_runtime.identifiers import new_id
from mano_runtime.rest.problems import ProblemError, phrase, problem_response
from mano_runtime.storage import DatabaseAwayError

_log = structlog.get_logger(__name__)

_RETRY_AFTER = "5"
"""Seconds."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_with_problem_details(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve the request; any error becomes an ``application/problem+json`` answer of the right status."""
    try:
        return await handler(request)
    except ProblemError as problem:
        return problem_response(problem)
    except web.HTTPError as error:
        return problem_response(_of_http_error(request, error))
    except DatabaseAwayError as error:
        _log.warning("request not served", method=request.method, path=request.path, why=str(error))
        return problem_response(_away(error))
    except ConnectionError:
        raise  # the client is gone: there is nobody to answer
    except Exception as error:
        incident = _unforeseen(request, error)
        if request.writer.output_size > 0:
            raise  # the answer has begun; only a broken connection tells that it is incomplete
        return problem_response(incident)


def _of_http_error(request: web.Request, error: web.HTTPError) -> ProblemError:
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return ProblemError(
            405,
            "Method not allowed",
            f"{request.path} has no {request.method}; it has {allowed}",
            type="urn:mano:problem:method-not-allowed",
            headers={"Allow": allowed},
        )
    if isinstance(error, web.HTTPNotFound):
        return ProblemError(404, "Not found", f"there is no resource {request.path}", type="urn:mano:problem:not-found")
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return ProblemError(
            413,
            "Request body too large",
            f"a JSON body may have {request.client_max_size} bytes at most",
            type="urn:mano:problem:body-too-large",
        )
    return ProblemError(error.status, phrase(error.status), str(error.text or error.reason))


def _away(error: DatabaseAwayError) -> ProblemError:
    return ProblemError(
        503,
        "Database away",
        f"{error}; ask again in a while, and look first whether what was asked for was done",
        type="urn:mano:problem:database-away",
        headers={"Retry-After": _RETRY_AFTER},
    )


def _unforeseen(request: web.Request, error: Exception) -> ProblemError:
    incident = new_id()
    _log.error("request failed", incident=incident, method=request.method, path=request.path, exc_info=error)
    return ProblemError(
        500,
        "Internal error",
        f"the server failed to serve this request; its log has the details of incident {incident}",
        type="urn:mano:problem:internal-error",
        incident=incident,
    )
