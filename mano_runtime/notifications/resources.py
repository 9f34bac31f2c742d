"""The subscriptions of an API over REST, which look alike in every API (SOL003 clauses 5.4.18 and 5.4.19)."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec
from aiohttp import web

from mano_runtime.clock import timestamp
from mano_runtime.identifiers import new_id
from mano_runtime.notifications.callbacks import CallbackError
from mano_runtime.notifications.notifications import DuplicateSubscriptionError, Notifications
from mano_runtime.notifications.subscription import Authentication, Subscription
from mano_runtime.rest import Api, Call, Link, ProblemError, created, listing, no_content, ok
from mano_runtime.uris import UnusableUriError, checked_uri

F = TypeVar("F")

Verbosity = Literal["FULL", "SHORT"]
SUPPORTED = ("BASIC", "OAUTH2_CLIENT_CREDENTIALS", "TLS_CERT")


class SubscriptionRequest(msgspec.Struct, Generic[F], frozen=True, kw_only=True, rename="camel"):
    """Ask to be told; ``filter`` is of the type that the API declares."""

    callback_uri: str
    filter: F | None = None
    authentication: Authentication | None = None
    verbosity: Verbosity = "FULL"


class SubscriptionLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Where the subscription is."""

    self: Link


class SubscriptionView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A subscription as it is shown: without credentials."""

    id: str
    filter: dict[str, Any] | None = None
    callback_uri: str
    verbosity: Verbosity | None = None
    links: SubscriptionLinks = msgspec.field(name="_links")


def declare_subscriptions(api: Api, notifications: Notifications, filter_type: Any, *, verbosity: bool = False) -> None:
    """Declare ``/subscriptions`` on ``api``.

    ``filter_type`` is what the filters of the API are converted to, and so checked by. ``verbosity``: whether its
    subscribers choose between full and short notifications.
    """
    one = "/subscriptions/{subscriptionId}"

    def shown(call: Call[Any], subscription: Subscription) -> SubscriptionView:
        return SubscriptionView(
            id=subscription.id,
            filter=subscription.filter,
            callback_uri=subscription.callback_uri,
            verbosity=subscription.verbosity if verbosity else None,
            links=SubscriptionLinks(self=call.link(_path(subscription))),
        )

    @api.post("/subscriptions", body=SubscriptionRequest[filter_type], answer=SubscriptionView, also=(303,))
    async def subscribe(call: Call[SubscriptionRequest[Any]]) -> web.StreamResponse:
        subscription = _wanted(call, certificate=notifications.shows_certificate)
        try:
            await notifications.subscribe(subscription)
        except DuplicateSubscriptionError as error:
            return web.Response(status=303, headers={"Location": call.url(_path(error.existing))})
        except CallbackError as error:
            raise _unusable(f"callbackUri: {subscription.callback_uri} cannot be notified: {error}") from error
        return created(call, shown(call, subscription), _path(subscription))

    @api.collection("/subscriptions", answer=SubscriptionView)
    async def query(call: Call[None]) -> web.StreamResponse:
        page = await notifications.page(api, after=call.marker, limit=call.page_size)
        return listing(call, [shown(call, stored.document) for stored in page.items], next=page.next)

    @api.get(one, answer=SubscriptionView)
    async def read(call: Call[None]) -> web.StreamResponse:
        subscription = await notifications.get(api, call.path["subscriptionId"])
        if subscription is None:
            raise absent(call.path["subscriptionId"])
        return ok(call, shown(call, subscription))

    @api.delete(one)
    async def unsubscribe(call: Call[None]) -> web.StreamResponse:
        if not await notifications.unsubscribe(api, call.path["subscriptionId"]):
            raise absent(call.path["subscriptionId"])
        return no_content(call)


def _path(subscription: Subscription) -> str:
    return f"/subscriptions/{subscription.id}"


def _wanted(call: Call[SubscriptionRequest[Any]], *, certificate: bool) -> Subscription:
    request = call.body
    try:
        checked_uri(request.callback_uri)
    except UnusableUriError as error:
        raise _unusable(f"callbackUri: {error}") from error
    return Subscription(
        id=new_id(),
        api=call.api.name,
        version=call.api.version,
        root=call.url(),
        callback_uri=request.callback_uri,
        filter=None if request.filter is None else msgspec.json.decode(msgspec.json.encode(request.filter)),
        verbosity=request.verbosity,
        authentication=_authentication(
            request.authentication, certificate=certificate and request.callback_uri.startswith("https:")
        ),
        created_at=timestamp(),
        everywhere=call.principal.party.everywhere,
    )


def _authentication(wanted: Authentication | None, *, certificate: bool) -> Authentication | None:
    """Return how to authenticate, when we can do so in one of the ways that the subscriber takes.

    A type without its parameters is meant to be provisioned out of band, which we have no means for but TLS_CERT's:
    ``certificate`` says whether there is one to be shown to the callback.
    """
    if wanted is None:
        return None
    if wanted.oauth2:
        try:
            checked_uri(wanted.oauth2.token_endpoint)
        except UnusableUriError as error:
            raise _unusable(f"authentication.paramsOauth2ClientCredentials.tokenEndpoint: {error}") from error
    elif not wanted.basic and not (wanted.certificate and certificate):
        raise ProblemError(
            422,
            "The authentication is not supported",
            f"authentication: none of {', '.join(wanted.auth_type) or 'no types'} can be used;"
            f" supported are {', '.join(SUPPORTED)}, with their parameters; TLS_CERT for https callbacks, where the"
            " operator has set outgoing_certificate",
            type="urn:mano:problem:unsupported-authentication",
            attribute="authentication",
            supported=list(SUPPORTED),
        )
    return wanted


def _unusable(detail: str) -> ProblemError:
    return ProblemError(
        422,
        "The callback cannot be used",
        detail,
        type="urn:mano:problem:unusable-callback",
        attribute=detail.partition(":")[0],
    )


def absent(id_: str) -> ProblemError:
    """Return the problem of a subscription that is not there."""
    return ProblemError(
        404, "Not found", f"there is no subscription {id_!r}", type="urn:mano:problem:unknown-subscription"
    )
