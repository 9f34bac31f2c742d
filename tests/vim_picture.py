"""What a simulated VIM has, in a form that is the same whenever the same has been made anew."""

from __future__ import annotations

import re

import msgspec

from vim_adapters.simulated.store import Store

Picture = dict[str, tuple[str, bool]]
"""By path, what was asked for, with paths for identifiers, and whether it is switched off."""

_PASSING = {"power", "server", "volume"}


def picture_of(store: Store, owner: str) -> Picture:
    """Return what the VIM has of an owner's.

    What may be otherwise by now is left out: whether a server was to be off when it was made, for the other part tells
    whether it is, and what a snapshot was taken of, which may have been made anew or be gone.
    """
    with store.transaction() as connection:
        rows = connection.execute("SELECT * FROM resources WHERE owner = ?", (owner,)).fetchall()
    paths = {row["id"]: row["path"] for row in rows}
    ours = re.compile("|".join(map(re.escape, paths)) or "(?!)")

    def asked_for(spec: str) -> str:
        attributes = msgspec.json.decode(ours.sub(lambda found: paths[found[0]], spec))
        return msgspec.json.encode({name: it for name, it in attributes.items() if name not in _PASSING}).decode()

    return {row["path"]: (asked_for(row["spec"]), bool(row["stopped"])) for row in rows}
