"""What the NFVO remembers of network service instances."""

from __future__ import annotations

from typing import Any

import msgspec

from mano_runtime.storage import Documents
from mano_runtime.workflow.graph import Graph
from nfvo.planning.sizing import NsSize
from nfvo.sol005.ns_instances import NsState
from nfvo.sol005.ns_requests import InstantiateNsRequest
from vnfm.sol003.connectivity import CpProtocolData


class SapRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A service access point of an instance."""

    id: str
    """Of its descriptor, of which there is one instance."""
    name: str
    description: str = ""
    protocol_data: tuple[CpProtocolData, ...] = ()
    """Addresses that the client asked for."""


class NsRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A network service instance."""

    id: str
    nsd_id: str
    nsd_info_id: str
    name: str
    description: str = ""
    state: NsState = NsState.NOT_INSTANTIATED
    size: NsSize | None = None
    """Flavour, levels and numbers; None while not instantiated."""
    inputs: InstantiateNsRequest | None = None
    """What it was instantiated with; later operations plan with it too."""
    vim: str = ""
    """The VIM connection that its virtual links are on; empty while it has none."""
    graph: Graph = {}
    """What exists of it, or may exist: virtual links on the VIM, VNFs."""
    saps: tuple[SapRecord, ...] = ()
    created_at: str = ""
    """ISO 8601, UTC."""

    def vnf_ids(self) -> dict[str, str]:
        """Return the VNF instance identifier of each VNF that is known to exist, by its path."""
        return {
            path: str(resource.result["id"])
            for path, resource in self.graph.items()
            if resource.kind == "vnf" and resource.result and "id" in resource.result  # doubts may be all that is known
        }


def _state(record: NsRecord) -> Any:
    return record.state.value


NS_INSTANCES: Documents[NsRecord] = Documents(
    "ns_instances",
    NsRecord,
    promoted={"nsd_id": lambda record: record.nsd_id, "state": _state},
)
"""Network service instances by identifier; the etag grows with each change of what they are."""
