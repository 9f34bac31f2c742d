"""One identity, one resource."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from vim_adapters.conformance.bench import Bench
from vim_adapters.contract import Identity, State, VimAdapter
from vim_adapters.errors import ConflictError
from vim_adapters.resources import Kind, NetworkSpec, SecurityGroupSpec, spec_digest

_NETWORK = NetworkSpec(name="net")


class IdentityPromises(Bench):
    """An identity is written on the VIM, and stands for one resource there."""

    async def test_asking_again_returns_what_is_there(self, vim: VimAdapter, owner: str) -> None:
        """The same identity and spec, asked for twice, is one resource."""
        identity = Identity(owner=owner, path="kit/net")
        first = await vim.ensure_present(_NETWORK, identity)
        second = await vim.ensure_present(_NETWORK, identity)
        assert second.handle == first.handle
        assert [seen.handle for seen in await vim.list_owned(owner)] == [first.handle]

    async def test_many_at_once_make_one(self, vim: VimAdapter, owner: str) -> None:
        """Twenty concurrent requests for one identity end with one resource, whichever answered which."""
        identity = Identity(owner=owner, path="kit/net")
        await asyncio.gather(*(vim.ensure_present(_NETWORK, identity) for _ in range(20)))
        settled = await vim.ensure_present(_NETWORK, identity)
        left = await self.eventually(lambda: vim.list_owned(owner), lambda listed: len(listed) <= 1)
        assert [seen.handle for seen in left] == [settled.handle]

    async def test_another_spec_is_a_conflict(self, vim: VimAdapter, owner: str) -> None:
        """An identity that is taken by something made from another spec is refused, and what is there stays."""
        identity = Identity(owner=owner, path="kit/net")
        first = await vim.ensure_present(_NETWORK, identity)
        with pytest.raises(ConflictError):
            await vim.ensure_present(msgspec.structs.replace(_NETWORK, description="another"), identity)
        assert (await vim.observe(first.handle)).digest == spec_digest(_NETWORK)

    async def test_the_oldest_of_twins_stays(self, vim: VimAdapter, owner: str) -> None:
        """Of two resources with one identity the next request removes the younger and returns the older."""
        identity = Identity(owner=owner, path="kit/net")
        oldest = await vim.ensure_present(_NETWORK, identity)
        await self.make_twin(vim, _NETWORK, identity)
        assert len(await vim.list_owned(owner)) == 2, "the suite made no twin"
        assert (await vim.find(Kind.NETWORK, identity) or oldest).handle == oldest.handle
        assert (await vim.ensure_present(_NETWORK, identity)).handle == oldest.handle
        left = await self.eventually(lambda: vim.list_owned(owner), lambda listed: len(listed) <= 1)
        assert [seen.handle for seen in left] == [oldest.handle]

    async def test_identity_and_digest_are_told_by_every_verb(self, vim: VimAdapter, owner: str) -> None:
        """Creation, observation, look-up and list all tell whose it is and what it was made from."""
        identity = Identity(owner=owner, path="kit/net")
        created = await vim.ensure_present(_NETWORK, identity)
        found = await vim.find(Kind.NETWORK, identity)
        (listed,) = await vim.list_owned(owner)
        for seen in (created, await vim.observe(created.handle), found, listed):
            assert seen is not None
            assert (seen.handle, seen.identity) == (created.handle, identity)
            assert seen.digest == spec_digest(_NETWORK)

    async def test_find_needs_owner_path_and_kind(self, vim: VimAdapter, owner: str) -> None:
        """What differs in owner, path or kind is not found."""
        identity = Identity(owner=owner, path="kit/net")
        await vim.ensure_present(_NETWORK, identity)
        assert await vim.find(Kind.NETWORK, Identity(owner=f"{owner}-other", path="kit/net")) is None
        assert await vim.find(Kind.NETWORK, Identity(owner=owner, path="kit/ne")) is None
        assert await vim.find(Kind.SECURITY_GROUP, identity) is None

    async def test_owners_do_not_meet(self, vim: VimAdapter, owner: str) -> None:
        """The same path of two owners is two resources, each listed for its own owner only."""
        other = f"{owner}-other"
        mine = await vim.ensure_present(_NETWORK, Identity(owner=owner, path="kit/net"))
        theirs = await vim.ensure_present(_NETWORK, Identity(owner=other, path="kit/net"))
        try:
            assert [seen.handle for seen in await vim.list_owned(owner)] == [mine.handle]
            assert [seen.handle for seen in await vim.list_owned(other)] == [theirs.handle]
        finally:
            await vim.ensure_absent(theirs.handle)

    async def test_listed_oldest_first_and_by_kind(self, vim: VimAdapter, owner: str) -> None:
        """A list is in the order of creation, and holds one kind where one is asked for."""
        network = await self.made(vim, NetworkSpec(name="first"), owner)
        group = await self.made(vim, SecurityGroupSpec(name="second"), owner)
        third = await self.made(vim, NetworkSpec(name="third"), owner)
        listed = [seen.handle for seen in await vim.list_owned(owner)]
        assert listed == [network.handle, group.handle, third.handle]
        assert [seen.handle for seen in await vim.list_owned(owner, Kind.NETWORK)] == [network.handle, third.handle]

    async def test_what_was_removed_can_be_made_anew(self, vim: VimAdapter, owner: str) -> None:
        """An identity whose resource was removed stands for nothing, and a new one can be made, of another spec too."""
        identity = Identity(owner=owner, path="kit/net")
        first = await vim.ensure_present(_NETWORK, identity)
        await vim.ensure_absent(first.handle)
        await self.gone(vim, first.handle)
        assert await vim.find(Kind.NETWORK, identity) is None
        second = await vim.ensure_present(msgspec.structs.replace(_NETWORK, description="another"), identity)
        assert second.state in {State.READY, State.PENDING}
        assert [seen.handle for seen in await vim.list_owned(owner)] == [second.handle]
