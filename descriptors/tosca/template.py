"""A service template: every topology that the entry document and its imports hold, checked."""

from __future__ import annotations

import msgspec

from descriptors.csar import Archive
from descriptors.diagnostics import Diagnostics, Severity
from descriptors.limits import Limits
from descriptors.tosca import builtin
from descriptors.tosca.documents import Document, Reporter
from descriptors.tosca.imports import Loader, Sources
from descriptors.tosca.topology import Topology, read_topology
from descriptors.tosca.types import Type, Types, check_types

VERSIONS = ("tosca_simple_yaml_1_", "tosca_simple_profile_for_nfv_", "tosca_simple_profile_yaml_1_", "tosca_2_0")
"""How the values of tosca_definitions_version that are understood begin."""


class ServiceTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """What was read."""

    topologies: tuple[Topology, ...]
    """The entry's first, when it has one."""
    documents: tuple[str, ...]
    """Paths of what was parsed, and of the type files that built-in types stand for."""
    release: str
    node_types: tuple[Type, ...] = ()
    """Those that the package defines itself."""


def read_template(archive: Archive, entry: str, limits: Limits, diagnostics: Diagnostics) -> ServiceTemplate | None:
    """Read a service template; None when its entry cannot be parsed or is not TOSCA."""
    loader = Loader(archive, limits, diagnostics)
    sources = loader.load(entry)
    if sources is None or not _is_tosca(sources.documents[0], diagnostics):
        return None
    for document in sources.documents[1:]:
        _is_tosca(document, diagnostics, imported=True)

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
    if document.version.startswith(VERSIONS):
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
