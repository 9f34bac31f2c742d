"""A VIM connection as what openstacksdk needs to know.

``interfaceInfo`` names a cloud of a ``clouds.yaml`` on the server's machine, or an endpoint of the identity service;
the names of keys are those that SOL003's annexes and existing orchestrators use, in either spelling (``userDomain``,
``user_domain``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from vim_adapters.connection import VimConnection
from vim_adapters.errors import MisconfiguredError

_INTERFACE = {
    "cloud": "cloud",
    "clouds_file": "clouds_file",
    "endpoint": "auth_url",
    "auth_url": "auth_url",
    "region": "region_name",
    "region_name": "region_name",
    "interface": "interface",
    "proxy": "proxy",
    "ca_bundle": "cacert",
    "cacert": "cacert",
    "trusted_host_ca": "cacert",
    "verify": "verify",
    "skip_certificate_verification": "insecure",
    "type": "",  # said by the vimType already
}
"""Keys of ``interfaceInfo``, and what we call them; besides, ``SERVICE_endpoint_override``."""

_ACCESS = {
    "username": "username",
    "user_id": "user_id",
    "password": "password",
    "project": "project_name",
    "project_name": "project_name",
    "project_id": "project_id",
    "user_domain": "user_domain_name",
    "user_domain_name": "user_domain_name",
    "user_domain_id": "user_domain_id",
    "project_domain": "project_domain_name",
    "project_domain_name": "project_domain_name",
    "project_domain_id": "project_domain_id",
    "application_credential_id": "application_credential_id",
    "application_credential_name": "application_credential_name",
    "application_credential_secret": "application_credential_secret",
    "region": "region_name",
    "region_name": "region_name",
}
"""Keys of ``accessInfo``, and what keystone calls them."""

_OVERRIDE = re.compile(r"(compute|network|image|volume|block_storage|placement|identity)_endpoint(_override)?")


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How to get to one cloud."""

    cloud: str | None = None
    """A name in ``clouds.yaml``."""
    clouds_file: str | None = None
    """Where that is; None: where openstacksdk looks."""
    options: Mapping[str, Any] = {}
    """What goes before the file's own settings, in openstacksdk's words."""
    proxy: str | None = None
    threads: int = 32
    """Calls that may be under way at once."""
    timeout_seconds: float = 60.0
    """How long one request may wait for its answer."""
    upload_timeout_seconds: float = 3600.0
    external_network: str = ""
    """Which network is the one outside, by name or identifier; empty where there is one only."""
    create_flavours: str = "missing"
    """``missing``: when no flavour is big enough; ``exact``: when none is of just that size; ``never``."""
    max_server_per_host: int = 1
    """How many servers of a group that keeps them apart may share a host, as Nova calls it."""

    @property
    def where(self) -> str:
        """Where the cloud is, for people."""
        return str(self.options.get("auth", {}).get("auth_url") or f"cloud {self.cloud!r} of clouds.yaml")


def access_of(connection: VimConnection) -> Access:
    """Return how to get to the cloud of a connection.

    Raises:
        MisconfiguredError: a key is unknown, or one is missing; names it.
    """
    interface, overrides = _interface(connection.interface_info)
    access = _renamed(connection.access_info, _ACCESS, "accessInfo")
    cloud, auth_url = interface.pop("cloud", None), interface.pop("auth_url", None)
    if bool(cloud) == bool(auth_url):
        raise MisconfiguredError(
            "interfaceInfo must name either 'cloud', a cloud of clouds.yaml on this machine, or 'endpoint', the URL of"
            " the identity service"
        )
    options: dict[str, Any] = dict(overrides)
    region = access.pop("region_name", None) or interface.pop("region_name", None)
    if region:
        options["region_name"] = region
    for name in ("interface", "cacert"):
        if name in interface:
            options[name] = interface[name]
    if _false(interface.get("verify", "true")) or not _false(interface.get("insecure", "false")):
        options["verify"] = False
    if auth_url:
        options |= _authentication(auth_url, access)
    elif access:
        options["auth"] = access
    extra = connection.extra
    return Access(
        cloud=cloud,
        clouds_file=interface.get("clouds_file"),
        options=options,
        proxy=interface.get("proxy"),
        threads=_whole(extra, "threads", 32),
        timeout_seconds=float(extra.get("deadline_seconds", 60.0)),
        upload_timeout_seconds=float(extra.get("upload_deadline_seconds", 3600.0)),
        external_network=_name(extra.get("external_network", "")),
        create_flavours=_choice(extra.get("create_flavours", "missing")),
        max_server_per_host=_whole(extra, "max_server_per_host", 1),
    )


def _interface(info: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    overrides, rest = {}, {}
    for name, value in info.items():
        if found := _OVERRIDE.fullmatch(_snake(name)):
            service = {"volume": "block_storage"}.get(found[1], found[1])
            overrides[f"{service}_endpoint_override"] = value
        else:
            rest[name] = value
    return _renamed(rest, _INTERFACE, "interfaceInfo"), overrides


def _authentication(auth_url: str, access: Mapping[str, str]) -> dict[str, Any]:
    """Return the options for an endpoint and credentials that no file has."""
    by_credential = "application_credential_secret" in access
    if not by_credential and not ("password" in access and ("username" in access or "user_id" in access)):
        raise MisconfiguredError(
            "accessInfo must have 'username' and 'password', or 'application_credential_id' and"
            " 'application_credential_secret'"
        )
    auth = {"auth_url": auth_url, **access}
    if by_credential:
        if "application_credential_id" not in access and "application_credential_name" not in access:
            raise MisconfiguredError("accessInfo has an application_credential_secret and no application_credential_id")
        return {"auth_type": "v3applicationcredential", "auth": auth}
    if "project_name" not in access and "project_id" not in access:
        raise MisconfiguredError("accessInfo must name the project: 'project' or 'project_id'")
    for whose in ("user", "project"):
        if f"{whose}_domain_name" not in access and f"{whose}_domain_id" not in access:
            auth[f"{whose}_domain_id"] = "default"
    return {"auth_type": "password", "auth": auth}


def _renamed(info: Mapping[str, str], names: Mapping[str, str], where: str) -> dict[str, str]:
    unknown = sorted(name for name in info if _snake(name) not in names)
    if unknown:
        raise MisconfiguredError(
            f"{where} has the unknown key {unknown[0]!r}; an OpenStack connection knows {', '.join(sorted(names))}"
        )
    return {names[_snake(name)]: value for name, value in info.items() if names[_snake(name)]}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|-", "_", name).lower()


def _false(text: str) -> bool:
    if text.lower() not in {"true", "false", "yes", "no", "1", "0"}:
        raise MisconfiguredError(f"interfaceInfo: verify must be true or false, not {text!r}")
    return text.lower() in {"false", "no", "0"}


def _whole(extra: Mapping[str, Any], name: str, otherwise: int) -> int:
    try:
        number = int(value := extra.get(name, otherwise))
    except (TypeError, ValueError):
        number = 0
    if not 1 <= number <= 256:  # noqa: PLR2004  # more calls would only queue at the cloud, and no host is that large
        raise MisconfiguredError(f"extra.{name} must be a number from 1 to 256, not {value!r}")
    return number


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise MisconfiguredError(f"extra.external_network must be the name or identifier of a network, not {value!r}")
    return value


def _choice(value: Any) -> str:
    if value not in {"missing", "exact", "never"}:
        raise MisconfiguredError(f"extra.create_flavours must be missing, exact or never, not {value!r}")
    return str(value)
