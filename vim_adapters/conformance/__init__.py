"""The kit of tests that every adapter must pass; adapters from elsewhere run it too. Needs pytest and pytest-asyncio.

::

    class TestMyCloud(AdapterConformance):
        vim_type = "MYCLOUD"
        found_image = ImageSpec(name="cirros", checksum_algorithm="sha-512", checksum="...")

        @pytest_asyncio.fixture
        async def vim(self):
            adapter = connect(...)
            yield adapter
            await adapter.aclose()

        async def make_twin(self, vim, spec, identity):
            ...  # create it past the adapter

Each test has an owner of its own and removes what it made, so the kit can run on a VIM that is in use. What a VIM does
not declare among its capabilities is skipped, once it was seen to be refused.
"""

from __future__ import annotations

import pytest

for _module in (
    "bench", "compute", "honesty", "identity", "images", "lifecycle", "networking", "routing", "snapshots", "storage",
    "traffic",
):  # fmt: skip
    pytest.register_assert_rewrite(f"vim_adapters.conformance.{_module}")

from vim_adapters.conformance.suite import AdapterConformance  # noqa: E402  # after the registration, by pytest's rule

__all__ = ["AdapterConformance"]
