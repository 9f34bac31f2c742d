"""VNFs and network services of other projects live whole lives, and the reference says so."""

from __future__ import annotations

import pytest
from package_lives import CORPUS, lives, packages
from package_page import PAGE, reason, row, verdict

SLICES = 4
"""Each on a server of its own, so that they can run side by side."""


@pytest.mark.parametrize("number", range(SLICES))
async def test_packages_live_as_the_page_says(number):
    """What the page says is done is done, with the inventory equal to the VIM; the rest has the reason that it says."""
    if not CORPUS.is_dir():
        pytest.skip(f"needs the packages of {CORPUS}; MANO_SHARED names another place")
    written = PAGE.read_text(encoding="utf-8").splitlines()
    for life in await lives(packages()[number::SLICES]):
        assert row(life) in written
        if why := reason(life):
            assert why in written
            assert _heading_of(why, written) == f"### {verdict(life)}"


def _heading_of(line: str, written: list[str]) -> str:
    return next(above for above in reversed(written[: written.index(line)]) if above.startswith("#"))
