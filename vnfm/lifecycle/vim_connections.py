"""How a VIM is reached, as it may be recorded and shown (SOL003 clause 4.4.1.6)."""

from __future__ import annotations

import msgspec

from vim_adapters.redaction import Redaction
from vnfm.sol003.general import KeyValuePairs, VimConnectionInfo


def without_secrets(info: VimConnectionInfo) -> VimConnectionInfo:
    """Return the information without what would let a reader in: no access information, no credentials in URLs."""
    return msgspec.structs.replace(info, access_info={}, interface_info=_redacted(info.interface_info))


def _redacted(info: KeyValuePairs) -> KeyValuePairs:
    redaction = Redaction(())
    return {key: redaction.text(value) if isinstance(value, str) else value for key, value in info.items()}
