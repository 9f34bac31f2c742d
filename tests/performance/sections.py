"""Sections of a page that several benches write, each its own."""

from __future__ import annotations

import re

OPENSTACK = "On a live OpenStack"
"""The heading of what the OpenStack bench writes, behind what the others write."""


def section(page: str, heading: str) -> str:
    """Return a section of a page with its heading; empty when the page has none."""
    found = re.search(rf"^## {re.escape(heading)}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return found[0].rstrip() + "\n" if found else ""


def with_section(page: str, heading: str, text: str) -> str:
    """Return the page with this text as the section of that heading, at its end where there was none."""
    new = f"## {heading}\n\n{text.strip()}\n"
    old = section(page, heading)
    return page.replace(old.rstrip() + "\n", new) if old else f"{page.rstrip()}\n\n{new}"
