"""A bounded session of schemathesis against a server that has something to show; ``make test-api`` runs it.

schemathesis reads ``/openapi.json`` and asks for what it finds there, by the schemas and against them. An answer of
500 and above fails the session, and so does one with a status that the document does not have for it. The server is a
real process with packages, a network service and its VNFs, on whose identifiers most requests go; its VIM is the
simulated one, and it answers on the loopback interface only.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from server_process import ServerProcess, server_process  # noqa: E402  # from the tests' own folder

from descriptors.authoring.packing import pack  # noqa: E402  # as above

EXAMPLES = ROOT / "examples" / "sd-wan"
CHECKS = "not_a_server_error,status_code_conformance"


async def main() -> int:
    """Run the session and return the exit code of schemathesis."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("schemathesis", type=Path, help="the command")
    parser.add_argument("--seconds", type=int, default=120, help="how long it may take")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        async with server_process(Path(directory)) as server:
            await server.start()
            configuration = Path(directory) / "schemathesis.toml"
            configuration.write_text(configured(await furnished(server)))
            command = str(asked.schemathesis.resolve())
            session = await asyncio.create_subprocess_exec(
                command, "--config-file", str(configuration), "run", f"{server.url}/openapi.json",
                "--checks", CHECKS, "--max-time", str(asked.seconds), "--seed", str(asked.seed),
                "--generation-database", "none", "--no-color", "--warnings", "off",
                cwd=directory,  # it keeps notes beside where it runs
            )  # fmt: skip
            code = await session.wait()
            if code:
                sys.stderr.write(server.tail())
            return code


async def furnished(server: ServerProcess) -> dict[str, str]:
    """Onboard the example, bring it up, and return the identifiers of what there is by the names of path variables."""
    packages = []
    for name in ("edge-router", "firewall", "probe"):
        content = await asyncio.to_thread(packed, EXAMPLES / name)
        packages.append(await server.onboard("/vnfpkgm/v2/vnf_packages", "package_content", content))
    content = await asyncio.to_thread(packed, EXAMPLES / "service")
    nsd = await server.onboard("/nsd/v2/ns_descriptors", "nsd_content", content)
    request = {"nsdId": nsd["nsdId"], "nsName": "branch", "nsDescription": ""}
    service, _ = await server.request("POST", "/nslcm/v2/ns_instances", 201, json=request)
    path = f"/nslcm/v2/ns_instances/{service['id']}"
    headers = {"Prefer": "wait=60"}
    body = {"nsFlavourId": "default", "nsInstantiationLevelId": "branch"}
    _, answered = await server.request("POST", f"{path}/instantiate", 202, json=body, headers=headers)
    service = await server.get(path)
    assert service["nsState"] == "INSTANTIATED", service
    occurrences = await server.get("/vnflcm/v2/vnf_lcm_op_occs")
    vims = await server.get("/mano/v1/vim_connections")
    return {
        "vnfPkgId": packages[0]["id"],
        "vnfdId": packages[0]["vnfdId"],
        "nsdInfoId": nsd["id"],
        "nsInstanceId": service["id"],
        "vnfInstanceId": service["vnfInstance"][0]["id"],
        "nsLcmOpOccId": answered["Location"].rpartition("/")[2],
        "vnfLcmOpOccId": occurrences[0]["id"],
        "operationId": occurrences[0]["id"],
        "vimConnectionId": vims[0]["id"],
    }


def packed(directory: Path) -> bytes:
    """Return the archive of a package."""
    with tempfile.TemporaryDirectory() as target:
        archive = Path(target) / "package.zip"
        pack(directory, archive)
        return archive.read_bytes()


def configured(identifiers: dict[str, str]) -> str:
    """Return the configuration in which most requests are about what there is."""
    values: dict[str, Any] = {f"path.{name}": value for name, value in identifiers.items()}
    return "[parameters]\n" + "".join(f'"{name}" = ["{value}", "unknown"]\n' for name, value in values.items())


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
