"""Packages of an NFVO elsewhere (SOL003 clause 10): fetched once, verified, kept by digest, and read from what is kept.

What exists must stay manageable: once a package is kept, its VNF instances need the NFVO for it no more. Whether new
ones may be made is asked each time; so is which package has a VNFD, and what is kept changes with the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

import msgspec

from descriptors.mode import Mode
from descriptors.model.vnfd import Vnfd
from descriptors.onboarding import Onboarded, PackagedFile
from descriptors.shelf import Shelf
from descriptors.shelved_models import Models
from mano_runtime.peer import Peer, PeerError
from vnfm.or_vnfm.kept_packages import KeptPackage, KeptPackages
from vnfm.sol003.ports import NotOnboardedError, SolProblemError

VERSION = "2.4.0"
ONBOARDED = "/vnfpkgm/v2/onboarded_vnf_packages"
_NOT_FOUND = 404
_TRIES = 5
"""At a content whose connection breaks; each goes on where the last one ended."""


class _Checksum(msgspec.Struct, frozen=True, kw_only=True):
    algorithm: str
    hash: str


class _Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What we need to know of a package (SOL003 clause 10.5.2.2)."""

    id: str
    onboarding_state: str
    operational_state: str
    checksum: _Checksum | None = None


class RemotePackages:
    """Implements ``vnfm.sol003.ports.Packages``. Belongs to one event loop.

    Every method raises SolProblemError where the NFVO is needed and does not answer as it should.
    """

    def __init__(self, nfvo: Peer, shelf: Shelf, kept: KeptPackages) -> None:
        self._nfvo = nfvo
        self._shelf = shelf
        self._kept = kept
        self._models = Models(shelf)
        self._fetching: dict[str, asyncio.Lock] = {}

    async def open(self, needed: Collection[str]) -> None:
        """Let go of every package but those of the VNFDs that instances exist of."""
        digests = await self._models.in_thread(lambda: self._kept.sweep(needed))
        await self._models.in_thread(lambda: self._shelf.sweep(digests))

    def close(self) -> None:
        """Take no more work."""
        self._models.close()

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        """Return the descriptor of an onboarded package; NotOnboardedError when the NFVO has none."""
        vnfd = (await self._onboarded(vnfd_id))[1].vnfd
        if vnfd is None:
            raise NotOnboardedError(vnfd_id)
        return vnfd

    async def package_enabled(self, vnfd_id: str) -> bool:
        """Ask whether new VNFs may be made from this descriptor, and fetch the package that has it now."""
        package = await self._asked(vnfd_id)
        if package is None or package.operational_state != "ENABLED":
            return False
        kept = await self._models.in_thread(lambda: self._kept.find(vnfd_id))
        if kept is None or kept.package_id != package.id:
            await self._fetched(vnfd_id, package)
        return True

    async def package_id(self, vnfd_id: str) -> str:
        """Return the identifier of the package with this VNFD; NotOnboardedError when there is none."""
        return (await self._onboarded(vnfd_id))[0].package_id

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        """Return a local file with the bytes of a file of the package; None when the package has none."""
        kept, onboarded = await self._onboarded(vnfd_id)
        member = next((file for file in onboarded.artifacts if file.path == path), None)
        return None if member is None else await self._extracted(kept, member)

    async def artifact_paths(self, vnfd_id: str) -> tuple[str, ...]:
        """Return every file of the package but software images."""
        onboarded = (await self._onboarded(vnfd_id))[1]
        images = onboarded.vnfd.software_images().values() if onboarded.vnfd else ()
        named = {image.artifact.file for image in images if image.artifact}
        return tuple(file.path for file in onboarded.artifacts if file.path not in named)

    async def _extracted(self, kept: KeptPackage, member: PackagedFile) -> Path:
        return await self._models.in_thread(lambda: self._shelf.extracted(kept.digest, member))

    async def _onboarded(self, vnfd_id: str) -> tuple[KeptPackage, Onboarded]:
        kept = await self._models.in_thread(lambda: self._kept.find(vnfd_id))
        if kept is None:
            package = await self._asked(vnfd_id)
            if package is None:
                raise NotOnboardedError(vnfd_id)
            kept = await self._fetched(vnfd_id, package)
        return kept, await self._models.get(kept.digest)

    async def _asked(self, vnfd_id: str) -> _Package | None:
        """Return the package that the NFVO has onboarded with this VNFD."""
        try:
            answer = await self._nfvo.ask("GET", _path(vnfd_id), version=VERSION)
            package = msgspec.json.decode(answer.body, type=_Package)
        except PeerError as error:
            if error.status == _NOT_FOUND:
                return None
            raise _problem(error) from error
        except msgspec.MsgspecError as error:
            raise _odd(vnfd_id, f"what the NFVO says of it is no VnfPkgInfo: {error}") from error
        return package if package.onboarding_state == "ONBOARDED" else None

    async def _fetched(self, vnfd_id: str, package: _Package) -> KeptPackage:
        """Fetch a package, once even where several ask for it, and keep it."""
        async with self._fetching.setdefault(vnfd_id, asyncio.Lock()):
            known = await self._models.in_thread(lambda: self._kept.find(vnfd_id))
            if known is not None and known.package_id == package.id:
                return known
            arrived = self._shelf.incoming(quote(package.id, safe=""))
            digest = await self._loaded(vnfd_id, package, arrived)
            await self._models.in_thread(lambda: self._shelf.take_in(arrived, digest))
            # The NFVO has accepted it, however strictly: what it can be read as counts here.
            onboarded = await self._models.parse(digest, "vnfd", mode=Mode.LENIENT)
            if onboarded.vnfd is None or onboarded.vnfd.id != vnfd_id:
                found = onboarded.vnfd.id if onboarded.vnfd else "none that can be read"
                raise _odd(vnfd_id, f"the VNFD in it is {found}")
            await self._models.put(digest, onboarded)
            kept = KeptPackage(vnfd_id=vnfd_id, package_id=package.id, digest=digest)
            await self._models.in_thread(lambda: self._kept.keep(kept))
            return kept

    async def _loaded(self, vnfd_id: str, package: _Package, arrived: Path) -> str:
        """Fetch the content as far as it is missing, and return its SHA-256 once it is what the NFVO onboarded."""
        for tried in range(1, _TRIES + 1):
            try:
                await self._nfvo.load(f"{_path(vnfd_id)}/package_content", arrived, version=VERSION)
                break
            except PeerError as error:
                if tried == _TRIES or not error.passing:
                    raise _problem(error) from error
        algorithm = package.checksum.algorithm if package.checksum else "SHA-256"
        try:
            found, digest = await self._models.in_thread(lambda: _digests(arrived, algorithm))
        except ValueError as error:
            raise _odd(vnfd_id, f"its checksum is of an algorithm that we do not have: {algorithm}") from error
        if package.checksum and found != package.checksum.hash.lower():
            await self._models.in_thread(arrived.unlink)
            raise _odd(vnfd_id, f"its {algorithm} is {found}, and the NFVO onboarded {package.checksum.hash}")
        return digest


def _path(vnfd_id: str) -> str:
    return f"{ONBOARDED}/{quote(vnfd_id, safe='')}"


def _digests(path: Path, algorithm: str) -> tuple[str, str]:
    """Return the digest by ``algorithm`` and by SHA-256; ValueError for an algorithm that is unknown."""
    asked, ours = hashlib.new(algorithm.replace("-", "").lower()), hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            asked.update(chunk)
            ours.update(chunk)
    return asked.hexdigest(), ours.hexdigest()


def _problem(error: PeerError) -> SolProblemError:
    status = error.status if error.passing else 502
    return SolProblemError(status, error.title, error.detail, slug="nfvo-failed", peerStatus=error.status)


def _odd(vnfd_id: str, why: str) -> SolProblemError:
    return SolProblemError(
        502, "The NFVO's package cannot be used", f"the package with the VNFD {vnfd_id!r}: {why}", slug="nfvo-failed"
    )
