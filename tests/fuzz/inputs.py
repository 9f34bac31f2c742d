"""What a fuzzer's bytes mean: the first one chooses the reader, the rest is for it.

What a reader is given must end in a model or in findings: an exception that leaves it is a bug, and so is a reading
that takes long.
"""

import io
import warnings
import zipfile
from pathlib import Path

from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.manifest import read_manifest, read_meta
from descriptors.mode import Mode
from descriptors.onboarding import read_package
from descriptors.tosca.composition import composed

LIMITS = Limits(
    members=200, member_bytes=1 << 22, total_bytes=1 << 23, document_bytes=1 << 20, documents=50, nodes=20_000, depth=40
)
"""Narrow, so that a session tries many inputs, and what breaks them is still small."""
KINDS = ("archive", "members", "yaml", "vnfd", "nsd", "manifest")
MEMBER = b"\n%%% "
"""Begins a member of an archive in an input of the kind ``members``; its name is the rest of the line."""


def one_input(data, directory):
    """Give ``data`` to the reader that its first byte chooses; ``directory`` is for the package's file."""
    kind, content = KINDS[data[0] % len(KINDS)] if data else "yaml", data[1:]
    modes = tuple(Mode)
    mode = modes[len(content) % len(modes)]
    if kind == "yaml":
        composed(content, LIMITS)
    elif kind == "manifest":
        read_manifest(content, "a.mf", Diagnostics())
        read_meta(content, Diagnostics())
    elif kind in ("vnfd", "nsd"):
        _read(content, Path(directory, "descriptor.yaml"), mode, kind)
    else:
        _read(content if kind == "archive" else packed(content), Path(directory, "package.csar"), mode, None)


def packed(content):
    """Return the zip archive that ``content`` lists, by name and bytes."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as archive:
        for part in (b"\n" + content).split(MEMBER)[1:]:
            name, _, text = part.partition(b"\n")
            archive.writestr(zipfile.ZipInfo(name.decode("latin-1")[:300] or "x"), text)
    return buffer.getvalue()


def listed(archive):
    """Return what ``packed`` makes the same members of."""
    with zipfile.ZipFile(archive) as source:
        parts = [
            MEMBER + info.filename.encode() + b"\n" + source.read(info)
            for info in source.infolist()
            if not info.is_dir() and info.file_size < 1 << 16
        ]
    return b"".join(parts)[1:]


def _read(content, path, mode, expect):
    path.write_bytes(content)
    onboarded = read_package(path, limits=LIMITS, mode=mode, expect=expect)
    errors = any(finding.severity == "error" for finding in onboarded.diagnostics)
    assert errors == onboarded.failed, onboarded.diagnostics
