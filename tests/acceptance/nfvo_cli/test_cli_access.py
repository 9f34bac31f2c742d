"""The command line against a server whose access is controlled, from the first administrator on."""

import asyncio
import json
import os
import sys

import pytest
from server_process import server_process


@pytest.fixture
def mano(tmp_path, monkeypatch):
    """Run the command line as somebody whose logins are of this test; return its exit code, its data and its words."""
    monkeypatch.setenv("MANO_ACCESS", "clients")
    monkeypatch.setenv("MANO_SCRIPTS", "off")

    async def run(server, *arguments, **environment):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "nfvo.cli.main",
            "--output=json",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ
            | {"XDG_CONFIG_HOME": str(tmp_path / "config"), "MANO_URL": server.url, "COLUMNS": "200"}
            | environment,
        )
        out, words = await process.communicate()
        return process.returncode, json.loads(out) if out.strip() else None, words.decode()

    return run


@pytest.mark.timeout(120)
async def test_from_the_first_administrator_to_the_audit_log(tmp_path, mano):
    """Strangers are told what to do; the first client is made without a server, others over it; all is told."""
    async with server_process(tmp_path) as server:
        code, root, words = await mano(
            server, "client", "create", "root", "--role", "administrator", "--data-dir", str(server.data)
        )
        assert code == 0, words
        await server.start()

        code, _, words = await mano(server, "vim", "list")
        assert code == 3
        assert "mano login" in words

        secret = tmp_path / "secret"
        secret.write_text(root["secret"])
        assert (await mano(server, "login", "root", "--secret-file", str(secret)))[0] == 0
        code, made, words = await mano(server, "client", "create", "eye", "--role", "viewer")
        assert code == 0, words
        assert [client["id"] for client in (await mano(server, "client", "list"))[1]] == ["eye", "root"]

        file = tmp_path / "eye"
        file.write_text(made["secret"] + "\n")
        eye = {"MANO_CLIENT_ID": "eye", "MANO_CLIENT_SECRET_FILE": str(file)}
        code, found, _ = await mano(server, "vim", "list", **eye)
        assert (code, [vim["name"] for vim in found]) == (0, ["simulated"])
        code, _, words = await mano(server, "client", "list", **eye)
        assert code == 3
        assert "mano:v1:clients:readonly" in words

        file.write_text("nonsense")
        code, _, words = await mano(server, "vim", "list", **eye)
        assert code == 3
        assert "mano client rotate" in words

        code, entries, words = await mano(server, "audit", "--who", "eye")
        assert code == 0, words
        assert [(each["resource"], each["status"]) for each in entries] == [("/mano/v1/clients", 403), ("/token", 401)]
        assert await server.stop() == 0
