"""A catalogue behind its REST interfaces, in a directory of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from catalogue_client import Client, Used, opened


@pytest.fixture
def used() -> Used:
    return Used()


@pytest.fixture
async def client(tmp_path: Path, used: Used) -> AsyncIterator[Client]:
    async with opened(tmp_path, used) as client:
        yield client


@pytest.fixture
def reopened(tmp_path: Path, used: Used) -> Any:
    """Open the same directory again, as after a crash."""
    return lambda: opened(tmp_path, used)
