from __future__ import annotations

import pytest

from mano_runtime.workflow.patience import Patience, persistently
from mano_runtime.workflow.performer import StepFailedError


@pytest.mark.parametrize(("tried", "longest"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 5.0), (8, 5.0)])
def test_pauses_grow_up_to_a_limit(tried, longest):
    """Each pause is twice the one before, less a random part of up to a half, and never longer than the limit."""
    patience = Patience(tries=9, first=1.0, longest=5.0, total=100.0)
    for _ in range(20):
        pause = patience.pause(tried, 0.0, None)
        assert longest / 2 <= pause <= longest


def test_the_wish_of_the_peer_is_obeyed():
    """Retry-After is waited for even where it is longer than our own limit."""
    assert Patience(longest=1.0).pause(1, 0.0, 7.5) == 7.5


@pytest.mark.parametrize(("tried", "elapsed", "wish"), [(3, 0.0, None), (1, 10.0, None), (1, 0.0, 10.5)])
def test_patience_ends(tried, elapsed, wish):
    """After so many tries, or so much time, or when the peer asks for more time than there is, it is over."""
    assert Patience(tries=3, first=0.5, total=10.0).pause(tried, elapsed, wish) is None


async def test_tries_until_it_works():
    """Work that fails with ``again`` is called again, and told how often it was tried."""
    tries = []

    async def work(tried):
        tries.append(tried)
        if tried < 2:
            raise StepFailedError("Busy", "later", again=True)
        return "done"

    assert await persistently(work, Patience(first=0.0), what="work") == "done"
    assert tries == [0, 1, 2]


@pytest.mark.parametrize("error", [StepFailedError("No", "never"), ZeroDivisionError()])
async def test_other_failures_are_passed_on(error):
    """A failure that does not ask for another try, and a defect, end the work at once."""

    async def work(tried):
        assert tried == 0
        raise error

    with pytest.raises(type(error)):
        await persistently(work, Patience(first=0.0), what="work")
