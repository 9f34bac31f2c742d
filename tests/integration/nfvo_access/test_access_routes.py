"""Who may use which route: every route and every role."""

import re

PUBLIC = {"/healthz", "/readyz", "/token", "/.well-known/jwks.json", "/openapi.json", "/docs"}
"""What everybody may ask, beside ``api_versions``: it tells nothing of what is kept."""
RESERVED = {"clients", "signing_keys", "audit"}
"""Resources of ``/mano/v1`` that only administrators may look at."""


def may(role, method, path):
    """Say in one place what the guide promises: who may do what."""
    interface, _, resource = [*path.strip("/").split("/"), "", ""][:3]
    if role == "administrator":
        return True
    if interface == "grant" or role == "vnfm":
        return role == "vnfm" and (interface == "grant" or (interface == "vnfpkgm" and method in {"GET", "HEAD"}))
    if path == "/metrics" or method in {"GET", "HEAD"}:
        return not (interface == "mano" and resource in RESERVED)
    if interface in {"nsd", "vnfpkgm"}:
        return role == "designer"
    if interface == "mano":
        return role == "designer" and resource in {"vnf_packages", "ns_descriptors"}
    return role == "operator"


async def test_every_route_asks_who_comes_and_lets_in_whom_it_may(door):
    """Without a token each answers 401; with one, 403 to the roles that it is not for and something else to others."""
    routes = [
        (route.method, route.resource.canonical)
        for route in door.http.app.router.routes()
        if route.resource.canonical not in PUBLIC and not route.resource.canonical.endswith("/api_versions")
    ]
    assert len(routes) > 60
    roles = ("viewer", "operator", "designer", "vnfm", "administrator")
    for role in roles:
        await door.made(role, role)
    wrong = []
    for method, template in routes:
        path = re.sub(r"\{[^}]*\}", "x", template)
        async with door.http.request(method, path) as answer:
            if answer.status != 401 or not answer.headers["WWW-Authenticate"].startswith("Bearer "):
                wrong.append((method, template, "without a token", answer.status))
        for role in roles:
            status, _ = await door.ask(role, method, path)
            if (status not in {401, 403}) != may(role, method, template) or status >= 500:
                wrong.append((method, template, role, status))
    assert not wrong, "nfvo/roles.py has the table"


async def test_a_refusal_says_what_is_missing(door):
    """403 names the scope that the route needs, for programs and for people (RFC 6750 3.1)."""
    await door.made("eye", "viewer")
    status, problem = await door.ask("eye", "POST", "/nsd/v2/ns_descriptors", json={})
    assert status == 403
    assert problem["neededScope"] == "nsd:v2:ns_descriptors:all"
    assert problem["type"] == "urn:mano:problem:insufficient-scope"


async def test_a_token_can_be_narrower_than_its_client(door):
    """A client asks for less than it may have, and gets no more; more than it may have is refused."""
    narrow = await door.token("root", scope="nsd:v2:readonly")
    headers = {"Authorization": f"Bearer {narrow}"}
    async with door.http.get("/nsd/v2/ns_descriptors", headers=headers) as answer:
        assert answer.status == 200
    for method, path in (("POST", "/nsd/v2/ns_descriptors"), ("GET", "/vnfpkgm/v2/vnf_packages")):
        async with door.http.request(method, path, headers=headers, json={}) as answer:
            assert answer.status == 403
    await door.made("eye", "viewer")
    async with door.http.post(
        "/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "eye",
            "client_secret": door.secrets["eye"],
            "scope": "nsd:v2:all",
        },
    ) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_scope")
