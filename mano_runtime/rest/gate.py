"""Who stands before every route and lets in whom it knows."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from mano_runtime.security.principal import ANYBODY, Principal


class Gate(Protocol):
    """Finds out who asks, and whether they may."""

    async def admit(self, request: web.Request, needed: str) -> Principal:
        """Return who asks; ProblemError 401 when that is unknown, 403 when the scope ``needed`` is not theirs."""


class OpenGate:
    """Lets everybody do everything: for first steps on one's own machine, and for nothing else."""

    async def admit(self, request: web.Request, needed: str) -> Principal:  # noqa: ARG002  as the protocol has it
        """Return anybody."""
        return ANYBODY


GATE: web.AppKey[Gate] = web.AppKey("GATE", Gate)
PRINCIPAL: web.RequestKey[Principal] = web.RequestKey("PRINCIPAL", Principal)
"""Where a request keeps who sent it, once that is known."""
CLAIMANT: web.RequestKey[str] = web.RequestKey("CLAIMANT", str)
"""Where a request keeps who says to have sent it, before that is shown."""
