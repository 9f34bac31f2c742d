"""What every command shares: which server, and how to print."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec

import typer

from nfvo.cli.output import Output
from nfvo.cli.trust import Trust

if TYPE_CHECKING:  # aiohttp takes a quarter of a second to import: `mano --help` does without
    from nfvo.cli.client import Client

P = ParamSpec("P")
PLAIN_FORMATS = ("human", "json")
"""What every command can print."""
FORMATS = (*PLAIN_FORMATS, "sarif", "junit")
"""What a check can print."""


class Session(NamedTuple):
    """The global options."""

    url: str
    output: Output
    format: str = "human"
    trust: Trust = Trust()

    def run(
        self,
        command: Callable[Concatenate[Client, Output, P], Awaitable[Any]],
        *arguments: P.args,
        **options: P.kwargs,
    ) -> None:
        """Run ``command`` with a client of the server and the output, then with the rest."""
        import asyncio  # noqa: PLC0415  # commands that need no server start faster without

        from nfvo.cli.client import Client  # noqa: PLC0415  # as above

        async def spoken() -> None:
            async with Client(self.url, self.trust) as client:
                await command(client, self.output, *arguments, **options)

        asyncio.run(spoken())


def session(context: typer.Context, *, formats: Collection[str] = PLAIN_FORMATS) -> Session:
    """Return what the global options said; a usage error when the command cannot print in that format."""
    found = context.find_object(Session)
    if found is None:
        msg = "commands run below the application that sets the session"
        raise RuntimeError(msg)
    if found.format not in formats:
        raise typer.BadParameter(f"is {' or '.join(formats)} here", param_hint="--output")
    return found
