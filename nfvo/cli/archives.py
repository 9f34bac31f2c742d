"""``mano vnf-package``, ``mano nsd`` and ``mano pnfd``: what is in the catalogue (SOL005 clauses 5 and 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Group

from nfvo.cli.errors import InputError, RefusedError
from nfvo.cli.lookup import find
from nfvo.cli.output import Output, facts, state, table
from nfvo.cli.packing import archive_of
from nfvo.cli.problems import finding_lines, summary_lines
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client

POLL_SECONDS = 0.1
Wanted = Annotated[str, typer.Argument(metavar="NAME", help="Name or identifier.")]


class Shelf(NamedTuple):
    """One of the catalogue's shelves, in the words of its interface."""

    noun: str
    command: str
    path: str
    content: str
    names: tuple[str, ...]
    """Attributes that a person may name an entry by; the first is the one to show."""
    versions: tuple[str, ...]
    onboarding: str
    usage: str
    operational: str = ""
    """Empty where there is nothing to enable."""
    single: bool = True
    """Whether one YAML file may stand for an archive."""

    async def entry(self, client: Client, wanted: str) -> dict[str, Any]:
        """Return the entry with this identifier or name."""
        return await find(
            client, self.path, wanted, names=self.names, noun=self.noun, command=f"mano {self.command} list"
        )

    def name(self, entry: dict[str, Any]) -> str:
        """Return what a person calls the entry."""
        return str(entry.get(self.names[0]) or entry["id"])


VNF_PACKAGES = Shelf(
    noun="VNF package",
    command="vnf-package",
    path="/vnfpkgm/v2/vnf_packages",
    content="package_content",
    names=("vnfProductName", "vnfdId"),
    versions=("vnfSoftwareVersion", "vnfdVersion"),
    onboarding="onboardingState",
    operational="operationalState",
    usage="usageState",
    single=False,
)
NSDS = Shelf(
    noun="NSD",
    command="nsd",
    path="/nsd/v2/ns_descriptors",
    content="nsd_content",
    names=("nsdName", "nsdId", "nsdInvariantId"),
    versions=("nsdVersion",),
    onboarding="nsdOnboardingState",
    operational="nsdOperationalState",
    usage="nsdUsageState",
)
PNFDS = Shelf(
    noun="PNFD",
    command="pnfd",
    path="/nsd/v2/pnf_descriptors",
    content="pnfd_content",
    names=("pnfdName", "pnfdId", "pnfdInvariantId"),
    versions=("pnfdVersion",),
    onboarding="pnfdOnboardingState",
    usage="pnfdUsageState",
)


async def onboard(
    client: Client, output: Output, shelf: Shelf, package: Path, *, keep_failed: bool = False
) -> dict[str, Any]:
    """Upload a package, wait until it is onboarded and return its entry.

    A package that the server cannot use is an InputError with the server's diagnostics; its entry is deleted
    again unless ``keep_failed``.
    """
    with archive_of(package) as archive:
        made = (await client.post(shelf.path, {})).body
        path = f"{shelf.path}/{made['id']}"
        try:
            await client.upload(f"{path}/{shelf.content}", archive)
        except RefusedError as error:
            await client.delete(path)
            error.hint = (
                error.hint or f"Nothing was kept. `mano descriptor check {package}` looks at it without a server."
            )
            raise
    return await concluded(client, output, shelf, path, str(package), keep_failed=keep_failed)


async def concluded(
    client: Client, output: Output, shelf: Shelf, path: str, package: str, *, keep_failed: bool
) -> dict[str, Any]:
    """Wait until the entry at ``path`` is onboarded from ``package``, and return it; else as :func:`onboard` does."""
    entry = await _onboarded(client, path, shelf)
    if entry[shelf.onboarding] == "ERROR":
        problem = entry.get("onboardingFailureDetails") or {}
        if not keep_failed:
            await client.delete(path)
        kept = f"Kept as {entry['id']}." if keep_failed else "Nothing was kept on the server."
        raise InputError(
            str(problem.get("title") or "Not onboarded"),
            str(problem.get("detail") or ""),
            hint=f"Mend the package and onboard it again. {kept}",
            problem=problem,
        )
    for line in summary_lines(await _findings(client, shelf, entry)):
        output.messages.print(line)
    output.done(f"Onboarded the {shelf.noun} {shelf.name(entry)} from {package}")
    output.data(entry, lambda: _details(shelf, entry))
    return entry


async def _onboarded(client: Client, path: str, shelf: Shelf) -> dict[str, Any]:
    while True:
        entry: dict[str, Any] = await client.get(path)
        if entry[shelf.onboarding] in {"ONBOARDED", "ERROR"}:
            return entry
        await asyncio.sleep(POLL_SECONDS)


async def list_entries(client: Client, output: Output, shelf: Shelf) -> None:
    """Print what is on the shelf."""
    entries = await client.all(shelf.path)
    output.data(
        entries,
        lambda: table(
            ("ID", "Name", "Version", "Onboarding", *(("Operation",) if shelf.operational else ()), "Use"),
            (
                (
                    entry["id"],
                    entry.get(shelf.names[0]),
                    entry.get(shelf.versions[0]),
                    state(entry[shelf.onboarding]),
                    *((state(entry[shelf.operational]),) if shelf.operational else ()),
                    entry[shelf.usage],
                )
                for entry in entries
            ),
            empty=f"No {shelf.noun} yet: `mano {shelf.command} onboard FILE` brings one.",
        ),
    )


async def show(client: Client, output: Output, shelf: Shelf, wanted: str) -> None:
    """Print one entry."""
    entry = await shelf.entry(client, wanted)
    findings = await _findings(client, shelf, entry)
    output.data(entry | {"diagnostics": findings}, lambda: _details(shelf, entry, findings))


async def delete(client: Client, output: Output, shelf: Shelf, wanted: str) -> None:
    """Delete an entry; an enabled one is disabled first, unless something is made from it still."""
    entry = await shelf.entry(client, wanted)
    path = f"{shelf.path}/{entry['id']}"
    if entry[shelf.usage] == "IN_USE":
        raise RefusedError(
            f"The {shelf.noun} {shelf.name(entry)} is in use",
            "instances are made from it",
            hint="`mano ns list` shows the instances: terminate and delete them first.",
        )
    if shelf.operational and entry[shelf.operational] == "ENABLED":
        output.say(f"Disabling {shelf.name(entry)} first: only what is disabled may be deleted (SOL005).")
        await client.patch(path, {shelf.operational: "DISABLED"})
    await client.delete(path)
    output.done(f"Deleted the {shelf.noun} {shelf.name(entry)}")


def _details(shelf: Shelf, entry: dict[str, Any], findings: Sequence[dict[str, Any]] = ()) -> Group:
    images = entry.get("softwareImages", ())
    artifacts = entry.get("additionalArtifacts") or entry.get("artifacts") or ()
    return Group(
        facts(
            (
                ("id", entry["id"]),
                *((name, entry.get(name)) for name in shelf.names),
                *((name, entry.get(name)) for name in shelf.versions),
                ("provider", entry.get("vnfProvider") or entry.get("nsdDesigner") or entry.get("pnfdProvider")),
                ("onboarding", state(entry[shelf.onboarding])),
                *((("operation", state(entry[shelf.operational])),) if shelf.operational else ()),
                ("use", entry[shelf.usage]),
                ("VNF packages", entry.get("vnfPkgIds")),
                ("PNFDs", entry.get("pnfdInfoIds")),
                ("nested NSDs", entry.get("nestedNsdInfoIds")),
                ("images", sorted({str(image["name"]) for image in images})),
                ("artifacts", [artifact["artifactPath"] for artifact in artifacts if "artifactPath" in artifact]),
                ("failure", (entry.get("onboardingFailureDetails") or {}).get("detail")),
            )
        ),
        *(line for finding in findings for line in finding_lines(finding)),
    )


async def _findings(client: Client, shelf: Shelf, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return everything that was found when the entry was onboarded, warnings too (an interface of ours)."""
    return await client.all(f"/mano/v1/{shelf.path.rsplit('/', 1)[1]}/{entry['id']}/diagnostics")


def commands(shelf: Shelf) -> typer.Typer:
    """Return the commands for one shelf."""
    app = typer.Typer(no_args_is_help=True)
    forms = f"a zip archive{', a YAML file' if shelf.single else ''} or a directory to pack"
    disabled = "; it is disabled first" if shelf.operational else ""

    @app.command("onboard", help=f"Upload one {shelf.noun}, {forms}, and wait for the result.")
    def onboard_command(
        context: typer.Context,
        package: Annotated[Path, typer.Argument(help="A CSAR file, or the directory of an unpacked one.")],
        *,
        keep_failed: Annotated[
            bool, typer.Option("--keep-failed", help="Keep the server's record of a package with errors.")
        ] = False,
    ) -> None:
        session(context).run(onboard, shelf, package, keep_failed=keep_failed)

    @app.command("list", help=f"List every {shelf.noun} in the catalogue.")
    def list_command(context: typer.Context) -> None:
        session(context).run(list_entries, shelf)

    @app.command("show", help=f"Show one {shelf.noun}.")
    def show_command(context: typer.Context, name: Wanted) -> None:
        session(context).run(show, shelf, name)

    @app.command("delete", help=f"Delete one {shelf.noun} that nothing uses{disabled}.")
    def delete_command(context: typer.Context, name: Wanted) -> None:
        session(context).run(delete, shelf, name)

    return app
