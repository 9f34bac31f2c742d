"""Tokens of an OpenID provider: discovered, verified, and read as its claims have it."""

from __future__ import annotations

import time

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from door import Door
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from mano_runtime.security.issuer import PAUSE_SECONDS, Issuer, IssuerConfiguration
from mano_runtime.security.tokens import InvalidTokenError, IssuerUnreachableError
from nfvo.roles import INSTALLATION_WIDE, ROLES
from nfvo.server import CannotServeError, build_application, run


class Provider:
    """An OpenID provider, as much of it as we use."""

    def __init__(self):
        self.keys = [RSAKey.generate_key(2048, {"kid": "first"})]
        self.asked = []
        self.url = ""
        self.calls_itself = None
        self.down = False

    def token(self, key=None, algorithm="RS256", header=None, **claims):
        """Return a token for an operator of the tenant blue, unless told otherwise."""
        key = key or self.keys[-1]
        now = int(time.time())
        usual = {
            "iss": self.url,
            "aud": ["other", "mano"],
            "sub": "ada",
            "iat": now,
            "exp": now + 60,
            "realm_access": {"roles": ["operator", "offline_access"]},
            "mano_tenant": "blue",
        }
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        header = {"alg": algorithm, "kid": key.kid, **(header or {})}
        return jwt.encode(header, told, key, algorithms=[algorithm])

    async def discovery(self, _request):
        self.asked.append("discovery")
        if self.down:
            return web.Response(status=502)
        return web.json_response({"issuer": self.calls_itself or self.url, "jwks_uri": f"{self.url}/keys"})

    async def jwks(self, _request):
        self.asked.append("keys")
        strange = {"kty": "AKP", "kid": "of tomorrow"}
        return web.json_response({"keys": [strange, *(key.as_dict(private=False) for key in self.keys)]})


@pytest.fixture
async def provider():
    provider = Provider()
    app = web.Application()
    app.add_routes(
        [web.get("/realm/.well-known/openid-configuration", provider.discovery), web.get("/realm/keys", provider.jwks)]
    )
    async with TestServer(app) as server:
        provider.url = str(server.make_url("/realm"))
        yield provider


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def issuer(provider, clock):
    configuration = IssuerConfiguration(url=provider.url, audience="mano", roles_claim="realm_access.roles")
    issuer = Issuer(configuration, roles=ROLES, everywhere=INSTALLATION_WIDE, clock=clock)
    yield issuer
    await issuer.aclose()


async def test_claims_say_who_and_what(provider, issuer):
    """Subject, roles, tenant and scopes; roles that are not ours mean nothing, an administrator sees all tenants."""
    known = await issuer.verified(provider.token(scope="openid nsd:v2:readonly"))
    assert known.principal.subject == "ada@127.0.0.1"
    assert (known.principal.party.tenant, known.principal.party.everywhere) == ("blue", False)
    assert known.principal.allows("nslcm:v2:ns_instances:all")
    assert not known.principal.allows("vnfpkgm:v2:vnf_packages:all")
    root = (
        await issuer.verified(provider.token(realm_access={"roles": ["administrator"]}, mano_tenant=None))
    ).principal
    assert (root.party.tenant, root.party.everywhere) == ("default", True)
    nobody = (await issuer.verified(provider.token(realm_access=None, aud="mano"))).principal
    assert not nobody.allows("nsd:v2:ns_descriptors:readonly")


async def test_what_proves_nothing_is_refused(provider, issuer):
    """Of another issuer or audience, ended, not begun, unsigned, signed by a stranger or with a secret."""
    now = int(time.time())
    shared = OctKey.generate_key(256)
    stranger = RSAKey.generate_key(2048, {"kid": "first"})
    for token in (
        provider.token(iss="https://elsewhere"),
        provider.token(aud="other"),
        provider.token(aud=None),
        provider.token(exp=now - 60),
        provider.token(exp=None),
        provider.token(nbf=now + 60),
        provider.token(nbf="tomorrow"),
        provider.token(sub=None),
        provider.token(mano_tenant="not a name"),
        provider.token(key=stranger),
        provider.token(key=shared, algorithm="HS256", header={"kid": "first"}),
        provider.token()[:-8] + "AAAAAAAA",
        "e30.e30.",
        "nonsense",
    ):
        with pytest.raises(InvalidTokenError):
            await issuer.verified(token)
    assert (await issuer.verified(provider.token(exp=now - 20))).principal.subject  # within the leeway of clocks


async def test_keys_are_kept_and_asked_for_again(provider, issuer, clock):
    """Once for many tokens; again when a token names a new one, but not as often as somebody makes such names up."""
    for _ in range(3):
        await issuer.verified(provider.token())
    assert provider.asked == ["discovery", "keys"]
    provider.keys = [ECKey.generate_key("P-256", {"kid": "second"})]
    with pytest.raises(InvalidTokenError):
        await issuer.verified(provider.token(algorithm="ES256"))
    assert provider.asked == ["discovery", "keys"]
    clock.now += PAUSE_SECONDS
    assert await issuer.verified(provider.token(algorithm="ES256"))
    unknown = RSAKey.generate_key(2048, {"kid": "made up"})
    for _ in range(3):
        with pytest.raises(InvalidTokenError):
            await issuer.verified(provider.token(key=unknown))
    assert provider.asked == ["discovery", "keys"] * 2
    clock.now += 2 * 3600
    provider.down = True
    assert await issuer.verified(provider.token(algorithm="ES256"))  # those that are known stay good meanwhile


async def test_an_issuer_that_is_not_itself_is_not_trusted(provider, issuer):
    """Discovery must name the issuer to the letter; without keys nobody can tell what a token is worth."""
    provider.calls_itself = provider.url + "/"
    with pytest.raises(IssuerUnreachableError, match="calls itself"):
        await issuer.verified(provider.token())
    provider.calls_itself = None
    assert await issuer.verified(provider.token())


async def test_a_server_takes_the_tokens_of_both(provider, settings, secret):
    """The provider's and its own, each with its rights; while the provider is away and unknown, 503 and not 401."""
    there = msgspec.structs.replace(settings, oidc_issuer=provider.url, oidc_roles_claim="realm_access.roles")
    provider.down = True
    async with build_application(there) as app, TestClient(TestServer(app)) as http:
        door = Door(http, {"root": secret})
        door.tokens["ada"] = provider.token()
        status, problem = await door.ask("ada", "GET", "/nsd/v2/ns_descriptors")
        assert (status, problem["type"]) == (503, "urn:mano:problem:issuer-unreachable")
        provider.down = False
        assert (await door.ask("ada", "GET", "/nsd/v2/ns_descriptors"))[0] == 200
        assert (await door.ask("ada", "POST", "/nsd/v2/ns_descriptors", json={}))[0] == 403
        assert (await door.ask("root", "POST", "/nsd/v2/ns_descriptors", json={}))[0] == 201
        assert (await door.ask("ada", "GET", "/nsd/v2/ns_descriptors")) == (200, [])  # that is another tenant's
        entries = (await door.ask("root", "GET", "/mano/v1/audit"))[1]
        assert [(entry["who"], entry.get("tenant")) for entry in entries][:1] == [("ada@127.0.0.1", "blue")]


def test_an_issuer_is_asked_over_tls(settings):
    """Who could change its keys on the way could be anybody: http is for loopback only."""
    with pytest.raises(CannotServeError, match="MANO_OIDC_ISSUER"):
        run(msgspec.structs.replace(settings, oidc_issuer="http://id.example"))
