"""The operator's console of a simulated VIM; works on its file while orchestrators use it."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from vim_adapters.resources import AWAITED_KINDS, Kind
from vim_adapters.simulated.faults import ERRORS, FaultRule, add_rule, clear_rules, rules
from vim_adapters.simulated.file import VimFile
from vim_adapters.simulated.settings import QUOTAS, VERBS, set_setting
from vim_adapters.simulated.store import Store, set_hosts

_EXAMPLES = """\
examples:
  python -m vim_adapters.simulated vim.sqlite inventory --kind server
  python -m vim_adapters.simulated vim.sqlite inject boot_fault --kind server --match '*firewall*'
  python -m vim_adapters.simulated vim.sqlite inject outcome_lost --kind port --after-calls 2
  python -m vim_adapters.simulated vim.sqlite inject unreachable --verb '*' --for-ever
  python -m vim_adapters.simulated vim.sqlite latency --call ensure_present=0.2 --boot server=5
  python -m vim_adapters.simulated vim.sqlite capacity --zone az3 --hosts 2 --vcpus 16
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused, 2 not understood."""
    options = _parser().parse_args(arguments)
    if not options.path.exists() and not options.create:
        print(f"error: there is no simulated VIM at {options.path}; --create makes one", file=sys.stderr)  # noqa: T201  # a console prints
        return 1
    store = Store(options.path)
    try:
        with store.transaction() as connection:
            command: Callable[[VimFile, argparse.Namespace, float], list[dict[str, Any]]] = options.command
            rows = command(connection, options, store.clock())
    except (ValueError, sqlite3.Error) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # a console prints
        return 1
    finally:
        store.close()
    print(json.dumps(rows, indent=2) if options.json else _table(rows))  # noqa: T201  # a console prints
    return 0


def inventory(connection: VimFile, options: argparse.Namespace, now: float) -> list[dict[str, Any]]:
    """What is on the VIM, oldest first."""
    found = connection.execute("SELECT * FROM resources ORDER BY created_at, seq").fetchall()
    return [
        {
            "kind": row["kind"],
            "id": row["id"],
            "name": row["name"],
            "state": _state(row, now),
            "owner": row["owner"] or "(the VIM)",
            "path": row["path"] or "",
            "host": row["host"] or "",
            "created": datetime.fromtimestamp(row["created_at"], UTC).isoformat(timespec="seconds"),
        }
        for row in found
        if options.kind in {None, row["kind"]} and options.owner in {None, row["owner"]}
    ]


def inject(connection: VimFile, options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """Have calls go wrong."""
    rule = FaultRule(
        error=options.error,
        verb=options.verb,
        kind=options.kind,
        match=options.match,
        after_calls=options.after_calls,
        remaining=None if options.for_ever else options.times,
        delay_seconds=options.delay,
        retry_after=options.retry_after,
        message=options.message,
    )
    added = add_rule(connection, rule)
    return [msgspec.to_builtins(msgspec.structs.replace(rule, id=added))]


def faults(connection: VimFile, _options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """What is set to go wrong."""
    return [msgspec.to_builtins(rule) for rule in rules(connection)]


def clear(connection: VimFile, options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """Have nothing, or one thing less, go wrong."""
    return [{"cleared": clear_rules(connection, options.id)}]


def calls(connection: VimFile, _options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """How often each verb was called on each kind, and what came of it."""
    found = connection.execute(
        "SELECT verb, kind, outcome, count(*) AS count FROM calls"
        " GROUP BY verb, kind, outcome ORDER BY verb, kind, outcome"
    )
    return [dict(row) for row in found]


def capacity(connection: VimFile, options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """What the hosts have and what of it is free, after a zone was changed if that is asked."""
    if options.zone:
        set_hosts(
            connection,
            options.zone,
            options.hosts,
            (options.vcpus, options.memory_gib * 1024, options.storage_gib),
        )
    found = connection.execute(
        "SELECT zone, name AS host, vcpus, vcpus - vcpus_used AS vcpus_free, memory_mib,"
        " memory_mib - memory_mib_used AS memory_mib_free, storage_gib,"
        " storage_gib - storage_gib_used AS storage_gib_free FROM hosts ORDER BY zone, name"
    )
    return [dict(row) for row in found]


def latency(connection: VimFile, options: argparse.Namespace, _now: float) -> list[dict[str, Any]]:
    """The times and quotas that are set, after those that are given were changed."""
    for prefix in ("call", "boot", "removal", "shutdown", "quota"):
        for key, value in getattr(options, prefix) or ():
            set_setting(connection, f"{prefix}.{key}", value)
    return [dict(row) for row in connection.execute("SELECT key, value FROM settings ORDER BY key")]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m vim_adapters.simulated",
        description="Look into a simulated VIM, and make it slow, small or faulty. Works while it is in use.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=Path, help="the file that the simulated VIM is")
    parser.add_argument("--create", action="store_true", help="make the VIM when the file is not there")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(command: Callable[..., list[dict[str, Any]]], description: str) -> argparse.ArgumentParser:
        added = commands.add_parser(command.__name__, help=description, description=description)
        added.set_defaults(command=command)
        return added

    shown = add(inventory, "list what is on the VIM")
    shown.add_argument("--kind", choices=[kind.value for kind in Kind], help="only this kind")
    shown.add_argument("--owner", help="only what carries this owner's tag")

    spoilt = add(inject, "have calls go wrong")
    spoilt.add_argument("error", choices=ERRORS, help="what happens instead, or besides")
    spoilt.add_argument("--verb", default="ensure_present", help="which verb, as a pattern (default: %(default)s)")
    spoilt.add_argument("--kind", default="*", help="which kind of resource, as a pattern (default: all)")
    spoilt.add_argument("--match", default="*", help="pattern on identity path, name or identifier (default: all)")
    spoilt.add_argument("--after-calls", type=int, default=0, help="let so many matching calls pass first")
    spoilt.add_argument("--times", type=int, default=1, help="how many calls go wrong (default: %(default)s)")
    spoilt.add_argument("--for-ever", action="store_true", help="until it is cleared")
    spoilt.add_argument("--delay", type=float, default=0.0, help="seconds that the call takes besides")
    spoilt.add_argument("--retry-after", type=float, help="with throttled: the pause that the VIM asks for, in seconds")
    spoilt.add_argument("--message", default="", help="the VIM's words")

    add(faults, "list what is set to go wrong")
    cleared = add(clear, "have nothing go wrong any more")
    cleared.add_argument("id", type=int, nargs="?", help="only this fault")
    add(calls, "count the calls that came in, by what came of them")

    room = add(capacity, "show what the hosts have left; with --zone, set the hosts of a zone first")
    room.add_argument("--zone", help="the zone to set, or to add")
    room.add_argument(
        "--hosts", type=int, default=4, help="how many hosts it has; 0 takes all away (default: %(default)s)"
    )
    room.add_argument("--vcpus", type=int, default=32, help="virtual CPUs of each host (default: %(default)s)")
    room.add_argument("--memory-gib", type=int, default=128, help="memory of each host (default: %(default)s)")
    room.add_argument("--storage-gib", type=int, default=2048, help="storage of each host (default: %(default)s)")

    times = add(latency, "show how long things take and what is allowed; with options, set it first")
    awaited = ", ".join(sorted(AWAITED_KINDS))
    for option, known, what in (
        ("--call", ", ".join(VERBS), "seconds that each call of a verb takes"),
        ("--boot", awaited, "seconds until a new resource is ready"),
        ("--removal", awaited, "seconds until a removed resource is gone"),
        ("--shutdown", "server", "seconds that a guest takes to shut down when it is asked to"),
        ("--quota", ", ".join(QUOTAS), "how much there may be; 'none' lifts the quota"),
    ):
        times.add_argument(
            option, action="append", type=_assignment, metavar="NAME=NUMBER", help=f"{what}; names: {known}"
        )
    return parser


def _assignment(text: str) -> tuple[str, float | None]:
    key, separator, number = text.partition("=")
    try:
        if separator:
            return key, None if number == "none" else float(number)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER")


def _state(row: sqlite3.Row, now: float) -> str:
    if row["gone_at"] is not None:
        return "deleting"
    if now < row["ready_at"]:
        return "pending"
    if row["fault"]:
        return f"faulted: {row['fault']}"
    return "stopped" if 0 < row["stopped"] <= now else "ready"


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "(nothing)"
    texts = [[str(value) for value in row.values()] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(rows[0], *texts, strict=True)]
    lines = [list(rows[0]), *texts]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
