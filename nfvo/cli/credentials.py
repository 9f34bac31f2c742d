"""How the command line shows a server who asks: a client's name and secret, and the tokens that they get.

From the environment (``MANO_CLIENT_ID`` with ``MANO_CLIENT_SECRET_FILE`` or ``MANO_CLIENT_SECRET``), else from what
``mano login`` kept for the server in a file that only its user can read.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nfvo.cli.errors import InputError

SPARE_SECONDS = 30
"""A token is not used so shortly before its end: it might end on the way."""


class Credentials(NamedTuple):
    """A client, as it shows itself to the token endpoint."""

    client_id: str
    secret: str

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, ***)"


def config_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where logins are kept: ``$XDG_CONFIG_HOME/mano/logins.json``, by default below ``~/.config``."""
    root = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(root).expanduser() / "mano" / "logins.json"


def credentials(url: str, environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """Return who to be at the server, or None.

    Raises:
        InputError: the environment names a client without a secret, or a file that cannot be read.
    """
    client_id = environment.get("MANO_CLIENT_ID", "")
    if client_id:
        file, secret = environment.get("MANO_CLIENT_SECRET_FILE", ""), environment.get("MANO_CLIENT_SECRET", "")
        if file:
            try:
                secret = Path(file).expanduser().read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise InputError("MANO_CLIENT_SECRET_FILE cannot be read", str(error)) from error
        if not secret:
            raise InputError(
                "MANO_CLIENT_ID names a client without a secret",
                hint="Set MANO_CLIENT_SECRET_FILE to a file with its secret.",
            )
        return Credentials(client_id, secret)
    login = _logins(environment).get(url, {})
    return Credentials(login["clientId"], login["secret"]) if login else None


class Token(NamedTuple):
    """What a server lets a client in for, a while."""

    text: str
    until: float
    """Seconds since 1970."""

    def __repr__(self) -> str:
        return "Token(***)"

    @property
    def good(self) -> bool:
        """Whether a request that begins now may show it."""
        return self.until - SPARE_SECONDS > time.time()


def kept_token(url: str, client_id: str, environment: Mapping[str, str] = os.environ) -> Token | None:
    """Return a token of the client for the server that is still good, or None."""
    login = _logins(environment).get(url, {})
    token = Token(str(login.get("token", "")), float(login.get("until", 0)))
    return token if login.get("clientId") == client_id and token.good else None


def keep_token(url: str, client_id: str, token: Token, environment: Mapping[str, str] = os.environ) -> None:
    """Keep a token for the commands that follow, where there is a login that it belongs to."""
    logins = _logins(environment)
    if logins.get(url, {}).get("clientId") == client_id:
        logins[url] |= {"token": token.text, "until": token.until}
        _write(logins, environment)


def keep_login(url: str, client: Credentials, environment: Mapping[str, str] = os.environ) -> Path:
    """Be this client at the server from now on; return the file that says so."""
    return _write(_logins(environment) | {url: {"clientId": client.client_id, "secret": client.secret}}, environment)


def forget_login(url: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Be nobody at the server from now on; False when nothing was kept."""
    logins = _logins(environment)
    if logins.pop(url, None) is None:
        return False
    _write(logins, environment)
    return True


def _logins(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    file = config_file(environment)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be read", str(error), hint="Remove it and `mano login` again.") from error
    return found if isinstance(found, dict) else {}


def _write(logins: Mapping[str, Any], environment: Mapping[str, str]) -> Path:
    """Write the file anew: private from its first byte, whole or not at all."""
    file = config_file(environment)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = file.with_name(f"{file.name}.{os.getpid()}")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(logins, out, indent=2)
    made.replace(file)
    return file
