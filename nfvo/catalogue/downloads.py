"""Contents from where others keep them: over HTTP, as a stream, from nowhere that is nobody's business to ask."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import AsyncGenerator

import aiohttp
from aiohttp import AddrInfoType
from yarl import URL

from mano_runtime.peer import Basic, Proof
from mano_runtime.tokens import ClientCredentials, TokenError, Tokens, beginning

CHUNK = 1 << 20
REDIRECTS = 5
"""How often a server may send us elsewhere."""
TRIES = 3
"""How often a download is begun or gone on with, before it is given up."""
STALLED_SECONDS = 60.0
"""A server from which nothing has come for so long is asked anew."""
_PARTIAL = 206
_FINAL = (ValueError, aiohttp.ClientResponseError)
_PASSING = frozenset({429, 500, 502, 503, 504})


class DownloadError(Exception):
    """The content could not be fetched; the message says why, without anything secret."""


class _BrokenError(DownloadError):
    """It may work the next time."""


class Downloads:
    """Fetches contents. TLS is verified, and credentials are shown to the server that they are for only.

    Redirects are followed ``REDIRECTS`` times, never from https to http. Link-local addresses, at which machines keep
    what is their own (the metadata of a cloud), are refused, however they are written or named. Belongs to one event
    loop; opened at the first download.
    """

    def __init__(self) -> None:
        self._opened: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        """Let go of every connection."""
        if self._opened is not None:
            await self._opened.close()

    async def chunks(self, uri: str, proof: Proof) -> AsyncGenerator[bytes]:
        """Yield the content at ``uri`` as it comes, in constant memory.

        A connection that breaks is gone on with where it ended, when the server can tell that the content is still the
        same (RFC 9110 13.1.5); up to ``TRIES`` times in all.

        Raises:
            DownloadError: it could not be had, or not whole.
        """
        received, tag = 0, ""
        for last in (*[False] * (TRIES - 1), True):
            try:
                async with await self._response(uri, proof, received, tag) as response:
                    tag = _validator(response)
                    async for chunk in response.content.iter_chunked(CHUNK):
                        received += len(chunk)
                        yield chunk
                    return
            except _BrokenError:
                if last or (received and not tag):
                    raise
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                if last or (received and not tag) or isinstance(error, _FINAL):
                    raise DownloadError(_told(uri, error, received)) from error

    async def _response(self, uri: str, proof: Proof, received: int, tag: str) -> aiohttp.ClientResponse:
        headers = {"Accept": "application/zip, application/octet-stream, */*", "Accept-Encoding": "identity"}
        if received:
            headers |= {"Range": f"bytes={received}-", "If-Range": tag}
        session = self._session()
        try:
            response = await session.get(
                URL(uri), headers=headers | await self._proven(proof), max_redirects=REDIRECTS + 1
            )
        except TokenError as error:
            raise DownloadError(f"{_place(uri)}: {error}") from error
        try:
            await _check(response, uri, received)
        except BaseException:
            response.close()
            raise
        return response

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=_socket),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=30.0, sock_read=STALLED_SECONDS),
                auto_decompress=False,
            )
        return self._opened

    async def _proven(self, proof: Proof) -> dict[str, str]:
        match proof:
            case Basic(user=user, password=password):
                return {"Authorization": aiohttp.encode_basic_auth(user, password, "utf-8")}
            case ClientCredentials() as credentials:  # a token of its own: downloads are few, tokens end
                return {"Authorization": f"Bearer {await Tokens(self._session()).get(credentials)}"}
        return {}


async def _check(response: aiohttp.ClientResponse, uri: str, received: int) -> None:
    if URL(uri).scheme == "https" and response.url.scheme != "https":
        raise DownloadError(f"{_place(uri)} sends us to {_place(str(response.url))}, which is not secure")
    if response.status >= 300:  # noqa: PLR2004  a redirect that leads nowhere is no content
        what = f"{_place(str(response.url))} answers {response.status}: {await beginning(response)}"
        raise (_BrokenError if response.status in _PASSING else DownloadError)(what)
    if received and response.status != _PARTIAL:
        raise DownloadError(f"{_place(uri)}: the connection broke after {received} bytes, and the content has changed")


def _validator(response: aiohttp.ClientResponse) -> str:
    """Return what tells this content from any other at the same place; empty when nothing does."""
    tag = response.headers.get("ETag", "")
    return "" if tag.startswith("W/") else tag


def _told(uri: str, error: Exception, received: int) -> str:
    if isinstance(error, TimeoutError):
        why = f"nothing came for {STALLED_SECONDS:.0f} seconds"
    elif isinstance(error, aiohttp.TooManyRedirects):
        why = f"it sends us elsewhere more than {REDIRECTS} times"
    else:
        why = f"{type(error).__name__}: {error}"
    return f"{_place(uri)}: {why}" + (f" (after {received} bytes)" if received else "")


def _place(uri: str) -> str:
    """Return the URI for people: a query may be a secret."""
    return str(URL(uri).with_query(None).with_fragment(None))


def _socket(address: AddrInfoType) -> socket.socket:
    """Make the socket for a connection; an OSError for an address that nothing is fetched from."""
    family, kind, protocol, _, where = address
    ip = ipaddress.ip_address(str(where[0]).partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_link_local or ip.is_multicast:
        raise OSError(errno.EACCES, f"nothing is fetched from {ip}, an address that machines keep to themselves")
    return socket.socket(family=family, type=kind, proto=protocol)
