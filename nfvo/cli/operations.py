"""``mano op``: operation occurrences of network services and VNFs, and how they are followed to their end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from nfvo.cli.errors import InputError, NotFoundError, OperationError, UnreachableError
from nfvo.cli.output import Output, facts, moment, state, table
from nfvo.cli.progress import display, steps_of
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 60
"""How long a server that stopped answering is waited for: operations survive its restart."""


class Level(NamedTuple):
    """Whose operations are meant, in the words of their interface."""

    name: str
    path: str
    subject: str
    operation: str


NS_LEVEL = Level("ns", "/nslcm/v2/ns_lcm_op_occs", "nsInstanceId", "lcmOperationType")
VNF_LEVEL = Level("vnf", "/vnflcm/v2/vnf_lcm_op_occs", "vnfInstanceId", "operation")
LEVELS = {level.name: level for level in (NS_LEVEL, VNF_LEVEL)}
MOVING = frozenset({"STARTING", "PROCESSING", "ROLLING_BACK"})
WELL_ENDED = frozenset({"COMPLETED", "PARTIALLY_COMPLETED"})

app = typer.Typer(no_args_is_help=True)
Wanted = Annotated[str, typer.Argument(metavar="ID", help="Identifier of the operation.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the operation to its end, or leave at once.")]


async def occurrence(client: Client, wanted: str) -> tuple[Level, dict[str, Any]]:
    """Return the operation with this identifier, of whichever level."""
    for level in LEVELS.values():
        try:
            return level, await client.get_object(f"{level.path}/{wanted}")
        except NotFoundError:
            continue
    raise NotFoundError(f"No such operation: {wanted}", hint="`mano op list` shows what there is.")


async def follow(
    client: Client,
    output: Output,
    wanted: str,
    level: Level,
    *,
    wait: bool = True,
    good: frozenset[str] = WELL_ENDED,
    names: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Show the operation's progress until nothing moves, print and return it.

    OperationError when it ended in a state that is not in ``good``. Without ``wait`` it is printed as it is now.
    ``names`` are those of VNFs by identifier, as far as they are known already.
    """
    found: dict[str, Any] = await client.get(f"{level.path}/{wanted}")
    if not wait:
        output.data(found, lambda: _summary(level, found))
        return found
    try:
        found = await _watched(client, output, wanted, level, dict(names or {}))
    except asyncio.CancelledError:
        output.say(f"The operation goes on without us: `mano op watch {wanted}` shows it again.", style="yellow")
        raise
    if found["operationState"] not in good:
        raise failure(level, found)
    if output.as_json:
        output.data(found, str)
    else:
        output.done(f"{found[level.operation]} ended as {found['operationState']}")
    return found


async def _watched(client: Client, output: Output, wanted: str, level: Level, names: dict[str, str]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    silent_since: float | None = None
    with display(output.messages) as progress:
        while True:
            try:
                found: dict[str, Any] = await client.get(f"{level.path}/{wanted}")
                progress.update(
                    f"{found[level.operation]} {found['operationState']}", await steps_of(client, wanted, names)
                )
            except UnreachableError:
                silent_since = silent_since or loop.time()
                if loop.time() - silent_since > PATIENCE_SECONDS:
                    raise
                progress.note("the server does not answer; operations survive that, so we wait")
            else:
                silent_since = None
                if found["operationState"] not in MOVING:
                    return found
            await asyncio.sleep(POLL_SECONDS)


def failure(level: Level, found: dict[str, Any]) -> OperationError:
    """Return the error that tells how the operation ended, and what can be done now."""
    reached = found["operationState"]
    problem = found.get("error") or {}
    hints = {
        "FAILED_TEMP": f"Remove the cause and `mano op retry {found['id']}`; or undo it with `mano op rollback "
        f"{found['id']}`; or give up with `mano op fail {found['id']}`.",
        "ROLLED_BACK": "Everything is as it was before the operation.",
        "FAILED": f"What exists is still in the inventory; `mano op show {found['id']}` tells what failed.",
    }
    return OperationError(
        f"{found[level.operation]} ended as {reached}",
        str(problem.get("detail") or problem.get("title") or ""),
        hint=hints.get(reached, ""),
        problem=problem,
    )


async def list_occurrences(client: Client, output: Output, level: Level) -> None:
    """Print every operation of a level, oldest first."""
    found = await client.all(level.path)
    output.data(
        found,
        lambda: table(
            ("ID", "Operation", "State", "Started", level.subject),
            (
                (op["id"], op[level.operation], state(op["operationState"]), moment(op["startTime"]), op[level.subject])
                for op in found
            ),
            empty="No operation yet.",
        ),
    )


async def show(client: Client, output: Output, wanted: str) -> None:
    """Print an operation, its steps and what became of each."""
    level, found = await occurrence(client, wanted)
    steps = await steps_of(client, wanted)
    output.data(found | {"steps": [step.document for step in steps]}, lambda: _details(level, found, steps))


async def log(client: Client, output: Output, wanted: str) -> None:
    """Print what scripts have said for an operation, and for those that it asked for."""
    _, found = await occurrence(client, wanted)
    entries = await client.all(f"/mano/v1/operations/{found['id']}/log")
    output.data(entries, lambda: _said(entries))


def _said(entries: list[dict[str, Any]]) -> RenderableType:
    """The output of one script after the other, as they went on; a line of its own says which it is."""
    shown = Text()
    speaker = ""
    for entry in entries:
        if entry["path"] != speaker:
            speaker = entry["path"]
            shown.append(f"{speaker}\n", style="bold")
        shown.append(entry["text"], style=_STREAMS.get(entry["stream"], ""))
    shown.rstrip()
    return shown if entries else Text("No script has said anything for it.", style="dim")


_STREAMS = {"stderr": "red", "run": "dim"}


async def watch(client: Client, output: Output, wanted: str) -> None:
    """Follow an operation that is under way."""
    level, _ = await occurrence(client, wanted)
    await follow(client, output, wanted, level)


async def intervene(client: Client, output: Output, wanted: str, verb: str, *, wait: bool = True) -> None:
    """Have a failed operation retried, rolled back or given up (``verb``: retry, rollback, fail)."""
    good = {"rollback": frozenset({"ROLLED_BACK"}), "fail": frozenset({"FAILED"})}.get(verb, WELL_ENDED)
    level, found = await occurrence(client, wanted)
    if verb == "continue" and level is not NS_LEVEL:
        raise InputError("Only operations of network services can be continued", hint=f"`mano op retry {wanted}`")
    await client.post(f"{level.path}/{found['id']}/{verb}")
    await follow(client, output, wanted, level, wait=wait, good=good)


async def cancel(client: Client, output: Output, wanted: str, *, forceful: bool, wait: bool) -> None:
    """Cancel an operation; however it ends is what was asked for, as long as it ends."""
    level, found = await occurrence(client, wanted)
    mode = "FORCEFUL" if forceful else "GRACEFUL"
    await client.post(f"{level.path}/{found['id']}/cancel", {"cancelMode": mode})
    await follow(client, output, wanted, level, wait=wait, good=WELL_ENDED | {"FAILED_TEMP", "ROLLED_BACK"})


def _summary(level: Level, found: dict[str, Any]) -> RenderableType:
    return facts(
        (
            ("id", found["id"]),
            ("operation", found[level.operation]),
            ("state", state(found["operationState"])),
            ("since", found.get("stateEnteredTime")),
            ("started", found["startTime"]),
            (level.subject, found[level.subject]),
            ("cancel", found.get("cancelMode")),
            ("error", (found.get("error") or {}).get("detail")),
        )
    )


def _details(level: Level, found: dict[str, Any], steps: list[Any]) -> RenderableType:
    return Group(
        _summary(level, found),
        "",
        table(
            ("State", "Step", "Seconds", "Error"),
            ((step.mark(), step.label, step.seconds, step.problem) for step in steps),
            empty="No steps: it had nothing to do, or was not planned yet.",
        ),
    )


@app.command("list")
def list_command(
    context: typer.Context,
    level: Annotated[str, typer.Option(help="Whose operations: ns or vnf.")] = "ns",
) -> None:
    """List operations."""
    if level not in LEVELS:
        raise InputError("There are the levels ns and vnf", f"not {level!r}")
    session(context).run(list_occurrences, LEVELS[level])


@app.command("show")
def show_command(context: typer.Context, wanted: Wanted) -> None:
    """Show an operation with every step."""
    session(context).run(show, wanted)


@app.command("log")
def log_command(context: typer.Context, wanted: Wanted) -> None:
    """Show what scripts of the packages have said for an operation."""
    session(context).run(log, wanted)


@app.command("watch")
def watch_command(context: typer.Context, wanted: Wanted) -> None:
    """Show the progress of an operation until it ends."""
    session(context).run(watch, wanted)


@app.command("retry")
def retry_command(context: typer.Context, wanted: Wanted, *, wait: Wait = True) -> None:
    """Try again what failed; what is done already is not done twice."""
    session(context).run(intervene, wanted, "retry", wait=wait)


@app.command("rollback")
def rollback_command(context: typer.Context, wanted: Wanted, *, wait: Wait = True) -> None:
    """Undo a failed operation."""
    session(context).run(intervene, wanted, "rollback", wait=wait)


@app.command("continue")
def continue_command(context: typer.Context, wanted: Wanted, *, wait: Wait = True) -> None:
    """Accept what failed of a network service's operation, and have the rest done."""
    session(context).run(intervene, wanted, "continue", wait=wait)


@app.command("cancel")
def cancel_command(
    context: typer.Context,
    wanted: Wanted,
    *,
    forceful: Annotated[bool, typer.Option("--forceful", help="Wait for nothing that was begun.")] = False,
    wait: Wait = True,
) -> None:
    """Bring an operation that is under way to an end: nothing more is begun."""
    session(context).run(cancel, wanted, forceful=forceful, wait=wait)


@app.command("fail")
def fail_command(context: typer.Context, wanted: Wanted) -> None:
    """Give a failed operation up; what it made stays in the inventory and can be terminated."""
    session(context).run(intervene, wanted, "fail")
