"""What can be read of an onboarded entry over HTTP, the same for every kind of content."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, Release, file
from nfvo.catalogue import selection
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.content import Content
from nfvo.catalogue.entries import Kind
from nfvo.catalogue.refusals import unknown_file
from nfvo.catalogue.selection import Files

ZIP = "application/zip"
TEXT = "text/plain"
ANY = "application/octet-stream"
SIGNATURES = "include_signatures"
"""Flag of a query: signatures and certificates go with what is asked for."""
Find = Callable[[Call[None]], Awaitable[str]]
"""From a request to the identifier of the entry that it is about; ProblemError 404 when there is none."""
_TEXTS = frozenset({".yaml", ".yml", ".mf", ".meta", ".txt", ".md", ".sh", ".py", ".json"})


def serve_files(
    api: Api,
    catalogue: Catalogue,
    kind: Kind,
    find: Find,
    release: Release,
    *,
    entry: str,
    content: str,
    descriptor: str,
    single: bool = False,
) -> None:
    """Declare on ``api`` what can be read below an entry of the catalogue, whose identifier ``find`` returns.

    ``entry`` is the entry's own path; ``content`` and ``descriptor`` are the names that the standard gives to the
    whole content and to the descriptor in it. ``single``: whether one YAML file may stand for an archive.
    """

    @api.get(f"{entry}/{content}", produces=(ZIP, TEXT) if single else (ZIP,))
    async def read_content(call: Call[None]) -> web.StreamResponse:
        """Answer with what was uploaded: a zip archive, or the one file that stands for it."""
        path = (await catalogue.opened(kind, await find(call))).path
        media_type = TEXT if single and not await asyncio.to_thread(zipfile.is_zipfile, path) else ZIP
        _check_acceptable(call, media_type)
        return await file(call, path, media_type)

    flags = frozenset({SIGNATURES}) - release.lacks
    if descriptor not in release.lacks:
        _serve_descriptor(api, catalogue, kind, find, path=f"{entry}/{descriptor}", flags=flags)
    if "manifest" not in release.lacks:
        _serve_manifest(api, catalogue, kind, find, path=f"{entry}/manifest", flags=flags)
    if "artifacts/{artifactPath}" not in release.lacks:
        _serve_artifact(api, catalogue, kind, find, path=f"{entry}/artifacts/{{artifactPath:.+}}", flags=flags)


def _serve_descriptor(
    api: Api, catalogue: Catalogue, kind: Kind, find: Find, *, path: str, flags: frozenset[str]
) -> None:
    @api.get(path, produces=(TEXT, ZIP), query=flags)
    async def read_descriptor(call: Call[None]) -> web.StreamResponse:
        """Answer with text when the descriptor is one file and that will do, with a zip archive else."""
        opened = await catalogue.opened(kind, await find(call))
        documents, signatures = selection.documents(opened.onboarded), SIGNATURES in call.query
        if len(documents) == 1 and not signatures and _accepts(call, TEXT):
            return await file(call, await opened.file(documents[0]), TEXT)
        return await zipped(call, opened, selection.descriptor(opened.onboarded, signatures=signatures))


def _serve_manifest(
    api: Api, catalogue: Catalogue, kind: Kind, find: Find, *, path: str, flags: frozenset[str]
) -> None:
    @api.get(path, produces=(TEXT, ZIP), query=flags)
    async def read_manifest(call: Call[None]) -> web.StreamResponse:
        """Answer with text, or with a zip archive for a client that wants signatures that are not in the manifest."""
        entry_id = await find(call)
        opened = await catalogue.opened(kind, entry_id)
        signatures = SIGNATURES in call.query
        found = selection.manifest(opened.onboarded, signatures=signatures)
        if not found:
            raise unknown_file(kind, entry_id, "manifest")
        if signatures:
            _check_acceptable(call, ZIP)
        if len(found) == 1 and _accepts(call, TEXT):
            return await file(call, await opened.file(found[0]), TEXT)
        return await zipped(call, opened, found)


def _serve_artifact(
    api: Api, catalogue: Catalogue, kind: Kind, find: Find, *, path: str, flags: frozenset[str]
) -> None:
    @api.get(path, produces=(TEXT, ANY, ZIP), query=flags)
    async def read_artifact(call: Call[None]) -> web.StreamResponse:
        """Answer with the file; with a zip archive for a client that wants its signature, too."""
        entry_id, name = await find(call), call.path["artifactPath"]
        opened = await catalogue.opened(kind, entry_id)
        signatures = SIGNATURES in call.query
        found = opened.found(name, signatures=signatures)
        if not found:
            raise unknown_file(kind, entry_id, name)
        if signatures:
            return await zipped(call, opened, found)
        media_type = TEXT if Path(name).suffix.lower() in _TEXTS else ANY
        return await file(call, await opened.file(found[0]), media_type)


async def zipped(call: Call[Any], content: Content, files: Files) -> web.StreamResponse:
    """Answer with a zip archive of files of the content; ProblemError 406 when the client takes none."""
    _check_acceptable(call, ZIP)
    return await file(call, await content.archive(files), ZIP)


def _accepts(call: Call[Any], media_type: str) -> bool:
    """Whether the client takes this type."""
    wanted = _wanted(call)
    return not wanted or bool({media_type, media_type.partition("/")[0] + "/*", "*/*"} & wanted)


def _check_acceptable(call: Call[Any], media_type: str) -> None:
    """Refuse with 406 when the client accepts other types than the one that there is."""
    if not _accepts(call, media_type):
        raise ProblemError(
            406,
            "Not acceptable",
            f"the Accept header asks for {', '.join(sorted(_wanted(call)))}; this is available as {media_type}",
            type="urn:mano:problem:not-acceptable",
        )


def _wanted(call: Call[Any]) -> set[str]:
    ranges = ",".join(call.request.headers.getall("Accept", ())).lower().split(",")
    return {item.partition(";")[0].strip() for item in ranges} - {""}
