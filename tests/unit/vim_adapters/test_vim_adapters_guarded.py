from __future__ import annotations

import asyncio

import pytest

from mano_runtime.metrics import REGISTRY
from vim_adapters.capabilities import Capabilities, Feature, needed_features
from vim_adapters.contract import AccessReport, Action, Handle, Identity, Observation, State
from vim_adapters.errors import (
    AccessDeniedError,
    AdapterFaultError,
    CapacityError,
    OutcomeUnknownError,
    ThrottledError,
    UnreachableError,
    UnsupportedError,
    VimError,
    family,
    slug,
)
from vim_adapters.guarded import Guarded, Limits, TokenBucket
from vim_adapters.resources import Kind, NetworkSpec, SubnetSpec, VolumeSpec, spec_digest

ME = Identity(owner="me", path="ns/1/net")
SPEC = NetworkSpec(name="net")
HANDLE = Handle(kind=Kind.NETWORK, id="n1")
LAWFUL = Observation(handle=HANDLE, state=State.READY, identity=ME, digest=spec_digest(SPEC))


class Scripted:
    """Answers every verb with what it was given, or raises it."""

    capabilities = Capabilities(kinds=frozenset(Kind), features=frozenset(Feature))

    def __init__(self, answer=None, *, after=0.0):
        self.answer = answer
        self.after = after
        self.calls = 0

    async def _answer(self, *_arguments):
        self.calls += 1
        await asyncio.sleep(self.after)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    check_access = capacity = ensure_present = ensure_absent = observe = find = list_owned = operate = _answer

    async def aclose(self):
        self.calls = -1


def guarded(answer=None, **options):
    after = options.pop("after", 0.0)
    return Guarded(Scripted(answer, after=after), kind="TEST", **options)


async def test_lawful_answers_pass_unchanged():
    """What the contract allows reaches the caller as it is."""
    assert await guarded(LAWFUL).ensure_present(SPEC, ME) is LAWFUL
    assert await guarded(LAWFUL).observe(HANDLE) is LAWFUL
    assert await guarded(LAWFUL).find(Kind.NETWORK, ME) is LAWFUL
    assert await guarded(None).find(Kind.NETWORK, ME) is None
    assert await guarded((LAWFUL,)).list_owned("me") == (LAWFUL,)
    assert await guarded(None).ensure_absent(HANDLE) is None
    assert (await guarded(AccessReport(endpoint="here")).check_access()).endpoint == "here"


@pytest.mark.parametrize(
    "unlawful",
    [
        None,
        Observation(handle=HANDLE, state=State.ABSENT, identity=ME),
        Observation(handle=HANDLE, state=State.READY, identity=None, digest=LAWFUL.digest),
        Observation(handle=HANDLE, state=State.READY, identity=ME, digest="another"),
        Observation(handle=Handle(kind=Kind.NETWORK, id=""), state=State.READY, identity=ME, digest=LAWFUL.digest),
        Observation(handle=Handle(kind=Kind.PORT, id="p"), state=State.PENDING, identity=ME, digest=LAWFUL.digest),
    ],
)
async def test_unlawful_creations_are_defects(unlawful):
    """An answer about something else than what was asked for is an AdapterFaultError."""
    with pytest.raises(AdapterFaultError):
        await guarded(unlawful).ensure_present(SPEC, ME)


async def test_unlawful_answers_to_questions_are_defects():
    """Observations of something else, lists of others' things, wrong order and wrong types do not get through."""
    other = Observation(handle=Handle(kind=Kind.NETWORK, id="n2"), state=State.READY)
    newer = Observation(handle=HANDLE, state=State.READY, identity=ME, created_at="2026-01-02")
    older = Observation(handle=HANDLE, state=State.READY, identity=ME, created_at="2026-01-01")
    bare_port = Observation(handle=Handle(kind=Kind.PORT, id="p"), state=State.READY)
    for call in (
        guarded(other).observe(HANDLE),
        guarded(other).find(Kind.NETWORK, ME),
        guarded((other,)).list_owned("me"),
        guarded((newer, older)).list_owned("me"),
        guarded((newer,)).list_owned("me", Kind.PORT),
        guarded([newer]).list_owned("me"),
        guarded(bare_port).observe(bare_port.handle),
        guarded("yes").ensure_absent(HANDLE),
        guarded("yes").operate(HANDLE, Action.START),
        guarded("yes").check_access(),
        guarded("yes").capacity(),
    ):
        with pytest.raises(AdapterFaultError):
            await call


async def test_foreign_exceptions_become_the_contracts():
    """Whatever an adapter lets out is an AdapterFaultError that tells it; the contract's errors stay themselves."""
    with pytest.raises(AdapterFaultError, match="KeyError: 'flavor'") as raised:
        await guarded(KeyError("flavor")).observe(HANDLE)
    assert isinstance(raised.value.__cause__, KeyError)
    with pytest.raises(AdapterFaultError, match="TimeoutError"):
        await guarded(TimeoutError("of the library's own")).observe(HANDLE)
    error = ThrottledError("slow down", request_id="req-1", after=3.0)
    with pytest.raises(ThrottledError) as same:
        await guarded(error).observe(HANDLE)
    assert same.value is error


async def test_no_call_waits_for_ever():
    """Past the deadline a change has an unknown outcome; a question was just not answered."""
    limits = Limits(deadline_seconds=0.005)
    for call in (
        guarded(LAWFUL, after=5, limits=limits).ensure_present(SPEC, ME),
        guarded(after=5, limits=limits).ensure_absent(HANDLE),
        guarded(after=5, limits=limits).operate(HANDLE, Action.STOP),
    ):
        with pytest.raises(OutcomeUnknownError, match="within"):
            await call
    with pytest.raises(UnreachableError):
        await guarded(LAWFUL, after=5, limits=limits).observe(HANDLE)


async def test_what_is_not_declared_is_never_sent():
    """Kinds and features that the VIM lacks are refused by name, and the adapter is not called."""
    adapter = Scripted()
    adapter.capabilities = Capabilities(kinds=frozenset({Kind.NETWORK, Kind.SUBNET}), features=frozenset())
    guard = Guarded(adapter, kind="TEST")
    subnet = SubnetSpec(name="six", network="n1", cidr="2001:db8::/64", ip_version=6)
    for call, named in (
        (guard.ensure_present(subnet, ME), "ipv6"),
        (guard.ensure_present(VolumeSpec(name="v", size_gib=1), ME), "volume"),
        (guard.operate(HANDLE, Action.REBOOT), "reboot"),
        (guard.operate(HANDLE, Action.STOP), "start_stop"),
        (guard.capacity(), "capacity"),
    ):
        with pytest.raises(UnsupportedError, match=named):
            await call
    assert adapter.calls == 0


def test_plain_specs_need_no_feature():
    """What every VIM can do is not made to depend on a feature."""
    assert needed_features(SPEC) == frozenset()
    assert needed_features(VolumeSpec(name="v", size_gib=1)) == frozenset()


async def test_secrets_do_not_leave_in_errors():
    """A connection's secrets, and what looks like one, are taken out of messages; the rest of the error stays."""
    told = (
        "POST https://admin:hunter22@cloud.example/v3 failed with X-Auth-Token: gAAAAB-token password=s3same;"
        " user admin, key AKIASECRET"
    )
    error = AccessDeniedError("denied: AKIASECRET", vim_message=told, request_id="req-1")
    with pytest.raises(AccessDeniedError) as raised:
        await guarded(error, secrets=("AKIASECRET", "ab")).observe(HANDLE)
    shown = f"{raised.value} {raised.value.vim_message} {raised.value.message}"
    for secret in ("hunter22", "gAAAAB", "s3same", "AKIASECRET"):
        assert secret not in shown
    assert "cloud.example/v3 failed" in shown
    assert "user admin" in shown
    assert raised.value.request_id == "req-1"
    with pytest.raises(AdapterFaultError) as foreign:
        await guarded(RuntimeError("AKIASECRET"), secrets=("AKIASECRET",)).observe(HANDLE)
    assert "AKIASECRET" not in str(foreign.value)


async def test_calls_are_counted_by_kind_verb_and_outcome():
    """Each call that is sent shows up in the metrics, with what came of it."""

    def count(verb, outcome):
        labels = {"adapter": "TEST", "verb": verb, "outcome": outcome}
        return (
            REGISTRY.get_sample_value("mano_vim_calls_total", labels) or 0,
            REGISTRY.get_sample_value("mano_vim_call_duration_seconds_count", labels) or 0,
        )

    before = [count("observe", "ok"), count("ensure_present", "capacity"), count("find", "adapter_fault")]
    await guarded(LAWFUL).observe(HANDLE)
    with pytest.raises(CapacityError):
        await guarded(CapacityError("full")).ensure_present(SPEC, ME)
    with pytest.raises(AdapterFaultError):
        await guarded("unlawful").find(Kind.NETWORK, ME)
    after = [count("observe", "ok"), count("ensure_present", "capacity"), count("find", "adapter_fault")]
    assert after == [(calls + 1, timed + 1) for calls, timed in before]


async def test_cancellation_passes_through():
    """A caller who gives up is not answered with an error of the contract."""
    task = asyncio.create_task(guarded(LAWFUL, after=5).observe(HANDLE))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_calls_beyond_the_rate_wait_their_turn(monkeypatch):
    """After the burst, calls are let through one per 1/rate seconds, in the order in which they came."""
    clock = [0.0]
    served = []

    async def sleep(seconds):
        clock[0] += seconds

    monkeypatch.setattr("vim_adapters.guarded.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("vim_adapters.guarded.asyncio.sleep", sleep)
    bucket = TokenBucket(rate=2.0, burst=2.0)

    async def call(number):
        await bucket.take()
        served.append((number, clock[0]))

    await asyncio.gather(*(call(number) for number in range(5)))
    assert served == [(0, 0.0), (1, 0.0), (2, 0.5), (3, 1.0), (4, 1.5)]


def test_errors_are_named_for_machines():
    """Every class of the tree has a name of its own, and belongs to one family."""
    families = {"retry_later", "retry_elsewhere", "needs_operator", "request_refused", "adapter_fault"}

    def leaves(cls):
        children = cls.__subclasses__()
        return [leaf for child in children for leaf in leaves(child)] if children else [cls]

    named = [slug(leaf) for leaf in leaves(VimError)]
    assert len(named) == len(set(named)) == 12
    assert slug(OutcomeUnknownError("lost")) == "outcome_unknown"
    assert {family(leaf) for leaf in leaves(VimError)} == families
    assert (family(OutcomeUnknownError), family(AdapterFaultError)) == ("retry_later", "adapter_fault")


class Slow(Scripted):
    """Makes what it is asked for only when it is let."""

    def __init__(self):
        super().__init__()
        self.let = asyncio.Event()
        self.made = None

    async def ensure_present(self, spec, identity):
        await self.let.wait()
        self.made = LAWFUL
        return LAWFUL

    async def find(self, kind, identity):
        return self.made


async def test_a_change_that_nobody_waits_for_is_seen_before_the_next_look():
    """Whoever looks for what an earlier caller asked for and went away from finds it, however late it is made."""
    slow = Slow()
    vim = Guarded(slow, kind="TEST")
    asking = asyncio.create_task(vim.ensure_present(SPEC, ME))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    looking = asyncio.create_task(vim.find(Kind.NETWORK, ME))
    other = await vim.find(Kind.NETWORK, Identity(owner="me", path="ns/1/other"))
    assert other is None, "who looks for something else is not held up"
    slow.let.set()
    assert await looking == LAWFUL


class Stubborn(Scripted):
    """Needs some time to let go of a call, and makes an error of it."""

    ended = False

    async def ensure_present(self, spec, identity):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.ended = True
            raise AdapterFaultError("interrupted")

    async def aclose(self):
        assert self.ended, "it is closed under its own call"


async def test_what_nobody_waits_for_has_ended_before_the_adapter_is_closed(complaints):
    """At a stop an adapter has no call any more that needs what is closed, and the loop no error that nobody took."""
    vim = Guarded(Stubborn(), kind="TEST")
    asking = asyncio.create_task(vim.ensure_present(SPEC, ME))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await asyncio.sleep(0)
    await vim.aclose()
    complaints.check(collect=True)


async def test_what_a_late_call_makes_of_its_end_is_no_complaint(complaints):
    """The caller is told that the outcome is unknown, and that is all."""
    vim = Guarded(Stubborn(), kind="TEST", limits=Limits(deadline_seconds=0.001))
    with pytest.raises(OutcomeUnknownError, match="no answer"):
        await vim.ensure_present(SPEC, ME)
    complaints.check(collect=True)
