"""What preparing an NS operation decided, besides its plan; stored with the operation."""

from __future__ import annotations

from typing import Any

import msgspec

from mano_runtime.workflow.operation import Operation
from nfvo.inventory.ns_instances import SapRecord
from nfvo.planning.sizing import NsSize
from nfvo.sol005.ns_requests import InstantiateNsRequest


class NsDecision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the NS is to be when the operation is done; without a size, nothing."""

    size: NsSize | None = None
    inputs: InstantiateNsRequest | None = None
    vim: str = ""
    saps: tuple[SapRecord, ...] = ()
    """Service access points that the operation is about."""

    def encoded(self) -> dict[str, Any]:
        """Return it as JSON."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def decision_of(operation: Operation) -> NsDecision:
    """Return what was decided; the decision for nothing when the operation was never prepared."""
    return msgspec.convert(operation.context, NsDecision)
