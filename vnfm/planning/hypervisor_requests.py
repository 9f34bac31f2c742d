"""What VDUs ask of the hypervisor, in the words of flavours (SOL001 clauses 6.8.3 and 6.2.1: huge pages, NUMA ...)."""

from __future__ import annotations

from collections.abc import Iterable

from descriptors.model.vnfd import ConnectionPoint, Vdu

_POLICIES = {"static": "dedicated", "dynamic": "shared"}
_THREAD_POLICIES = frozenset({"prefer", "isolate", "require"})
_KIB = 2**10


def extra_specs(vdu: Vdu, points: Iterable[ConnectionPoint]) -> dict[str, str]:
    """Return the requests of a VDU and of its connection points' interfaces.

    What SOL001 has attributes for is put into words that hypervisors know; what the VNFD says in keys and values of its
    own is passed on as it is, and wins, for it is the more particular. What need not be is not asked for: no VIM could
    be told that it may do without.
    """
    requests = {**_pages(vdu), **_pinning(vdu)}
    for capability, parameters in vdu.requested_capabilities.items():
        if capability != vdu.requested_flavour:
            requests |= parameters
    for said in (vdu.cpu_requirements, vdu.memory_requirements, vdu.compute_requirements, vdu.nfvi_constraints):
        requests |= said
    for interface in (requirement for point in points for requirement in point.interface_requirements):
        if interface.mandatory:
            requests |= interface.logical_node
    for node in vdu.logical_nodes:
        requests |= node.requirements
    return requests


def _pages(vdu: Vdu) -> dict[str, str]:
    """Pages of one size for all of the memory, and all of it on the node of its processors."""
    largest = max((pages.page_bytes for pages in vdu.huge_pages), default=0)
    size = {"hw:mem_page_size": str(largest // _KIB)} if largest else {}
    return {**size, **({"hw:numa_nodes": "1"} if vdu.numa else {})}


def _pinning(vdu: Vdu) -> dict[str, str]:
    if vdu.cpu_pinning is None:
        return {}
    policy = _POLICIES.get(vdu.cpu_pinning.policy.lower())
    threads = [rule.lower() for rule in vdu.cpu_pinning.rules if rule.lower() in _THREAD_POLICIES]
    return {
        **({"hw:cpu_policy": policy} if policy else {}),
        **({"hw:cpu_thread_policy": threads[0]} if threads else {}),
    }
