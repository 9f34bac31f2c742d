"""A server whose access is controlled, as its clients find it."""

from __future__ import annotations

from typing import Any

from aiohttp import encode_basic_auth
from aiohttp.test_utils import TestClient


class Door:
    """The server as its clients find it."""

    def __init__(self, http: TestClient[Any, Any], secrets: dict[str, str]) -> None:
        self.http = http
        self.secrets = secrets
        self.tokens: dict[str, str] = {}

    async def token(self, client: str, **form: str) -> str:
        """Return a token of a client; the same one when it is asked for again without further wishes."""
        if client not in self.tokens or form:
            headers = {"Authorization": encode_basic_auth(client, self.secrets[client])}
            async with self.http.post(
                "/token", headers=headers, data={"grant_type": "client_credentials", **form}
            ) as answer:
                body = await answer.json()
                assert answer.status == 200, body
            if form:
                return str(body["access_token"])
            self.tokens[client] = body["access_token"]
        return self.tokens[client]

    async def ask(self, client: str, method: str, path: str, **request: Any) -> tuple[int, Any]:
        """Return status and body of what a client gets."""
        headers = {"Authorization": f"Bearer {await self.token(client)}", **request.pop("headers", {})}
        async with self.http.request(method, path, headers=headers, **request) as answer:
            is_json = answer.content_type.endswith("json")
            return answer.status, await answer.json(content_type=None) if is_json else await answer.read()

    async def made(self, name: str, *roles: str, tenant: str = "default") -> str:
        """Have the administrator make a client; return its name."""
        status, body = await self.ask(
            "root", "POST", "/mano/v1/clients", json={"id": name, "roles": roles, "tenant": tenant}
        )
        assert status == 201, body
        self.secrets[name] = body["secret"]
        return name
