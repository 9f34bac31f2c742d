"""Which document of a package is meant: a descriptor itself, or one that ``project.yml`` lists."""

from __future__ import annotations

import posixpath
from typing import Literal

import msgspec

from descriptors.csar import Archive, read_document
from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.model.nsd import Nsd
from descriptors.model.vnfd import Vnfd
from descriptors.sonata.fields import Fields
from descriptors.sonata.nsd import read_service
from descriptors.sonata.vnfd import read_function
from descriptors.tosca.documents import Document, Reporter, parse

Kind = Literal["vnfd", "nsd"]
_TYPES: dict[str, Kind] = {"application/vnd.5gtango.vnfd": "vnfd", "application/vnd.5gtango.nsd": "nsd"}


class Sonata(msgspec.Struct, frozen=True, kw_only=True):
    """What was read; the model is of use only if nothing among the diagnostics is an error."""

    kind: Kind | Literal[""]
    vnfd: Vnfd | None = None
    nsd: Nsd | None = None
    documents: tuple[str, ...] = ()
    """The descriptor first, then the project that lists it."""


def recognise(
    archive: Archive, entry: str, limits: Limits, diagnostics: Diagnostics, expect: str | None
) -> Sonata | None:
    """Read the descriptor that ``entry`` is or lists; None when it is not in this language."""
    if b"tosca_definitions_version" in next(archive.stream(entry), b""):
        return None
    aside = Diagnostics()
    document = _parsed(archive, entry, limits, aside)
    if document is None or not isinstance(document.root, dict):
        return None
    kind = _kind(document)
    if kind:
        diagnostics.found.extend(aside.found)
        return _read(document, kind, diagnostics, ())
    if "descriptor_extension" not in document.root and not {"package", "files"} <= document.root.keys():
        return None
    return _of_project(archive, document, limits, diagnostics, expect)


def _parsed(archive: Archive, name: str, limits: Limits, diagnostics: Diagnostics) -> Document | None:
    data = read_document(archive, name, limits, diagnostics)
    return parse(name, data, limits, diagnostics) if data is not None else None


def _kind(document: Document) -> Kind | None:
    schema = str(document.root.get("descriptor_schema", "")).rsplit("/", 1)[-1]
    if schema.startswith("vnfd-schema"):
        return "vnfd"
    return "nsd" if schema.startswith("nsd-schema") else None


def _read(document: Document, kind: Kind, diagnostics: Diagnostics, above: tuple[str, ...]) -> Sonata:
    fields = Fields(document.root, Reporter(document, diagnostics))
    documents = (document.file, *above)
    if kind == "vnfd":
        return Sonata(kind=kind, vnfd=read_function(fields), documents=documents)
    return Sonata(kind=kind, nsd=read_service(fields), documents=documents)


def _of_project(
    archive: Archive, project: Document, limits: Limits, diagnostics: Diagnostics, expect: str | None
) -> Sonata:
    """Read the service of a project, or its only function; a package is one descriptor."""
    fields = Fields(project.root, Reporter(project, diagnostics))
    listed = [
        (_TYPES[kind], posixpath.normpath(path), item)
        for item in fields.each("files", required=True)
        if (kind := item.text("type")) in _TYPES and (path := item.text("path", required=True))
    ]
    wanted = expect or ("nsd" if any(kind == "nsd" for kind, _, _ in listed) else "vnfd")
    chosen = [entry for entry in listed if entry[0] == wanted]
    if len(chosen) != 1:
        fields.report.error(
            "sonata-no-descriptor",
            f"the project lists {len(chosen)} descriptors of kind {wanted}; a package is one",
            ("files",),
            hint="onboard each descriptor as a package of its own",
        )
        return Sonata(kind="", documents=(project.file,))
    kind, path, item = chosen[0]
    for _, other, place in listed:
        if other != path:
            fields.report.warning(
                "sonata-other-descriptor", f"{other} is not read: onboard it as a package of its own", place.path
            )
    document = _parsed(archive, path, limits, diagnostics) if archive.reach(path) else None
    if document is None or _kind(document) != kind:
        fields.report.error("sonata-no-descriptor", f"{path} is no descriptor of kind {kind}", item.path)
        return Sonata(kind="", documents=(project.file,))
    return _read(document, kind, diagnostics, (project.file,))
