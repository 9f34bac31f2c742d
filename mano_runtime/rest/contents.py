"""Files as answers: whole or in part, with constant memory."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

from aiohttp import web

from mano_runtime.rest.call import Call
from mano_runtime.rest.problems import ProblemError

CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


async def file(call: Call[Any], path: Path, media_type: str, *, etag: int | str | None = None) -> web.StreamResponse:
    """Answer with the bytes of a file: 200, or 206 with the range that the client asked for (RFC 9110 14).

    A range that lies outside the file is a 416 that tells its length; several ranges at once are answered with
    the whole, which RFC 9110 14.2 allows. The file must not change while it is read. FileNotFoundError when it
    does not exist.
    """
    request = call.request
    size = (await asyncio.to_thread(path.stat)).st_size
    status, span, headers = _part(request, size, media_type, etag)
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(span)
    await response.prepare(request)
    if request.method != "HEAD":
        await _send(response, path, span)
    await response.write_eof()
    return response


def small_file(call: Call[Any], content: bytes, media_type: str, *, etag: int | str | None = None) -> web.Response:
    """Answer with bytes that are in memory anyway, in the same way as :func:`file`."""
    status, span, headers = _part(call.request, len(content), media_type, etag)
    return web.Response(status=status, body=content[span.start : span.stop], headers=headers)


def _part(
    request: web.Request, size: int, media_type: str, etag: int | str | None
) -> tuple[int, range, dict[str, str]]:
    """Return status, bytes and headers of an answer with what is wanted of so many bytes."""
    part = _wanted(request, size, etag)
    headers = {"Accept-Ranges": "bytes", "Content-Type": media_type}
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return 200 if part is None else 206, part or range(size), headers


async def _send(response: web.StreamResponse, path: Path, span: range) -> None:
    descriptor = await asyncio.to_thread(os.open, path, os.O_RDONLY)
    try:
        for offset in range(span.start, span.stop, CHUNK_BYTES):
            count = min(CHUNK_BYTES, span.stop - offset)
            await response.write(await asyncio.to_thread(os.pread, descriptor, count, offset))
    finally:
        os.close(descriptor)


def _wanted(request: web.Request, size: int, etag: int | str | None) -> range | None:
    """Return the range that the client asks for, or None for the whole."""
    header = request.headers.get("Range", "")
    condition = request.headers.get("If-Range")
    if not header.startswith("bytes=") or "," in header or (condition and condition != f'"{etag}"'):
        return None
    asked = _RANGE.fullmatch(header)
    first, last = asked.groups() if asked else ("", "")
    if first:
        part = range(int(first), min(int(last) + 1, size) if last else size)
    else:
        part = range(max(0, size - int(last or 0)), size)
    if part:
        return part
    raise ProblemError(
        416,
        "Range not satisfiable",
        f"the Range header asks for {header!r} of {size} bytes",
        type="urn:mano:problem:range-not-satisfiable",
        headers={"Content-Range": f"bytes */{size}"},
    )
