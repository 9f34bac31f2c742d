"""The VNFCs of a VNF, whether or not they have what they run on (SOL002 clauses 5.5.2.2 and 5.5.3.22)."""

from __future__ import annotations

from collections.abc import Mapping

from mano_runtime.workflow.graph import Graph, Resource
from vim_adapters.resources import Kind, Power
from vnfm.planning import paths
from vnfm.planning.vnfc_properties import VnfcProperties, vnfcs_in
from vnfm.sol003.instances import VnfcInfo, VnfOperationalState


def vnfc_info(graph: Graph, properties: VnfcProperties) -> tuple[VnfcInfo, ...]:
    """Return the VNFCs of which anything exists, in the order of the graph.

    One without a server has lost it, or has not got it yet: it is told as STOPPED, and without resources.
    """
    servers = {
        part.vnfc: resource
        for path, resource in graph.items()
        if resource.kind == Kind.SERVER and (part := paths.parse_vnfc_part(path))
    }
    return tuple(
        VnfcInfo(
            id=vnfc,
            vdu_id=vdu,
            vnfc_resource_info_id=vnfc if vnfc in servers else None,
            vnfc_state=VnfOperationalState.STARTED if _runs(servers, vnfc) else VnfOperationalState.STOPPED,
            vnfc_configurable_properties=properties.get(vnfc, {}),
        )
        for vnfc, vdu in vnfcs_in(graph).items()
    )


def _runs(servers: Mapping[str, Resource], vnfc: str) -> bool:
    return vnfc in servers and servers[vnfc].spec.get("power") != Power.OFF
