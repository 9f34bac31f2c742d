"""Contents and files of the catalogue over HTTP, the same for VNF packages and NSD archives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, accepted, file, no_content, ok
from mano_runtime.storage import StaleDocumentError
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Kind, OperationalState
from nfvo.catalogue.refusals import too_large, upload_broken
from nfvo.sol005.general import KeyValuePairs

ARCHIVE_TYPES = ("application/zip", "application/octet-stream", "application/x-zip-compressed")
"""What an upload may call itself; what it is decides its content."""
ZIP = "application/zip"
TEXT = "text/plain"
ANY = "application/octet-stream"
CHUNK = 1 << 20
Find = Callable[[Call[None]], Awaitable[str]]
"""From a request to the identifier of the entry that it is about; ProblemError 404 when there is none."""


def serve_contents(api: Api, catalogue: Catalogue, kind: Kind, *, entry: str, content: str, descriptor: str) -> None:
    """Declare on ``api`` the resources below an entry of the catalogue that hold its content and files of it.

    ``entry`` is the entry's own path, whose one variable is its identifier; ``content`` and ``descriptor`` are the
    names that the standard gives to the whole content and to the descriptor in it.
    """
    variable = entry[entry.index("{") + 1 : -1]

    @api.put(f"{entry}/{content}", raw=True, accepts=ARCHIVE_TYPES, status=202)
    async def upload(call: Call[None]) -> web.StreamResponse:
        """Answer 202 once the body is stored; it is processed afterwards."""
        announced = call.request.content_length
        if announced is not None and announced > catalogue.upload_limit:
            raise too_large(catalogue.upload_limit)
        await catalogue.upload(kind, call.path[variable], _chunks(call.request))
        return accepted(call)

    async def named(call: Call[None]) -> str:
        return call.path[variable]

    serve_files(api, catalogue, kind, named, entry=entry, content=content, descriptor=descriptor)

    @api.delete(entry)
    async def delete(call: Call[None]) -> web.StreamResponse:
        await catalogue.delete(kind, call.path[variable])
        return no_content(call)


def serve_files(
    api: Api, catalogue: Catalogue, kind: Kind, find: Find, *, entry: str, content: str, descriptor: str
) -> None:
    """Declare on ``api`` what can be read below an entry of the catalogue, whose identifier ``find`` returns."""

    @api.get(f"{entry}/{content}", produces=(ZIP,))
    async def read_content(call: Call[None]) -> web.StreamResponse:
        return await file(call, await catalogue.content(kind, await find(call)), ZIP)

    @api.get(f"{entry}/{descriptor}", produces=(TEXT, ZIP))
    async def read_descriptor(call: Call[None]) -> web.StreamResponse:
        """Answer with text when the descriptor is one file, with a zip archive when it is several."""
        path = await catalogue.descriptor_files(kind, await find(call))
        media_type = ZIP if path.suffix == ".zip" else TEXT
        _check_acceptable(call, media_type)
        return await file(call, path, media_type)

    @api.get(f"{entry}/manifest", produces=(TEXT,))
    async def read_manifest(call: Call[None]) -> web.StreamResponse:
        return await file(call, await catalogue.manifest(kind, await find(call)), TEXT)

    @api.get(f"{entry}/artifacts/{{artifactPath:.+}}", produces=(TEXT, ANY))
    async def read_artifact(call: Call[None]) -> web.StreamResponse:
        name = call.path["artifactPath"]
        media_type = TEXT if Path(name).suffix.lower() in _TEXTS else ANY
        return await file(call, await catalogue.file(kind, await find(call), name), media_type)


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


def _check_acceptable(call: Call[Any], media_type: str) -> None:
    """Refuse with 406 when the client accepts other types than the one that there is."""
    wanted: Collection[str] = [
        item.partition(";")[0].strip() for line in call.request.headers.getall("Accept", ()) for item in line.split(",")
    ]
    if wanted and not {media_type, media_type.partition("/")[0] + "/*", "*/*"} & set(wanted):
        raise ProblemError(
            406,
            "Not acceptable",
            f"the Accept header asks for {', '.join(wanted)}; this is available as {media_type}",
            type="urn:mano:problem:not-acceptable",
        )


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    received = 0
    try:
        async for chunk in request.content.iter_chunked(CHUNK):
            received += len(chunk)
            yield chunk
    except (aiohttp.ClientError, ConnectionError, web.HTTPException) as error:
        raise upload_broken(received) from error


_TEXTS = frozenset({".yaml", ".yml", ".mf", ".meta", ".txt", ".md", ".sh", ".py", ".json"})
