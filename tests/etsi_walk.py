"""A client that walks an interface as ETSI's document describes it, and lets nothing pass that deviates."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientResponse, ClientSession
from etsi_openapi import Interface

NOBODY = "00000000-0000-7000-8000-000000000000"
_POLL_SECONDS = 0.05


class Walk:
    """Requests to one interface of a running server; every request and answer is judged by the document."""

    def __init__(self, session: ClientSession, server: str, document: Interface, *, exact: bool = True) -> None:
        """Walk there; with ``exact=False`` answers may have attributes that the document does not know."""
        self._exact = {} if exact else {"exact": False}
        self._session = session
        self._base = server + document.root
        self._document = document
        self.root = document.root
        """Below which path the interface is."""
        self.walked: set[tuple[str, str]] = set()
        """Method and path template of every operation that succeeded at least once."""

    async def send(self, method: str, path: str, expected: int, body: Any = None, **request: Any) -> Any:
        """Send a request, assert the status, judge both sides, and return the JSON body of the answer."""
        if body is not None:
            self._document.check_request(method, path, body)
            request["json"] = body
        async with self._session.request(method, self._base + path, **request) as answer:
            assert answer.status == expected, f"{method} {path}: {answer.status} {await answer.text()}"
            content = await self._document.check(answer, **self._exact)
            if answer.ok:
                self.walked.add((method, self._document.template(path)))
            return content if content is not None else await answer.read()

    async def get(self, path: str) -> Any:
        """Read a resource (200)."""
        return await self.send("GET", path, 200)

    async def operate(self, path: str, body: Any = None) -> str:
        """Ask for an operation (202), and return the path of its occurrence, which ``Location`` names."""
        if body is not None:
            self._document.check_request("POST", path, body)
        async with self._session.post(self._base + path, json=body) as answer:
            assert answer.status == 202, f"POST {path}: {answer.status} {await answer.text()}"
            await self._document.check(answer, **self._exact)
            self.walked.add(("POST", self._document.template(path)))
            return answer.headers["Location"].removeprefix(self._base)

    async def until(self, path: str, attribute: str, *values: str) -> Any:
        """Read a resource until an attribute has one of the values; a test's time-out is the limit."""
        while (found := await self.get(path))[attribute] not in values:  # noqa: ASYNC110  another process knows
            await asyncio.sleep(_POLL_SECONDS)
        return found

    @property
    def operations(self) -> set[tuple[str, str]]:
        """Method and path template of every operation that the document has."""
        return set(self._document.operations)

    async def served(self) -> set[tuple[str, str]]:
        """Return which operations of the document the server offers, found by asking each for something absent."""
        return {operation for operation in self._document.operations if await self._offers(*operation)}

    async def _offers(self, method: str, template: str) -> bool:
        path = "/".join(NOBODY if part.startswith("{") else part for part in template.split("/"))
        async with self._session.request(method, self._base + path) as answer:
            await self._document.check(answer, **self._exact)
            return answer.status != 405 and not await _no_such_resource(answer)


async def _no_such_resource(answer: ClientResponse) -> bool:
    return answer.status == 404 and (await answer.json(content_type=None))["detail"].startswith("there is no resource")
