"""A small API with a route of every sort: houses, their plans, and a way to fail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
from aiohttp import web

from mano_runtime import rest
from mano_runtime.rest import Api, Call
from mano_runtime.storage import DatabaseAwayError

KEPT = 25


class Address(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    street_name: str
    number: Annotated[int, msgspec.Meta(ge=1)]


class House(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    owner: str
    addresses: tuple[Address, ...] = ()


def estate(files: Path) -> Api:
    """Declare the API ``estate``: houses, their plans, and a way to fail."""
    api = Api("estate", version="1.2.0", root="/estate/v1")
    declare_houses(api)
    declare_plans(api, files)

    @api.get("/collapse")
    async def collapse(_call: Call[None]) -> web.StreamResponse:
        secret = "the password of the safe"
        raise RuntimeError(secret)

    @api.get("/archive")
    async def archive(_call: Call[None]) -> web.StreamResponse:
        away = "the database does not answer: connection refused"
        raise DatabaseAwayError(away)

    return api


def declare_houses(api: Api) -> None:

    @api.collection("/houses", omitted=("addresses",), indexed={"even": "parity"})
    async def list_houses(call: Call[None]) -> web.StreamResponse:
        after = int(call.marker or 0)
        wanted = call.equal.get("parity", ["true", "false"])
        rest_of = [number for number in range(after + 1, KEPT + 1) if ("false", "true")[number % 2 == 0] in wanted]
        page = rest_of[: call.page_size]
        houses = [{"id": number, "even": number % 2 == 0} for number in page]
        if call.wants("addresses"):
            houses = [house | {"addresses": [{"number": house["id"]}]} for house in houses]
        return rest.listing(call, houses, next=str(page[-1]) if len(rest_of) > len(page) else None)

    @api.post("/houses", body=House)
    async def build(call: Call[House]) -> web.StreamResponse:
        body = {"owner": call.body.owner, "_links": {"self": call.link("/houses/1")}}
        return rest.created(call, body, location="/houses/1", etag=1)

    @api.get("/houses/{houseId}")
    async def show(call: Call[None]) -> web.StreamResponse:
        if call.path["houseId"] == "404":
            raise rest.ProblemError(404, "Not found", "no house 404", type="urn:mano:problem:no-house", houses=KEPT)
        return rest.ok(call, {"id": call.path["houseId"]}, etag=7)

    @api.patch("/houses/{houseId}", body=dict[str, Any])
    async def modify(call: Call[dict[str, Any]]) -> web.StreamResponse:
        call.if_match(7)
        return rest.ok(call, call.body, etag=8)

    @api.delete("/houses/{houseId}")
    async def demolish(call: Call[None]) -> web.StreamResponse:
        return rest.no_content(call)

    @api.post("/houses/{houseId}/paint")
    async def paint(call: Call[None]) -> web.StreamResponse:
        return rest.accepted(call, "/works/1")


def declare_plans(api: Api, files: Path) -> None:
    @api.put("/houses/{houseId}/plan", raw=True, accepts=("application/zip",))
    async def store_plan(call: Call[None]) -> web.StreamResponse:
        return rest.ok(call, {"bytes": sum([len(chunk) async for chunk in call.request.content.iter_any()])})

    @api.get("/houses/{houseId}/plan", produces=("application/zip",))
    async def read_plan(call: Call[None]) -> web.StreamResponse:
        return await rest.file(call, files / "plan.zip", "application/zip", etag="plan-1")

    @api.get("/houses/{houseId}/rooms/{roomPath:.+}")
    async def room(call: Call[None]) -> web.StreamResponse:
        return rest.ok(call, {"room": call.path["roomPath"]})
