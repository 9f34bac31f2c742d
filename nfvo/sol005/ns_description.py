"""A network service's record and its VNFs as an NsInstance (SOL005 clause 6.5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from descriptors.model.nsd import NsFlavour
from mano_runtime.workflow.graph import Resource
from nfvo.inventory.ns_instances import NsRecord, SapRecord
from nfvo.planning.connectivity import link_of
from nfvo.sol005.general import Link
from nfvo.sol005.ns_instances import (
    NsCpHandle,
    NsInstance,
    NsInstanceLinks,
    NsLinkPortInfo,
    NsState,
    NsVirtualLinkInfo,
    ResourceHandle,
    SapInfo,
)
from nfvo.sol005.ns_requests import NsScaleInfo
from vnfm.sol003.connectivity import (
    CpProtocolData,
    CpProtocolInfo,
    IpAddressInfo,
    IpOverEthernetAddressInfo,
)

Url = Callable[[str], str]
"""From a path below the API's root to an absolute URL."""


def instance_path(ns_id: str) -> str:
    """Return the path of an NS instance below the API's root."""
    return f"/ns_instances/{ns_id}"


def described(
    record: NsRecord, flavour: NsFlavour | None, vnfs: Iterable[dict[str, Any]], url: Url, *, busy: bool
) -> NsInstance:
    """Return the instance as clients see it; ``busy``: an operation of it has not ended, so that no other may begin.

    ``vnfs`` are its VNFs in the words of SOL005; ``flavour`` is the one that it has, None while it has none.
    """
    here = url(instance_path(record.id))
    possible = ("instantiate",) if record.state is NsState.NOT_INSTANTIATED else ("terminate", "scale")
    tasks = {} if busy else {task: Link(href=f"{here}/{task}") for task in possible}
    vnfs = tuple(vnfs)
    return NsInstance(
        id=record.id,
        ns_instance_name=record.name,
        ns_instance_description=record.description,
        nsd_id=record.nsd_id,
        nsd_info_id=record.nsd_info_id,
        flavour_id=record.size.flavour if record.size else None,
        vnf_instance=vnfs,
        virtual_link_info=tuple(_virtual_links(record, vnfs)),
        sap_info=tuple(map(_sap, record.saps)),
        ns_state=record.state,
        ns_scale_status=tuple(_scale_status(record, flavour)) if flavour else (),
        links=NsInstanceLinks(self=Link(href=here), **tasks),
    )


def _virtual_links(record: NsRecord, vnfs: Iterable[dict[str, Any]]) -> Iterable[NsVirtualLinkInfo]:
    ports: dict[str, list[NsLinkPortInfo]] = {}
    for vnf in vnfs:
        for attached in vnf.get("instantiatedVnfInfo", {}).get("extVirtualLinkInfo", ()):
            ports.setdefault(attached["id"], []).extend(_port(vnf, port) for port in attached.get("extLinkPorts", ()))
    for path, network in record.graph.items():
        if link := link_of(path):
            yield NsVirtualLinkInfo(
                id=f"vl/{link}",
                ns_virtual_link_desc_id=link,
                ns_virtual_link_profile_id=link,
                resource_handle=(_handle(network),) if network.result and "id" in network.result else (),
                link_port=tuple(ports.get(f"vl/{link}", ())),
            )


def _handle(resource: Resource) -> ResourceHandle:
    identifier = str((resource.result or {})["id"])
    return ResourceHandle(vim_id=resource.target, resource_id=identifier, vim_level_resource_type=resource.kind)


def _port(vnf: Mapping[str, Any], port: Mapping[str, Any]) -> NsLinkPortInfo:
    handle = port["resourceHandle"]
    return NsLinkPortInfo(
        id=f"{vnf['id']}/{port['id']}",
        resource_handle=ResourceHandle(vim_id=handle.get("vimId", ""), resource_id=handle["resourceId"]),
        ns_cp_handle=NsCpHandle(vnf_instance_id=vnf["id"], vnf_ext_cp_instance_id=port["cpInstanceId"])
        if "cpInstanceId" in port
        else None,
    )


def _sap(sap: SapRecord) -> SapInfo:
    return SapInfo(
        id=sap.id,
        sapd_id=sap.id,
        sap_name=sap.name,
        description=sap.description or None,
        sap_protocol_info=tuple(info for data in sap.protocol_data if (info := _protocol(data))),
    )


def _protocol(data: CpProtocolData) -> CpProtocolInfo | None:
    """The addresses that were asked for outright; None when none was."""
    asked = data.ip_over_ethernet
    fixed = tuple(
        IpAddressInfo(type=ip.type, addresses=ip.fixed_addresses, is_dynamic=False, subnet_id=ip.subnet_id)
        for ip in (asked.ip_addresses if asked else ())
        if ip.fixed_addresses
    )
    if asked is None or not (fixed or asked.mac_address):
        return None
    ethernet = IpOverEthernetAddressInfo(
        mac_address=asked.mac_address, segmentation_id=asked.segmentation_id, ip_addresses=fixed
    )
    return CpProtocolInfo(layer_protocol=data.layer_protocol, ip_over_ethernet=ethernet)


def _scale_status(record: NsRecord, flavour: NsFlavour) -> Iterable[NsScaleInfo]:
    for aspect, index in (record.size.aspects if record.size else {}).items():
        levels = flavour.aspects[aspect].levels if aspect in flavour.aspects else ()
        if index < len(levels):
            yield NsScaleInfo(ns_scaling_aspect_id=aspect, ns_scale_level_id=levels[index].id)
