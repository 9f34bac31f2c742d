"""``mano vim``: the connections to virtualised infrastructure managers (an interface of ours, /mano/v1)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group

from nfvo.cli.errors import InputError, OperationError
from nfvo.cli.lookup import find
from nfvo.cli.output import Output, facts, table
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client

PATH = "/mano/v1/vim_connections"
_SWEEP_SECONDS = 120.0
_SWEEP_PAUSE_SECONDS = 0.5
app = typer.Typer(no_args_is_help=True)
Wanted = Annotated[str, typer.Argument(metavar="NAME", help="Name or identifier of the VIM.")]


async def connection(client: Client, wanted: str) -> dict[str, Any]:
    """Return the connection with this vimId or identifier."""
    return await find(client, PATH, wanted, names=("name", "vimId"), noun="VIM connection", command="mano vim list")


async def add(client: Client, output: Output, document: dict[str, Any]) -> dict[str, Any]:
    """Register a VIM and return the connection."""
    made: dict[str, Any] = (await client.post(PATH, document)).body
    output.done(f"Added the VIM {made['name']}")
    output.data(made, lambda: _details(made))
    return made


async def list_connections(client: Client, output: Output) -> None:
    """Print every VIM."""
    found = await client.all(PATH)
    output.data(
        found,
        lambda: table(
            ("ID", "VIM", "Type", "Interface"),
            ((vim["id"], vim["name"], vim["vimType"], vim.get("interfaceInfo")) for vim in found),
            empty="No VIM yet: `mano vim add NAME --type TYPE` registers one.",
        ),
    )


async def show(client: Client, output: Output, wanted: str) -> None:
    """Print a VIM and what we own on it."""
    vim = await connection(client, wanted)
    resources = await owned(client, vim)
    output.data(vim | {"resources": resources}, lambda: Group(_details(vim), _resources(resources)))


async def owned(client: Client, vim: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the resources on the VIM that carry our owner tag."""
    return await client.all(f"{PATH}/{vim['id']}/resources")


async def remove(client: Client, output: Output, wanted: str) -> None:
    """Forget a VIM; the server refuses while something of ours is on it."""
    vim = await connection(client, wanted)
    await client.delete(f"{PATH}/{vim['id']}")
    output.done(f"Removed the VIM {vim['name']}")


async def check(client: Client, output: Output, wanted: str) -> None:
    """Have the server ask the VIM whether its address and credentials are good; OperationError when not."""
    vim = await connection(client, wanted)
    answer: dict[str, Any] = (await client.post(f"{PATH}/{vim['id']}/check")).body or {}
    if answer.get("accessible") is False:
        raise OperationError(
            f"The VIM {vim['name']} cannot be used",
            str((answer.get("error") or {}).get("detail") or ""),
            hint=f"`mano vim show {wanted}` shows how it is reached.",
            problem=answer.get("error") or {},
        )
    output.done(f"The VIM {vim['name']} answers and accepts us")
    output.data(answer, lambda: facts(answer.items()))


async def sweep(client: Client, output: Output, wanted: str, *, remove: bool) -> None:
    """Show what is on a VIM without a record; with ``remove`` ask for its removal until nothing is left."""
    import asyncio  # noqa: PLC0415  # commands that need no server start faster without

    vim = await connection(client, wanted)
    path = f"{PATH}/{vim['id']}/sweep"
    found = await _left(client, path, remove=remove)
    output.data(found, lambda: _resources(found))
    if remove:
        left, ends_at = found, time.monotonic() + _SWEEP_SECONDS
        while left and time.monotonic() < ends_at:
            await asyncio.sleep(_SWEEP_PAUSE_SECONDS)
            left = await _left(client, path, remove=True)
        if left:
            raise OperationError(
                f"{len(left)} resources are still on the VIM {vim['name']}",
                ", ".join(f"{item['kind']} {item['id']}" for item in left),
                hint="Something else may be using them: ask again once it is gone.",
            )
        output.done(f"Removed {len(found)} resources from the VIM {vim['name']}")


async def _left(client: Client, path: str, *, remove: bool) -> list[dict[str, Any]]:
    answer: dict[str, Any] = (await client.post(path, {"remove": remove})).body or {}
    return list(answer["leftovers"])


def _details(vim: dict[str, Any]) -> Group:
    return Group(facts((name, value) for name, value in vim.items() if name != "_links"))


def _resources(resources: list[dict[str, Any]]) -> Any:
    return table(
        ("Kind", "ID", "State", "Path"),
        ((item["kind"], item["id"], item["state"], item["path"]) for item in resources),
        empty="Nothing of ours is on this VIM.",
    )


def _pairs(options: list[str], name: str) -> dict[str, str]:
    pairs = {}
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or not key:
            raise InputError(f"{name} wants KEY=VALUE", f"not {option!r}")
        pairs[key] = value
    return pairs


@app.command("add")
def add_command(  # noqa: PLR0917  # typer calls it by name
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What the VIM shall be called .")],
    kind: Annotated[str, typer.Option("--type", help="Kind of VIM, such as SIMULATED.")] = "SIMULATED",
    interface: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help="How it is reached; repeatable.")] = [],  # noqa: B006  # typer copies it
    access: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help="Credentials; repeatable.")] = [],  # noqa: B006  # typer copies it
    extra: Annotated[list[str], typer.Option(metavar="KEY=VALUE", help="What else it needs; repeatable.")] = [],  # noqa: B006  # typer copies it
    tenant: Annotated[str, typer.Option(help="Who may use it: one tenant, or all (shared).")] = "shared",
) -> None:
    """Register a VIM."""
    document = {
        "name": name,
        "vimType": kind,
        "interfaceInfo": _pairs(interface, "--interface"),
        "accessInfo": _pairs(access, "--access"),
        "extra": _pairs(extra, "--extra"),
        "tenant": tenant,
    }
    session(context).run(add, {key: value for key, value in document.items() if value})


@app.command("list")
def list_command(context: typer.Context) -> None:
    """List the VIMs."""
    session(context).run(list_connections)


@app.command("show")
def show_command(context: typer.Context, name: Wanted) -> None:
    """Show a VIM, and everything on it that is ours."""
    session(context).run(show, name)


@app.command("remove")
def remove_command(context: typer.Context, name: Wanted) -> None:
    """Forget a VIM that nothing of ours is on."""
    session(context).run(remove, name)


@app.command("check")
def check_command(context: typer.Context, name: Wanted) -> None:
    """Ask the server whether it reaches the VIM and is let in."""
    session(context).run(check, name)


@app.command("sweep")
def sweep_command(
    context: typer.Context,
    name: Wanted,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Remove them; without it they are only shown.")] = False,
) -> None:
    """Show what is on a VIM and bears our mark without any record of it, and remove it on demand."""
    session(context).run(sweep, name, remove=remove)
