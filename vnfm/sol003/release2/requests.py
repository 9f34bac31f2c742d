"""Requests of release 2 (SOL003 2.6.1 clause 5.5.2) that differ from those of release 3, and what they mean there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from vnfm.sol003 import connectivity, requests
from vnfm.sol003.connectivity import CpProtocolData, ExtLinkPortData
from vnfm.sol003.general import KeyValuePairs, Sol003Type
from vnfm.sol003.general import VimConnectionInfo as NamedConnectionInfo
from vnfm.sol003.ports import unacceptable

ConfigIds = Mapping[str, str]
"""Key of the ``cpConfig`` entry of release 3 by the identifier of the external connection point made from it."""


class VimConnectionInfo(Sol003Type, frozen=True, kw_only=True):
    """How a VIM is reached; a list of these is what release 3 has as a map."""

    id: str
    vim_id: str | None = None
    vim_type: str
    interface_info: KeyValuePairs = {}
    access_info: KeyValuePairs = {}
    extra: KeyValuePairs = {}


class VnfExtCpConfig(Sol003Type, frozen=True, kw_only=True):
    """How one instance of an external connection point is attached."""

    cp_instance_id: str | None = None
    """The instance, once there is one."""
    link_port_id: str | None = None
    cp_protocol_data: tuple[CpProtocolData, ...] = ()


class VnfExtCpData(Sol003Type, frozen=True, kw_only=True):
    """How the instances of one external connection point are attached."""

    cpd_id: str
    cp_config: tuple[VnfExtCpConfig, ...] = ()


class ExtVirtualLinkData(Sol003Type, frozen=True, kw_only=True):
    """A virtual link outside the VNF that it is to be attached to."""

    id: str
    vim_connection_id: str | None = None
    resource_provider_id: str | None = None
    resource_id: str
    ext_cps: tuple[VnfExtCpData, ...]
    ext_link_ports: tuple[ExtLinkPortData, ...] = ()


class ExtManagedVirtualLinkData(Sol003Type, frozen=True, kw_only=True):
    """An internal virtual link that somebody else provides."""

    id: str
    vnf_virtual_link_desc_id: str
    vim_connection_id: str | None = None
    resource_provider_id: str | None = None
    resource_id: str


class InstantiateVnfRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for a VNF instance's resources."""

    flavour_id: str
    instantiation_level_id: str | None = None
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_connection_info: tuple[VimConnectionInfo, ...] = ()
    localization_language: str | None = None
    additional_params: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vnf_configurable_properties: KeyValuePairs = {}


class ChangeVnfFlavourRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for another deployment flavour."""

    new_flavour_id: str
    instantiation_level_id: str | None = None
    ext_virtual_links: tuple[ExtVirtualLinkData, ...] = ()
    ext_managed_virtual_links: tuple[ExtManagedVirtualLinkData, ...] = ()
    vim_connection_info: tuple[VimConnectionInfo, ...] = ()
    additional_params: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vnf_configurable_properties: KeyValuePairs = {}


class ChangeExtVnfConnectivityRequest(Sol003Type, frozen=True, kw_only=True):
    """Ask for other external connectivity."""

    ext_virtual_links: tuple[ExtVirtualLinkData, ...]
    vim_connection_info: tuple[VimConnectionInfo, ...] = ()
    additional_params: KeyValuePairs = {}


class VnfInfoModificationRequest(Sol003Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for attributes of the instance to be changed; others of it are refused."""

    vnf_instance_name: str | msgspec.UnsetType | None = msgspec.UNSET
    vnf_instance_description: str | msgspec.UnsetType | None = msgspec.UNSET
    vnf_configurable_properties: KeyValuePairs = {}
    metadata: KeyValuePairs = {}
    extensions: KeyValuePairs = {}
    vim_connection_info: tuple[VimConnectionInfo, ...] = ()
    vim_connection_info_delete_ids: tuple[str, ...] = ()
    vnfd_id: str | None = None
    """Another package, which release 3 has an operation for."""


SUCCESSORS: Mapping[type, type] = {
    InstantiateVnfRequest: requests.InstantiateVnfRequest,
    ChangeVnfFlavourRequest: requests.ChangeVnfFlavourRequest,
    ChangeExtVnfConnectivityRequest: requests.ChangeExtVnfConnectivityRequest,
    VnfInfoModificationRequest: requests.VnfInfoModificationRequest,
}
"""What each type of request is called in release 3; those that are not here are the same in both."""


def in_release_3(request: Any, config_ids: ConfigIds) -> Any:
    """Return what a request of release 2 means in release 3.

    Raises:
        SolProblemError: it names a connection point that the VNF does not have, or a VIM or connection point twice.
    """
    successor = SUCCESSORS.get(type(request))
    if successor is None:
        return request
    changes: dict[str, Any] = {}
    known = {field.name for field in msgspec.structs.fields(successor)}
    for name, value in msgspec.structs.asdict(request).items():
        match name:
            case "vim_connection_info":
                gone = dict.fromkeys(getattr(request, "vim_connection_info_delete_ids", ()))
                changes[name] = gone | _by_id(value)
            case "ext_virtual_links":
                changes[name] = tuple(_link(link, config_ids, f"extVirtualLinks[{i}]") for i, link in enumerate(value))
            case "ext_managed_virtual_links":
                changes[name] = tuple(_managed(link) for link in value)
            case _ if name in known:
                changes[name] = value
    return successor(**changes)


def _by_id(connections: tuple[VimConnectionInfo, ...]) -> dict[str, NamedConnectionInfo]:
    found: dict[str, NamedConnectionInfo] = {}
    for number, info in enumerate(connections):
        if info.id in found:
            raise unacceptable(f"vimConnectionInfo[{number}].id", f"{info.id!r} is there twice: give each VIM once")
        found[info.id] = _named(info)
    return found


def _named(info: VimConnectionInfo) -> NamedConnectionInfo:
    plain = msgspec.structs.asdict(info)
    del plain["id"]
    return NamedConnectionInfo(**plain)


def _managed(link: ExtManagedVirtualLinkData) -> connectivity.ExtManagedVirtualLinkData:
    return connectivity.ExtManagedVirtualLinkData(**msgspec.structs.asdict(link))


def _link(link: ExtVirtualLinkData, config_ids: ConfigIds, where: str) -> connectivity.ExtVirtualLinkData:
    plain = msgspec.structs.asdict(link)
    cps = tuple(
        connectivity.VnfExtCpData(cpd_id=cp.cpd_id, cp_config=_config(cp, config_ids, f"{where}.extCps[{number}]"))
        for number, cp in enumerate(link.ext_cps)
    )
    return connectivity.ExtVirtualLinkData(**plain | {"ext_cps": cps})


def _config(cp: VnfExtCpData, config_ids: ConfigIds, where: str) -> dict[str, connectivity.VnfExtCpConfig | None]:
    """Return the entries by key: that of the instance they are about, else their place, from 1."""
    found: dict[str, connectivity.VnfExtCpConfig | None] = {}
    for number, config in enumerate(cp.cp_config):
        instance = config.cp_instance_id
        place = f"{where}.cpConfig[{number}]"
        if instance and instance not in config_ids:
            raise unacceptable(f"{place}.cpInstanceId", f"the VNF has no external connection point {instance!r}")
        key = config_ids[instance] if instance else str(number + 1)
        if key in found:  # one of the two would be passed over
            what = "another entry is about the same instance: give one for each, all with their cpInstanceId"
            raise unacceptable(f"{place}.cpInstanceId", what)
        found[key] = connectivity.VnfExtCpConfig(
            link_port_id=config.link_port_id, cp_protocol_data=config.cp_protocol_data
        )
    return found
