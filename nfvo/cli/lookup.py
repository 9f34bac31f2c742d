"""From what a person types to the one resource that is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nfvo.cli.errors import NotFoundError

if TYPE_CHECKING:  # aiohttp takes long to import
    from nfvo.cli.client import Client

_IDENTIFIER = re.compile(r"[\w.-]+", re.ASCII)


async def find(
    client: Client, path: str, wanted: str, *, names: Iterable[str], noun: str, command: str
) -> dict[str, Any]:
    """Return the one entry of the list at ``path`` whose identifier, or one of whose ``names``, is ``wanted``.

    NotFoundError when there is none, or several; it lists what there is to choose from. ``noun`` says what is looked
    for, ``command`` lists them.
    """
    if _IDENTIFIER.fullmatch(wanted):
        try:
            return await client.get_object(f"{path}/{wanted}")
        except NotFoundError:
            pass
    for name in names:
        matches = await client.all(path, filter=equals(name, wanted))
        if len(matches) > 1:
            raise NotFoundError(
                f"{len(matches)} of them have {name} {wanted}",
                ", ".join(str(match["id"]) for match in matches),
                hint="Name the one that you mean by its identifier.",
            )
        if matches:
            return await client.get_object(f"{path}/{matches[0]['id']}")
    raise NotFoundError(f"No such {noun}: {wanted}", hint=f"`{command}` shows what there is.")


def equals(attribute: str, value: str) -> str:
    """Return the filter for entries whose attribute has this value (SOL013 5.2)."""
    quoted = value.replace("'", "''")
    return f"(eq,{attribute},'{quoted}')"


def choose(entries: Iterable[Mapping[str, Any]], wanted: str, *, names: Iterable[str], noun: str) -> Mapping[str, Any]:
    """Return the one of ``entries`` with ``wanted`` as identifier or as one of its ``names``; NotFoundError else."""
    entries, names = list(entries), list(names)
    for name in ("id", *names):
        matches = [entry for entry in entries if entry.get(name) == wanted]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise NotFoundError(
                f"{len(matches)} {noun}s have {name} {wanted}",
                ", ".join(str(match["id"]) for match in matches),
                hint="Name the one that you mean by its identifier.",
            )
    names = [*names, "id"]
    known = sorted({str(next(entry[name] for name in names if entry.get(name))) for entry in entries})
    raise NotFoundError(f"No such {noun}: {wanted}", f"there are {', '.join(known) or 'none'}")
