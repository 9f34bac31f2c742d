"""The kit can fail: adapters that break one promise each are caught by the test of that promise."""

from __future__ import annotations

import inspect
import uuid

import msgspec
import pytest
from test_vim_adapters_simulated_conformance import TestSimulatedVim as _Suite

from vim_adapters.capabilities import Capabilities, Feature
from vim_adapters.conformance import AdapterConformance
from vim_adapters.contract import Action, Observation, State
from vim_adapters.errors import ConflictError, DependencyMissingError, VimError
from vim_adapters.guarded import Guarded
from vim_adapters.resources import Kind, kind_of, spec_digest
from vim_adapters.simulated.adapter import SimulatedVim
from vim_adapters.simulated.cloud import make_twin
from vim_adapters.simulated.settings import set_setting
from vim_adapters.simulated.store import Store


class Forgetful(SimulatedVim):
    """Creates anew whatever is there."""

    async def ensure_present(self, spec, identity):
        if isinstance(spec, type(_Suite.found_image)):
            return await super().ensure_present(spec, identity)
        handle = await self._in_thread(lambda: make_twin(Store(self._path), spec, identity))
        return await self.observe(handle)


class Racing(Forgetful):
    """Looks, then creates, and does not look again."""

    async def ensure_present(self, spec, identity):
        return await self.find(kind_of(spec), identity) or await super().ensure_present(spec, identity)


class Lenient(SimulatedVim):
    """Takes anything of the identity for what was asked for."""

    async def ensure_present(self, spec, identity):
        return await self.find(kind_of(spec), identity) or await super().ensure_present(spec, identity)


class YoungestStays(SimulatedVim):
    """Removes the older of twins."""

    async def ensure_present(self, spec, identity):
        twins = [seen for seen in await self.list_owned(identity.owner) if seen.identity == identity]
        for older in twins[:-1]:
            await self.ensure_absent(older.handle)
        return await super().ensure_present(spec, identity)


class Untagged(SimulatedVim):
    """Does not tell whose a resource is."""

    async def observe(self, handle):
        return msgspec.structs.replace(await super().observe(handle), identity=None)


class Digestless(SimulatedVim):
    """Does not tell what a resource was made from."""

    async def list_owned(self, owner, kind=None):
        listed = await super().list_owned(owner, kind)
        return tuple(msgspec.structs.replace(seen, digest="") for seen in listed)


class Guessing(SimulatedVim):
    """Finds what sounds alike."""

    async def find(self, kind, identity):
        listed = await self.list_owned(identity.owner, kind)
        return next((seen for seen in listed if seen.identity.path.startswith(identity.path)), None)


class Nosy(SimulatedVim):
    """Lists what is others' too."""

    async def list_owned(self, owner, kind=None):
        return (*await super().list_owned(owner, kind), *await super().list_owned(f"{owner}-other", kind))


class Backwards(SimulatedVim):
    """Lists the newest first."""

    async def list_owned(self, owner, kind=None):
        return (await super().list_owned(owner, kind))[::-1]


class AllKinds(SimulatedVim):
    """Ignores the kind that is asked for."""

    async def list_owned(self, owner, kind=None):
        return await super().list_owned(owner)


class Waiting(SimulatedVim):
    """Returns once the resource is ready."""

    async def ensure_present(self, spec, identity):
        created = await super().ensure_present(spec, identity)
        return await self._suite.settled(self, created.handle)

    _suite = _Suite()


class Strict(SimulatedVim):
    """Complains when there is nothing to remove."""

    async def ensure_absent(self, handle):
        if (await self.observe(handle)).state is State.ABSENT:
            raise DependencyMissingError(f"there is no {handle.id}")
        await super().ensure_absent(handle)


class Surprised(SimulatedVim):
    """Has no answer for what is not there."""

    async def observe(self, handle):
        seen = await super().observe(handle)
        if seen.state is State.ABSENT:
            raise DependencyMissingError(f"there is no {handle.id}")
        return seen


class Ruthless(SimulatedVim):
    """Removes what is in use, by not telling that it could not."""

    async def ensure_absent(self, handle):
        try:
            await super().ensure_absent(handle)
        except VimError:
            return


class Trusting(SimulatedVim):
    """Takes identifiers of what is not there."""

    async def ensure_present(self, spec, identity):
        try:
            return await super().ensure_present(spec, identity)
        except DependencyMissingError:
            handle = (await super().ensure_present(_Suite.found_image, identity)).handle
            return Observation(
                handle=msgspec.structs.replace(handle, kind=kind_of(spec)),
                state=State.READY,
                identity=identity,
                digest=spec_digest(spec),
            )


class Foreign(SimulatedVim):
    """Lets errors of its own out."""

    async def ensure_present(self, spec, identity):
        try:
            return await super().ensure_present(spec, identity)
        except VimError as error:
            raise ValueError(str(error)) from error


class Careless(SimulatedVim):
    """Gives ports whatever address is free."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.PORT:
            spec = msgspec.structs.replace(spec, fixed_addresses=())
        return await super().ensure_present(spec, identity)


class Poolless(SimulatedVim):
    """Ignores allocation pools."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.SUBNET:
            spec = msgspec.structs.replace(spec, allocation_pools=())
        return await super().ensure_present(spec, identity)


class Isolating(SimulatedVim):
    """Lets ports carry nothing but their own addresses."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.PORT:
            spec = msgspec.structs.replace(spec, allowed_address_pairs=(), carries_addresses_of=())
        return await super().ensure_present(spec, identity)


class Trunkless(SimulatedVim):
    """Leaves the sub-ports of a trunk alone."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.TRUNK:
            spec = msgspec.structs.replace(spec, sub_ports=())
        return await super().ensure_present(spec, identity)


class Transparent(SimulatedVim):
    """Tells the port's own address where one outside is asked for."""

    async def ensure_present(self, spec, identity):
        seen = await super().ensure_present(spec, identity)
        if kind_of(spec) is not Kind.FLOATING_ADDRESS:
            return seen
        port = await self.observe(msgspec.structs.replace(seen.handle, kind=Kind.PORT, id=spec.port))
        return msgspec.structs.replace(seen, attributes={**seen.attributes, "address": port.attributes["addresses"][0]})


class Greedy(SimulatedVim):
    """Gives a second floating address where a port has one."""

    async def ensure_present(self, spec, identity):
        try:
            return await super().ensure_present(spec, identity)
        except ConflictError:
            return (await self.list_owned(identity.owner, kind_of(spec)))[0]


class Rigid(SimulatedVim):
    """Says yes, and adjusts nothing."""

    async def adjust(self, handle, spec):
        return await self.observe(handle)


class Unlimited(SimulatedVim):
    """Forgets what a policy says."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.QOS_POLICY:
            spec = msgspec.structs.replace(spec, min_bps=None)
        if kind_of(spec) in {Kind.PORT, Kind.NETWORK}:
            spec = msgspec.structs.replace(spec, qos_policy=None)
        return await super().ensure_present(spec, identity)


class Offline(SimulatedVim):
    """Makes file shares that no network reaches, and one object container for all."""

    async def ensure_present(self, spec, identity):
        seen = await super().ensure_present(spec, identity)
        return msgspec.structs.replace(seen, attributes={**seen.attributes, "exports": [], "url": "everywhere"})

    async def observe(self, handle):
        seen = await super().observe(handle)
        return msgspec.structs.replace(seen, attributes={**seen.attributes, "exports": []})


class Restless(SimulatedVim):
    """Cannot stop what is stopped."""

    async def operate(self, handle, action):
        if action is Action.STOP and (await self.observe(handle)).state is State.STOPPED:
            raise DependencyMissingError("the server does not run")
        await super().operate(handle, action)


class Mute(SimulatedVim):
    """Has no console, and says so of what is not there."""

    async def console(self, handle):
        return ""


class Deaf(SimulatedVim):
    """Says yes, and does nothing."""

    async def operate(self, handle, action):
        return


class Sociable(SimulatedVim):
    """Ignores placement groups."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.SERVER:
            spec = msgspec.structs.replace(spec, placement_groups=(), zone="az1" if spec.name[-1] == "1" else "az2")
        return await super().ensure_present(spec, identity)


class Possessive(SimulatedVim):
    """Takes the VIM's own images for its own."""

    async def ensure_present(self, spec, identity):
        seen = await super().ensure_present(spec, identity)
        if seen.attributes.get("shared"):
            return msgspec.structs.replace(seen, identity=identity, digest=spec_digest(spec))
        return seen


class NameOnly(SimulatedVim):
    """Knows images by name alone."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.IMAGE:
            spec = msgspec.structs.replace(spec, checksum=None, checksum_algorithm=None)
        return await super().ensure_present(spec, identity)


class Modest(SimulatedVim):
    """Declares nothing and does it all the same."""

    @property
    def capabilities(self):
        return Capabilities(kinds=frozenset(Kind), features=frozenset())


class Generous(SimulatedVim):
    """Has always as much room."""

    async def capacity(self):
        return tuple(msgspec.structs.replace(zone, vcpus_free=zone.vcpus_total) for zone in await super().capacity())


class Fleeting(SimulatedVim):
    """Has snapshots go with what they are of."""

    async def ensure_absent(self, handle):
        for seen in await self._all():
            if seen.handle.kind in {Kind.SERVER_SNAPSHOT, Kind.VOLUME_SNAPSHOT}:
                await super().ensure_absent(seen.handle)
        await super().ensure_absent(handle)

    async def ensure_present(self, spec, identity):
        self._owner = identity.owner
        return await super().ensure_present(spec, identity)

    async def _all(self):
        return await self.list_owned(self._owner)


class Blank(SimulatedVim):
    """Makes volumes and servers of nothing where a snapshot is asked for."""

    async def ensure_present(self, spec, identity):
        if kind_of(spec) is Kind.VOLUME and spec.snapshot:
            spec = msgspec.structs.replace(spec, snapshot=None)
        return await super().ensure_present(spec, identity)


SABOTAGE = [
    (Forgetful, "test_asking_again_returns_what_is_there"),
    (Racing, "test_many_at_once_make_one"),
    (Lenient, "test_another_spec_is_a_conflict"),
    (YoungestStays, "test_the_oldest_of_twins_stays"),
    (Racing, "test_the_oldest_of_twins_stays"),
    (Untagged, "test_identity_and_digest_are_told_by_every_verb"),
    (Digestless, "test_identity_and_digest_are_told_by_every_verb"),
    (Guessing, "test_find_needs_owner_path_and_kind"),
    (Nosy, "test_owners_do_not_meet"),
    (Backwards, "test_listed_oldest_first_and_by_kind"),
    (AllKinds, "test_listed_oldest_first_and_by_kind"),
    (Waiting, "test_creation_does_not_wait"),
    (Strict, "test_removing_what_is_absent_is_success"),
    (Surprised, "test_what_is_not_there_is_observed_absent"),
    (Ruthless, "test_what_is_in_use_is_not_removed"),
    (Trusting, "test_missing_dependencies_are_named"),
    (Foreign, "test_bad_specs_are_refused"),
    (Careless, "test_fixed_addresses_are_given"),
    (Careless, "test_addresses_are_free_again"),
    (Poolless, "test_allocation_pools_are_kept"),
    (Isolating, "test_a_virtual_address_is_carried_by_others"),
    (Trunkless, "test_a_trunk_carries_several_ports"),
    (Trunkless, "test_bad_trunks_are_refused"),
    (Rigid, "test_rates_are_adjusted"),
    (Rigid, "test_bandwidth_is_kept_free"),
    (Rigid, "test_ports_are_adjusted"),
    (Transparent, "test_a_floating_address_leads_to_a_port"),
    (Rigid, "test_a_floating_address_outlives_its_port"),
    (Ruthless, "test_the_way_outside_stays_while_it_is_used"),
    (Trusting, "test_what_leads_nowhere_is_refused"),
    (Greedy, "test_what_is_taken_is_refused"),
    (Unlimited, "test_bandwidth_is_kept_free"),
    (Unlimited, "test_a_policy_in_use_stays"),
    (Offline, "test_a_file_share_tells_where_it_is"),
    (Offline, "test_an_object_container_tells_where_it_is"),
    (Fleeting, "test_a_server_snapshot_outlives_the_server"),
    (Fleeting, "test_a_volume_snapshot_outlives_the_volume"),
    (Blank, "test_a_volume_snapshot_outlives_the_volume"),
    (Trusting, "test_a_snapshot_is_of_something"),
    (Restless, "test_operations_are_idempotent"),
    (Deaf, "test_operations_are_idempotent"),
    (Mute, "test_a_console_can_be_read"),
    (Possessive, "test_an_image_that_is_there_is_used"),
    (NameOnly, "test_the_digest_finds_it_under_any_name"),
    (NameOnly, "test_a_namesake_with_another_digest_is_not_it"),
    (Generous, "test_capacity_follows_what_is_made"),
]


def _suite(tmp_path):
    suite = _Suite()
    suite.patience_seconds = 0.2  # type: ignore[misc]  # of this suite: what never comes need not be awaited long
    suite.path = tmp_path / "vim.sqlite"
    store = Store(suite.path)
    with store.transaction() as connection:
        set_setting(connection, "boot.server", 0.01)
        set_setting(connection, "removal.server", 0)
    store.close()
    return suite


async def _run(suite, test, vim, tmp_path, **more):
    function = getattr(suite, test)
    available = {"vim": vim, "owner": f"kit-{uuid.uuid4().hex[:8]}", "tmp_path": tmp_path, **more}
    await function(**{name: available[name] for name in inspect.signature(function).parameters})


async def _fails(suite, test, vim, tmp_path, **more):
    try:
        await _run(suite, test, vim, tmp_path, **more)
    except (Exception, pytest.fail.Exception):  # noqa: BLE001  # however it fails, it fails
        return True
    finally:
        await vim.aclose()
    return False


@pytest.mark.parametrize(("adapter", "test"), SABOTAGE, ids=lambda value: getattr(value, "__name__", value))
async def test_sabotage_is_found(adapter, test, tmp_path):
    """An adapter that breaks a promise fails the test of that promise."""
    suite = _suite(tmp_path)
    assert await _fails(suite, test, adapter(suite.path), tmp_path)


@pytest.mark.parametrize("test", sorted({test for _, test in SABOTAGE}))
async def test_the_whole_adapter_passes_the_same_way(test, tmp_path):
    """It is the sabotage that fails above: run in the same way, the adapter itself passes."""
    suite = _suite(tmp_path)
    suite.patience_seconds = 10  # type: ignore[misc]  # of this suite
    vim = SimulatedVim(suite.path)
    try:
        await _run(suite, test, vim, tmp_path)
    finally:
        await vim.aclose()


@pytest.mark.parametrize(
    ("policy", "hosts", "feature"), [("anti-affinity", 2, "anti_affinity"), ("affinity", 1, "affinity")]
)
async def test_a_careless_scheduler_is_found(policy, hosts, feature, tmp_path):
    """An adapter that ignores placement groups fails the test of at least one policy."""
    suite = _suite(tmp_path)
    test = "test_placement_groups_decide_on_hosts"
    caught = await _fails(suite, test, Sociable(suite.path), tmp_path, policy=policy, hosts=hosts, feature=feature)
    assert caught == (policy == "affinity")  # it spreads: what shall be apart is so by accident


class Frugal(SimulatedVim):
    """Declares no kind and makes them all the same."""

    @property
    def capabilities(self):
        return Capabilities(kinds=frozenset(), features=frozenset(Feature))


@pytest.mark.parametrize("kind", [Kind.OBJECT_CONTAINER, Kind.QOS_POLICY])
async def test_undeclared_kinds_are_found_and_guarded(kind, tmp_path):
    """What makes undeclared kinds fails the kit; behind the guard, which refuses them, it passes."""
    suite = _suite(tmp_path)
    test = "test_kinds_not_declared_are_refused"
    assert await _fails(suite, test, Frugal(suite.path), tmp_path, kind=kind)
    assert not await _fails(suite, test, Guarded(Frugal(suite.path), kind="SIMULATED"), tmp_path, kind=kind)


@pytest.mark.parametrize("feature", ["boot_from_volume", "ipv6", "anti_affinity", "start_stop", "capacity"])
async def test_false_modesty_is_found_and_guarded(feature, tmp_path):
    """What does undeclared things fails the kit; behind the guard, which refuses them, it passes."""
    suite = _suite(tmp_path)
    test = "test_what_is_not_declared_is_refused"
    assert await _fails(suite, test, Modest(suite.path), tmp_path, feature=Feature(feature))
    guarded = Guarded(Modest(suite.path), kind="SIMULATED")
    assert not await _fails(suite, test, guarded, tmp_path, feature=Feature(feature))


def test_most_promises_were_sabotaged():
    """Every file of promises has tests that were shown to fail."""
    proven = {getattr(AdapterConformance, test).__module__ for _, test in SABOTAGE}
    files = {base.__module__ for base in AdapterConformance.__bases__}
    assert files <= proven
