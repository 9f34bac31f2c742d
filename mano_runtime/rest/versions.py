"""API versions (SOL013 9): which versions are served, told at both levels of the tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from mano_runtime.rest.problems import mistaken_query

if TYPE_CHECKING:
    from mano_runtime.rest.api import Api


class ApiVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One version that is served."""

    version: str
    is_deprecated: bool = False


class ApiVersionInformation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of ``api_versions``."""

    uri_prefix: str
    api_versions: tuple[ApiVersion, ...]


def major(version: str) -> int:
    """Return the part of a version that changes when clients have to (SOL013 9.1.2)."""
    return int(version.partition(".")[0])


def version_routes(apis: Sequence[Api]) -> list[web.RouteDef]:
    """Return ``<root>/api_versions`` of every API and ``/<name>/api_versions`` over its major versions."""
    routes = [_resource(api.root, [api]) for api in apis]
    above = {api.root.rpartition("/")[0] for api in apis}
    return routes + [
        _resource(prefix, [api for api in apis if api.root.rpartition("/")[0] == prefix]) for prefix in sorted(above)
    ]


def _resource(prefix: str, apis: Sequence[Api]) -> web.RouteDef:
    async def api_versions(request: web.Request) -> web.Response:
        if request.query:
            raise mistaken_query(f"this resource has no query parameter {next(iter(request.query))!r}; it takes none")
        information = ApiVersionInformation(
            uri_prefix=f"{request.url.origin()}{prefix}",
            api_versions=tuple(ApiVersion(version=version) for version in sorted({api.version for api in apis})),
        )
        return web.Response(body=msgspec.json.encode(information), content_type="application/json")

    return web.get(f"{prefix}/api_versions", api_versions)
