"""A request as a handler sees it: routed, of an accepted version, its body converted and checked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from aiohttp import web

from mano_runtime.rest.filters import mentions, narrowing
from mano_runtime.rest.gate import PRINCIPAL
from mano_runtime.rest.media_types import JSON
from mano_runtime.rest.paging import MARKER, PAGING
from mano_runtime.rest.problems import ProblemError
from mano_runtime.rest.selectors import selection
from mano_runtime.security.principal import ANYBODY, Principal

if TYPE_CHECKING:
    from mano_runtime.rest.api import Api

Body_co = TypeVar("Body_co", covariant=True)  # a call is only read

LONGEST_WAIT = 600
"""Seconds that an answer is held back at most, whatever the client prefers: proxies give up on longer ones."""
_ORIGIN = web.RequestKey("ORIGIN", str)
_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,9})\"?\s*(?=[,;]|$)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an API offers at one path for one method."""

    method: str
    path: str
    """Below the root of the API, with ``{names}`` of the variables."""
    handler: Callable[[Call[Any]], Awaitable[web.StreamResponse]]
    permission: str
    """What it needs of the client: ``<resource>:readonly`` or ``<resource>:all`` (``mano_runtime.security.scopes``)."""
    body: Any = None
    """Type that the JSON body is converted to; None: a body is not read."""
    raw: bool = False
    """Whether the handler reads the body itself."""
    answer: Any = None
    """Type of the JSON answer, of each entry where it is a list; None: it has no JSON body."""
    status: int = 200
    """Of the answer when all is well."""
    also: tuple[int, ...] = ()
    """Further statuses of an answer when all is well."""
    accepts: Collection[str] = (JSON,)
    """Media types of the body."""
    produces: Collection[str] = (JSON,)
    """Media types of the answer, for the ``Accept`` header."""
    query: frozenset[str] = frozenset()
    """Query parameters that the handler understands; any other is refused."""
    collection: bool = False
    """Whether it answers a list, with filter, selectors and pages."""
    omitted: tuple[str, ...] = ()
    """Attributes that the standard leaves out of this list unless they are asked for (``exclude_default``)."""
    kept: frozenset[str] = frozenset({"_links"})
    """Structured attributes that no selector removes, since the data model requires them."""
    indexed: Mapping[str, str] = field(default_factory=dict)
    """Attributes of a list's entries that storage finds quickly: the promoted column of each."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A reference to another resource (the type Link of SOL003 4.4.1.4 and SOL005 4.4.1.4)."""

    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Body_co]):
    """One request to one route of an API."""

    api: Api
    route: Route
    request: web.Request
    path: Mapping[str, str]
    """The variables of the route's path, decoded."""
    query: Mapping[str, str]
    """The query parameters; the route declared each of them."""
    body: Body_co

    @property
    def principal(self) -> Principal:
        """Who asks."""
        principal: Principal = self.request.get(PRINCIPAL, ANYBODY)
        return principal

    @property
    def marker(self) -> str | None:
        """Where the wanted page of a list begins: what the last page gave as its ``next``; None for the first."""
        return self.query.get(MARKER)

    @property
    def equal(self) -> dict[str, list[str]]:
        """What the client's filter wants of indexed attributes: by promoted column, the values of which one is due.

        Storage narrows a list with it; the whole filter is applied to what is left of it (:func:`listing`).
        """
        return narrowing(self.query.get("filter", ""), self.route.indexed)

    def wants(self, attribute: str) -> bool:
        """Whether entries of a list need this structured attribute: it is shown, all or in part, or filtered by.

        What is left out by default need not be read, or made, for a client that does not ask for it.
        """
        cut = selection(self.query, omitted=self.route.omitted, kept=self.route.kept)
        return attribute in cut({attribute: {}}) or mentions(self.query.get("filter", ""), attribute)

    @property
    def patience(self) -> int | None:
        """How many seconds the client prefers to wait for the end of what it begins (RFC 7240 4.3); None: not at all.

        At most ``LONGEST_WAIT``. A preference that is malformed is ignored, as RFC 7240 has it.
        """
        wanted = _WAIT.search(",".join(self.request.headers.getall("Prefer", ())))
        return min(int(wanted[1]), LONGEST_WAIT) if wanted else None

    @property
    def page_size(self) -> int:
        """How many entries of a list the handler shall give at once."""
        return self.request.app[PAGING].read_at_once

    @property
    def origin(self) -> str:
        """Scheme, host and port by which the client reached us: the beginning of every URL that it gets."""
        origin: str | None = self.request.get(_ORIGIN)
        if origin is None:
            origin = self.request[_ORIGIN] = str(self.request.url.origin())
        return origin

    def url(self, path: str = "") -> str:
        """Return the absolute URL of ``path`` (``/vnf_instances/..``) below the root of this API."""
        return f"{self.origin}{self.api.root}{path}"

    def beside(self, root: str, path: str) -> str | None:
        """Return the absolute URL of ``path`` below the root of another API; None where this listener has no such."""
        return f"{self.origin}{root}{path}" if root in self.request.app[ROOTS] else None

    def link(self, path: str) -> Link:
        """Return the link to ``path`` below the root of this API, for ``_links`` of a representation."""
        return Link(href=self.url(path))

    def if_match(self, etag: int | str) -> None:
        """Refuse with 412 unless the client's ``If-Match``, when it sent one, names the current ``etag``."""
        condition = self.request.if_match
        if condition is not None and not any(tag.value in {"*", str(etag)} for tag in condition):
            raise ProblemError(
                412,
                "Precondition failed",
                f'If-Match names another state than the current one, which has the ETag "{etag}":'
                " read the resource again and decide anew",
                type="urn:mano:problem:stale-etag",
                headers={"ETag": f'"{etag}"'},
            )


ROOTS: web.AppKey[frozenset[str]] = web.AppKey("ROOTS", frozenset)
"""Of all APIs of an application."""
CLOSING = web.AppKey("CLOSING", asyncio.Event)
"""Set when the server stops, so that nobody is kept waiting."""
