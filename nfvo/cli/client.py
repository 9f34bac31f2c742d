"""The command line's way to the REST interfaces: one HTTP session, and every error as a CommandError."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote_plus

import aiohttp
from yarl import URL

from nfvo.cli.credentials import Credentials, Token, keep_token, kept_token
from nfvo.cli.credentials import credentials as credentials_for
from nfvo.cli.errors import CommandError, RefusedError, UnreachableError, refusal
from nfvo.cli.trust import Trust

VERSIONS = {"vnfpkgm": "2.4.0", "nsd": "2.3.0", "nslcm": "2.3.0", "vnflcm": "2.3.0"}
"""Versions of the ETSI interfaces (release 3.7.1) that this client speaks; SOL013 9.2 has it say so."""
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=120)
_FIRST_ERROR = 400


class Answer:
    """What the server sent back."""

    def __init__(self, response: aiohttp.ClientResponse, body: Any) -> None:
        self.status = response.status
        self.body = body
        self.location = response.headers.get("Location", "")
        """URL of what was made or begun."""
        link = response.links.get("next")
        self.following = str(link["url"]) if link else ""
        """URL of the list's next page; empty on the last one."""

    @property
    def made(self) -> str:
        """Identifier of what was made or begun: the last part of its URL."""
        return self.location.rstrip("/").rsplit("/", 1)[-1]


class Client:
    """A session with one server. Use it as an async context manager; requests may run at the same time.

    Every method raises RefusedError (with the server's problem details), NotFoundError, ServerFaultError or
    UnreachableError, and nothing of aiohttp's.
    """

    def __init__(self, url: str, trust: Trust | None = None) -> None:
        """Speak with the server at ``url`` (scheme, host and port); ``trust`` is for TLS."""
        self._trust = trust or Trust()
        self.url = url.rstrip("/")
        self._client: Credentials | None = None
        self._token: Token | None = None
        self._known = False
        """Whether it was looked up who to be."""

    async def __aenter__(self) -> Self:
        tls = await asyncio.to_thread(self._trust.context)
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT, connector=aiohttp.TCPConnector(ssl=tls))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def log_in(self, client: Credentials) -> None:
        """Get a token for ``client`` and use it from now on; RefusedError when the server does not know it so."""
        self._client = client
        self._token = await self._fetched(client)
        await asyncio.to_thread(keep_token, self.url, client.client_id, self._token)

    async def get(self, path: str, **query: str) -> Any:
        """Return the JSON at ``path``."""
        return (await self._ask("GET", path, query=query)).body

    async def get_object(self, path: str) -> dict[str, Any]:
        """Return the JSON object at ``path``."""
        return dict(await self.get(path))

    async def all(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return every entry of the list at ``path``, page after page (SOL013 5.4)."""
        entries: list[dict[str, Any]] = []
        target = path
        while target:
            answer = await self._ask("GET", target, query=query)
            entries += answer.body
            target, query = answer.following, {}
        return entries

    async def post(self, path: str, body: Any = None) -> Answer:
        """Send ``body`` as JSON, or nothing."""
        return await self._ask("POST", path, body=body)

    async def patch(self, path: str, changes: Any) -> Answer:
        """Send ``changes`` as a JSON merge patch."""
        return await self._ask("PATCH", path, body=changes, media_type="application/merge-patch+json")

    async def delete(self, path: str) -> Answer:
        """Delete what is at ``path``."""
        return await self._ask("DELETE", path)

    async def download(self, path: str, file: Path) -> None:
        """Write what is at ``path`` to ``file``, as it streams in."""
        with file.open("wb") as target:
            await self._ask("GET", path, into=target)

    async def upload(self, path: str, file: Path) -> Answer:
        """Send the zip archive ``file``, streamed."""
        with file.open("rb") as content:
            return await self._ask("PUT", path, content=content, media_type="application/zip")

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content: IO[bytes] | None = None,
        into: IO[bytes] | None = None,
        media_type: str = "application/json",
    ) -> Answer:
        headers = self._headers(path) | ({"Accept": "*/*"} if into else {}) | await self._authorization()
        data = json.dumps(body).encode() if body is not None else content
        if data is not None:
            headers["Content-Type"] = media_type
        try:
            async with self._session.request(
                method, self._target(path), params=query or None, data=data, headers=headers
            ) as response:
                return Answer(response, await _read(response, into))
        except aiohttp.ClientSSLError as error:
            raise _untrusted(self.url, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnreachableError(
                f"No answer from {self.url}",
                str(error) or type(error).__name__,
                hint="Start a server with `mano serve`, or name another one with --url or MANO_URL.",
            ) from error

    async def _authorization(self) -> dict[str, str]:
        """Return the header that says who asks; nothing where nobody was named."""
        if not self._known:
            self._known = True
            self._client = self._client or await asyncio.to_thread(credentials_for, self.url)
        if self._client is None:
            return {}
        if self._token is None:
            self._token = await asyncio.to_thread(kept_token, self.url, self._client.client_id)
        if self._token is None or not self._token.good:
            await self.log_in(self._client)
        return {"Authorization": f"Bearer {self._token.text}"} if self._token else {}

    async def _fetched(self, client: Credentials) -> Token:
        endpoint = os.environ.get("MANO_TOKEN_URL") or f"{self.url}/token"
        basic = aiohttp.encode_basic_auth(quote_plus(client.client_id), quote_plus(client.secret))
        try:
            async with self._session.post(
                endpoint, data={"grant_type": "client_credentials"}, headers={"Authorization": basic}
            ) as response:
                text = await response.text()
        except aiohttp.ClientSSLError as error:
            raise _untrusted(endpoint, error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnreachableError(f"No answer from {endpoint}", str(error) or type(error).__name__) from error
        try:
            answer = dict(json.loads(text))
            return Token(str(answer["access_token"]), time.time() + float(answer.get("expires_in", 60)))
        except (ValueError, KeyError, TypeError):
            raise _no_token(response.status, text, client, endpoint) from None

    def _target(self, path: str) -> URL:
        return URL(path) if path.startswith(("http://", "https://")) else URL(self.url + path)

    def _headers(self, path: str) -> dict[str, str]:
        interface = path.removeprefix(self.url).lstrip("/").split("/", 1)[0]
        headers = {"Accept": "application/json, application/problem+json"}
        if interface in VERSIONS:
            headers["Version"] = VERSIONS[interface]
        return headers


def _untrusted(url: str, error: aiohttp.ClientSSLError) -> UnreachableError:
    return UnreachableError(
        f"No TLS with {url}",
        str(error),
        hint="Name the authorities of the server's certificate with --ca-file or MANO_CA_FILE; where it asks for one,"
        " show it yours with --client-certificate and --client-key.",
    )


def _no_token(status: int, text: str, client: Credentials, endpoint: str) -> CommandError:
    try:
        why = str(json.loads(text)["error_description"])
    except (ValueError, KeyError, TypeError):
        why = f"{endpoint} answers {status}"
    return RefusedError(
        f"{client.client_id} gets no token",
        why,
        hint="`mano login NAME` gives another secret; an administrator makes one: `mano client rotate NAME`.",
        problem={"status": status, "title": "No token", "detail": why},
    )


async def _read(response: aiohttp.ClientResponse, into: IO[bytes] | None) -> Any:
    if into and response.status < _FIRST_ERROR:
        async for chunk in response.content.iter_chunked(1 << 16):
            into.write(chunk)
        return None
    text = await response.text()
    if response.status >= _FIRST_ERROR:
        try:
            problem = json.loads(text)
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            problem = {"title": response.reason or "Error", "detail": text[:500]}
        raise refusal(response.status, problem)
    if not text:
        return None
    return json.loads(text) if "json" in response.content_type else text
