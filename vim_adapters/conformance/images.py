"""Software images: found on the VIM, or uploaded."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.conformance.bench import Bench
from vim_adapters.contract import Identity, State, VimAdapter
from vim_adapters.errors import DependencyMissingError, InvalidSpecError
from vim_adapters.resources import ImageSpec, Kind

_CONTENT = b"not much of a disk\n" * 64


class ImagePromises(Bench):
    """The digest decides, else the name; what is found is nobody's to change."""

    async def test_an_image_that_is_there_is_used(self, vim: VimAdapter, owner: str) -> None:
        """An image of the VIM is READY at once, shared, and not ours: no list has it and no removal touches it."""
        found = await vim.ensure_present(self.found_image, Identity(owner=owner, path="kit/image"))
        assert (found.state, found.identity) == (State.READY, None)
        assert found.attributes["shared"] is True
        assert await vim.list_owned(owner) == ()
        assert await vim.find(Kind.IMAGE, Identity(owner=owner, path="kit/image")) is None
        await vim.ensure_absent(found.handle)
        assert (await vim.observe(found.handle)).state is State.READY

    async def test_the_digest_finds_it_under_any_name(self, vim: VimAdapter, owner: str) -> None:
        """Packages name images as they please: the same digest is the same image."""
        identity = Identity(owner=owner, path="kit/image")
        expected = await vim.ensure_present(self.found_image, identity)
        renamed = msgspec.structs.replace(self.found_image, name="VDU1-VirtualStorage-image")
        assert (await vim.ensure_present(renamed, identity)).handle == expected.handle

    async def test_the_name_finds_it_without_a_digest(self, vim: VimAdapter, owner: str) -> None:
        """Where no digest is asked for, the name is enough."""
        identity = Identity(owner=owner, path="kit/image")
        expected = await vim.ensure_present(self.found_image, identity)
        bare = msgspec.structs.replace(self.found_image, checksum=None, checksum_algorithm=None)
        assert (await vim.ensure_present(bare, identity)).handle == expected.handle

    async def test_a_namesake_with_another_digest_is_not_it(self, vim: VimAdapter, owner: str) -> None:
        """An image of the right name and the wrong content is refused, and the error tells the digest."""
        wrong = "0" * len(self.found_image.checksum or "")
        spec = msgspec.structs.replace(self.found_image, checksum=wrong)
        with pytest.raises(DependencyMissingError, match=wrong):
            await vim.ensure_present(spec, Identity(owner=owner, path="kit/image"))

    async def test_an_image_that_is_nowhere_is_named(self, vim: VimAdapter, owner: str) -> None:
        """Without content to upload, an image that the VIM lacks is a missing dependency."""
        with pytest.raises(DependencyMissingError, match="nobody-has-this"):
            await vim.ensure_present(ImageSpec(name="nobody-has-this"), Identity(owner=owner, path="kit/image"))

    async def test_content_is_uploaded(self, vim: VimAdapter, owner: str, tmp_path: Path) -> None:
        """An image that the VIM lacks is made from its content, is ours, once, and can be removed."""
        self.need(vim, Feature.IMAGE_UPLOAD)
        spec = _upload(owner, tmp_path, hashlib.sha256(_CONTENT).hexdigest())
        image = await self.made(vim, spec, owner)
        assert image.identity == Identity(owner=owner, path=f"kit/{spec.name}")
        assert not image.attributes.get("shared")
        assert (await self.made(vim, spec, owner)).handle == image.handle
        await vim.ensure_absent(image.handle)
        await self.gone(vim, image.handle)

    async def test_content_that_is_not_what_it_says_is_refused(
        self, vim: VimAdapter, owner: str, tmp_path: Path
    ) -> None:
        """Content with another digest than the spec's leaves nothing behind, and so does content that is not there."""
        self.need(vim, Feature.IMAGE_UPLOAD)
        wrong = _upload(owner, tmp_path, hashlib.sha256(b"other").hexdigest())
        lost = msgspec.structs.replace(wrong, content=str(tmp_path / "lost.img"))
        for spec in (wrong, lost):
            with pytest.raises(InvalidSpecError):
                await vim.ensure_present(spec, Identity(owner=owner, path="kit/image"))
        assert await vim.list_owned(owner) == ()


def _upload(owner: str, folder: Path, checksum: str) -> ImageSpec:
    content = folder / "disk.img"
    content.write_bytes(_CONTENT)
    return ImageSpec(
        name=f"image-{owner}",
        checksum_algorithm="sha-256",
        checksum=checksum,
        disk_format="raw",  # VIMs look into the others
        content=str(content),
    )
