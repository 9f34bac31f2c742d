"""A service template: every topology that the entry document and its imports hold, checked."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from descriptors.csar import Archive
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits
from descriptors.model.topology import Topology as Service
from descriptors.tosca import builtin
from descriptors.tosca.documents import Document, Reporter, mapping
from descriptors.tosca.imports import Loader, Sources
from descriptors.tosca.service.reading import read_service
from descriptors.tosca.topology import Topology
from descriptors.tosca.topology_reading import read_topology
from descriptors.tosca.types import Type, Types, check_types

_VERSION = re.compile(r"tosca_2_0|tosca_simple_yaml_1_[0-3](_\d)?|tosca_simple_profile_(for_nfv|yaml)_1_\d(_\d)?")
_NFV = ("tosca.nodes.nfv.VNF", "tosca.nodes.nfv.NS", "tosca.nodes.nfv.PNF")
_NS_LINK = "tosca.nodes.nfv.NsVirtualLink"
_NFV_PROFILE = "tosca_simple_profile_for_nfv_"  # of TOSCA, from before SOL001
_DEEPEST = 64  # generations of types


class ServiceTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""

    topologies: tuple[Topology, ...]
    """The entry's first, when it has one."""
    documents: tuple[str, ...]
    """Paths of what was parsed, and of the type files that built-in types stand for."""
    release: str
    node_types: tuple[Type, ...] = ()
    """Those that the package defines itself."""
    metadata: dict[str, Any] = {}
    """Of the entry document."""
    service: Service | None = None
    """The whole, when it is not about NFV; there are no ``topologies`` then."""


def read_template(archive: Archive, entry: str, limits: Limits, diagnostics: Diagnostics) -> ServiceTemplate | None:
    """Read a service template; None when its entry cannot be parsed or is not TOSCA."""
    loader = Loader(archive, limits, diagnostics)
    sources = loader.load(entry)
    if sources is None or not _is_tosca(sources.documents[0], diagnostics):
        return None
    for document in sources.documents[1:]:
        _is_tosca(document, diagnostics, imported=True)

    if not speaks_nfv(sources):
        return _service(sources, diagnostics)

    def carried() -> list[Document]:
        return [document for name in sources.carried if (document := loader.parse(name))]

    before = _unknown_types(diagnostics)
    types = Types(sources, diagnostics, carried)
    topologies = tuple(
        topology
        for document in sources.documents
        if (topology := read_topology(document, types, diagnostics)) is not None
    )
    check_types(types, diagnostics)
    # A file that is not there matters when something in it is missed.
    _report_unresolved(sources, fatal=_unknown_types(diagnostics) > before or not any(t.nodes for t in topologies))
    return ServiceTemplate(
        topologies=topologies,
        documents=(*(document.file for document in sources.documents), *sources.carried),
        release=sources.release,
        node_types=tuple(
            flat
            for section, name, _, _ in types.own()
            if section == "node_types" and (flat := types.get(section, name)) is not None
        ),
        metadata=mapping(sources.documents[0].root.get("metadata")),
    )


def speaks_nfv(sources: Sources) -> bool:
    """Whether any document has a node template of a VNF, a network service or a PNF, or stands in for one.

    A topology of VDUs and links alone is part of a descriptor, and a service template like any other. A type
    that is not defined may be a vendor's own among ETSI's type files that the package carries: it is taken for one.
    Projects that are older than SOL001 define types of the same names that identify nothing; those are not meant.
    """
    own = {
        name: mapping(raw)
        for document in sources.documents
        for name, raw in mapping(document.root.get("node_types")).items()
    }
    derived = {name: raw.get("derived_from") for name, raw in own.items()}
    meant = {name for name in _NFV if name not in own or _identifies(own[name])} | {_NS_LINK} - own.keys()
    for document in sources.documents:
        topology = mapping(document.root.get("topology_template"))
        if document.version.startswith(_NFV_PROFILE):
            continue
        names = [mapping(raw).get("type") for raw in mapping(topology.get("node_templates")).values()]
        names.append(mapping(topology.get("substitution_mappings")).get("node_type"))
        for _ in range(_DEEPEST):
            known = {name for name in names if isinstance(name, str)}
            if any(name.replace(":", ".") in meant for name in known):
                return True
            if sources.carried and any(name not in derived and not name.startswith("tosca.") for name in known):
                return True
            names = [derived.get(name) for name in known]
    return False


def _identifies(definition: dict[str, Any]) -> bool:
    """Whether a definition of a VNF, a network service or a PNF has what SOL001 identifies one by."""
    return "descriptor_id" in mapping(definition.get("properties")) or definition.get("derived_from") in _NFV


def _service(sources: Sources, diagnostics: Diagnostics) -> ServiceTemplate:
    before = _unknown_types(diagnostics)
    service = read_service(sources, diagnostics)
    _report_unresolved(sources, fatal=_unknown_types(diagnostics) > before or not service.nodes)
    return ServiceTemplate(
        topologies=(),
        documents=(*(document.file for document in sources.documents), *sources.carried),
        release=sources.release,
        service=service,
    )


def _is_tosca(document: Document, diagnostics: Diagnostics, *, imported: bool = False) -> bool:
    reporter = Reporter(document, diagnostics)
    if "tosca_definitions_version" not in document.root:
        if imported:
            reporter.warning("tosca-no-version", "tosca_definitions_version is missing", ())
            return True
        reporter.error(
            "tosca-no-version",
            "this is not TOSCA: tosca_definitions_version is missing",
            (),
            hint="begin with tosca_definitions_version: tosca_simple_yaml_1_3",
        )
        return False
    if _VERSION.fullmatch(document.version):
        return True
    message = f"tosca_definitions_version {document.version} is not known"
    if imported:
        reporter.warning("tosca-unknown-version", message, ("tosca_definitions_version",))
        return True
    reporter.error("tosca-unknown-version", message, ("tosca_definitions_version",))
    return False


def _unknown_types(diagnostics: Diagnostics) -> int:
    return sum(f.code == "tosca-unknown-type" and f.severity is Severity.ERROR for f in diagnostics.found)


def _report_unresolved(sources: Sources, *, fatal: bool) -> None:
    for missing in sources.unresolved:
        report = missing.reporter.error if fatal else missing.reporter.warning
        where = "addresses are not followed" if "://" in missing.name else "it is not in the package"
        report(
            "tosca-import-missing",
            f"import {missing.name} leads nowhere: {where}",
            missing.path,
            hint=f"carry it in the package; built in are ETSI's type files of {', '.join(builtin.RELEASES)}",
        )
