"""What a network service of a given size consists of. Pure.

    vl/<virtual link>/network        a network on the VIM
    vl/<virtual link>/subnet/<n>     its subnets
    vl/<virtual link>/router         its way outside, where VNFs on it ask for floating addresses
    vnf/<profile>/<n>                a VNF, asked of the VNFM

The spec of a VNF holds ``name``, ``vnfdId``, ``flavourId``, ``scaleLevels`` (level of every aspect) and, where there is
something to say, ``instantiationLevelId``, ``description``, ``extVirtualLinks``, ``additionalParams``, ``extensions``,
``vnfConfigurableProperties`` and ``metadata``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from descriptors.model.nsd import Nsd, NsFlavour, VnfProfile
from descriptors.model.vnfd import L3Protocol, VirtualLink, Vnfd
from mano_runtime.workflow.graph import Graph, Resource, graph_of, reference
from mano_runtime.workflow.plan import Behaviour
from nfvo.planning.addressing import subnets
from nfvo.planning.connectivity import bindings, ext_virtual_links, network_path
from nfvo.planning.refusal import PlanningRefusedError
from nfvo.planning.sizing import NsSize, flavour_of, vnf_flavour_of, vnf_path, vnf_scale_levels
from nfvo.sol005.ns_requests import InstantiateNsRequest, ParamsForVnf
from vim_adapters.resources import AllocationPool, Kind, NetworkSpec, RouterSpec, SubnetSpec, encode_spec

VNF = "vnf"
"""Kind of the resources that a VNFM provides."""

WISH = "termination"
"""In the spec of a VNF that is about to be removed: how, as a TerminateVnfRequest."""

VNF_BEHAVIOUR = Behaviour(awaited=True, mutable=frozenset({"scaleLevels", "instantiationLevelId"}))
"""A VNF is scaled in place; any other change replaces it."""


Ranges = Mapping[str, tuple[L3Protocol, ...]]
"""The subnets of each virtual link."""


class NsContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an NS's desired state depends on besides its size."""

    ns_id: str
    name: str
    nsd: Nsd
    vnfds: Mapping[str, Vnfd]
    """Of every VNF profile of the flavour, by VNFD identifier."""
    inputs: InstantiateNsRequest
    vim: str
    """The VIM connection that virtual links, and with them the VNFs, go to."""


def desired_state(context: NsContext, size: NsSize) -> Graph:
    """Return everything that the network service consists of at this size.

    Raises:
        PlanningRefusedError: the flavour is unknown, has constituents that are not supported yet, names a VNFD's
            flavour that does not exist, or binds a VNF to a virtual link by a requirement that the VNFD lacks; or the
            request has parameters for an unknown profile.
    """
    flavour = flavour_of(context.nsd, size.flavour)
    _check(flavour, context)
    ranges = subnets(context.ns_id, flavour.virtual_links)
    routed = frozenset(_routed(context, flavour))
    return graph_of(
        *_virtual_links(context, flavour, ranges),
        *(_router(context, link, ranges[link]) for link in sorted(routed)),
        *_vnfs(context, flavour, size, ranges, routed),
    )


def _check(flavour: NsFlavour, context: NsContext) -> None:
    for what, found in (("nested network services", flavour.nested), ("physical network functions", flavour.pnfs)):
        if found:
            detail = f"the flavour has {what} ({', '.join(sorted(found))}), which cannot be instantiated yet"
            raise PlanningRefusedError("nsFlavourId", detail)
    for profile in flavour.vnf_profiles.values():
        if missing := set(profile.links.values()) - flavour.virtual_links.keys():
            detail = f"binds a VNF to {', '.join(sorted(missing))}, which the flavour {flavour.id!r} lacks"
            raise PlanningRefusedError(f"NSD, VNF profile {profile.id!r}", detail)
    for number, given in enumerate(context.inputs.additional_params_for_vnf):
        if given.vnf_profile_id not in flavour.vnf_profiles:
            known = ", ".join(sorted(flavour.vnf_profiles)) or "none"
            raise PlanningRefusedError(
                f"additionalParamsForVnf[{number}].vnfProfileId",
                f"the flavour {flavour.id!r} has no {given.vnf_profile_id!r}; it has {known}",
            )
    for number, sap in enumerate(context.inputs.sap_data):
        if sap.sapd_id not in flavour.saps:
            known = ", ".join(sorted(flavour.saps)) or "none"
            detail = f"the flavour {flavour.id!r} has no {sap.sapd_id!r}; it has {known}"
            raise PlanningRefusedError(f"sapData[{number}].sapdId", detail)


def _virtual_links(context: NsContext, flavour: NsFlavour, ranges: Ranges) -> Iterator[Resource]:
    for link, its_ranges in ranges.items():
        name = f"{context.name}-{link}"
        network = network_path(link)
        yield Resource(
            path=network,
            kind=Kind.NETWORK.value,
            target=context.vim,
            spec=encode_spec(_network(name, flavour.virtual_links[link])),
        )
        for number, range_ in enumerate(its_ranges):
            yield Resource(
                path=_subnet_path(link, number),
                kind=Kind.SUBNET.value,
                target=context.vim,
                spec=encode_spec(_subnet(range_, name=range_.name or f"{name}-{number}", network=reference(network))),
            )


def _routed(context: NsContext, flavour: NsFlavour) -> Iterator[str]:
    """The virtual links on which a VNF has a connection point that asks for a floating address."""
    for profile in flavour.vnf_profiles.values():
        vnf_flavour = vnf_flavour_of(context.vnfds[profile.vnfd_id], profile.flavour_id)
        for external, link in bindings(profile, vnf_flavour).items():
            behind = vnf_flavour.external_connection_points[external].connection_point
            point = vnf_flavour.connection_points.get(behind)
            if point and point.floating:
                yield link


def _router(context: NsContext, link: str, ranges: tuple[L3Protocol, ...]) -> Resource:
    inside = [number for number, range_ in enumerate(ranges) if range_.ip_version == 4]  # noqa: PLR2004  # the version is called 4
    if not inside:
        detail = "has connection points with floating addresses on it, and no addresses of IPv4 itself"
        raise PlanningRefusedError(f"NSD, virtual link {link!r}", detail)
    spec = RouterSpec(name=f"{context.name}-{link}", subnets=tuple(reference(_subnet_path(link, it)) for it in inside))
    return Resource(path=_router_path(link), kind=Kind.ROUTER.value, target=context.vim, spec=encode_spec(spec))


def _subnet_path(link: str, number: int) -> str:
    return f"vl/{link}/subnet/{number}"


def _router_path(link: str) -> str:
    return f"vl/{link}/router"


def _network(name: str, link: VirtualLink) -> NetworkSpec:
    l2 = link.l2
    if l2 is None:
        return NetworkSpec(name=name, description=link.description)
    return NetworkSpec(
        name=name,
        description=link.description,
        mtu=l2.mtu or None,
        vlan_transparent=l2.vlan_transparent,
        provider_type=l2.network_type.lower() or None,
        provider_segment=int(l2.segmentation_id) if l2.segmentation_id.isdecimal() else None,
    )


def _subnet(range_: L3Protocol, *, name: str, network: str) -> SubnetSpec:
    return SubnetSpec(
        name=name,
        network=network,
        ip_version=range_.ip_version,
        cidr=range_.cidr,
        gateway=range_.gateway or None,
        dhcp=range_.dhcp,
        allocation_pools=tuple(AllocationPool(start=start, end=end) for start, end in range_.pools),
    )


def _vnfs(
    context: NsContext, flavour: NsFlavour, size: NsSize, ranges: Ranges, routed: Collection[str]
) -> Iterator[Resource]:
    params = {given.vnf_profile_id: given for given in context.inputs.additional_params_for_vnf}
    for profile in flavour.vnf_profiles.values():
        given = params.get(profile.id) or ParamsForVnf(vnf_profile_id=profile.id)
        vnf_flavour = vnf_flavour_of(context.vnfds[profile.vnfd_id], profile.flavour_id)
        links = ext_virtual_links(profile, vnf_flavour, context.vim, ranges)
        name = given.vnf_instance_name or f"{context.name}-{profile.id}"
        for index in range(size.counts.get(profile.id, profile.min_instances)):
            path = vnf_path(profile.id, index)
            spec: dict[str, Any] = {
                "name": f"{name}-{index}",
                "vnfdId": profile.vnfd_id,
                "flavourId": vnf_flavour.id,
                "scaleLevels": vnf_scale_levels(size, path, vnf_flavour, profile.instantiation_level),
            }
            optional: dict[str, Any] = {
                "instantiationLevelId": size.vnf_named_levels.get(path)
                or profile.instantiation_level
                or vnf_flavour.default_level,
                "description": given.vnf_instance_description,
                "extVirtualLinks": links,
                "additionalParams": given.additional_params,
                "extensions": given.extensions,
                "vnfConfigurableProperties": given.vnf_configurable_properties,
                "metadata": given.metadata,
            }
            yield Resource(
                path=path,
                kind=VNF,
                spec=spec | {key: value for key, value in optional.items() if value},
                depends_on=_ways_of(profile, ranges, routed),
            )


def _ways_of(profile: VnfProfile, ranges: Ranges, routed: Collection[str]) -> tuple[str, ...]:
    """What must be there before a VNF: subnets for the addresses of its ports, and routers for those outside."""
    links = sorted(set(profile.links.values()))
    subnets = (_subnet_path(link, number) for link in links for number in range(len(ranges[link])))
    return (*subnets, *(_router_path(link) for link in links if link in routed))
