"""Storage that no server has to itself."""

from __future__ import annotations

import pytest

from vim_adapters.conformance.bench import Bench
from vim_adapters.conformance.lifecycle import NOWHERE
from vim_adapters.contract import Handle, Identity, VimAdapter
from vim_adapters.errors import ConflictError, DependencyMissingError
from vim_adapters.resources import FileShareSpec, Kind, ObjectContainerSpec


class StoragePromises(Bench):
    """File systems and object stores."""

    async def test_a_file_share_tells_where_it_is(self, vim: VimAdapter, owner: str) -> None:
        """A share tells where it is mounted from, and the network that it is reached over stays while it is there."""
        self.need(vim, Kind.FILE_SHARE)
        network, subnet = await self.network(vim, owner)
        clients = ("192.0.2.0/28",)
        spec = FileShareSpec(name="share", size_gib=1, network=network, subnet=subnet, clients=clients)
        share = await self.made(vim, spec, owner)
        assert share.attributes["exports"]
        with pytest.raises(ConflictError):
            await vim.ensure_absent(Handle(kind=Kind.NETWORK, id=network))
        await vim.ensure_absent(share.handle)
        await self.gone(vim, share.handle)
        lost = FileShareSpec(name="lost", size_gib=1, network=NOWHERE)
        with pytest.raises(DependencyMissingError, match=NOWHERE):
            await vim.ensure_present(lost, Identity(owner=owner, path="kit/lost"))

    async def test_an_object_container_tells_where_it_is(self, vim: VimAdapter, owner: str) -> None:
        """A container tells its address, and another has another."""
        self.need(vim, Kind.OBJECT_CONTAINER)
        one, two = [
            await self.made(vim, ObjectContainerSpec(name=name, max_bytes=2**20), owner) for name in ("one", "two")
        ]
        assert one.attributes["url"]
        assert one.attributes["url"] != two.attributes["url"]
