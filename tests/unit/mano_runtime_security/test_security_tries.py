"""Guessing gets slower and slower."""

from mano_runtime.security.tries import FREE, LONGEST_SECONDS, REMEMBERED, Tries


def test_the_wait_doubles_and_ends():
    """Five failures are free; then a second, two, four, up to five minutes; a success ends it."""
    moment = [0.0]
    tries = Tries(clock=lambda: moment[0])
    for _ in range(FREE):
        assert tries.wait("ann") == 0
        tries.failed("ann")
    assert tries.wait("ann") == 1
    assert tries.wait("bob") == 0
    moment[0] = 1.0
    assert tries.wait("ann") == 0
    tries.failed("ann")
    assert tries.wait("ann") == 2
    for _ in range(20):
        tries.failed("ann")
    assert tries.wait("ann") == LONGEST_SECONDS
    tries.succeeded("ann")
    assert tries.wait("ann") == 0


def test_memory_is_bounded():
    """The one that failed least recently is forgotten first."""
    tries = Tries(clock=lambda: 0.0)
    for number in range(REMEMBERED + 1):
        for _ in range(FREE):
            tries.failed(str(number))
    assert tries.wait("0") == 0
    assert tries.wait(str(REMEMBERED)) == 1
