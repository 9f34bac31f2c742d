"""How the SOL001 descriptors of the corpus are judged in mode ``etsi``, as a page of the reference.

Run this file to write it: ``python tests/contract/descriptors/descriptor_conformance.py``. A test holds them equal.
Copies count once: packages of one project often carry the same descriptor. What only the archive, its manifest or its
signatures get wrong is not the descriptor's fault; it is judged by other tests.
"""

import hashlib
import os
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

from descriptors.onboarding import Onboarded, read_package

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "conformance" / "descriptors.md"
CORPUS = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared")) / "corpus" / "open"
NFV = ("vnfd", "nsd", "pnfd")
_ABOUT_PACKAGES = ("csar-", "manifest-", "meta-", "signature-", "trust-", "document-")
_ON_PURPOSE = ("invalid", "error", "unsupported", "missing", "wrong", "incorrect", "non_", "_bad", "broken")
_OF_ARCHIVES = ("onap-vnfsdk-validation",)  # their names tell what is wrong with the archive
_INTRODUCTION = """\
# Descriptors of other projects

The SOL001 descriptors (VNFDs, NSDs, PNFDs) of the corpus, packages and single files, judged in mode `etsi`. Copies
count once, and what is broken on purpose (by its name) does not count. Written by
`tests/contract/descriptors/descriptor_conformance.py`.

Templates that have VDUs and links but no VNF, and so no identity, are parts of descriptors; they are read as
topologies.

| project | descriptors | accepted | of these as a topology |
| --- | --- | --- | --- |
"""


def errors_of(onboarded: Onboarded) -> list[str]:
    """Return code and message of the errors that are the descriptor's own."""
    return [
        f"`{finding.code}` {finding.message}"
        for finding in onboarded.diagnostics
        if finding.severity == "error" and not finding.code.startswith(_ABOUT_PACKAGES)
    ]


def is_nfv(path: Path, onboarded: Onboarded) -> bool:
    """Whether a package is a descriptor, or a part of one: a topology of SOL001's types."""
    if onboarded.kind != "topology":
        return onboarded.kind in NFV
    if path.suffix in (".yaml", ".yml"):
        text = path.read_bytes()
    else:
        with zipfile.ZipFile(path) as archive:
            entry = onboarded.entry_definitions
            text = next((archive.read(name) for name in archive.namelist() if name.endswith(entry)), b"")
    return b"node_templates:" in text and b"type: tosca.nodes.nfv.V" in text and b"profile_for_nfv" not in text


def judged() -> dict[str, dict[str, tuple[str, list[str]]]]:
    """Return kind and errors of each descriptor by project and path, one for all copies."""
    seen = set()
    result: dict[str, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
    for path in sorted(p for p in CORPUS.rglob("*") if p.suffix in (".csar", ".zip", ".yaml", ".yml")):
        project, inside = path.relative_to(CORPUS).parts[1], "/".join(path.relative_to(CORPUS).parts[2:])
        purpose = project not in _OF_ARCHIVES and any(word in inside.lower() for word in _ON_PURPOSE)
        onboarded = read_package(path, siblings=True)
        if purpose or not is_nfv(path, onboarded):
            continue
        wanted = {file.path: file.sha256 for file in onboarded.artifacts}
        parts = sorted(wanted.get(name, name) for name in onboarded.definitions)
        if path.suffix in (".yaml", ".yml"):
            parts = [hashlib.sha256(path.read_bytes()).hexdigest()]
        key = tuple(parts)
        if key not in seen:
            seen.add(key)
            result[project][inside] = onboarded.kind, errors_of(onboarded)
    return result


def page(verdicts: dict[str, dict[str, tuple[str, list[str]]]]) -> str:
    """Return the page."""
    rows, refused = [], []
    sums = [0, 0, 0]
    for project, descriptors in sorted(verdicts.items()):
        good = [kind for kind, errors in descriptors.values() if not errors]
        counts = [len(descriptors), len(good), good.count("topology")]
        sums = [whole + count for whole, count in zip(sums, counts, strict=True)]
        rows.append(f"| {project} | {counts[0]} | {counts[1]} | {counts[2]} |")
        refused += [f"* `{project}/{path}`: {errors[0]}" for path, (_, errors) in descriptors.items() if errors]
    rows.append(f"| all | {sums[0]} | {sums[1]} ({100 * sums[1] / max(sums[0], 1):.1f} %) | {sums[2]} |")
    listed = "\n".join(refused) if refused else "None."
    return _INTRODUCTION + "\n".join(rows) + f"\n\n## Refused, and why\n\n{listed}\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(judged()))
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
