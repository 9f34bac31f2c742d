"""Findings about archives, their manifests and what they carry."""

import io
import stat
import warnings
import zipfile

from provocation import MARK, META, VNFD, Provocation, changed, document, vnfd, zipped

from descriptors.limits import Limits

MANIFEST = """\
metadata:
  vnf_product_name: Router
  vnf_provider_id: Acme
  vnf_package_version: 1.0

Source: disk.img
Algorithm: SHA-256
Hash: a7ae13d1c69ed6c2ba6bd0ef90c4ea0f8d0cdf8c0ba2af8ad3af6c0a8ec1a21d
"""


def meta(code: str, *changes: tuple[str, str], **more: object) -> Provocation:
    """The whole VNFD in a package whose TOSCA.meta has changes."""
    files = {"TOSCA-Metadata/TOSCA.meta": changed(META, *changes), "vnfd.yaml": VNFD, "disk.img": "bits"}
    return Provocation(code, files, **more)


def manifest(code: str, text: str, **more: object) -> Provocation:
    """The whole VNFD in a package with this manifest."""
    files = {"TOSCA-Metadata/TOSCA.meta": META, "vnfd.yaml": VNFD, "vnfd.mf": text, "disk.img": "bits"}
    return Provocation(code, files, file=more.pop("file", "vnfd.mf"), **more)


def archive(code: str, content: bytes, file: str = "", **limits: int) -> Provocation:
    """An archive as it is."""
    return Provocation(code, {}, archive=content, file=file, limits=Limits(**limits))


def _patched(content: bytes, offset: int, value: int) -> bytes:
    """Return an archive with a byte of the first entry of its directory changed."""
    data = bytearray(content)
    data[data.index(b"PK\x01\x02") + offset] = value
    return bytes(data)


def _linked() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as content:
        link = zipfile.ZipInfo("passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        content.writestr(link, "/etc/passwd")
    return packed.getvalue()


def _twice() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped({"a.yaml": "1", "A.yaml": "2"})


def _damaged() -> bytes:
    data = bytearray(zipped({"vnfd.yaml": VNFD}, zipfile.ZIP_STORED))
    data[60] ^= 0xFF
    return bytes(data)


ARCHIVES = (
    archive("csar-not-zip", b"\x7fELF"),
    archive("csar-path-escapes", zipped({"../evil.yaml": ""}), "../evil.yaml"),
    archive("csar-duplicate-name", _twice(), "A.yaml"),
    archive("csar-not-a-file", _linked(), "passwd"),
    archive("csar-encrypted", _patched(zipped({"a.yaml": "x: 1"}), 8, 1), "a.yaml"),
    archive("csar-compression", _patched(zipped({"a.yaml": "x: 1"}), 10, 93), "a.yaml"),
    archive("csar-too-many-members", zipped({"a": "", "b": "", "c": ""}), members=2),
    archive("csar-too-big", zipped({"disk.img": "x" * 1000}), "disk.img", member_bytes=900),
    archive(
        "csar-zip-bomb",
        _patched(zipped({"bomb": "tick"}, zipfile.ZIP_STORED), 26, 16),
        "bomb",
        ratio_from_bytes=1 << 16,
    ),
    archive("csar-broken-member", _damaged(), "vnfd.yaml"),
    meta(
        "csar-no-definitions",
        ("Entry-Definitions: vnfd.yaml", "Entry-Definitions: vnf.yaml"),
        file="TOSCA-Metadata/TOSCA.meta",
        line=4,
    ),
    Provocation("document-too-big", {"vnfd.yaml": VNFD}, file="vnfd.yaml", limits=Limits(document_bytes=1000)),
    meta("meta-unreadable-line", ("CSAR-Version: 1.1", "CSAR-Version 1.1"), file="TOSCA-Metadata/TOSCA.meta", line=2),
    meta("manifest-missing", file="TOSCA-Metadata/TOSCA.meta", line=5),
    manifest("manifest-digest", MANIFEST, line=6),
    manifest("manifest-algorithm", MANIFEST.replace("SHA-256", "MD5"), line=8),
    manifest("manifest-source-missing", MANIFEST.replace("disk.img", "disc.img"), line=6),
    manifest("manifest-unlisted", MANIFEST, file="vnfd.yaml"),
    manifest("manifest-no-metadata", "Source: vnfd.yaml\n"),
    manifest(
        "manifest-unreadable-line", f"{MANIFEST}Colour: red\n".replace("metadata:", "Metadat: x\nmetadata:"), line=1
    ),
    vnfd("image-not-in-package", ("        sw_image:\n", f"        {MARK}sw_image:\n"), ("disk.img", "disc.img")),
    vnfd(
        "script-not-in-package",
        (
            "    worker:\n",
            f"      interfaces:\n        Vnflcm:\n          {MARK}instantiate_start: Scripts/start.py\n    worker:\n",
        ),
    ),
    document("more-findings", "a: 1\na: 2\na: 3\n", limits=Limits(findings=1)),
)
