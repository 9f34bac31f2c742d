"""The whole life of a network service, told while it happens: ``make demo``, or ``python -m nfvo.cli.demo``.

It starts a server of its own on a free loopback port with a directory that is thrown away, and types at it what a
person would type. It exits with 0 only when every command succeeded and nothing is left on the VIM.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from nfvo.cli.application import app
from nfvo.cli.client import Client
from nfvo.cli.errors import CommandError, OperationError, UnreachableError
from nfvo.cli.output import Output, console
from nfvo.cli.vims import PATH as VIMS
from nfvo.cli.vims import owned

EXAMPLES = Path("examples/sd-wan")
SERVICE = "branch-7"
READY = "mano is ready at "
"""What the server says on stdout, followed by its URL."""
STOP_SECONDS = 20
LOG_LINES = 30


class Narrator:
    """Types commands at the server and tells what they are for."""

    def __init__(self, screen: Console) -> None:
        self._screen = screen

    def chapter(self, title: str, story: str) -> None:
        """Open a chapter."""
        self._screen.print()
        self._screen.print(Rule(Text(title, style="bold"), align="left"))
        self._screen.print(Text(story))

    def type(self, line: str) -> None:
        """Run ``mano`` with this command line, in this process; CommandError when it fails."""
        self._screen.print()
        self._screen.print(Text.assemble(("$ ", "dim"), ("mano " + line, "bold")))
        app(shlex.split(line), prog_name="mano", standalone_mode=False)


def demonstrate(narrator: Narrator, url: str) -> None:
    """Tell the story; CommandError as soon as something does not go as told."""
    narrator.chapter(
        "1. A place to run",
        "The server brought a simulated VIM along: networks, ports, volumes and servers, with latency and capacity.",
    )
    narrator.type("vim list")

    narrator.chapter(
        "2. The catalogue",
        "Three VNF packages of an SD-WAN edge, and the descriptor of the service that joins them.",
    )
    for package in ("edge-router", "firewall", "probe"):
        narrator.type(f"vnf-package onboard {EXAMPLES / package}")
    narrator.type(f"nsd onboard {EXAMPLES / 'service'}")
    narrator.type("vnf-package list")

    narrator.chapter(
        "3. Up",
        "From the descriptor the orchestrator plans virtual links and VNFs. The VNF manager plans networks, ports,\n"
        "volumes and servers for each VNF, asks for a grant, and carries the plan out step by step, journal first.",
    )
    narrator.type(f"ns create {SERVICE} --nsd 'SD-WAN edge' --description 'Edge of branch 7'")
    narrator.type(f"ns instantiate {SERVICE} --flavour default --level branch")
    narrator.type(f"ns show {SERVICE}")

    narrator.chapter(
        "4. More, and less again",
        "Traffic grows: the firewall gets two more inspection nodes, each on a host of its own. Then it shrinks.\n"
        "Only the difference is planned: nothing else is touched.",
    )
    narrator.type(f"ns scale {SERVICE} --vnf firewall --aspect inspection --out 2")
    narrator.type(f"ns show {SERVICE}")
    narrator.type(f"ns scale {SERVICE} --vnf firewall --aspect inspection --in 2")

    narrator.chapter("5. Down", "Terminate is the difference to nothing. Then we look at the VIM itself.")
    narrator.type(f"ns terminate {SERVICE}")
    left = asyncio.run(_left(url))
    if left:
        raise OperationError(f"{len(left)} resources are left on the VIM", ", ".join(left))
    narrator.type("vim show simulated")

    narrator.chapter("6. Tidy", "The records go too: the service, its descriptor, the packages.")
    narrator.type(f"ns delete {SERVICE}")
    narrator.type("nsd delete 'SD-WAN edge'")
    for product in ("SD-WAN edge router", "SD-WAN firewall", "SD-WAN probe"):
        narrator.type(f"vnf-package delete '{product}'")
    narrator.type("op list")


async def _left(url: str) -> list[str]:
    async with Client(url) as client:
        vims = await client.all(VIMS)
        return [str(item.get("path") or item["id"]) for vim in vims for item in await owned(client, vim)]


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Run a server on a free loopback port for as long as the context lasts; yield its URL once it is ready."""
    log = directory / "server.log"
    command = [sys.executable, "-m", "nfvo.cli.main", "serve", "--host", "127.0.0.1", "--port", "0"]
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: S603  # our own server, with arguments made here
            [*command, "--data-dir", str(directory / "data")], stdout=subprocess.PIPE, stderr=written, text=True
        )
    try:
        yield _ready_url(process)
    except CommandError:
        sys.stderr.writelines(f"  server: {line}\n" for line in log.read_text().splitlines()[-LOG_LINES:])
        raise
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready_url(process: subprocess.Popen[str]) -> str:
    """Return the URL that the server tells once it accepts requests; UnreachableError when it ends before."""
    for line in process.stdout or ():
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    raise UnreachableError("The server ended before it was ready", f"exit code {process.wait()}")


def main() -> int:
    """Run the demonstration; return what to exit with."""
    output = Output()
    screen = console(sys.stdout, color=not os.environ.get("NO_COLOR"))
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="mano-demo-") as scratch, server(Path(scratch)) as url:
            os.environ["MANO_URL"] = url
            screen.print(Text(f"A server of our own runs at {url}, with its data in {scratch}.", style="dim"))
            demonstrate(Narrator(screen), url)
    except CommandError as error:
        output.error(error)
        return int(error.code)
    screen.print()
    output.done(f"All of it worked, and nothing is left behind ({time.monotonic() - began:.0f} s).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
