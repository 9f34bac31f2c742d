"""How the SOL001 descriptors of the corpus are judged in mode ``etsi``, as a page of the reference.

Run this file to write it: ``python tests/contract/descriptors/descriptor_conformance.py``. A test holds them equal.
So it does with the list of all files that are accepted, which is a ratchet.
Copies count once: packages of one project often carry the same descriptor. What only the archive, its manifest or its
signatures get wrong is not the descriptor's fault; it is judged by other tests.
"""

import functools
import hashlib
import os
import re
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from descriptors.onboarding import Onboarded, read_package

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "conformance" / "descriptors.md"
RATCHET = ROOT / "tests" / "data" / "descriptors" / "accepted.txt"
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
NFV = ("vnfd", "nsd", "pnfd")
_ABOUT_PACKAGES = ("csar-", "manifest-", "meta-", "signature-", "trust-", "document-")
_ON_PURPOSE = ("invalid", "error", "unsupported", "missing", "wrong", "incorrect", "non_", "_bad", "broken")
_OF_ARCHIVES = "onap-vnfsdk-validation"  # but for "_bad", names there tell what is wrong with the archive
_IMPORTED = re.compile(rb"^\s*-\s+(?:\w+:\s*)?(?:file:\s*)?[\"']?([\w./-]+\.ya?ml)\b", re.MULTILINE)
_INTRODUCTION = """\
# Descriptors of other projects

The SOL001 descriptors (VNFDs, NSDs, PNFDs) of the corpus, packages and single files, judged in mode `etsi`. Written by
`tests/contract/descriptors/descriptor_conformance.py`. Not counted are

* copies: each text counts once;
* single files that another file of the project imports: they are no descriptors of their own;
* what its project broke on purpose, told by its name, and what imports files that nobody has: both are listed below;
* what is older than SOL001 and has types of the same names (TOSCA's profile for NFV, OPEN-O).

Templates that have VDUs and links but no VNF, and so no identity, are parts of descriptors; they are read as
topologies, and nothing can be onboarded from them alone.

| project | descriptors | accepted | of these as a topology |
| --- | --- | --- | --- |
"""


class Verdict(NamedTuple):
    """What became of one descriptor."""

    kind: str
    errors: list[str]
    """Those that are the descriptor's own."""
    incomplete: bool
    """Whether it imports what is not there, and misses it."""
    on_purpose: bool
    """Whether its name says that it is broken."""


def errors_of(onboarded: Onboarded) -> list[str]:
    """Return code and message of the errors that are the descriptor's own."""
    return [
        f"`{finding.code}` {finding.message}"
        for finding in onboarded.diagnostics
        if finding.severity == "error" and not finding.code.startswith(_ABOUT_PACKAGES)
    ]


def is_nfv(path: Path, onboarded: Onboarded) -> bool:
    """Whether a package is a descriptor, or a part of one: a topology of SOL001's types."""
    if onboarded.kind not in (*NFV, "topology"):
        return False
    if path.suffix in (".yaml", ".yml"):
        text = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            entry = onboarded.entry_definitions
            text = next((archive.read(name) for name in archive.namelist() if name.endswith(entry)), b"")
    if b"tosca_definitions_version" not in text:
        return False  # in the language of SONATA
    if onboarded.kind != "topology":
        return True
    older = b"profile_for_nfv" in text or b"csarType:" in text  # TOSCA's own profile for NFV, and OPEN-O
    return b"node_templates:" in text and b"type: tosca.nodes.nfv.V" in text and not older


def broken_on_purpose(project: str, inside: str) -> bool:
    """Whether a descriptor's name says that its project made it to be refused, by some tool or at some step."""
    words = ("_bad",) if project == _OF_ARCHIVES else _ON_PURPOSE
    return any(word in inside.lower() for word in words)


def imported_by_others(project: Path) -> frozenset[str]:
    """Return the names of the single files of a project that others of them import, be it by laying them together."""
    files = [path for path in project.rglob("*") if path.suffix in (".yaml", ".yml")]
    return frozenset(Path(name.decode()).name for path in files for name in _IMPORTED.findall(path.read_bytes()))


def corpus() -> list[Path]:
    """Return the packages and single files."""
    return sorted(path for path in CORPUS.rglob("*") if path.suffix in (".csar", ".zip", ".yaml", ".yml"))


@functools.cache
def reading(path: Path) -> Onboarded:
    """Return what is read in a package, or in a file with those beside it; once for all tests of a process."""
    return read_package(path, siblings=True)


def accepted() -> list[str]:
    """Return the paths of all files without an error, those that are no descriptors of NFV included."""
    return [path.relative_to(CORPUS).as_posix() for path in corpus() if not reading(path).failed]


def judged() -> dict[str, dict[str, Verdict]]:
    """Return the verdict on each descriptor by project and path, one for all copies."""
    seen = set()
    result: dict[str, dict[str, Verdict]] = defaultdict(dict)
    imported = functools.cache(imported_by_others)
    for path in corpus():
        project, inside = path.relative_to(CORPUS).parts[1], "/".join(path.relative_to(CORPUS).parts[2:])
        onboarded = reading(path)
        if not is_nfv(path, onboarded):
            continue
        wanted = {file.path: file.sha256 for file in onboarded.artifacts}
        parts = sorted(wanted.get(name, name) for name in onboarded.definitions)
        if path.suffix in (".yaml", ".yml"):
            if path.name in imported(CORPUS / "templates" / project):
                continue
            parts = [hashlib.sha256(path.read_bytes()).hexdigest()]
        key = tuple(parts)
        if key not in seen:
            seen.add(key)
            errors = errors_of(onboarded)
            incomplete = any(error.startswith("`tosca-import-missing`") for error in errors)
            result[project][inside] = Verdict(onboarded.kind, errors, incomplete, broken_on_purpose(project, inside))
    return result


def page(verdicts: dict[str, dict[str, Verdict]]) -> str:
    """Return the page."""
    rows, refused, incomplete, on_purpose = [], [], [], []
    sums = [0, 0, 0]
    for project, descriptors in sorted(verdicts.items()):
        counted = {path: v for path, v in descriptors.items() if not v.on_purpose and not v.incomplete}
        good = [verdict.kind for verdict in counted.values() if not verdict.errors]
        counts = [len(counted), len(good), good.count("topology")]
        sums = [whole + count for whole, count in zip(sums, counts, strict=True)]
        if counted:
            rows.append(f"| {project} | {counts[0]} | {counts[1]} | {counts[2]} |")
        refused += [f"* `{project}/{path}`: {verdict.errors[0]}" for path, verdict in counted.items() if verdict.errors]
        for path, verdict in descriptors.items():
            if verdict.on_purpose:
                on_purpose.append(f"* `{project}/{path}`: {verdict.errors[0] if verdict.errors else 'accepted'}")
            elif verdict.incomplete:
                absent = next(error for error in verdict.errors if error.startswith("`tosca-import-missing`"))
                incomplete.append(f"* `{project}/{path}`: {absent}")
    rows.append(f"| all | {sums[0]} | {sums[1]} ({100 * sums[1] / max(sums[0], 1):.1f} %) | {sums[2]} |")
    return (
        _INTRODUCTION
        + "\n".join(rows)
        + _chapter("Refused, and why", refused)
        + _chapter("Refused for files that nobody has", incomplete)
        + _chapter("Broken on purpose, and what is said of it", on_purpose)
    )


def _chapter(title: str, lines: list[str]) -> str:
    return f"\n\n## {title}\n\n" + ("\n".join(lines) if lines else "None.") + "\n" * (title[0] == "B")


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(judged()))
    RATCHET.write_text("".join(f"{path}\n" for path in accepted()))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} and {RATCHET.relative_to(ROOT)} written\n")
