"""``mano audit``: who did what to which resource."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from nfvo.cli.errors import InputError
from nfvo.cli.output import Output, moment, table
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client

PATH = "/mano/v1/audit"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


async def list_entries(client: Client, output: Output, query: dict[str, str]) -> None:
    """Print entries of the audit log, oldest first."""
    found = await client.all(PATH, **query)
    output.data(
        found,
        lambda: table(
            ("When", "Who", "From", "Did", "Resource", "Outcome"),
            (
                (
                    moment(each["at"]),
                    each["who"] or "?",
                    each["remote"],
                    each["method"],
                    each["resource"],
                    f"{each['outcome']} {each['status']}",
                )
                for each in found
            ),
            empty="Nobody changed anything in that time, and nobody was sent away.",
        ),
    )


def audit(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="From when on: 90m, 24h, 7d, or a time (2026-01-31T12:00Z).")] = "24h",
    who: Annotated[str, typer.Option(help="What this client did.")] = "",
    resource: Annotated[str, typer.Option(help="What was done to resources whose path contains this.")] = "",
    outcome: Annotated[str, typer.Option(help="DONE, REFUSED or FAILED.")] = "",
) -> None:
    """Show who changed what, and who was sent away."""
    wanted = (("eq", "who", who), ("cont", "resource", resource), ("eq", "outcome", outcome.upper()))
    terms = [f"({operator},{name},{_quoted(value)})" for operator, name, value in wanted if value]
    query = {"since": _since(since)} | ({"filter": ";".join(terms)} if terms else {})
    session(context).run(list_entries, query)


def _since(text: str) -> str:
    if span := re.fullmatch(r"(\d{1,6})([mhd])", text):
        return (datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})).isoformat()
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError(
            f"--since is {text!r}", "It is neither a span (90m, 24h, 7d) nor a time.", hint="Try --since 24h."
        ) from error


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
