"""An API: routes below a root, in one major version, as a table that the application serves.

api = Api("vnflcm", version="2.3.0", root="/vnflcm/v2")

@api.post("/vnf_instances", body=CreateVnfRequest)
async def create_vnf(call: Call[CreateVnfRequest]) -> web.StreamResponse:
    ...
    return created(call, representation, location=f"/vnf_instances/{id}", etag=1)

@api.collection("/vnf_instances", omitted=("instantiatedVnfInfo",))
async def list_vnfs(call: Call[None]) -> web.StreamResponse:
    return listing(call, items, next=marker)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar, overload

from aiohttp import web

from mano_runtime.rest.call import Call, Route
from mano_runtime.rest.media_types import JSON, MERGE_PATCH
from mano_runtime.rest.paging import MARKER
from mano_runtime.rest.selectors import SELECTORS
from mano_runtime.rest.versions import major
from mano_runtime.security.scopes import permission as usual_permission

B = TypeVar("B")
Handler = Callable[[Call[B]], Awaitable[web.StreamResponse]]
Decorator = Callable[[Handler[B]], Handler[B]]

LIST_PARAMETERS = SELECTORS | {"filter", MARKER}


class Verb:
    """Declares routes of one HTTP method; ``api.get``, ``api.post``, ... are verbs."""

    def __init__(self, api: Api, method: str) -> None:
        self._api = api
        self._method = method

    @overload
    def __call__(
        self,
        path: str,
        *,
        body: None = None,
        raw: bool = False,
        accepts: Collection[str] | None = None,
        produces: Collection[str] = (JSON,),
        query: Iterable[str] = (),
        permission: str = "",
        answer: Any = None,
        status: int = 0,
        also: Iterable[int] = (),
    ) -> Decorator[None]: ...

    @overload
    def __call__(
        self,
        path: str,
        *,
        body: type[B],
        accepts: Collection[str] | None = None,
        produces: Collection[str] = (JSON,),
        query: Iterable[str] = (),
        permission: str = "",
        answer: Any = None,
        status: int = 0,
        also: Iterable[int] = (),
    ) -> Decorator[B]: ...

    def __call__(
        self,
        path: str,
        *,
        body: Any = None,
        raw: bool = False,
        accepts: Collection[str] | None = None,
        produces: Collection[str] = (JSON,),
        query: Iterable[str] = (),
        permission: str = "",
        answer: Any = None,
        status: int = 0,
        also: Iterable[int] = (),
    ) -> Decorator[Any]:
        """Declare the decorated coroutine function as the handler of ``path``.

        ``body``: type that the JSON body is converted to; None leaves the body unread. ``raw``: the handler
        streams ``call.request.content`` itself; ``accepts`` then names its media types (any when omitted).
        ``produces``: media types of the answer. ``query``: the query parameters that the handler reads; others
        are refused. A PATCH accepts merge-patch as well as plain JSON. ``permission``: what the client needs, where
        it is not what the method does to the resource that the path begins with (``security.scopes.permission``).
        For the OpenAPI document: ``answer`` is the type of the answer's JSON body, ``status`` its code where it is not
        what the method has as a rule (201 for a POST with an answer, 202 without), ``also`` other codes of success.
        """
        media_types = accepts if accepts is not None else () if raw else _json_types(self._method)

        def declare(handler: Handler[Any]) -> Handler[Any]:
            self._api.add(
                Route(
                    method=self._method,
                    path=path,
                    handler=handler,
                    body=body,
                    accepts=media_types,
                    produces=produces,
                    query=frozenset(query),
                    permission=permission or usual_permission(self._method, path),
                    raw=raw,
                    answer=answer,
                    status=status or _usual_status(self._method, answer),
                    also=tuple(also),
                )
            )
            return handler

        return declare


def _usual_status(method: str, answer: Any) -> int:
    match method:
        case "POST":
            return 202 if answer is None else 201
        case "DELETE":
            return 204
    return 200


def _json_types(method: str) -> tuple[str, ...]:
    return (MERGE_PATCH, JSON) if method == "PATCH" else (JSON,)


class Api:
    """The routes of one API in one major version; a plain table until the application serves it."""

    def __init__(self, name: str, *, version: str, root: str) -> None:
        """Make an API without routes.

        ``version`` (``2.3.0``) is what the ``Version`` header says; ``root`` is ``/<name>/v<major>``.
        """
        self.name = name
        self.version = version
        self.root = root
        self.routes: list[Route] = []
        self.get = Verb(self, "GET")
        self.post = Verb(self, "POST")
        self.put = Verb(self, "PUT")
        self.patch = Verb(self, "PATCH")
        self.delete = Verb(self, "DELETE")

    def scope(self, route: Route) -> str:
        """Return the scope that a token must have for ``route`` (SOL013 clause 8)."""
        return f"{self.name}:v{major(self.version)}:{route.permission}"

    def add(self, route: Route) -> None:
        """Serve ``route``; the same method and path twice is a ValueError."""
        if any((known.method, known.path) == (route.method, route.path) for known in self.routes):
            msg = f"{route.method} {self.root}{route.path} is declared twice"
            raise ValueError(msg)
        self.routes.append(route)

    def collection(
        self,
        path: str,
        *,
        omitted: Iterable[str] = (),
        kept: Iterable[str] = (),
        query: Iterable[str] = (),
        indexed: Mapping[str, str] | None = None,
        answer: Any = None,
    ) -> Decorator[None]:
        """Declare the decorated handler as the GET of a list; it answers with :func:`listing`.

        The client may filter, select and page it (SOL013 5.2 to 5.4). ``omitted``: attributes that a plain list
        leaves out; ``kept``: structured attributes that the data model requires, so that no selector removes
        them; ``query``: further parameters; ``indexed``: attributes whose values storage finds quickly, with their
        columns, for a handler that gives ``call.equal`` to storage; ``answer``: the type of an entry.
        """

        def declare(handler: Handler[None]) -> Handler[None]:
            self.add(
                Route(
                    method="GET",
                    path=path,
                    handler=handler,
                    query=LIST_PARAMETERS | frozenset(query),
                    permission=usual_permission("GET", path),
                    collection=True,
                    answer=answer,
                    omitted=tuple(omitted),
                    kept=frozenset(kept) | {"_links"},
                    indexed=indexed or {},
                )
            )
            return handler

        return declare
