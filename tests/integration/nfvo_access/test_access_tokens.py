"""Tokens: got with a secret, good until their end, their client's end, or their secret's end."""

from aiohttp import encode_basic_auth
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

GRANT = {"grant_type": "client_credentials"}
PACKAGES = "/vnfpkgm/v2/vnf_packages"


def basic(client, secret):
    """Return the header by which a client shows its secret."""
    return {"Authorization": encode_basic_auth(client, secret)}


async def status_with(door, token):
    async with door.http.get(PACKAGES, headers={"Authorization": f"Bearer {token}"}) as answer:
        return answer.status, answer.headers.get("WWW-Authenticate", "")


async def test_a_token_is_verified_with_the_published_keys(door):
    """Others verify our tokens with the keys at /.well-known/jwks.json, which have no private part."""
    token = await door.token("root")
    async with door.http.get("/.well-known/jwks.json") as answer:
        keys = await answer.json(content_type="application/jwk-set+json")
    assert all("d" not in key for key in keys["keys"])
    claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["ES256"]).claims
    assert claims["sub"] == "root"
    assert claims["exp"] > claims["iat"]


async def test_tokens_survive_another_key(door):
    """After a rotation new tokens are signed with the new key, and those of the old one stay good."""
    old = await door.token("root")
    status, made = await door.ask("root", "POST", "/mano/v1/signing_keys")
    assert status == 200
    door.tokens.clear()
    new = await door.token("root")
    assert (await status_with(door, old))[0] == (await status_with(door, new))[0] == 200
    async with door.http.get("/.well-known/jwks.json") as answer:
        names = [key["kid"] for key in (await answer.json(content_type=None))["keys"]]
    assert len(names) == 2
    assert names[-1] == made["id"]


async def test_a_forged_token_is_refused(door):
    """Signed by somebody else, with another algorithm, or altered: 401 that says invalid_token."""
    token = await door.token("root")
    head, body, signature = token.split(".")
    stranger = ECKey.generate_key("P-256", {"kid": "stranger"})
    forged = jwt.encode({"alg": "ES256", "kid": "stranger"}, {"sub": "root"}, stranger)
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    for bad in (forged, unsigned, f"{head}.{body}.{other}", "nonsense", "a.b.c", "ä"):
        status, challenge = await status_with(door, bad)
        assert status == 401
        assert 'error="invalid_token"' in challenge


async def test_another_secret_ends_the_one_before_and_its_tokens(door):
    """After a rotation neither the old secret nor a token that it got is good; the new secret is."""
    await door.made("pipeline", "operator")
    token = await door.token("pipeline")
    assert (await status_with(door, token))[0] == 200
    old = door.secrets["pipeline"]
    status, rotated = await door.ask("root", "POST", "/mano/v1/clients/pipeline/rotate")
    assert status == 200
    assert rotated["secret"] != old
    assert (await status_with(door, token))[0] == 401
    async with door.http.post("/token", headers=basic("pipeline", old), data=GRANT) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    door.secrets["pipeline"] = rotated["secret"]
    door.tokens.clear()
    assert (await status_with(door, await door.token("pipeline")))[0] == 200


async def test_a_deleted_client_is_gone_at_once(door):
    """Its tokens end with it; it is not found, and its name can be given again."""
    await door.made("pipeline", "operator")
    token = await door.token("pipeline")
    assert (await status_with(door, token))[0] == 200
    assert (await door.ask("root", "DELETE", "/mano/v1/clients/pipeline"))[0] == 204
    assert (await status_with(door, token))[0] == 401
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        status, problem = await door.ask("root", method, f"/mano/v1/clients/pipeline{path}")
        assert (status, problem["type"]) == (404, "urn:mano:problem:unknown-client")
    await door.made("pipeline", "viewer")


async def test_a_secret_is_told_once(door, settings):
    """Reads never show it, and the database holds no more than a hash of it."""
    await door.made("pipeline", "operator")
    _, shown = await door.ask("root", "GET", "/mano/v1/clients/pipeline")
    _, listed = await door.ask("root", "GET", "/mano/v1/clients")
    assert "secret" not in shown
    assert [client["id"] for client in listed] == ["pipeline", "root"]
    assert all("secret" not in client and "hash" not in client for client in listed)


UNUSABLE = [
    ({"id": "root", "roles": ["viewer"]}, 409, "client-exists"),
    ({"id": "x", "roles": ["king"]}, 422, "unknown-role"),
    ({"id": "x", "roles": []}, 422, "unknown-role"),
    ({"id": "x y", "roles": ["viewer"]}, 400, "invalid-body"),
    ({"id": "x", "roles": ["viewer"], "tenant": ""}, 400, "invalid-body"),
]


async def test_an_unusable_client_is_refused(door):
    """A name that is taken or odd, a role that nobody knows: the answer names the attribute."""
    for wanted, status, problem in UNUSABLE:
        answer = await door.ask("root", "POST", "/mano/v1/clients", json=wanted)
        assert (answer[0], answer[1]["type"]) == (status, f"urn:mano:problem:{problem}")
        assert answer[1]["attribute"].startswith("$.")


REFUSED = [
    ({"data": {}}, 400, "invalid_request"),
    ({"data": {"grant_type": "password"}}, 400, "unsupported_grant_type"),
    ({"json": GRANT}, 400, "invalid_request"),
    ({"data": GRANT}, 401, "invalid_client"),
    ({"data": {**GRANT, "client_id": "root"}}, 401, "invalid_client"),
    ({"data": GRANT, "headers": {"Authorization": "Basic !"}}, 401, "invalid_client"),
    ({"data": GRANT, "headers": {"Authorization": "Bearer x"}}, 401, "invalid_client"),
    ({"data": GRANT, "headers": basic("nobody", "x")}, 401, "invalid_client"),
    (
        {"data": {**GRANT, "client_secret": "x"}, "headers": basic("root", "x")},
        400,
        "invalid_request",
    ),
    (
        {
            "data": [("grant_type", "client_credentials")] * 2,
            "headers": basic("root", "x"),
        },
        400,
        "invalid_request",
    ),
]


async def test_a_request_for_a_token_is_refused_as_rfc_6749_has_it(door):
    """`error` and `error_description`, never to be kept by a cache."""
    for request_, status, error in REFUSED:
        async with door.http.post("/token", **request_) as answer:
            body = await answer.json()
            assert (answer.status, body["error"]) == (status, error)
            assert body["error_description"]
            assert answer.headers["Cache-Control"] == "no-store"
            assert ("WWW-Authenticate" in answer.headers) == (status == 401)


async def test_who_guesses_has_to_wait(door):
    """After five wrong secrets there is no sixth try for a while, not even with the right one."""
    for _ in range(5):
        async with door.http.post("/token", headers=basic("root", "guess"), data=GRANT) as answer:
            assert answer.status == 401
    async with door.http.post("/token", headers=basic("root", door.secrets["root"]), data=GRANT) as answer:
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
