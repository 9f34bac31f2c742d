"""The file of a VNF's state that a snapshot has: what the VNFM, and the VNF's own scripts, knew (SOL003 clause 5.4.25).

Disks are in the snapshots of servers and storages, and what a reader may know of the instance is in its copy. The file
has the rest: how large the VNF was and what hung on what, by the paths of the VNFM's plans, and what the scripts of its
package printed while the snapshot was taken, which is the package's way to have state kept that only the VNF knows.
Values of requests and boot data are left out: there may be secrets among them.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec

from mano_runtime.workflow.graph import Resource
from vnfm.planning.shape import Shape
from vnfm.sol003.snapshots import Checksum, VnfStateSnapshotInfo

MEDIA_TYPE = "application/zip"
STATE = "state.json"
SCRIPTS = "scripts"
FORMAT = 1
"""Of ``state.json``; another number where a reader would have to read it differently."""
_NO_STATE = frozenset({"inputs"})
"""Of a shape: values of requests."""


class KnownResource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A resource of the VNF, as the VNFM knew it."""

    path: str
    kind: str
    vim_connection_id: str
    needs: tuple[str, ...] = ()
    """Paths of what had to be there first."""
    known: dict[str, Any] = {}
    """What the VIM had answered, with ``id``."""


class VnfState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """``state.json``."""

    format: int
    vnf_snapshot_id: str
    vnf_instance_id: str
    vnf_lcm_op_occ_id: str
    vnfd_id: str
    taken_at: str
    """UTC, ISO 8601."""
    shape: dict[str, Any]
    """Flavour, levels, what was stopped, and to what the VNF was attached."""
    resources: tuple[KnownResource, ...]
    """By path, in alphabetical order."""


def known_resources(graph: Mapping[str, Resource]) -> tuple[KnownResource, ...]:
    """Return what a graph knows of its resources, but what they were asked for with."""
    return tuple(
        KnownResource(
            path=path,
            kind=resource.kind,
            vim_connection_id=resource.target,
            needs=tuple(sorted(resource.needs)),
            known=resource.result or {},
        )
        for path, resource in sorted(graph.items())
    )


def known_shape(shape: Shape | None) -> dict[str, Any]:
    """Return a shape as JSON, without the values of requests."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(shape or {}))
    return {_camel(name): value for name, value in plain.items() if name not in _NO_STATE}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def state_file(state: VnfState, printed: Mapping[str, str]) -> bytes:
    """Return the file: a zip archive with the state, and what each script printed, by the path of its step.

    The same state gives the same bytes, so that its checksum can be told again.
    """
    content = io.BytesIO()
    at = datetime.fromisoformat(state.taken_at)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        files = {STATE: msgspec.json.format(msgspec.json.encode(state), indent=1)}
        files |= {str(PurePosixPath(SCRIPTS, f"{path}.txt")): text.encode() for path, text in sorted(printed.items())}
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return content.getvalue()


def state_info(content: bytes, created_at: str) -> VnfStateSnapshotInfo:
    """Return what is told of the file."""
    return VnfStateSnapshotInfo(
        checksum=Checksum(algorithm="SHA-256", hash=hashlib.sha256(content).hexdigest()),
        is_encrypted=False,
        metadata={"contentType": MEDIA_TYPE, "size": len(content), "creationDate": created_at},
    )
