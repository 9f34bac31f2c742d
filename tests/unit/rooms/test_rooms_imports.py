"""Every module of every room can be imported alone: none relies on another having been imported before."""

import subprocess
import sys

from checkout import PACKAGES

# Loads the libraries once and imports each of our modules in a fork of its own.
ONE_BY_ONE = """
import aiohttp.web, aiosqlite, alembic.command, dbos, networkx, prometheus_client, sqlalchemy.ext.asyncio
import rich.console, rich.live, rich.progress, structlog, typer, yaml
import os, pathlib, sys, warnings

for package in map(pathlib.Path, sys.argv[1:]):
    for file in sorted(package.rglob("*.py")):
        if "migrations" in file.parts or file.name == "__main__.py":  # run, never imported
            continue
        if child := os.fork():
            if os.waitpid(child, 0)[1]:
                print(file, "ended the interpreter")
            continue
        warnings.simplefilter("error")
        try:
            __import__(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
        except BaseException as error:
            print(f"{file}: {type(error).__name__}: {error}", flush=True)
        os._exit(0)
"""


def test_every_module_imports_alone(pytestconfig):
    """No module prints, warns or fails when it is the first of ours to be imported."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE, *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
        cwd=pytestconfig.rootpath,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
