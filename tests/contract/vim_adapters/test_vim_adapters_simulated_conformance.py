from __future__ import annotations

from pathlib import Path

import pytest_asyncio

from vim_adapters.conformance import AdapterConformance
from vim_adapters.guarded import Guarded
from vim_adapters.simulated.adapter import SimulatedVim
from vim_adapters.simulated.cloud import make_twin
from vim_adapters.simulated.images import CATALOGUE
from vim_adapters.simulated.settings import set_setting
from vim_adapters.simulated.store import Store


class TestSimulatedVim(AdapterConformance):
    """The reference adapter keeps the contract."""

    vim_type = "SIMULATED"
    found_image = CATALOGUE[0]
    poll_seconds = 0.005

    @pytest_asyncio.fixture
    async def vim(self, tmp_path):
        self.path = tmp_path / "vim.sqlite"
        store = Store(self.path)
        with store.transaction() as connection:
            for kind in ("server", "volume", "image", "server_snapshot", "volume_snapshot"):
                set_setting(connection, f"boot.{kind}", 0.01)
                set_setting(connection, f"removal.{kind}", 0.01)
        store.close()
        adapter = self.guarded(SimulatedVim(self.path))
        yield adapter
        await adapter.aclose()

    def guarded(self, adapter):
        return adapter

    async def make_twin(self, vim, spec, identity):
        store = Store(Path(self.path))
        make_twin(store, spec, identity)
        store.close()


class TestGuardedSimulatedVim(TestSimulatedVim):
    """The guard lets everything lawful through unchanged."""

    def guarded(self, adapter):
        return Guarded(adapter, kind="SIMULATED")
