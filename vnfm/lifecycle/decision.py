"""What preparing an operation decided, besides its plan; stored with the operation."""

from __future__ import annotations

from typing import Any

import msgspec

from mano_runtime.workflow.operation import Operation
from vnfm.planning.connection_points import Attachment
from vnfm.planning.shape import Shape
from vnfm.sol003.general import VimConnectionInfo


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The grant and the shape that the plan leads to."""

    grant_id: str
    shape: Shape | None = None
    """None: the plan leads to nothing."""
    attachments: dict[str, Attachment] = {}
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    """Of the VIMs that the VNF is going to use, without credentials."""

    def encoded(self) -> dict[str, Any]:
        """Return it as JSON."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def decision_of(operation: Operation) -> Decision | None:
    """Return what was decided, or None for an operation that was never prepared."""
    return msgspec.convert(operation.context, Decision) if operation.context else None
