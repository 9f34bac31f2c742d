"""The blocking calls to one cloud: services found through the catalogue, tokens kept, pauses obeyed.

Requests are those of OpenStack's APIs, sent through openstacksdk's proxies, which keep the token, find the endpoint and
its version, and share one pool of connections. The proxies' own resource classes are left aside: the answer is JSON
already, and what is sent twice for comfort costs a control plane dearly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec
import openstack.config
import openstack.connection
import openstack.exceptions
import requests
import requests.exceptions
from keystoneauth1 import adapter as keystone_adapter
from keystoneauth1 import exceptions as keystone
from keystoneauth1.session import TCPKeepAliveAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from vim_adapters.errors import (
    AccessDeniedError,
    MisconfiguredError,
    OutcomeUnknownError,
    ThrottledError,
    UnreachableError,
    UnsupportedError,
    VimError,
)
from vim_adapters.openstack.access import Access
from vim_adapters.openstack.failures import answer_of, refusal

Document = dict[str, Any]

MICROVERSIONS: Mapping[str, str] = {"compute": "2.72", "placement": "1.20"}
"""What is asked for of each service: the oldest that has all we use (Stein), so that answers have one form."""

_NOT_FOUND = 404


class Session:
    """The way to one cloud. Safe from several threads; every call blocks its own.

    After an answer that asks for a pause nothing is sent until that is over: calls are ThrottledErrors at once.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._opening = threading.Lock()
        self._connection: openstack.connection.Connection | None = None
        self._resume_at = 0.0

    @property
    def endpoint(self) -> str:
        """The identity service's URL."""
        auth: Mapping[str, Any] = self._opened().config.get_auth_args()
        return str(auth.get("auth_url", ""))

    def offers(self, service: str) -> str | None:
        """Return the highest version of a service (``2.100``, ``v2.0``), "" where it tells none; None: no such."""
        try:
            data = self._proxy(service).get_endpoint_data()
        except UnsupportedError:
            return None
        except keystone.ClientException as error:
            raise _translated(error, f"look for the {service} service", changes=False) from error
        if data is None:
            return None
        return ".".join(map(str, data.max_microversion or data.api_version or ()))

    def get(self, service: str, path: str, **query: Any) -> Document | None:
        """Return what is at a path; None where nothing is."""
        answer = self._send(service, "GET", path, params=query)
        return None if answer.status_code == _NOT_FOUND else _json(answer)

    def list(self, service: str, path: str, key: str, **query: Any) -> list[Document]:
        """Return a whole collection, page by page."""
        found: list[Document] = []
        following: str | None = path
        while following:
            page = self.get(service, following, **query) or {}
            found += page.get(key, ())
            following = _next(page, key)
            query = {}
        return found

    def post(self, service: str, path: str, body: Document) -> Document:
        """Send a document and return the answer."""
        return _json(self._send(service, "POST", path, json=body, changes=True))

    def put(self, service: str, path: str, body: Document | None = None) -> Document:
        """Replace what is at a path and return the answer."""
        return _json(self._send(service, "PUT", path, json=body, changes=True))

    def upload(self, service: str, path: str, content: IO[bytes]) -> None:
        """Send a file."""
        headers = {"Content-Type": "application/octet-stream"}
        timeout = self._access.upload_timeout_seconds
        self._send(service, "PUT", path, data=content, headers=headers, timeout=timeout, changes=True)

    def delete(self, service: str, path: str) -> bool:
        """Remove what is at a path; False where nothing was."""
        return self._send(service, "DELETE", path, changes=True).status_code != _NOT_FOUND

    def close(self) -> None:
        """Let go of connections."""
        if self._connection is not None:
            self._connection.close()

    def _send(
        self, service: str, method: str, path: str, *, changes: bool = False, **arguments: Any
    ) -> requests.Response:
        """Send a request; the answer is a success, or 404 where that says that something is not there."""
        if (left := self._resume_at - time.monotonic()) > 0:
            raise ThrottledError("the cloud asked for a pause, which is not over", after=left)
        doing = f"{method} {path.partition('?')[0]} of the {service} service"
        proxy = self._proxy(service)
        arguments.setdefault("timeout", self._access.timeout_seconds)
        try:
            answer = keystone_adapter.Adapter.request(
                proxy,
                path,
                method,
                raise_exc=False,
                connect_retries=0,  # what was sent may have been done: whoever asks again looks first
                status_code_retries=0,
                microversion=MICROVERSIONS.get(service),
                **arguments,
            )
        except (keystone.ClientException, openstack.exceptions.SDKException) as error:
            raise _translated(error, doing, changes=changes) from error
        if answer.ok or (answer.status_code == _NOT_FOUND and method in {"GET", "DELETE"}):
            return answer
        told = refusal(answer_of(answer.status_code, answer.headers, answer.content), doing, changes=changes)
        if isinstance(told, ThrottledError) and told.after:
            self._resume_at = max(self._resume_at, time.monotonic() + told.after)
        raise told

    def _proxy(self, service: str) -> keystone_adapter.Adapter:
        name = service.replace("-", "_")
        try:
            with self._opening:  # the first use makes it and asks for the service's versions
                proxy = getattr(self._opened_unlocked(), name)
        except (keystone.ClientException, openstack.exceptions.SDKException) as error:
            raise _translated(error, f"look for the {service} service", changes=False) from error
        if not isinstance(proxy, keystone_adapter.Adapter):
            raise UnsupportedError(f"the cloud's catalogue has no {service} service")
        return proxy

    def _opened(self) -> openstack.connection.Connection:
        with self._opening:
            return self._opened_unlocked()

    def _opened_unlocked(self) -> openstack.connection.Connection:
        if self._connection is None:
            self._connection = _connection(self._access)
        return self._connection


def _connection(access: Access) -> openstack.connection.Connection:
    try:
        if access.cloud:
            files = [access.clouds_file] if access.clouds_file else None
            if access.clouds_file and not Path(access.clouds_file).is_file():
                raise MisconfiguredError(f"interfaceInfo.clouds_file: there is no file {access.clouds_file}")
            config = openstack.config.OpenStackConfig(config_files=files, load_envvars=files is None)
        else:
            config = openstack.config.OpenStackConfig(load_yaml_config=False, load_envvars=False)
        region = config.get_one(cloud=access.cloud, **_copied(access.options))
        session = region.get_session()
    except (keystone.ClientException, openstack.exceptions.SDKException) as error:
        raise MisconfiguredError(f"{access.where} cannot be used", vim_message=str(error)) from error
    pool = TCPKeepAliveAdapter(pool_connections=16, pool_maxsize=access.threads)
    for scheme in ("https://", "http://"):
        session.session.mount(scheme, pool)
    if access.proxy:
        session.session.proxies = {"http": access.proxy, "https": access.proxy}
    return openstack.connection.Connection(config=region, session=session)


def _copied(options: Mapping[str, Any]) -> dict[str, Any]:
    """Openstacksdk changes what it is given."""
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in options.items()}


def _json(answer: requests.Response) -> Document:
    if not answer.content:
        return {}
    try:
        document = msgspec.json.decode(answer.content)
    except msgspec.DecodeError as error:
        raise OutcomeUnknownError(f"{answer.request.method} was answered with something else than JSON") from error
    return document if isinstance(document, dict) else {"": document}


def _next(page: Document, key: str) -> str | None:
    """Where the following page is: in Glance's way, or in that of the others."""
    if following := page.get("next"):
        return str(following)
    links = page.get(f"{key}_links") or ()
    return next((str(link["href"]) for link in links if link.get("rel") == "next"), None)


def _translated(error: Exception, doing: str, *, changes: bool) -> VimError:  # noqa: PLR0911  # one line for each
    """Return the contract's error for what openstacksdk or keystoneauth raised."""
    text: dict[str, Any] = {"vim_message": str(error)}
    if isinstance(error, keystone.SSLError):
        return MisconfiguredError("the cloud's certificate is not trusted; interfaceInfo.cacert names a bundle", **text)
    if isinstance(error, keystone.ConnectFailure | keystone.UnknownConnectionError):
        if changes and _was_sent(error):
            return OutcomeUnknownError(f"the connection broke during {doing}", **text)
        return UnreachableError(f"there is no connection for {doing}", **text)
    if isinstance(error, keystone.Unauthorized):
        return AccessDeniedError("the identity service does not accept the credentials", **text)
    if isinstance(error, keystone.HttpError):
        response = error.response
        body = response.content if response is not None else str(error).encode()
        headers = response.headers if response is not None else {}
        return refusal(answer_of(error.http_status, headers, body), doing, changes=False)
    if isinstance(error, keystone.DiscoveryFailure) and "Unable to establish connection" not in str(error):
        return MisconfiguredError("there is no identity service at this URL", **text)
    if isinstance(error, keystone.DiscoveryFailure):
        return UnreachableError(f"there is no connection for {doing}", **text)
    if isinstance(error, keystone.EndpointNotFound | openstack.exceptions.ServiceDisabledException):
        return UnsupportedError(f"the cloud's catalogue has nothing for {doing}", **text)
    return MisconfiguredError(f"openstacksdk cannot {doing}", **text)


def _was_sent(error: Exception) -> bool:
    """Whether a request may have reached the cloud before its connection failed."""
    seen: BaseException | None = error
    while seen is not None:
        reason = getattr(seen.args[0], "reason", None) if seen.args else None
        if isinstance(seen, requests.exceptions.ConnectTimeout) or isinstance(
            reason, NewConnectionError | ConnectTimeoutError
        ):
            return False
        seen = seen.__context__
    return True
