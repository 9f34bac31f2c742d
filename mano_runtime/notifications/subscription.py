"""Subscriptions: who wants to be told what, and where."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

from mano_runtime.storage import Documents
from mano_runtime.tokens import ClientCredentials


class _Secretive(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Says nothing of what it holds when it is printed, as logs and tracebacks do."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class BasicParameters(_Secretive, frozen=True, kw_only=True):
    """What HTTP Basic authentication needs."""

    user_name: str
    password: str


class Authentication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How we prove to a subscriber who we are (SOL013 clause 8.3.4, ``SubscriptionAuthentication``)."""

    auth_type: tuple[Literal["BASIC", "OAUTH2_CLIENT_CREDENTIALS", "OAUTH2_CLIENT_CERT", "TLS_CERT"], ...]
    """What the subscriber takes; any one will do."""
    params_basic: BasicParameters | None = None
    params_oauth2_client_credentials: ClientCredentials | None = None

    @property
    def oauth2(self) -> ClientCredentials | None:
        """The client credentials, where the subscriber takes them and gave them."""
        return self.params_oauth2_client_credentials if "OAUTH2_CLIENT_CREDENTIALS" in self.auth_type else None

    @property
    def certificate(self) -> bool:
        """Whether the subscriber takes our TLS certificate."""
        return "TLS_CERT" in self.auth_type

    @property
    def basic(self) -> BasicParameters | None:
        """User name and password, where the subscriber takes them and gave them."""
        return self.params_basic if "BASIC" in self.auth_type else None


class DropAlarm(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Notifications were dropped: raised by the first, and there until somebody acknowledges it."""

    raised_at: str
    """UTC, ISO 8601."""
    changed_at: str
    """When the latest was dropped; UTC, ISO 8601."""
    dropped: int
    """Notifications that were dropped since it was raised."""
    notification: str
    """Identifier of the latest."""
    detail: str
    """Why the latest was dropped."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A subscription; it is shown by ``resources`` only, and stored without its credentials in clear (``sealing``)."""

    id: str
    api: str
    """Name of the API that it belongs to."""
    version: str
    """Version of the API that the subscriber speaks."""
    root: str
    """Absolute URL of the API's root as the subscriber reached it: links in its notifications begin with it."""
    callback_uri: str
    filter: dict[str, Any] | None = None
    """In the words of the API; None: everything."""
    verbosity: Literal["FULL", "SHORT"] = "FULL"
    authentication: Authentication | None = None
    sealed: str = ""
    """The authentication, as it is stored."""
    created_at: str
    """UTC, ISO 8601."""
    everywhere: bool = False
    """Whether it is told of what any tenant has: an administrator subscribed."""
    dropped: int = 0
    """Notifications that were given up: they became too old, or were refused again and again."""
    alarm: DropAlarm | None = None
    """Raised when one is given up."""

    def url(self, path: str) -> str:
        """Return the absolute URL of a path below the API's root, as this subscriber reaches it."""
        return f"{self.root}{path}"

    @property
    def here(self) -> str:
        """The absolute URL of the subscription itself."""
        return self.url(f"/subscriptions/{self.id}")

    def with_drop(self, notification: str, *, at: str, why: str) -> Subscription:
        """Return the subscription after a notification was given up."""
        alarm = DropAlarm(
            raised_at=self.alarm.raised_at if self.alarm else at,
            changed_at=at,
            dropped=(self.alarm.dropped if self.alarm else 0) + 1,
            notification=notification,
            detail=why,
        )
        return msgspec.structs.replace(self, dropped=self.dropped + 1, alarm=alarm)

    @property
    def fingerprint(self) -> str:
        """The same for subscriptions of which one would be redundant."""
        wanted = [self.api, self.version, self.callback_uri, self.verbosity, _unordered(self.filter)]
        return hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()


def _unordered(value: Any) -> Any:
    """Return JSON in one form of those that mean the same to a filter: neither members nor elements have an order."""
    if isinstance(value, dict):
        return sorted((name, _unordered(member)) for name, member in value.items())
    if isinstance(value, list):
        return sorted((_unordered(element) for element in value), key=msgspec.json.encode)
    return value


SUBSCRIPTIONS = Documents(
    "subscriptions",
    Subscription,
    promoted={
        "api": lambda subscription: subscription.api,
        "fingerprint": lambda subscription: subscription.fingerprint,
    },
)
