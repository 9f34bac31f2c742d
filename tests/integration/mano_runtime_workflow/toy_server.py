"""A process that runs an engine on a directory until nothing is under way; killed by the test at any instant."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.operation import ENDED_STATES

sys.path.insert(0, str(Path(__file__).parents[2]))  # where the double is
from toy_peer import ToyLogic, ToyPeer


async def serve(directory: Path) -> None:
    request = json.loads((directory / "request.json").read_text())
    database = await Database.open(f"sqlite+aiosqlite:///{directory}/mano.sqlite")
    engine = Engine(database)
    engine.register(ToyLogic(ToyPeer(directory / "things", latency=0.01)))
    await engine.start()
    operations = (await engine.page(level="toy")).items
    if operations:
        operation = operations[0].document
    else:
        operation = await engine.begin(level="toy", kind="BUILD", subject="s1", request=request)
    sys.stdout.write("working\n")
    sys.stdout.flush()
    ended = await engine.ended(operation.id)
    assert ended.state in ENDED_STATES
    sys.stdout.write(f"{ended.state} after {ended.attempt} attempts\n")
    sys.stdout.flush()
    await engine.aclose()
    await database.aclose()


asyncio.run(serve(Path(sys.argv[1])))
