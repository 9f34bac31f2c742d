"""The page of the reference that tells how the packages of other projects lived, and whose it is where one did not.

Run this file to write it: ``python tests/acceptance/packages/package_page.py``. A test holds it to what happens.
"""

from __future__ import annotations

import asyncio
import re
import sys
import textwrap
from collections.abc import Iterator

from package_lives import DONE, OPERATIONS, ROOT, Life, lives, packages

from mano_runtime import structured_log

PAGE = ROOT / "docs" / "conformance" / "packages.md"
_INTRODUCTION = """\
# Packages of other projects, brought to life

The packages of the Tacker and openMSA projects in the corpus, as their authors shipped them, through whole lives on the
simulated VIM. Written by `tests/acceptance/packages/package_page.py`; a test holds this page to what happens.

Each is onboarded over REST in mode `etsi`; its VNF is instantiated in its default flavour with all external connection
points attached, each scaling aspect goes a step out and in, the VNF is stopped and started, healed with its storage,
brought to every other flavour and back, attached elsewhere, brought to the version of the package that its project
wrote to follow, and back, and terminated. After each operation the inventory names every server, volume, port and
network that the VIM has, and no other; at the end nothing is left. Images that a package only names are on the VIM.
Of network services, the packages that they need are onboarded first, of several with the same descriptor the one of
the same origin by its name; the services are instantiated and terminated.
Scripts are not run (`MANO_SCRIPTS=off`): most are plug-ins of Tacker's own process for guests that are not simulated.

Of {packages} packages {whole} go through all that they have room for. An empty field: the package has no room for it.
"""
NOT_YET = "What is not there yet"
CONTAINERS = "Packages for containers"
ELSEWHERE = "Packages of something else"
AT_FAULT = "Packages at fault"
VERDICTS = {
    NOT_YET: "The package is right, and this is missing here.",
    CONTAINERS: (
        "Each VDU stands for Kubernetes resources that the package has in files, for Tacker's own driver: it says of no"
        " server what would boot. No server is made without an image."
    ),
    ELSEWHERE: "TOSCA topologies without anything of SOL001.",
    AT_FAULT: (
        "What they say cannot be so: a file that they name is missing, or another than their manifest says; a VDU boots"
        " from nothing; a default is not there; addresses are outside their range. Some were made to be refused, as"
        " their names tell. The reason says what to mend."
    ),
}
"""Whose it is that a life did not go on, in the order of the page."""
_SIGNS = (
    (re.compile(r"cannot be instantiated yet"), NOT_YET),
    (re.compile(r"neither a VNFD nor an NSD nor a PNFD"), ELSEWHERE),
    (re.compile(r"has no software image, nor has any of its storages"), AT_FAULT),
    (re.compile(r"is not in the package|is not what the manifest says"), AT_FAULT),
    (re.compile(r"default level \w+ does not exist"), AT_FAULT),
    (re.compile(r"allocation_pools\[\d+\]\.start: \S+ is not in"), AT_FAULT),
)
"""By what a reason says; what no sign is known for counts as ours."""


def row(life: Life) -> str:
    """Return the line of the table."""
    told = [("yes" if life.outcomes[name] == DONE else "no") if name in life.outcomes else "" for name in OPERATIONS]
    return f"| {' | '.join([life.package, life.describes, *told])} |"


def reason(life: Life) -> str:
    """Return why the life did not go on; empty where it did."""
    return next((f"* {life.package}, {name}: {why}" for name, why in life.outcomes.items() if why != DONE), "")


def verdict(life: Life) -> str:
    """Return whose it is that the life did not go on, one of VERDICTS; what nobody has looked at is ours."""
    why = reason(life)
    found = next((name for sign, name in _SIGNS if sign.search(why)), NOT_YET)
    return CONTAINERS if found == AT_FAULT and life.for_containers and "software image" in why else found


def _why_not(lived: list[Life]) -> Iterator[str]:
    for name, meaning in VERDICTS.items():
        if told := [reason(life) for life in lived if reason(life) and verdict(life) == name]:
            yield from (f"### {name}", "", textwrap.fill(meaning, 120), "", *told, "")


def page(lived: list[Life]) -> str:
    """Return the page of the reference."""
    whole = [life for life in lived if all(why == DONE for why in life.outcomes.values())]
    head = ["package", "describes", *OPERATIONS]
    return "\n".join(
        [
            _INTRODUCTION.format(packages=len(lived), whole=len(whole)),
            f"| {' | '.join(head)} |",
            f"|{' --- |' * len(head)}",
            *map(row, lived),
            "",
            "## Why not",
            "",
            *_why_not(lived),
        ]
    )


if __name__ == "__main__":
    structured_log.configure(level="error")
    PAGE.write_text(page(asyncio.run(lives(packages()))), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")
