"""What is left on a VIM without a record: shown, and removed when asked."""

from __future__ import annotations

import msgspec
from aiohttp import web

from mano_runtime.rest import Api, Call, ok
from nfvo.extensions.leftovers import Leftovers
from nfvo.extensions.vim_connections import OwnedResource, owned_resource, vim_problem
from nfvo.inventory.vim_connections import VimConnections
from vim_adapters.errors import VimError


class SweepRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask what is left on a VIM."""

    remove: bool = False
    """Whether it shall go."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What was left on a VIM when it was looked at."""

    leftovers: tuple[OwnedResource, ...]
    removing: bool
    """Whether its removal was begun; what was in use still is there, and goes when it is asked for again."""


def declare_leftovers(api: Api, connections: VimConnections, leftovers: Leftovers) -> None:
    """Declare on ``api`` the search for leftovers."""

    @api.post("/vim_connections/{vimConnectionId}/sweep", body=SweepRequest, answer=Sweep, status=200)
    async def sweep(call: Call[SweepRequest]) -> web.StreamResponse:
        """Tell what of ours no record accounts for, and begin to remove it where ``remove`` is true."""
        vim = (await connections.get(call.path["vimConnectionId"])).id
        try:
            found = await (leftovers.remove(vim) if call.body.remove else leftovers.find(vim))
        except VimError as error:
            raise vim_problem(error) from error
        return ok(call, Sweep(leftovers=tuple(map(owned_resource, found)), removing=call.body.remove))
