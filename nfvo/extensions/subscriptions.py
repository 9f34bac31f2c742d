"""Subscriptions of all APIs, and how their subscribers keep up: what operators look at when a lag grows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from mano_runtime.clock import now
from mano_runtime.notifications import Notifications
from mano_runtime.notifications.deliverer import Failure
from mano_runtime.notifications.notifications import Standing
from mano_runtime.notifications.resources import absent
from mano_runtime.notifications.subscription import DropAlarm
from mano_runtime.rest import Api, Call, ProblemError, listing, no_content, ok


class SubscriberView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A subscription, without credentials and filter, and what its subscriber has not taken."""

    id: str
    api: str
    callback_uri: str
    created_at: str
    waiting: int
    """Notifications that it has not taken yet."""
    lag_seconds: float
    """Age of the oldest of them; 0 when it has everything."""
    dropped: int
    """Notifications that it will never get: they became too old, or were refused again and again."""
    alarm: DropAlarm | None
    """That notifications were dropped, until somebody acknowledges it."""
    failure: Failure | None
    """Of the last attempt at what it is to get next; None when that succeeded, or nothing was attempted yet."""


def declare_subscribers(api: Api, notifications: Notifications) -> None:
    """Declare the subscriptions of all APIs on ``api``."""

    @api.collection("/subscriptions", answer=SubscriberView)
    async def read_list(call: Call[None]) -> web.StreamResponse:
        standings = await notifications.standings()
        rest = [it for it in standings if call.marker is None or it.subscription.id > call.marker]
        page = rest[: call.page_size]
        following = page[-1].subscription.id if len(rest) > len(page) else None
        return listing(call, [_view(standing) for standing in page], next=following)

    @api.get("/subscriptions/{subscriptionId}", answer=SubscriberView)
    async def read(call: Call[None]) -> web.StreamResponse:
        standing = await notifications.standing(call.path["subscriptionId"])
        if standing is None:
            raise absent(call.path["subscriptionId"])
        return ok(call, _view(standing))

    @api.delete("/subscriptions/{subscriptionId}/alarm")
    async def acknowledge(call: Call[None]) -> web.StreamResponse:
        """Answer 204 when there was an alarm; what is dropped afterwards raises another one."""
        id_ = call.path["subscriptionId"]
        if not await notifications.acknowledge(id_):
            if await notifications.standing(id_) is None:
                raise absent(id_)
            raise ProblemError(
                404,
                "Not found",
                f"no notification to subscription {id_!r} was dropped since its alarm was last acknowledged",
                type="urn:mano:problem:no-alarm",
            )
        return no_content(call)


def _view(standing: Standing) -> Any:
    subscription, backlog = standing.subscription, standing.backlog
    return SubscriberView(
        id=subscription.id,
        api=subscription.api,
        callback_uri=subscription.callback_uri,
        created_at=subscription.created_at,
        waiting=backlog.count if backlog else 0,
        lag_seconds=(now() - datetime.fromisoformat(backlog.oldest)).total_seconds() if backlog else 0.0,
        dropped=subscription.dropped,
        alarm=subscription.alarm,
        failure=standing.failure,
    )
