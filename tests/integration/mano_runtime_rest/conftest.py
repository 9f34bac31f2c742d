"""A client that talks to the API of tests/estate.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from estate import estate

from mano_runtime import rest
from mano_runtime.rest import Paging

BODY_LIMIT = 2000


@pytest.fixture
def obstacles() -> list[str]:
    """What keeps the application from being ready; a test may add to it."""
    return []


@pytest.fixture
def plan() -> bytes:
    """Some bytes that span several chunks."""
    return bytes(range(256)) * 4096


@pytest.fixture
def paging() -> Paging:
    """Return how lists are answered."""
    return Paging(page_size=10)


@pytest.fixture
async def client(
    aiohttp_client: Any, tmp_path: Path, plan: bytes, obstacles: list[str], paging: Paging
) -> TestClient[Any, Any]:
    """Return a client of the running application."""
    (tmp_path / "plan.zip").write_bytes(plan)

    async def ready() -> list[str]:
        return obstacles

    return await aiohttp_client(rest.application(estate(tmp_path), ready=ready, paging=paging, body_limit=BODY_LIMIT))
