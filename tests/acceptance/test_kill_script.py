"""A server that is killed while a script of a package runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from example_packages import files_of, packed, sealed
from server_process import server_process

SCRIPT = """\
    probe:
      type: example.networks.Probe
      artifacts:
        configure:
          type: tosca.artifacts.Implementation.Bash
          file: ../Files/ChangeLog.txt
      interfaces:
        Vnflcm:
          operations:
            instantiate_end:
              implementation: configure
              inputs:
                mano_driver: local
"""
ACTIVE = {"STARTING", "PROCESSING"}
WORK = 'if [ "$MANO_AGAIN" = true ]; then echo "again with $MANO_KEY"; exit; fi; echo "running as $$ with $MANO_KEY"; '


def probe():
    """Return the package of the probe with a script that hangs when it is run for the first time."""
    files = files_of("probe")
    plain = "    probe:\n      type: example.networks.Probe\n"
    descriptor = files["Definitions/probe.yaml"].decode()
    assert plain in descriptor
    files["Definitions/probe.yaml"] = descriptor.replace(plain, SCRIPT).encode()
    files["Files/ChangeLog.txt"] = f"{WORK}(setsid sleep 600 &); sleep 600\n".encode()
    return packed(sealed(files))


async def said(server, operation):
    """Return what the script has said so far."""
    entries = await server.get(f"/mano/v1/operations/{operation}/log")
    return "".join(entry["text"] for entry in entries if entry["stream"] == "stdout")


async def ended(server, path):
    """Return the occurrence once nothing moves any more."""
    async with asyncio.timeout(30):
        while (found := await server.get(path))["operationState"] in ACTIVE:  # noqa: ASYNC110  # only the server knows
            await asyncio.sleep(0.05)
    return found


async def test_a_killed_server_leaves_no_script_and_runs_it_again(tmp_path):
    """With the server dies what it ran; the next one runs it again with the same key, and the operation completes."""
    async with server_process(tmp_path) as server:
        await server.start()
        entry = await server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", probe())
        vnf, _ = await server.request("POST", "/vnflcm/v2/vnf_instances", 201, json={"vnfdId": entry["vnfdId"]})
        path = f"/vnflcm/v2/vnf_instances/{vnf['id']}/instantiate"
        _, headers = await server.request("POST", path, 202, json={"flavourId": "default"})
        operation = headers["Location"].rpartition("/")[2]
        async with asyncio.timeout(30):
            while "running as" not in (text := await said(server, operation)):  # noqa: ASYNC110  # only the server knows
                await asyncio.sleep(0.05)
        pid, key = int(text.split()[2]), text.split()[4]
        await server.kill()
        async with asyncio.timeout(10):
            while await asyncio.to_thread(Path(f"/proc/{pid}").exists):  # noqa: ASYNC110  # only the kernel knows
                await asyncio.sleep(0.02)
        await server.start()
        found = await ended(server, f"/vnflcm/v2/vnf_lcm_op_occs/{operation}")
        assert found["operationState"] == "COMPLETED", found
        assert f"again with {key}" in await said(server, operation)
        assert await server.stop() == 0
