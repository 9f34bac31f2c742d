"""Another functional block over HTTP (SOL013): asked with proof of who we are, its refusals as errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp
import msgspec
from yarl import URL

from mano_runtime.tokens import ClientCredentials, TokenError, Tokens

PASSING = frozenset({429, 500, 502, 503, 504})
"""Answers that may be others the next time."""
UNREACHABLE = 503
"""The status of a peer that gives no answer at all."""
_UNAUTHORIZED = 401
_PARTIAL = 206
_BEYOND = 416
_CHUNK = 1 << 20
_STALLED_SECONDS = 60.0
"""A content of which nothing has come for so long is given up, to be gone on with."""
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*rel="?next"?')


class PeerError(Exception):
    """The peer refused what it was asked, or could not be asked."""

    def __init__(self, status: int, title: str, detail: str, *, after: float | None = None, **members: Any) -> None:
        super().__init__(f"{title}: {detail}")
        self.status = status
        """What it answered; 503 when it could not be reached, or gave no answer that can be understood."""
        self.title = title
        self.detail = detail
        self.after = after
        """Seconds that it asks to be left alone (Retry-After)."""
        self.members = members
        """Its problem details as they came; empty where it had none."""

    @property
    def passing(self) -> bool:
        """Whether it is worth asking again."""
        return self.status in PASSING


class Basic(msgspec.Struct, frozen=True, kw_only=True):
    """A name and a password (RFC 7617)."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Say nothing: logs and tracebacks show it."""
        return "Basic(***)"


Proof = Basic | ClientCredentials | None
"""How we prove to a peer who we are; None: not at all."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a peer answered, when it was no problem."""

    status: int
    body: bytes
    location: str = ""
    """Path, with query, of the resource that ``Location`` names; at the peer, whatever host it calls itself."""
    after: float | None = None
    """Seconds after which to look again (Retry-After)."""
    following: str = ""
    """Path, with query, of the next page; empty at the end."""


class Peer:
    """One functional block at one URL. Belongs to one event loop.

    Redirects are not followed, and links are followed at the URL's own host only: credentials go nowhere else. TLS is
    verified. Closed as a context manager; opened at the first request.
    """

    def __init__(self, url: str, *, name: str, proof: Proof = None, timeout: float = 30.0) -> None:
        """Reach ``name`` (for people: "the NFVO") at ``url``; an answer may take ``timeout`` seconds.

        Raises:
            ValueError: the URL is no absolute one of http or https, or has credentials in it.
        """
        parsed = URL(url)
        if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.user or parsed.password:
            raise ValueError(f"{name} is reached at an absolute http or https URL without credentials, not {url!r}")
        self._root = url.rstrip("/")
        self._origin = parsed.origin()
        self._name = name
        self._proof = proof
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._opened: aiohttp.ClientSession | None = None
        self._tokens: Tokens | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._opened is not None:
            await self._opened.close()

    @property
    def url(self) -> str:
        """Where it is reached, without a slash at the end."""
        return self._root

    async def ask(
        self, method: str, path: str, *, version: str, body: object = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask once, and a second time with a new token where the first is not taken.

        ``path`` begins below the peer's root, unless it is one of an :class:`Answer`. ``version`` is that of the API.

        Raises:
            PeerError: it answered with a problem, or not at all.
        """
        url = self._url(path)
        content = None if body is None else msgspec.json.encode(body)
        try:
            for last in (False, True):
                headers = {**await self._headers(version), "Content-Type": "application/json"}
                async with self._session().request(
                    method,
                    url if query is None else url.update_query(query),
                    data=content,
                    headers=headers,
                    allow_redirects=False,
                    timeout=self._timeout,
                ) as response:
                    if response.status == _UNAUTHORIZED and not last and self._renewable():
                        continue
                    return await self._answer(method, url, response)
        except TokenError as error:
            raise PeerError(UNREACHABLE, f"{self._name} cannot be asked", str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(method, url, error) from error
        raise AssertionError("unreachable")

    async def load(self, path: str, into: Path, *, version: str) -> None:
        """Write a content into a file, going on after what is there already; constant memory.

        Raises:
            PeerError: it is not, or not yet, whole; asked again, what has come already is kept.
        """
        url = self._url(path)
        there = await asyncio.to_thread(_size, into)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=30.0, sock_read=_STALLED_SECONDS)
        headers = {**await self._proven(version), "Accept": "application/zip, application/octet-stream, */*"}
        if there:
            headers["Range"] = f"bytes={there}-"
        try:
            async with self._session().get(url, headers=headers, allow_redirects=False, timeout=timeout) as response:
                if there and response.status == _BEYOND:  # all of it is there
                    return
                if response.status >= 300:  # noqa: PLR2004  a redirect is no content
                    await self._answer("GET", url, response)
                await _written(response, into, "ab" if response.status == _PARTIAL else "wb")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable("GET", url, error) from error

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            self._opened = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            self._tokens = Tokens(self._opened)
        return self._opened

    def _url(self, path: str) -> URL:
        if path.startswith(_ABSOLUTE):
            return self._origin.join(URL(path.removeprefix(_ABSOLUTE), encoded=True))
        return URL(self._root + path, encoded=True)

    async def _proven(self, version: str) -> dict[str, str]:
        try:
            return await self._headers(version)
        except TokenError as error:
            raise PeerError(UNREACHABLE, f"{self._name} cannot be asked", str(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable("GET", self._origin, error) from error

    async def _headers(self, version: str) -> dict[str, str]:
        headers = {"Version": version, "Accept": "application/json, application/problem+json"}
        self._session()
        match self._proof:
            case Basic(user=user, password=password):
                headers["Authorization"] = aiohttp.encode_basic_auth(user, password, "utf-8")
            case ClientCredentials() as credentials if self._tokens:
                headers["Authorization"] = f"Bearer {await self._tokens.get(credentials)}"
        return headers

    def _renewable(self) -> bool:
        """Whether another token may help: the one that was shown may have been revoked before its end."""
        return isinstance(self._proof, ClientCredentials) and bool(self._tokens and self._tokens.forget(self._proof))

    async def _answer(self, method: str, url: URL, response: aiohttp.ClientResponse) -> Answer:
        body = await response.read()
        after = _delay(response)
        if response.status >= 300:  # noqa: PLR2004  a redirect is no answer
            raise self._refusal(method, url, response, body, after)
        location, following = response.headers.get("Location", ""), _NEXT.search(response.headers.get("Link", ""))
        return Answer(
            status=response.status,
            body=body,
            location=_here(response.url, location),
            after=after,
            following=_here(response.url, following[1]) if following else "",
        )

    def _refusal(
        self, method: str, url: URL, response: aiohttp.ClientResponse, body: bytes, after: float | None
    ) -> PeerError:
        try:
            problem = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.MsgspecError:
            problem = {}
        words = str(problem.get("detail") or problem.get("title") or response.reason)
        title = str(problem.get("title") or f"{self._name} answers {method} {url.path} with {response.status}")
        return PeerError(response.status, title, words, after=after, **{"problem": problem} if problem else {})

    def _unreachable(self, method: str, url: URL, error: Exception) -> PeerError:
        why = "it did not answer in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
        return PeerError(UNREACHABLE, f"{self._name} cannot be reached", f"{method} {url.with_query(None)}: {why}")


_ABSOLUTE = "//"
"""Marks a path as one from the root of the host, as links give it; no path of ours begins so."""


def _here(base: URL, reference: str) -> str:
    """Return a link as a path from the root of the peer's host."""
    return _ABSOLUTE + base.join(URL(reference)).raw_path_qs if reference else ""


def _delay(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds that the peer asks to wait for (Retry-After), as a number or as a date."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdigit():
        return float(asked)
    try:
        moment: datetime = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if moment.tzinfo is None:  # "-0000": UTC, of a sender that does not know its zone
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _written(response: aiohttp.ClientResponse, into: Path, mode: Literal["ab", "wb"]) -> None:
    file = await asyncio.to_thread(into.open, mode)
    try:
        async for chunk in response.content.iter_chunked(_CHUNK):
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
