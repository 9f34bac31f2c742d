"""Pages of lists (SOL013 5.4): by default; or, by configuration, whole lists and 400 for those that are too long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.rest.media_types import JSON
from mano_runtime.rest.problems import ProblemError

MARKER = "nextpage_opaque_marker"
READ_AT_ONCE = 100
"""Entries that a handler reads at once of a list that is answered whole."""


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """How lists are answered."""

    page_size: int = 100
    """Entries on a page; 0: lists are answered whole."""
    list_limit: int = 1000
    """Entries of a list that is answered whole; a longer one is refused."""

    @property
    def read_at_once(self) -> int:
        """How many entries a handler shall read."""
        return self.page_size or READ_AT_ONCE


PAGING = web.AppKey("PAGING", Paging)


class Listing(web.Response):
    """An answer with entries of a list, as handlers of lists give it."""

    def __init__(self, entries: list[Any], *, following: str | None = None, link: str = "") -> None:
        """Answer with ``entries``; ``following``: the marker of what comes after them, ``link``: the header."""
        headers = {"Link": link} if link else {}
        super().__init__(body=msgspec.json.encode(entries), headers={**headers, "Content-Type": JSON})
        self.entries = entries
        self.following = following


async def whole(
    paging: Paging, query: Mapping[str, str], part: Callable[[Mapping[str, str]], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer with the whole list that ``part`` gives parts of, each for a query with its marker.

    Raises:
        ProblemError: 400, more entries than ``list_limit`` pass the client's filter.
    """
    entries: list[Any] = []
    following: str | None = None
    while True:
        answer = await part(query if following is None else {**query, MARKER: following})
        if not isinstance(answer, Listing):
            return answer
        entries += answer.entries
        if len(entries) > paging.list_limit:
            raise ProblemError(
                400,
                "Response too big",
                f"more than {paging.list_limit} entries are in this list, and the server is configured not to page:"
                " narrow it with a filter",
                type="urn:mano:problem:response-too-big",
            )
        following = answer.following
        if following is None:
            return Listing(entries)
