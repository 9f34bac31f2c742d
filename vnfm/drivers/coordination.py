"""Driver ``coordination``: an element manager, or the VNF itself, is asked before the operation goes on.

The consumer's side of SOL002's LCM coordination (clause 10): the request is answered with the result at once (201), or
accepted and asked for until it is there (202); with 503 it is asked for again after the delay that the answer names.
CONTINUE lets the operation go on, ABORT and CANCELLED stop it in FAILED_TEMP. An operation that is cancelled, or that
waits too long, cancels its coordination.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from vnfm.drivers.components import stray_option
from vnfm.drivers.contract import Facts, Host, Output, Run, RunFailedError, Script
from vnfm.drivers.tidying import tidied

VERSION = "1.1.0"
REJECTED = "rejected"
"""The stream of the output that has a :class:`Rejection` as JSON for every 503 that names a delay."""
POLL_SECONDS = 1.0
"""Between two looks where the peer does not say when to look again."""
_CALL_SECONDS = 30.0
_CANCEL_SECONDS = 5.0
_BUSY = frozenset({409, 429, 503, 504})
"""What may pass by itself."""
_TOO_BUSY = 503
_FIRST_ERROR = 400
_ACCEPTED = 202


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever was asked is too busy, and says when to ask again."""

    at: datetime
    until: datetime
    """When the delay is over."""


class CoordinationDriver:
    """Implements ``vnfm.drivers.contract.Driver``."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def obstacle(self, script: Script) -> str | None:
        """Say what is missing of the address and the name."""
        if stray := stray_option(script, {"action", "endpoint", "endpoint_type"}):
            return stray
        if not script.options.get("action"):
            return "mano_action must name the coordination action"
        endpoint = self._endpoint(script)
        if not endpoint:
            return (
                "nobody is there to ask: give the VNF instance metadata lcmcoord with the address of its coordination"
                " interface, or set MANO_COORDINATION_URL"
            )
        if urlsplit(endpoint).scheme not in {"http", "https"}:
            return f"the coordination interface is reached over http or https, not at {endpoint!r}"
        return None

    async def begin(self, run: Run, output: Output) -> Facts:
        """Ask; return the result, or where it will be."""
        action = run.script.options["action"]
        url = URL(f"{self._endpoint(run.script).rstrip('/')}/coordinations")
        try:
            async with self._session() as session:
                response, body = await _asked(session, "POST", url, self._request(run))
        except RunFailedError as error:
            if error.members.get("peerStatus") == _TOO_BUSY and error.after is not None:
                now = datetime.now(UTC)
                until = now + timedelta(seconds=error.after)
                rejection = Rejection(at=now, until=until)
                await output.write("run", f"{action}: {url.host} is busy until {until.isoformat()}\n")
                await output.write(REJECTED, f"{msgspec.json.encode(rejection).decode()}\n")
            raise
        await output.write("run", f"{action}: asked {response.url.host}, which answered {response.status}\n")
        location = response.headers.get("Location", "")
        if response.status != _ACCEPTED:
            return {"result": body}
        if not location:
            raise RunFailedError("The coordination went wrong", f"{action} was accepted, and nobody said where to ask")
        return {"location": str(response.url.join(URL(location))), "delay": _delay(response)}

    async def finish(self, run: Run, begun: Facts, output: Output) -> Facts:
        """Wait for the result."""
        result = begun.get("result")
        if result is None:
            result = await self._awaited(run, URL(begun["location"]), begun.get("delay"))
        action = run.script.options["action"]
        if warnings := result.get("warnings"):
            await output.write("run", f"{action}: warning: {warnings}\n")
        if parameters := result.get("outputParams"):
            await output.write("stdout", f"{msgspec.json.encode(parameters).decode()}\n")
        decided = result.get("coordinationResult")
        await output.write("run", f"{action}: {decided}\n")
        if decided != "CONTINUE":
            error = result.get("error") or {}
            raise RunFailedError(
                "The coordination stopped the operation",
                f"{action}: {decided}: {error.get('detail') or error.get('title') or 'no reason was given'}",
                coordinationResult=decided,
                coordination=result.get("id"),
            )
        return {name: result[name] for name in ("id", "coordinationResult", "warnings") if name in result}

    async def _awaited(self, run: Run, location: URL, delay: float | None) -> Facts:
        try:
            async with asyncio.timeout(run.timeout), self._session() as session:
                while True:
                    await asyncio.sleep(POLL_SECONDS if delay is None else delay)
                    try:
                        response, body = await _asked(session, "GET", location)
                    except RunFailedError as error:
                        if not error.again:
                            raise
                        delay = error.after
                        continue
                    if response.status != _ACCEPTED:
                        return body
                    delay = _delay(response)
        except TimeoutError:
            await self._cancel(location)
            raise RunFailedError(
                "The coordination takes too long",
                f"{run.script.options['action']} had no result after {run.timeout:g} s and was cancelled",
                timeoutSeconds=run.timeout,
            ) from None
        except asyncio.CancelledError:
            if run.cancelled():
                await tidied(self._cancel(location))
            raise

    async def _cancel(self, location: URL) -> None:
        """Tell the peer that nobody waits any more; what it does with that is its own affair."""
        with contextlib.suppress(TimeoutError, RunFailedError):
            async with asyncio.timeout(_CANCEL_SECONDS), self._session() as session:
                await _asked(session, "POST", location / "cancel")

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=_CALL_SECONDS),
            headers={"Accept": "application/json, application/problem+json", "Version": VERSION},
        )

    def _endpoint(self, script: Script) -> str:
        """The VNF itself is asked only where it says that it can be."""
        own = script.options.get("endpoint_type") == "vnf"
        return str(script.options.get("endpoint") or ("" if own else self._host.coordination))

    def _request(self, run: Run) -> Facts:
        vnf, operation = run.facts["vnf"]["id"], run.facts["operation"]["id"]
        root = f"{self._host.url}/vnflcm/v2"
        return {
            "vnfInstanceId": vnf,
            "vnfLcmOpOccId": operation,
            "lcmOperationType": run.facts["operation"]["kind"],
            "coordinationActionName": run.script.options["action"],
            **({"inputParams": run.script.parameters} if run.script.parameters else {}),
            "_links": {
                "vnfLcmOpOcc": {"href": f"{root}/vnf_lcm_op_occs/{operation}"},
                "vnfInstance": {"href": f"{root}/vnf_instances/{vnf}"},
            },
        }


async def _asked(
    session: aiohttp.ClientSession, method: str, url: URL, body: Facts | None = None
) -> tuple[aiohttp.ClientResponse, Facts]:
    try:
        async with session.request(method, url, json=body, allow_redirects=False) as response:
            text = await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise RunFailedError(
            "The coordination interface cannot be reached",
            f"{method} {url}: {error or type(error).__name__}",
            again=True,
        ) from error
    try:
        answer = msgspec.json.decode(text, type=dict[str, Any]) if text else {}
    except msgspec.DecodeError as error:
        raise RunFailedError("The coordination went wrong", f"{method} {url} answered no object: {error}") from error
    if response.status >= _FIRST_ERROR:
        raise RunFailedError(
            "The coordination was refused",
            f"{method} {url}: {response.status} {answer.get('detail') or answer.get('title') or response.reason}",
            again=response.status in _BUSY,
            after=_delay(response),
            peerStatus=response.status,
        )
    return response, answer


def _delay(response: aiohttp.ClientResponse) -> float | None:
    """Return the seconds that the peer asks to wait for (Retry-After), as a number or as a date."""
    asked = response.headers.get("Retry-After", "")
    if asked.isdigit():
        return float(asked)
    try:
        moment: datetime = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
