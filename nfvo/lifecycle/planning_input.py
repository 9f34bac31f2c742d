"""What planning an NS operation starts from: descriptors of the catalogue, the request, the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from descriptors.model.nsd import Nsd, NsFlavour
from descriptors.model.vnfd import Vnfd
from mano_runtime.workflow.graph import Graph
from nfvo.inventory.ns_instances import NsRecord, SapRecord
from nfvo.planning.desired_state import WISH
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import NsSize, flavour_of, initial_size, scaled_ns, scaled_vnfs
from nfvo.sol005.ns_requests import (
    InstantiateNsRequest,
    ScaleNsData,
    ScaleNsRequest,
    ScaleType,
    TerminateNsRequest,
    TerminateVnfData,
)
from vnfm.sol003.requests import TerminationType

INSTANTIATE, SCALE, TERMINATE = "INSTANTIATE", "SCALE", "TERMINATE"
"""Kinds of NS operation (SOL005 clause 6.5.4)."""


class OnboardedDescriptors(Protocol):
    """The catalogue, as far as planning needs it; NotOnboardedError for what is not onboarded."""

    async def nsd(self, nsd_id: str) -> Nsd:
        """The NSD with this descriptor identifier."""

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        """The VNFD with this descriptor identifier."""


class Descriptors:
    """Descriptors by identifier, and those that a flavour needs together."""

    def __init__(self, catalogue: OnboardedDescriptors) -> None:
        self._catalogue = catalogue

    async def nsd(self, nsd_id: str) -> Nsd:
        """Return an onboarded NSD; NotOnboardedError."""
        return await self._catalogue.nsd(nsd_id)

    async def vnfds(self, flavour: NsFlavour) -> dict[str, Vnfd]:
        """Return the VNFD of every VNF profile of the flavour, by its identifier.

        NotOnboardedError names a missing one.
        """
        return {
            profile.vnfd_id: await self._catalogue.vnfd(profile.vnfd_id) for profile in flavour.vnf_profiles.values()
        }


async def wanted_size(
    nsd: Nsd, descriptors: Descriptors, record: NsRecord, kind: str, request: Mapping[str, Any]
) -> NsSize | None:
    """Return the size that an operation leads to; None for the end of the NS.

    Raises:
        PlanningRefusedError: the request does not fit the NSD, or the NS as it is, or asks for what cannot be done yet.
        NotOnboardedError: a VNFD that is needed is not onboarded.
    """
    if kind == TERMINATE:
        msgspec.convert(request, TerminateNsRequest)
        _refuse_unsupported(request, ("terminationTime",))
        return None
    if kind == INSTANTIATE:
        instantiation = msgspec.convert(request, InstantiateNsRequest)
        _refuse_unsupported(request, _UNSUPPORTED_AT_INSTANTIATION)
        return initial_size(nsd, instantiation.ns_flavour_id, instantiation.ns_instantiation_level_id)
    scaling = msgspec.convert(request, ScaleNsRequest)
    _refuse_unsupported(request, ("scaleTime",))
    if record.size is None:
        raise PlanningRefusedError("nsState", "the network service is not instantiated, so it has no size to change")
    if scaling.scale_type is ScaleType.SCALE_NS:
        _refuse_unsupported(request.get("scaleNsData") or {}, _UNSUPPORTED_AT_SCALING, "scaleNsData.")
        return scaled_ns(nsd, record.size, scaling.scale_ns_data or ScaleNsData())
    vnfds = await descriptors.vnfds(flavour_of(nsd, record.size.flavour))
    paths = {vnf_id: path for path, vnf_id in record.vnf_ids().items()}
    return scaled_vnfs(nsd, vnfds, record.size, paths, scaling.scale_vnf_data)


_UNSUPPORTED_AT_INSTANTIATION = (
    "addpnfData",
    "vnfInstanceData",
    "nestedNsInstanceData",
    "locationConstraints",
    "nestedNsLocationConstraints",
    "additionalParamsForNestedNs",
    "wanConnectionData",
    "additionalAffinityOrAntiAffinityRule",
    "startTime",
)
_UNSUPPORTED_AT_SCALING = (
    "vnfInstanceToBeAdded",
    "vnfInstanceToBeRemoved",
    "additionalParamsForVnf",
    "locationConstraints",
    "nestedNsLocationConstraints",
)


def _refuse_unsupported(request: Mapping[str, Any], attributes: tuple[str, ...], where: str = "") -> None:
    """Refuse what the standard has and this NFVO cannot do yet, rather than pass over it in silence."""
    for attribute in attributes:
        if request.get(attribute):
            raise PlanningRefusedError(f"{where}{attribute}", "is not supported yet; leave it out")


def saps_of(flavour: NsFlavour, inputs: InstantiateNsRequest) -> tuple[SapRecord, ...]:
    """Return the service access points of the flavour, with what the client said of them."""
    given = {data.sapd_id: data for data in inputs.sap_data}
    return tuple(
        SapRecord(
            id=sap.id,
            name=given[sap.id].sap_name if sap.id in given else sap.id,
            description=given[sap.id].description if sap.id in given else sap.description,
            protocol_data=given[sap.id].sap_protocol_data if sap.id in given else (),
        )
        for sap in flavour.saps.values()
    )


def with_wishes(record: NsRecord, plain: Mapping[str, Any]) -> Graph:
    """Return what exists, with how the client wishes each VNF to end.

    Raises:
        PlanningRefusedError: a wish for a VNF that is unknown, or a time-out that makes no sense.
    """
    request = msgspec.convert(plain, TerminateNsRequest)
    paths = {vnf_id: path for path, vnf_id in record.vnf_ids().items()}
    graph = dict(record.graph)
    for number, wish in enumerate(request.terminate_vnf_data):
        if wish.vnf_instance_id not in paths:
            at = f"terminateVnfData[{number}].vnfInstanceId"
            raise PlanningRefusedError(at, f"{wish.vnf_instance_id!r} is not a VNF of the network service")
        _check_timeout(wish, f"terminateVnfData[{number}].gracefulTerminationTimeout")
        resource = graph[paths[wish.vnf_instance_id]]
        asked = msgspec.to_builtins(wish)
        asked.pop("vnfInstanceId")
        graph[resource.path] = msgspec.structs.replace(resource, spec={**resource.spec, WISH: asked})
    return graph


def _check_timeout(wish: TerminateVnfData, at: str) -> None:
    """Refuse at once what the VNFM would refuse when half of the network service is gone."""
    seconds = wish.graceful_termination_timeout
    if seconds is None:
        return
    if wish.termination_type is not TerminationType.GRACEFUL:
        raise PlanningRefusedError(at, "is for the terminationType GRACEFUL only: leave it out, or ask for that")
    if seconds < 0:
        raise PlanningRefusedError(at, f"{seconds} is no number of seconds to wait")
