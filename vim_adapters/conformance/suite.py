"""All promises together."""

from __future__ import annotations

from vim_adapters.conformance.compute import ComputePromises
from vim_adapters.conformance.honesty import HonestyPromises
from vim_adapters.conformance.identity import IdentityPromises
from vim_adapters.conformance.images import ImagePromises
from vim_adapters.conformance.lifecycle import LifecyclePromises
from vim_adapters.conformance.networking import NetworkingPromises
from vim_adapters.conformance.routing import RoutingPromises
from vim_adapters.conformance.snapshots import SnapshotPromises
from vim_adapters.conformance.storage import StoragePromises
from vim_adapters.conformance.traffic import TrafficPromises


class AdapterConformance(
    IdentityPromises,
    LifecyclePromises,
    NetworkingPromises,
    TrafficPromises,
    RoutingPromises,
    ComputePromises,
    StoragePromises,
    SnapshotPromises,
    ImagePromises,
    HonestyPromises,
):
    """Every promise of the contract as a test; see the package for how to run it."""
