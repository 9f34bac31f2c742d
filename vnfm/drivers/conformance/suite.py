"""Every promise of the contract of drivers as a test."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from vnfm.drivers.conformance.bench import GREETING, Bench, Said
from vnfm.drivers.contract import Driver, RunFailedError


class DriverConformance(Bench):
    """Every promise of the contract as a test; see the package for how to run it."""

    async def test_what_can_run_has_no_obstacle(self, driver: Driver) -> None:
        """A script that runs is none that the planning refuses."""
        script = self.run("works").script
        assert await asyncio.to_thread(driver.obstacle, script) is None

    async def test_what_can_never_run_is_told_beforehand(self, driver: Driver) -> None:
        """The planning hears why, in words."""
        assert await asyncio.to_thread(driver.obstacle, self.misfit())

    async def test_a_run_gets_its_parameters_and_is_heard(self, driver: Driver) -> None:
        """What it says comes through while it runs, and its answer is JSON."""
        said = Said()
        answer = await self.finished(driver, self.run("works"), said)
        assert GREETING in said.text
        assert "stdout" in said.streams
        assert msgspec.json.decode(msgspec.json.encode(answer)) == answer

    async def test_a_run_can_be_begun_again(self, driver: Driver) -> None:
        """An attempt with the key of an earlier one does all of the work, as after a crash."""
        run = self.run("works")
        await driver.begin(run, Said())
        said = Said()
        await self.finished(driver, msgspec.structs.replace(run, again=True), said)
        assert GREETING in said.text

    async def test_a_failure_says_why(self, driver: Driver) -> None:
        """What the work had to say for itself is in the error."""
        with pytest.raises(RunFailedError) as failure:
            await self.finished(driver, self.run("fails"))
        assert "bad luck" in str(failure.value)
        assert not failure.value.again

    async def test_time_is_bounded(self, driver: Driver) -> None:
        """What takes longer than it may fails, says so, and is brought to an end."""
        with pytest.raises(RunFailedError) as failure:
            await self.finished(driver, self.run("hangs", timeout=1.0))
        assert failure.value.members["timeoutSeconds"] == 1.0
        await self._over()

    @pytest.mark.parametrize("cancelled", [True, False])
    async def test_a_cancelled_run_leaves_nothing_here(self, driver: Driver, cancelled: bool) -> None:  # noqa: FBT001  # a parameter of the test
        """When the operation is cancelled nothing goes on; when only the orchestrator stops, nothing of its own."""
        said = Said()
        run = self.run("hangs", cancelled=cancelled)
        begun = await driver.begin(run, said)
        task = asyncio.create_task(driver.finish(run, begun, said))
        await asyncio.wait_for(said.until(self.hanging_words), self.patience_seconds)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if cancelled:
            await self._over()

    async def test_runs_do_not_disturb_each_other(self, driver: Driver) -> None:
        """Two at the same time, one of which fails."""
        runs = [self.run(what) for what in ("works", "fails")]
        answers = await asyncio.gather(*(self.finished(driver, run) for run in runs), return_exceptions=True)
        assert [isinstance(answer, RunFailedError) for answer in answers] == [False, True]

    async def _over(self) -> None:
        async with asyncio.timeout(self.patience_seconds):
            while await self.under_way():  # noqa: ASYNC110  # only the suite knows
                await asyncio.sleep(0.02)
