"""Problem details (RFC 9457, SOL013 6): the one body of every error that a client sees."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Raise it anywhere while a request is served and the client gets these problem details as its answer."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        type: str = "about:blank",  # noqa: A002  the standard's name of the member
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        """Describe the problem: ``type`` is stable for machines, ``detail`` names what is wrong in this request.

        ``members`` are further JSON members of the body (``instance``, ``allowed``, ...); ``headers`` go with
        the answer.
        """
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.type = type
        self.headers = dict(headers or {})
        self.members = members

    def details(self) -> dict[str, Any]:
        """Return the problem details as JSON."""
        return {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail} | self.members


def problem_response(problem: ProblemError) -> web.Response:
    """Return the answer that carries ``problem``."""
    return web.Response(
        body=msgspec.json.encode(problem.details()),
        status=problem.status,
        headers={**problem.headers, "Content-Type": MEDIA_TYPE},
    )


def phrase(status: int) -> str:
    """Return the words of an HTTP status code."""
    return http.client.responses.get(status, "Error")


def mistaken_query(detail: str) -> ProblemError:
    """Return the problem of a query string that asks for something we do not understand."""
    return ProblemError(400, "Invalid query parameter", detail, type="urn:mano:problem:invalid-query")
