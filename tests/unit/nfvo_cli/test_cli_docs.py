"""Docs that name files and commands name ones that exist."""

import re
from pathlib import Path

import pytest
import typer

from nfvo.cli.application import app

ROOT = Path(__file__).parents[3]
COMMANDS = typer.main.get_command(app).commands
CONFORMANCE = ROOT / "docs/conformance"  # names the descriptors of other projects
DOCS = (page for page in sorted((ROOT / "docs").rglob("*.md")) if CONFORMANCE not in page.parents)
PAGES = [ROOT / "README.md", *DOCS, *sorted((ROOT / "examples").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page):
    """A page that speaks of a file in this repository, or links to one, is right about it."""
    text = page.read_text()
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|yaml|lock))`", text)
    linked = [(page.parent / link).resolve() for link in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)]
    named = [name for name in named if "..." not in name]
    missing = [name for name in named if not (ROOT / name).exists() and not (page.parent / name).exists()]
    assert missing == []
    assert [str(link) for link in linked if not link.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_a_page_types_exist(page):
    """Every `mano noun verb` in a page's examples is a command."""
    for noun, verb in re.findall(r"^(?:\$ |    )mano ([a-z-]+)(?: ([a-z-]+))?", page.read_text(), re.MULTILINE):
        assert noun in COMMANDS, f"mano {noun}"
        group = COMMANDS[noun]
        if verb and hasattr(group, "commands"):
            assert verb in group.commands, f"mano {noun} {verb}"
