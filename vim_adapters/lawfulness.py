"""Whether an adapter's answer is one that the contract allows; AdapterFaultError where it is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from vim_adapters.contract import Handle, Identity, Observation, State
from vim_adapters.errors import AdapterFaultError
from vim_adapters.resources import Kind, ResourceSpec, kind_of, spec_digest

_PROMISED_ATTRIBUTES = {
    Kind.PORT: ("mac_address", "addresses", "network"),
    Kind.FLOATING_ADDRESS: ("address",),
    Kind.VOLUME_SNAPSHOT: ("size_gib", "zone"),
}
"""Attributes that later steps of a plan take from what is READY."""
_GOING = frozenset({State.ABSENT, State.DELETING})


def check_type(answer: object, expected: type) -> None:
    """The answer is of the type that the contract names."""
    if not isinstance(answer, expected):
        raise _unlawful(f"answered {type(answer).__name__} where {expected.__name__} is due")


def check_answer(answer: Any, spec: ResourceSpec, identity: Identity) -> None:
    """The answer to ``ensure_present`` is the resource that was asked for, or an image that was there."""
    _check_observation(answer)
    kind = kind_of(spec)
    if answer.handle.kind is not kind:
        raise _unlawful(f"answered a {answer.handle.kind} where a {kind} was asked for")
    if answer.state in _GOING:
        raise _unlawful(f"says that what it was to ensure is {answer.state}")
    if kind is Kind.IMAGE and answer.attributes.get("shared"):
        if answer.identity is not None:
            raise _unlawful("answered an image as shared that carries an owner's tag")
        return
    _check_identity(answer, identity)
    if answer.digest != spec_digest(spec):
        raise _unlawful("answered a resource that was made from another spec")


def check_observed(answer: Any, handle: Handle) -> None:
    """The answer to ``observe`` is about the resource that was asked about."""
    _check_observation(answer)
    if answer.handle != handle:
        raise _unlawful(f"asked about {handle.id}, answered about {answer.handle.id}")


def check_found(answer: Any, kind: Kind, identity: Identity) -> None:
    """The answer to ``find`` is nothing, or something with the identity."""
    if answer is None:
        return
    _check_observation(answer)
    if answer.handle.kind is not kind:
        raise _unlawful(f"found a {answer.handle.kind} where a {kind} was looked for")
    if answer.state is State.ABSENT:
        raise _unlawful("found something that is absent")
    _check_identity(answer, identity)


def check_listed(answer: Any, owner: str, kind: Kind | None) -> None:
    """The answer to ``list_owned`` is the owner's, of the kind, and oldest first."""
    check_type(answer, tuple)
    for item in answer:
        _check_observation(item)
        if item.identity is None or item.identity.owner != owner:
            raise _unlawful(f"listed {item.handle.id}, not {owner}'s")
        if kind is not None and item.handle.kind is not kind:
            raise _unlawful(f"listed a {item.handle.kind} among those of kind {kind}")
    ages = [item.created_at for item in answer if item.created_at]
    if any(older > newer for older, newer in pairwise(ages)):
        raise _unlawful("did not list the oldest first")


def _check_observation(answer: Any) -> None:
    check_type(answer, Observation)
    if not answer.handle.id:
        raise _unlawful("answered a resource without an identifier")
    if answer.state is State.READY:
        for attribute in _PROMISED_ATTRIBUTES.get(answer.handle.kind, ()):
            if attribute not in answer.attributes:
                raise _unlawful(f"answered a {answer.handle.kind} without its {attribute}")


def _check_identity(answer: Observation, identity: Identity) -> None:
    if answer.identity != identity:
        raise _unlawful(f"answered {answer.handle.id}, which does not carry {identity.path!r}")


def _unlawful(broken: str) -> AdapterFaultError:
    return AdapterFaultError(f"the adapter broke the contract: it {broken}")
