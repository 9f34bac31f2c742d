"""A server whose access is controlled, and clients of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from door import Door

from mano_runtime.settings import Settings
from nfvo.first_client import create_first_client
from nfvo.server import build_application


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", port=0, access="clients", scripts="off")


@pytest.fixture
def secret(settings: Settings) -> str:
    """Return the secret of the first administrator, who is called root."""
    return str(create_first_client(settings.data_dir, "root", roles=("administrator",), tenant="default")["secret"])


@pytest.fixture
async def door(settings: Settings, secret: str) -> AsyncIterator[Door]:
    async with build_application(settings) as app, TestClient(TestServer(app)) as http:
        yield Door(http, {"root": secret})
