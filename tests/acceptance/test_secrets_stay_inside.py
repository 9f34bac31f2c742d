"""Whatever is secret goes in and never comes out: not in reads, errors, the log, metrics or files of the server."""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import os
import secrets
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from door import Door
from example_packages import package
from server_process import ServerProcess, server_process

from nfvo.first_client import create_first_client

ZIP = {"Content-Type": "application/zip"}
SECRETS = (
    "callback-basic",
    "callback-oauth2",
    "malformed",
    "of-another-client",
    "package-basic",
    "package-oauth2",
    "uri",
    "vim-access",
    "vim-of-a-request",
    "vim-unreachable",
)


class Gossip:
    """A server that lets nobody in, and repeats what it was shown."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        """Paths of requests, with the credentials that came with them."""
        self.token = f"token-{secrets.token_hex(8)}"

    async def answer(self, request: web.Request) -> web.Response:
        """Answer the test of a callback as it must be, everything else with what was shown."""
        shown = request.headers.get("Authorization", "")
        decoded = base64.b64decode(shown.removeprefix("Basic ")).decode() if shown.startswith("Basic ") else shown
        self.asked.append(f"{request.method} {request.path} {decoded}")
        if request.method == "GET" and request.path == "/callback":
            return web.Response(status=204)
        if request.path == "/good-token":
            return web.json_response({"access_token": self.token})
        return web.Response(status=403, text=f"who is {shown}? {decoded.partition(':')[2] or decoded}? never heard")


@pytest.fixture
async def gossip() -> AsyncIterator[tuple[Gossip, str]]:
    gossip = Gossip()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", gossip.answer)
    async with TestServer(app) as server:
        yield gossip, str(server.make_url("")).rstrip("/")


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[ServerProcess, Door]]:
    """A server that logs all it can, and somebody who may all."""
    for name, value in {"ACCESS": "clients", "LOG_LEVEL": "debug", "LOG_FORMAT": "json", "SCRIPTS": "off"}.items():
        monkeypatch.setenv(f"MANO_{name}", value)
    async with server_process(tmp_path) as server:
        first = await asyncio.to_thread(
            create_first_client, server.data, "root", roles=("administrator",), tenant="default"
        )
        await server.start()
        async with aiohttp.ClientSession(server.url) as session:
            yield server, Door(session, {"root": first["secret"]})


@pytest.mark.timeout(180)
async def test_no_secret_comes_out(server, gossip):
    """Known secrets are given in every way there is, a life is lived, with errors; then everything is searched."""
    process, door = server
    server_of_gossip, elsewhere = gossip
    seeds = {name: f"{name}-{secrets.token_hex(8)}" for name in SECRETS}
    told: list[Any] = []

    async def ask(method: str, path: str, *expected: int, **request: Any) -> Any:
        status, body = await door.ask("root", method, path, **request)
        assert status in expected, f"{method} {path}: {status} {body}"
        told.append((method, path, body))
        return body

    await connect_to_vims(ask, seeds, elsewhere)
    await subscribe(ask, seeds, elsewhere)
    await fail_to_fetch(ask, seeds, elsewhere)
    await live(ask, seeds, told)
    await be_refused(ask, door, seeds)
    shown = ("/callback us:callback-basic", "/callback Bearer ", "/token us:callback-oauth2", "/p us:package-basic")
    for part in shown:
        assert any(part in asked for asked in server_of_gossip.asked), f"{part} was not shown: {server_of_gossip.asked}"
    for path in await readable(door):
        await ask("GET", path, 200, 404, 409, 502, 503, 504)
    metrics = (await door.ask("root", "GET", "/metrics"))[1]
    mine = await door.token("root")
    assert await process.stop() == 0

    words = {
        **seeds,
        "client": door.secrets["root"],
        "other client": door.secrets["other"],
        "our token": mine,
        "their token": server_of_gossip.token,
    }
    places = {"answers": repr(told).encode(), "metrics": metrics, "log": process.log.read_bytes()}
    places |= {str(path): path.read_bytes() for path in files_of(process.data)}
    assert b'"path": "/vnfpkgm/v2/vnf_packages"' in places["log"], "the log is searched in vain"
    assert any(name.endswith("mano.sqlite") and b"vim_connections" in content for name, content in places.items())
    found = {
        (name, place)
        for (name, word), (place, content) in itertools.product(words.items(), places.items())
        for form in (word.encode(), base64.b64encode(f"us:{word}".encode()))
        if form in content
    }
    assert found == set()


def files_of(directory: Path) -> list[Path]:
    return [Path(parent) / name for parent, _, names in os.walk(directory) for name in names]


async def connect_to_vims(ask, seeds, elsewhere):
    """Give credentials of VIMs: one that is used, one that nobody reaches, one that is not let in."""
    account = {"username": "us", "project": "p"}
    for name, url in (("vim-access", elsewhere), ("vim-unreachable", "http://127.0.0.1:9")):
        wanted = {
            "name": name,
            "vimType": "OPENSTACK",
            "interfaceInfo": {"endpoint": f"{url}/v3"},
            "accessInfo": account | {"password": seeds[name]},
        }
        made = await ask("POST", "/mano/v1/vim_connections", 201, json=wanted)
        await ask("POST", f"/mano/v1/vim_connections/{made['id']}/check", 200, 405)
        await ask("GET", f"/mano/v1/vim_connections/{made['id']}/check", 200, 405)
        await ask("GET", f"/mano/v1/vim_connections/{made['id']}/resources", 403, 500, 502, 503, 504)
    wrong = {"name": "odd", "vimType": "OPENSTACK", "accessInfo": {"password": seeds["vim-access"], "colour": "red"}}
    await ask("POST", "/mano/v1/vim_connections", 400, 422, json=wrong)


async def subscribe(ask, seeds, elsewhere):
    """Give credentials for callbacks, to a subscriber and to a token endpoint that repeat them when they refuse."""
    basic = {"authType": ["BASIC"], "paramsBasic": {"userName": "us", "password": seeds["callback-basic"]}}
    await ask(
        "POST",
        "/vnflcm/v2/subscriptions",
        201,
        json={"callbackUri": f"{elsewhere}/callback", "authentication": basic},
    )
    credentials = {"clientId": "us", "clientPassword": seeds["callback-oauth2"]}
    for endpoint, expected in (("token", 422), ("good-token", 201)):
        oauth2 = {
            "authType": ["OAUTH2_CLIENT_CREDENTIALS"],
            "paramsOauth2ClientCredentials": credentials | {"tokenEndpoint": f"{elsewhere}/{endpoint}"},
        }
        wanted = {"callbackUri": f"{elsewhere}/callback", "authentication": oauth2}
        await ask("POST", "/nsd/v2/subscriptions", expected, json=wanted)


async def fail_to_fetch(ask, seeds, elsewhere):
    """Have packages fetched from where nobody is let in."""
    basic = {"authType": "BASIC", "paramsBasic": {"userName": "us", "password": seeds["package-basic"]}}
    credentials = {
        "clientId": "us",
        "clientPassword": seeds["package-oauth2"],
        "tokenEndpoint": f"{elsewhere}/token",
    }
    oauth2 = {"authType": "OAUTH2_CLIENT_CREDENTIALS", "paramsOauth2ClientCredentials": credentials}
    for authentication in (basic, oauth2):
        entry = await ask("POST", "/vnfpkgm/v2/vnf_packages", 201, json={})
        one = f"/vnfpkgm/v2/vnf_packages/{entry['id']}"
        wanted = {"addressInformation": f"{elsewhere}/p", **authentication}
        await ask("POST", f"{one}/package_content/upload_from_uri", 202, json=wanted)
        while (await ask("GET", one, 200))["onboardingState"] not in {"ERROR", "CREATED"}:  # noqa: ASYNC110  another process
            await asyncio.sleep(0.05)
    entry = await ask("POST", "/nsd/v2/ns_descriptors", 201, json={})
    content = f"/nsd/v2/ns_descriptors/{entry['id']}/nsd_content"
    await ask("PUT", content, 202, data=b"no archive", headers=ZIP)


async def live(ask, seeds, told):
    """Bring a VNF up, with access information in the request, change it, take it down, and have subscribers told."""
    entry = await ask("POST", "/vnfpkgm/v2/vnf_packages", 201, json={})
    one = f"/vnfpkgm/v2/vnf_packages/{entry['id']}"
    await ask("PUT", f"{one}/package_content", 202, data=package("probe"), headers=ZIP)
    while (await ask("GET", one, 200))["onboardingState"] != "ONBOARDED":  # noqa: ASYNC110  another process
        await asyncio.sleep(0.05)
    vim = next(vim["id"] for vim in await ask("GET", "/mano/v1/vim_connections", 200) if vim["vimType"] == "SIMULATED")
    vnf = await ask("POST", "/vnflcm/v2/vnf_instances", 201, json={"vnfdId": (await ask("GET", one, 200))["vnfdId"]})
    info = {"vimType": "SIMULATED", "accessInfo": {"password": seeds["vim-of-a-request"]}}
    instance = f"/vnflcm/v2/vnf_instances/{vnf['id']}"
    order = {"flavourId": "default", "vimConnectionInfo": {vim: info}}
    patient = {"Prefer": "wait=60"}
    await ask("POST", f"{instance}/instantiate", 202, json=order, headers=patient)
    await ask("PATCH", instance, 202, json={"vimConnectionInfo": {vim: info}}, headers=patient)
    for occurrence in await ask("GET", "/vnflcm/v2/vnf_lcm_op_occs?all_fields", 200):
        await ask("GET", f"/mano/v1/operations/{occurrence['id']}/steps", 200)
    place = await ask("POST", "/vnflcm/v2/vnf_snapshots", 201, json={})
    chosen = {"vnfSnapshotInfoId": place["id"]}
    await ask("POST", f"{instance}/create_snapshot", 202, json=chosen, headers=patient)
    state = await ask("GET", f"/vnflcm/v2/vnf_snapshots/{place['id']}/vnf_state_snapshot", 200)
    with zipfile.ZipFile(io.BytesIO(state)) as archive:
        assert unpacked(archive)["state.json"]
        told.append(unpacked(archive))
    await ask("POST", f"{instance}/terminate", 202, json={"terminationType": "FORCEFUL"}, headers=patient)


def unpacked(archive):
    return {name: archive.read(name).decode() for name in archive.namelist()}


async def be_refused(ask, door, seeds):
    """Give secrets where they are not understood, or not expected."""
    await door.made("other", "viewer")
    password = b'"password": "%s"' % seeds["malformed"].encode()
    text = b'{"callbackUri": "http://h", "authentication": {"paramsBasic": {' + password
    for body in (text, text + b"}}, }", text + b"}, 7}}"):
        headers = {"Content-Type": "application/json"}
        await ask("POST", "/nsd/v2/subscriptions", 400, data=body, headers=headers)
    for uri in ("ftp://us:{}@127.0.0.1/x", "http://us:{}@127.0.0.1/x", "http://us:{}@[/x", "us:{}@h"):
        wanted = {"callbackUri": uri.format(seeds["uri"])}
        await ask("POST", "/nsd/v2/subscriptions", 422, json=wanted)
    guess = aiohttp.encode_basic_auth("other", seeds["of-another-client"])
    form = {"grant_type": "client_credentials"}
    await ask("POST", "/token", 401, data=form, headers={"Authorization": guess})
    await ask("GET", "/nsd/v2/ns_descriptors", 401, headers={"Authorization": f"Bearer {seeds['of-another-client']}"})


async def readable(door):
    """Return the path of everything that can be read: collections, and what is in them."""
    document = (await door.ask("root", "GET", "/openapi.json"))[1]
    templates = [path for path, methods in document["paths"].items() if "get" in methods]
    paths = []
    for path in (path for path in templates if "{" not in path and path not in {"/metrics", "/docs"}):
        paths.append(path)
        status, found = await door.ask("root", "GET", path)
        for entry in found if status == 200 and isinstance(found, list) else []:
            for template in templates:
                if template.startswith(f"{path}/{{") and template.count("{") == 1:
                    head, _, rest = template.partition("{")
                    paths.append(f"{head}{entry['id']}{rest.partition('}')[2]}")
    assert len(paths) > 40
    return [*paths, "/mano/v1/subscriptions", "/mano/v1/audit?since=2020-01-01T00:00:00Z"]
