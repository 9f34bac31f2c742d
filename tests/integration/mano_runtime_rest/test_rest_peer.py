"""Another functional block over HTTP: who we are is proved to it and to nobody else, its refusals are its own words."""

from __future__ import annotations

import base64

import pytest
from aiohttp import web

from mano_runtime.peer import Basic, Peer, PeerError
from mano_runtime.tokens import ClientCredentials

VERSION = "1.0.0"


class Other:
    """A server that wants to know who asks."""

    def __init__(self) -> None:
        self.good = {"Bearer token-2"}
        self.shown: list[str | None] = []
        self.tokens = 0

    async def things(self, request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization")
        self.shown.append(shown)
        if shown in self.good:
            return web.json_response({"id": 1}, headers={"Location": "http://elsewhere.example/things/1?x=1"})
        return web.json_response({"title": "Who?", "detail": "say who you are", "status": 401}, status=401)

    async def token(self, request: web.Request) -> web.Response:
        assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"us:hush"
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}"})

    async def away(self, _request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://elsewhere.example/"})


@pytest.fixture
async def other(aiohttp_server):
    other = Other()
    app = web.Application()
    app.router.add_get("/root/things", other.things)
    app.router.add_get("/root/away", other.away)
    app.router.add_post("/token", other.token)
    server = await aiohttp_server(app)
    other.url, other.token_url = str(server.make_url("/root")), str(server.make_url("/token"))
    return other


async def test_a_token_is_got_and_got_again(other):
    """One that is not taken is replaced once; the next request uses the new one."""
    proof = ClientCredentials(client_id="us", client_password="hush", token_endpoint=other.token_url)
    async with Peer(other.url, name="the other", proof=proof) as peer:
        assert (await peer.ask("GET", "/things", version=VERSION)).body == b'{"id": 1}'
        await peer.ask("GET", "/things", version=VERSION)
        assert other.shown == ["Bearer token-1", "Bearer token-2", "Bearer token-2"]
        other.good.clear()
        with pytest.raises(PeerError, match="say who you are") as refused:
            await peer.ask("GET", "/things", version=VERSION)
    assert (refused.value.status, refused.value.passing, other.tokens) == (401, False, 3)


async def test_a_name_and_a_password_are_shown(other):
    """HTTP Basic, in UTF-8; nothing that is printed has the password."""
    proof = Basic(user="us", password="hüsh")
    other.good = {"Basic " + base64.b64encode("us:hüsh".encode()).decode()}
    async with Peer(other.url, name="the other", proof=proof) as peer:
        await peer.ask("GET", "/things", version=VERSION)
    assert "hüsh" not in repr(proof)


async def test_nobody_else_is_asked(other):
    """A redirect is a refusal, and a link leads to the same host, whatever host it names."""
    other.good = {None}
    async with Peer(other.url, name="the other") as peer:
        with pytest.raises(PeerError) as refused:
            await peer.ask("GET", "/away", version=VERSION)
        assert refused.value.status == 302
        answer = await peer.ask("GET", "/things", version=VERSION)
        with pytest.raises(PeerError) as missing:
            await peer.ask("GET", answer.location, version=VERSION)
    assert (answer.location, missing.value.status) == ("///things/1?x=1", 404)


async def test_one_that_is_not_there_may_be_later(unused_tcp_port):
    """Without an answer it is 503, which is worth another try; so is one whose token endpoint is not there."""
    url = f"http://127.0.0.1:{unused_tcp_port}"
    proof = ClientCredentials(client_id="us", client_password="hush", token_endpoint=f"{url}/token")
    for shown in (None, proof):
        async with Peer(url, name="the other", proof=shown) as peer:
            with pytest.raises(PeerError, match="the other cannot be") as refused:
                await peer.ask("GET", "/things", version=VERSION)
        assert (refused.value.status, refused.value.passing) == (503, True)


@pytest.mark.parametrize("url", ["nfvo.example", "ftp://nfvo.example", "http://us:hush@nfvo.example", "/root"])
def test_an_url_that_cannot_be_used_is_refused(url):
    """It must be absolute, of http or https, and without credentials, which would be logged."""
    with pytest.raises(ValueError, match="absolute http or https URL"):
        Peer(url, name="the other")
