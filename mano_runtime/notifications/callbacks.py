"""One request to a subscriber's callback: tested, authenticated, within a time-out, to nobody but whom it names."""

from __future__ import annotations

import ssl

import aiohttp

from mano_runtime.notifications.subscription import Authentication, Subscription
from mano_runtime.tokens import TokenError, Tokens, beginning

IN_FLIGHT = 32
"""Requests to callbacks at the same time, over all subscribers."""
_UTF8 = "utf-8"
_TOLD = 300
"""Characters of a refusal that are passed on to whoever looks for its cause."""


PASSING = frozenset({401, 403, 404, 407, 408, 410, 421, 423, 425, 429})
"""Refusals that are about who we are, where the callback is, or the moment: somebody may put that right."""


class CallbackError(Exception):
    """The subscriber did not take it; the message says why, without anything secret."""

    def __init__(self, why: str, *, status: int = 0) -> None:
        super().__init__(why)
        self.status = status
        """What it answered; 0: nothing."""

    @property
    def for_good(self) -> bool:
        """Whether it will hardly take it another time: it finds fault with the notification, not with the moment."""
        return 400 <= self.status < 500 and self.status not in PASSING  # noqa: PLR2004  the client errors of HTTP


class Callbacks:
    """Requests to subscribers. TLS is verified, and redirects are not followed: they would take credentials along."""

    def __init__(self, *, timeout: float, tls: ssl.SSLContext | None = None) -> None:
        """Give each request ``timeout`` seconds. To be made where an event loop runs.

        ``tls`` has the certificate that is shown to who asks for one; without it none is.
        """
        self.shows_certificate = tls is not None
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout),
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT, ssl=tls or True),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._tokens = Tokens(self._session)

    async def aclose(self) -> None:
        """Let go of every connection."""
        await self._session.close()

    async def test(self, subscription: Subscription) -> None:
        """Ask the callback whether it is one: it answers 204 to GET (SOL013; SOL003 clause 5.4.20.3.2).

        Raises:
            CallbackError: it does not.
        """
        status = await self._request("GET", subscription, None)
        if status != 204:  # noqa: PLR2004  No Content, as the standard asks for
            raise CallbackError(f"it answers GET with {status}, not with 204")

    async def post(self, subscription: Subscription, body: str) -> None:
        """Have the subscriber take a notification; any answer that is a success will do.

        Raises:
            CallbackError: it was not taken, as far as we know.
        """
        await self._request("POST", subscription, body)

    async def _request(self, method: str, subscription: Subscription, body: str | None) -> int:
        try:
            try:
                return await self._try(method, subscription, body)
            except _UnauthorizedError:  # the token may have been revoked before its end
                if not self._forget(subscription.authentication):
                    raise
                return await self._try(method, subscription, body)
        except TokenError as error:
            raise CallbackError(str(error)) from error
        except TimeoutError as error:
            raise CallbackError("it did not answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise CallbackError(f"{type(error).__name__}: {error}"[:_TOLD]) from error

    async def _try(self, method: str, subscription: Subscription, body: str | None) -> int:
        headers = {"Version": subscription.version, **await self._authorization(subscription.authentication)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            method, subscription.callback_uri, data=body, headers=headers, allow_redirects=False
        ) as answer:
            if answer.ok and answer.status < 300:  # noqa: PLR2004  a redirect is no success
                return answer.status
            what = f"it answers {method} with {answer.status}: {await beginning(answer)}"
            refused = _UnauthorizedError if answer.status == 401 else CallbackError  # noqa: PLR2004  Unauthorized
            raise refused(what, status=answer.status)

    async def _authorization(self, authentication: Authentication | None) -> dict[str, str]:
        if authentication is None:
            return {}
        if authentication.oauth2:
            return {"Authorization": f"Bearer {await self._tokens.get(authentication.oauth2)}"}
        if authentication.basic:
            return {
                "Authorization": aiohttp.encode_basic_auth(
                    authentication.basic.user_name, authentication.basic.password, _UTF8
                )
            }
        return {}

    def _forget(self, authentication: Authentication | None) -> bool:
        """Fetch another token the next time; False when none was used."""
        if authentication is None or authentication.oauth2 is None:
            return False
        return self._tokens.forget(authentication.oauth2)


class _UnauthorizedError(CallbackError):
    """What we have shown to prove who we are was not enough."""
