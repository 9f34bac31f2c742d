"""What a page of a long list costs: CPU of a server that has 50,000 VNF instances, on SQLite and on PostgreSQL.

Prints the figures as JSON; writes them as a page to the file that is named, as ``make bench`` does.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

sys.path.insert(0, str(Path(__file__).parents[1]))

from example_packages import package
from private_postgresql import NoPostgresqlError, PrivatePostgresql, private_postgresql
from server_process import ServerProcess, server_process

from mano_runtime.identifiers import new_id
from mano_runtime.storage import Database
from vnfm.inventory.tables import VNF_INSTANCES

INSTANCES = 50_000
VNFDS = 5
"""The instances are of so many VNFDs; the filter wants one."""
PAGE = 100
PAGES = 100
"""Pages that are fetched of each list: all that the filter leaves."""
AT_ONCE = 5_000
"""Rows that are inserted by one statement."""
BUDGET_MS = 10
WARM = 5
VNF = "edge-router"
COLLECTION = "/vnflcm/v2/vnf_instances"
ACTIVE = {"STARTING", "PROCESSING"}


async def measured(directory: Path, database_url: str, database_cpu: Callable[[], float]) -> dict[str, float]:
    """Return what pages cost a server with its database at ``database_url``, or in a file where that is empty."""
    options = ("--database-url", database_url) if database_url else ()
    async with server_process(directory, *options) as server:
        await server.start()
        await one_instance(server)
        assert await server.stop() == 0
        vnfd = await many(database_url or f"sqlite+aiosqlite:///{server.data}/mano.sqlite")
        await server.start()

        def spent() -> dict[str, float]:
            return {"cpu": spent_by(server.pid), "database_cpu": database_cpu()}

        found = {}
        for name, query in {"all": "", "filtered": f"?filter=(eq,vnfdId,{vnfd})"}.items():
            await walked(server, query, WARM, dict)  # what is done once per process is no cost of a page
            costs = await walked(
                server, query, PAGES, lambda: {"cpu": spent_by(server.pid), "database_cpu": database_cpu()}
            )
            found |= {f"{name}_{key}_ms": 1000 * statistics.median(each[key] for each in costs) for key in costs[0]}
        await server.stop()
    return {key: round(value, 2) for key, value in found.items()}


async def one_instance(server: ServerProcess) -> None:
    """Have one VNF instantiated, as any is."""
    await server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", package(VNF))
    (entry,) = await server.get("/vnfpkgm/v2/vnf_packages")
    made, _ = await server.request("POST", COLLECTION, 201, json={"vnfdId": entry["vnfdId"]})
    body = {"flavourId": "default"}
    _, headers = await server.request("POST", f"{COLLECTION}/{made['id']}/instantiate", 202, json=body)
    while True:
        occurrence = await server.get(headers["Location"].removeprefix(server.url))
        if occurrence["operationState"] not in ACTIVE:
            assert occurrence["operationState"] == "COMPLETED", occurrence
            return
        await asyncio.sleep(0.05)


async def many(url: str) -> str:
    """Put copies of the instance beside it, each with an identifier of its own; return one of their VNFDs."""
    table = VNF_INSTANCES.table
    database = await Database.open(url)

    def copy(connection: Connection) -> str:
        model = dict(connection.execute(select(table)).mappings().one())
        vnfds = [new_id() for _ in range(VNFDS)]
        rows = [copied(model, vnfds[number % VNFDS]) for number in range(INSTANCES - 1)]
        for start in range(0, len(rows), AT_ONCE):
            connection.execute(insert(table), rows[start : start + AT_ONCE])
        return vnfds[0]

    vnfd = await database.write(copy)
    await database.aclose()
    return vnfd


def copied(model: dict[str, Any], vnfd: str) -> dict[str, Any]:
    """Return a row like ``model``, of another VNF of another VNFD."""
    id_ = new_id()
    told = {name: model[name].replace(model["id"], id_).replace(model["vnfd_id"], vnfd) for name in ("doc", "outline")}
    return {**model, **told, "id": id_, "vnfd_id": vnfd}


async def walked(
    server: ServerProcess, query: str, pages: int, spent: Callable[[], dict[str, float]]
) -> list[dict[str, float]]:
    """Fetch so many full pages of the list, each by the link of the one before; return what each added to ``spent``."""
    url, costs = f"{server.url}{COLLECTION}{query}", []
    async with aiohttp.ClientSession() as session:
        for _ in range(pages):
            before, began = spent(), time.monotonic()
            async with session.get(url) as answer:
                entries = await answer.json()
            wall = time.monotonic() - began
            assert (answer.status, len(entries)) == (200, PAGE)
            costs.append({key: now - before[key] for key, now in spent().items()} | {"wall": wall})
            url = str(answer.links["next"]["url"]) if "next" in answer.links else ""
    return costs


def spent_by(pid: int) -> float:
    """Return the seconds that the threads of a process have been on a CPU so far."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 10**9


def backends_cpu(server: PrivatePostgresql) -> float:
    """Return the CPU seconds of the sessions that the PostgreSQL server has."""
    return sum(spent_by(pid) for (pid,) in server.execute("SELECT pid FROM pg_stat_activity"))


def run() -> dict[str, dict[str, float]]:
    """Return the figures by kind of database; PostgreSQL is left out where it cannot be started."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        found["SQLite"] = asyncio.run(measured(Path(name), "", lambda: 0.0))
    with ExitStack() as stack:
        try:
            postgresql = stack.enter_context(private_postgresql())
        except NoPostgresqlError as error:
            sys.stderr.write(f"not measured on PostgreSQL: {error}\n")
        else:
            name = stack.enter_context(tempfile.TemporaryDirectory())
            found["PostgreSQL"] = asyncio.run(
                measured(Path(name), postgresql.create(), lambda: backends_cpu(postgresql))
            )
    return found


def written(found: dict[str, dict[str, float]]) -> str:
    """Return the report, as Markdown."""
    today, python = dt.datetime.now(tz=dt.UTC).date(), platform.python_version()
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    rows = [
        f"| {kind} | {what} | {cost[f'{key}_cpu_ms']:.1f} ms | {cost[f'{key}_database_cpu_ms']:.1f} ms "
        f"| {cost[f'{key}_wall_ms']:.1f} ms |"
        for kind, cost in found.items()
        for key, what in (("all", "everything"), ("filtered", "of one VNFD"))
    ]
    return f"""\
# Performance of long lists

Written by `make bench` on {today}, with Python {python} on {machine}.

A server has {INSTANCES:,} VNF instances, all instantiated, of {VNFDS} VNFDs. A client fetches {PAGES} pages of {PAGE}
instances, each by the link in the one before: of the whole list, and of `?filter=(eq,vnfdId,...)`, to its end. What is
counted is the time that threads of the server's process are on a CPU, and beside it PostgreSQL's sessions; medians of
the pages.

| database | list | CPU of the server a page | of the database | wall time a page |
| --- | --- | --- | --- | --- |
{chr(10).join(rows)}

SQLite works in the server's process. Target: under {BUDGET_MS} ms of the server's CPU a page.
"""


if __name__ == "__main__":
    figures = run()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(written(figures), encoding="utf-8")
