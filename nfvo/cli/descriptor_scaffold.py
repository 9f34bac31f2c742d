"""New packages to begin with: small, whole, and right in mode ``strict``."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from nfvo.cli.errors import InputError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]*")
TEMPLATES = Path(__file__).parent / "scaffolds"
"""For each kind the files of a new package, with placeholders; NAME in a path stands for the package's own."""
_MANIFEST = ".mf"
_IMAGE = "https://download.cirros-cloud.net/0.5.2/cirros-0.5.2-x86_64-disk.img"
_IMAGE_HASH = "932fcae93574e242dc3d772d5235061747dfe537668443a1f0567d893614b464"


def scaffold(kind: str, name: str, directory: Path, *, provider: str) -> list[Path]:
    """Write a new package of the kind (``vnf`` or ``ns``) into the directory; return its files.

    InputError when the name cannot be used in a descriptor, or the directory holds something already.
    """
    for what, value in (("name", name), ("provider", provider)):
        if not _NAME.fullmatch(value):
            raise InputError(
                f"Cannot use the {what}", repr(value), hint="Letters, digits, spaces, '.', '_' and '-', a letter first."
            )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InputError("The directory is not empty", str(directory))
    words = {
        "name": name,
        "provider": provider,
        "file": re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"),
        "type": f"{_joined(provider).lower()}.{_joined(name)}",
        "version": "1.0.0",
        "moment": datetime.now(UTC).isoformat(timespec="seconds"),
        "id": str(uuid.uuid4()),
        "invariant": str(uuid.uuid4()),
        "vnfd": str(uuid.uuid4()),
        "image": _IMAGE,
        "image_hash": _IMAGE_HASH,
    }
    contents = {
        file.relative_to(TEMPLATES / kind).as_posix().replace("NAME", words["file"]):
        Template(file.read_text()).substitute(words)
        for file in sorted((TEMPLATES / kind).rglob("*.*"))
    }  # fmt: skip
    contents[f"{words['file']}{_MANIFEST}"] += "".join(
        f"\nSource: {path}\nAlgorithm: SHA-256\nHash: {hashlib.sha256(text.encode()).hexdigest()}\n"
        for path, text in contents.items()
        if not path.endswith(_MANIFEST)
    )
    written = []
    for path, text in contents.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        written.append(file)
    return written


def _joined(name: str) -> str:
    """Return a name as part of a type's name: ``edge router`` is ``EdgeRouter``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))
