"""A request as a handler sees it: routed, of an accepted version, its body converted and checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from aiohttp import web

from mano_runtime.rest.problems import ProblemError

if TYPE_CHECKING:
    from mano_runtime.rest.api import Api

Body_co = TypeVar("Body_co", covariant=True)  # a call is only read

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What an API offers at one path for one method."""

    method: str
    path: str
    """Below the root of the API, with ``{names}`` of the variables."""
    handler: Callable[[Call[Any]], Awaitable[web.StreamResponse]]
    body: Any = None
    """Type that the JSON body is converted to; None: a body is not read."""
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
    def marker(self) -> str | None:
        """Where the wanted page of a list begins: what the last page gave as its ``next``; None for the first."""
        return self.query.get("nextpage_opaque_marker")

    @property
    def page_size(self) -> int:
        """How many entries a page of a list shall have."""
        return self.request.app[PAGE_SIZE]

    @property
    def origin(self) -> str:
        """Scheme, host and port by which the client reached us: the beginning of every URL that it gets."""
        return str(self.request.url.origin())

    def url(self, path: str = "") -> str:
        """Return the absolute URL of ``path`` (``/vnf_instances/..``) below the root of this API."""
        return f"{self.origin}{self.api.root}{path}"

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


PAGE_SIZE = web.AppKey("PAGE_SIZE", int)
