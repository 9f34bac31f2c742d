"""Whether VIMs offer what a plan is going to ask of them, looked at before anything is sent."""

from __future__ import annotations

import msgspec

from mano_runtime.workflow.graph import Resource, outlined
from mano_runtime.workflow.plan import Plan, Verb
from vim_adapters.capabilities import Capabilities
from vim_adapters.registry import UnknownVimError, VimRegistry
from vim_adapters.resources import Kind, decode_spec

_KINDS = frozenset(kind.value for kind in Kind)


def not_offered(registry: VimRegistry, plan: Plan) -> str:
    """Say of the first resource that is to be created and that its VIM does not offer what it lacks, and what to do.

    Empty when everything can be asked for, as far as the VIMs have told what they offer. Resources of other kinds, on
    VIMs that are not known, and with specs that are none are left to whoever carries out the plan.
    """
    created = (plan.desired[step.path] for step in plan.steps if step.verb is Verb.CREATE)
    offers: dict[str, Capabilities | None] = {}
    for resource in created:
        if resource.kind not in _KINDS:
            continue
        if resource.target not in offers:
            offers[resource.target] = _offer(registry, resource.target)
        offer = offers[resource.target]
        if offer is not None and (missing := _missing(offer, resource)):
            return (
                f"{resource.kind} {resource.path!r} needs what VIM {resource.target!r} does not offer:"
                f" {', '.join(missing)}; `mano vim check` tells what it lacks and why. Have it go to another VIM, or"
                " use a descriptor that does without"
            )
    return ""


def _offer(registry: VimRegistry, vim: str) -> Capabilities | None:
    """What a VIM offers; None when it is not known, or offers everything."""
    try:
        offer = registry.adapter(vim).capabilities
    except UnknownVimError:
        return None
    return None if offer.complete else offer


def _missing(offer: Capabilities, resource: Resource) -> tuple[str, ...]:
    try:
        return offer.missing(decode_spec(Kind(resource.kind), outlined(resource.spec)))
    except msgspec.ValidationError:
        return ()
