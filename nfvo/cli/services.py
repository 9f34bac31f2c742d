"""``mano ns``: network service instances (SOL005 clause 6)."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nfvo.cli.archives import NSDS
from nfvo.cli.errors import InputError, NotFoundError
from nfvo.cli.lookup import choose, equals, find
from nfvo.cli.operations import NS_LEVEL, follow
from nfvo.cli.output import Output, facts, state, table
from nfvo.cli.session import session
from nfvo.cli.topology import profile_of, topology

if TYPE_CHECKING:
    from nfvo.cli.client import Client

PATH = "/nslcm/v2/ns_instances"
app = typer.Typer(no_args_is_help=True)
Wanted = Annotated[str, typer.Argument(metavar="NAME", help="Name or identifier of the network service.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the operation to its end, or leave at once.")]


async def instance(client: Client, wanted: str) -> dict[str, Any]:
    """Return the network service instance with this name or identifier."""
    return await find(client, PATH, wanted, names=("nsInstanceName",), noun="network service", command="mano ns list")


async def create(client: Client, output: Output, name: str, *, nsd: str, description: str = "") -> dict[str, Any]:
    """Make the record of a network service from an NSD, and return it; nothing runs yet."""
    descriptor = await NSDS.entry(client, nsd)
    if await client.all(PATH, filter=equals("nsInstanceName", name)):
        output.warn(f"There is a network service called {name} already: you will have to name them by identifier.")
    body = {"nsdId": descriptor.get("nsdId", descriptor["id"]), "nsName": name, "nsDescription": description}
    made: dict[str, Any] = (await client.post(PATH, body)).body
    output.done(f"Created the network service {name} from {NSDS.name(descriptor)}")
    output.data(made, lambda: _summary(made))
    return made


async def instantiate(
    client: Client, output: Output, wanted: str, *, flavour: str = "", level: str = "", wait: bool = True
) -> dict[str, Any]:
    """Bring a network service up; return the operation as it was last seen."""
    found = await instance(client, wanted)
    body = {"nsFlavourId": flavour or await default_flavour(client, found)}
    if level:
        body["nsInstantiationLevelId"] = level
    answer = await client.post(f"{PATH}/{found['id']}/instantiate", body)
    return await follow(client, output, answer.made, NS_LEVEL, wait=wait, names=_names(found))


async def default_flavour(client: Client, found: dict[str, Any]) -> str:
    """Return the flavour that is meant when none is named: the NSD's default, as its archive in the catalogue says."""
    from descriptors.onboarding import read_package  # noqa: PLC0415  # the parser takes a while to import

    with tempfile.TemporaryDirectory(prefix="mano-") as scratch:
        archive = Path(scratch) / "nsd.zip"
        await client.download(f"{NSDS.path}/{found['nsdInfoId']}/nsd_content", archive)
        nsd = read_package(archive, expect="nsd").nsd
    if nsd is None or not nsd.default_flavour:
        raise InputError(
            "Which flavour?", f"the NSD {found['nsdId']} has no default flavour", hint="Name one with --flavour."
        )
    return nsd.default_flavour


async def scale_vnf(
    client: Client, output: Output, wanted: str, vnf: str, *, aspect: str, steps: int, wait: bool = True
) -> dict[str, Any]:
    """Scale one VNF of a network service by ``steps``, in when negative; return the operation."""
    found = await instance(client, wanted)
    member = _member(found, vnf)
    body = {
        "scaleType": "SCALE_VNF",
        "scaleVnfData": [
            {
                "vnfInstanceId": member["id"],
                "scaleVnfType": "SCALE_OUT" if steps > 0 else "SCALE_IN",
                "scaleByStepData": {"aspectId": aspect, "numberOfSteps": abs(steps)},
            }
        ],
    }
    answer = await client.post(f"{PATH}/{found['id']}/scale", body)
    return await follow(client, output, answer.made, NS_LEVEL, wait=wait, names=_names(found))


async def scale_ns(
    client: Client, output: Output, wanted: str, *, aspect: str, steps: int, wait: bool = True
) -> dict[str, Any]:
    """Scale the network service itself by ``steps``, in when negative; return the operation."""
    found = await instance(client, wanted)
    by_steps = {
        "scalingDirection": "SCALE_OUT" if steps > 0 else "SCALE_IN",
        "aspectId": aspect,
        "numberOfSteps": abs(steps),
    }
    body = {"scaleType": "SCALE_NS", "scaleNsData": {"scaleNsByStepsData": by_steps}}
    answer = await client.post(f"{PATH}/{found['id']}/scale", body)
    return await follow(client, output, answer.made, NS_LEVEL, wait=wait, names=_names(found))


async def terminate(client: Client, output: Output, wanted: str, *, wait: bool = True) -> dict[str, Any]:
    """Take a network service down; its record stays. Return the operation."""
    found = await instance(client, wanted)
    answer = await client.post(f"{PATH}/{found['id']}/terminate", {})
    return await follow(client, output, answer.made, NS_LEVEL, wait=wait, names=_names(found))


async def show(client: Client, output: Output, wanted: str) -> None:
    """Print a network service with everything that it is made of."""
    found = await instance(client, wanted)
    output.data(found, lambda: topology(found))


async def list_instances(client: Client, output: Output) -> None:
    """Print every network service."""
    found = await client.all(PATH)
    output.data(
        found,
        lambda: table(
            ("ID", "Name", "State", "NSD", "Description"),
            (
                (ns["id"], ns["nsInstanceName"], state(ns["nsState"]), ns["nsdId"], ns["nsInstanceDescription"])
                for ns in found
            ),
            empty="No network service yet: `mano ns create NAME --nsd NSD` makes one.",
        ),
    )


async def delete(client: Client, output: Output, wanted: str) -> None:
    """Delete the record of a network service that is not instantiated."""
    found = await instance(client, wanted)
    await client.delete(f"{PATH}/{found['id']}")
    output.done(f"Deleted the network service {found['nsInstanceName']}")


def _names(found: dict[str, Any]) -> dict[str, str]:
    """Return the names of the VNFs, which are gone from the server when the operation deletes them."""
    return {vnf["id"]: vnf.get("vnfInstanceName") or vnf["id"] for vnf in found.get("vnfInstance", ())}


def _member(found: dict[str, Any], vnf: str) -> Any:
    members = [member | {"profile": profile_of(member)} for member in found.get("vnfInstance", ())]
    if not members:
        raise NotFoundError(
            f"{found['nsInstanceName']} has no VNFs",
            f"it is {found['nsState']}",
            hint=f"`mano ns instantiate {found['nsInstanceName']}` brings it up.",
        )
    return choose(members, vnf, names=("profile", "vnfInstanceName", "vnfProductName", "vnfdId"), noun="VNF")


def _summary(found: dict[str, Any]) -> Any:
    return facts(
        (
            ("id", found["id"]),
            ("name", found["nsInstanceName"]),
            ("NSD", found["nsdId"]),
            ("state", state(found["nsState"])),
        )
    )


@app.command("create")
def create_command(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the network service shall be called.")],
    nsd: Annotated[str, typer.Option(help="Name or identifier of the NSD that it is made from.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Make the record of a network service; `instantiate` brings it up."""
    session(context).run(create, name, nsd=nsd, description=description)


@app.command("instantiate")
def instantiate_command(
    context: typer.Context,
    name: Wanted,
    flavour: Annotated[str, typer.Option(help="Deployment flavour; the NSD's default when left out.")] = "",
    level: Annotated[str, typer.Option(help="Instantiation level; the flavour's default when left out.")] = "",
    *,
    wait: Wait = True,
) -> None:
    """Bring a network service up and show the progress."""
    session(context).run(instantiate, name, flavour=flavour, level=level, wait=wait)


@app.command("show")
def show_command(context: typer.Context, name: Wanted) -> None:
    """Show a network service: VNFs, components, connection points, virtual links, resources on the VIM."""
    session(context).run(show, name)


@app.command("list")
def list_command(context: typer.Context) -> None:
    """List the network services."""
    session(context).run(list_instances)


@app.command("scale")
def scale_command(  # noqa: PLR0917  # typer calls it by name
    context: typer.Context,
    name: Wanted,
    vnf: Annotated[str, typer.Option(help="VNF to scale: its profile in the NSD, its name or its identifier.")] = "",
    aspect: Annotated[str, typer.Option(help="Scaling aspect of the VNF, with --vnf.")] = "",
    ns_aspect: Annotated[str, typer.Option(help="Scaling aspect of the network service itself.")] = "",
    out: Annotated[int | None, typer.Option("--out", min=1, help="Steps to add.")] = None,
    into: Annotated[int | None, typer.Option("--in", min=1, help="Steps to take away.")] = None,
    *,
    wait: Wait = True,
) -> None:
    """Scale one VNF (--vnf and --aspect), or the network service itself (--ns-aspect), by steps."""
    if (out is None) == (into is None):
        raise typer.BadParameter("give one of --out and --in")
    if bool(vnf and aspect) == bool(ns_aspect) or bool(vnf) != bool(aspect):
        raise typer.BadParameter("give --vnf and --aspect, or --ns-aspect")
    steps = (out or 0) - (into or 0)
    if ns_aspect:
        session(context).run(scale_ns, name, aspect=ns_aspect, steps=steps, wait=wait)
    else:
        session(context).run(scale_vnf, name, vnf, aspect=aspect, steps=steps, wait=wait)


@app.command("terminate")
def terminate_command(context: typer.Context, name: Wanted, *, wait: Wait = True) -> None:
    """Take a network service down; its record stays until it is deleted."""
    session(context).run(terminate, name, wait=wait)


@app.command("delete")
def delete_command(context: typer.Context, name: Wanted) -> None:
    """Delete the record of a network service that is down."""
    session(context).run(delete, name)
