"""The kit of tests that every driver must pass; drivers from elsewhere run it too. Needs pytest and pytest-asyncio.

::

    class TestMyDriver(DriverConformance):
        driver_name = "mine"

        @pytest_asyncio.fixture
        async def driver(self):
            return MyDriver(Host(directory=...))

        def job(self, what):
            ...  # what to run so that it works, fails or hangs

        async def under_way(self):
            ...  # whether anything of a job that hangs still goes on

Each test makes a run of its own.
"""

from __future__ import annotations

import pytest

for _module in ("bench", "suite"):
    pytest.register_assert_rewrite(f"vnfm.drivers.conformance.{_module}")

from vnfm.drivers.conformance.bench import Job  # noqa: E402  # after the registration, by pytest's rule
from vnfm.drivers.conformance.suite import DriverConformance  # noqa: E402  # likewise

__all__ = ["DriverConformance", "Job"]
