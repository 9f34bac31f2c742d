"""The command line itself: help, options, exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from nfvo.cli.application import app
from nfvo.cli.main import hoisted, main

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def commands(group, prefix="mano"):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("line", ALL)
def test_each_command_is_in_the_reference_with_each_option(line):
    """Docs cannot lag: every command and every option is told in docs/reference/cli.md."""
    text = REFERENCE.read_text()
    assert f"`{line}" in text
    section = text.split(f"`{line}", 1)[1].split("\n### ", 1)[0]
    for parameter in ALL[line].params:
        for option in (opt for opt in parameter.opts if opt.startswith("--") and opt != "--help"):
            assert option in section, f"{line} {option}"


@pytest.mark.parametrize("line", ALL)
def test_each_command_says_what_it_is_for(line):
    """No command without help."""
    assert ALL[line].help


def test_global_options_may_stand_anywhere():
    """People type --output json at the end; it means the same there. What follows -- is left alone."""
    assert hoisted(["ns", "list", "--output", "json", "--no-color"]) == (
        ["--output", "json", "--no-color"],
        ["ns", "list"],
    )
    assert hoisted(["--url=http://h", "ns", "show", "--", "--output"]) == (
        ["--url=http://h"],
        ["ns", "show", "--", "--output"],
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["no-such-command"], 2),
        (["ns", "scale", "x", "--ns-aspect", "a"], 2),
        (["ns", "list", "--output", "xml"], 2),
        (["ns", "list", "--output", "sarif"], 2),
        (["ns", "scale", "x", "--ns-aspect", "a", "--out", "1", "--in", "1"], 2),
        (["ns", "scale", "x", "--vnf", "v", "--out", "1"], 2),
        (["ns", "scale", "x", "--ns-aspect", "a", "--out", "1", "--url", "http://127.0.0.1:1"], 5),
        (["ns", "scale", "x", "--vnf", "v", "--aspect", "a", "--in", "1", "--url", "http://127.0.0.1:1"], 5),
        (["ns", "list", "--url", "http://127.0.0.1:1"], 5),
        (["op", "list", "--level", "pnf"], 3),
        (["vim", "add", "x", "--access", "nonsense"], 3),
        (["descriptor", "check", "/nowhere.csar"], 3),
    ],
)
def test_exit_codes_mean_what_the_help_says(monkeypatch, capsys, line, code):
    """0 done, 2 usage, 3 bad input, 5 unreachable; and messages never go to stdout."""
    monkeypatch.setattr(sys, "argv", ["mano", *line])
    with pytest.raises(SystemExit) as left:
        main()
    assert (left.value.code or 0) == code
    if code:
        assert capsys.readouterr().out == ""


def test_help_needs_no_http():
    """`mano --help` starts without the HTTP library, the parser and the server."""
    heavy = "aiohttp sqlalchemy nfvo.server descriptors.onboarding"
    code = f"import sys, nfvo.cli.application; print([name for name in '{heavy}'.split() if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
