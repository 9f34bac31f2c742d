"""Contents of the catalogue over HTTP, the same for VNF packages, NSD archives and PNFD archives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, Release, accepted, no_content, ok
from mano_runtime.storage import StaleDocumentError
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Kind, OperationalState
from nfvo.catalogue.refusals import too_large, upload_broken
from nfvo.sol005.files import serve_files
from nfvo.sol005.general import KeyValuePairs

ARCHIVE_TYPES = ("application/zip", "application/octet-stream", "application/x-zip-compressed")
"""What an upload may call itself; what it is decides its content."""
SINGLE_TYPES = ("text/plain", "application/yaml", "application/x-yaml", "text/yaml")
"""And what one YAML file may call itself that stands for an archive."""
CHUNK = 1 << 20


def serve_contents(
    api: Api,
    catalogue: Catalogue,
    kind: Kind,
    release: Release,
    *,
    entry: str,
    content: str,
    descriptor: str,
    single: bool = False,
) -> None:
    """Declare on ``api`` the resources below an entry of the catalogue that hold its content and files of it.

    ``entry`` is the entry's own path, whose one variable is its identifier; ``content`` and ``descriptor`` are the
    names that the standard gives to the whole content and to the descriptor in it. ``single``: whether one YAML file
    may stand for an archive.
    """
    variable = entry[entry.index("{") + 1 : -1]

    accepts = (*ARCHIVE_TYPES, *SINGLE_TYPES) if single else ARCHIVE_TYPES

    @api.put(f"{entry}/{content}", raw=True, accepts=accepts, status=202)
    async def upload(call: Call[None]) -> web.StreamResponse:
        """Answer 202 once the body is stored; it is processed afterwards."""
        announced = call.request.content_length
        if announced is not None and announced > catalogue.upload_limit:
            raise too_large(catalogue.upload_limit)
        await catalogue.upload(kind, call.path[variable], _chunks(call.request))
        return accepted(call)

    async def named(call: Call[None]) -> str:
        return call.path[variable]

    serve_files(
        api, catalogue, kind, named, release, entry=entry, content=content, descriptor=descriptor, single=single
    )

    @api.delete(entry)
    async def delete(call: Call[None]) -> web.StreamResponse:
        if call.request.if_match is not None:
            call.if_match((await catalogue.get(kind, call.path[variable])).etag)
        await catalogue.delete(kind, call.path[variable])
        return no_content(call)


async def modify(
    call: Call[Any],
    catalogue: Catalogue,
    kind: Kind,
    entry_id: str,
    *,
    operational_state: OperationalState | None,
    user_defined_data: KeyValuePairs | None,
) -> web.StreamResponse:
    """Change what the body of ``call`` asks for, and answer with it; 400 when it asks for nothing."""
    if operational_state is None and user_defined_data is None:
        raise ProblemError(
            400,
            "Nothing to modify",
            "$: give an operational state, userDefinedData or both",
            type="urn:mano:problem:invalid-body",
            attribute="$",
        )
    before = await catalogue.get(kind, entry_id)
    call.if_match(before.etag)
    try:
        after = await catalogue.modify(
            kind,
            entry_id,
            operational_state=operational_state,
            user_defined_data=user_defined_data,
            etag=before.etag if call.request.if_match else None,
        )
    except StaleDocumentError:  # changed in between
        call.if_match((await catalogue.get(kind, entry_id)).etag)
        raise
    return ok(call, call.body, etag=after.etag)


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    received = 0
    try:
        async for chunk in request.content.iter_chunked(CHUNK):
            received += len(chunk)
            yield chunk
    except (aiohttp.ClientError, ConnectionError, web.HTTPException) as error:
        raise upload_broken(received) from error
