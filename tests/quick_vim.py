"""The simulated VIM of a server, made before the server makes it, for tests that do not wait for what it makes."""

from pathlib import Path

from vim_adapters.simulated import console
from vim_adapters.simulated.settings import DEFAULTS

AT_ONCE = [f"--{what}={kind}=0" for what, _, kind in (key.partition(".") for key in DEFAULTS)]
"""Latencies of a VIM where everything is there, and gone, at once."""


def make_vim(data: Path, *latency: str) -> None:
    """Make the VIM, and the data directory that it is in; ``latency`` says how slow it is, by default not at all."""
    data.mkdir(mode=0o700, parents=True)
    vim = str(data / "simulated-vim.sqlite")
    assert console.main([vim, "--create", "latency", *(latency or AT_ONCE)]) == 0
