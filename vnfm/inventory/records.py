"""What the VNFM remembers of a VNF instance, and how it is shown (SOL003 clause 5.5.2.2)."""

from __future__ import annotations

from typing import Any

import msgspec

from mano_runtime.workflow.graph import Graph
from vnfm.planning.connection_points import Attachment
from vnfm.planning.shape import Shape
from vnfm.planning.vnfc_properties import VnfcProperties
from vnfm.sol003.general import ScaleInfo, Sol003Type, VimConnectionInfo
from vnfm.sol003.instances import (
    InstantiatedVnfInfo,
    InstantiationState,
    VnfInstance,
    VnfOperationalState,
)


class VnfIdentity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a stored VNF instance is, without what exists of it."""

    id: str
    label: str
    """Begins the names of its resources on a VIM; set once, so that renaming the instance moves nothing."""
    name: str | None = None
    description: str | None = None
    vnfd_id: str
    provider: str
    product_name: str
    software_version: str
    vnfd_version: str
    state: InstantiationState = InstantiationState.NOT_INSTANTIATED
    configurable_properties: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    """Of the VIMs that it has resources on; never with credentials."""


class VnfRecord(VnfIdentity, frozen=True, kw_only=True, omit_defaults=True):
    """A VNF instance as it is stored."""

    shape: Shape | None = None
    """None while it is not instantiated."""
    attachments: dict[str, Attachment] = {}
    """Where it touches the outside, by path of the port."""
    graph: Graph = {}
    """What exists, or may exist, with the VIMs' answers; what the next operation's difference begins from."""
    info: InstantiatedVnfInfo | None = None
    """The same for readers."""
    vnfc_properties: VnfcProperties = {}
    """Configurable properties of its VNFCs."""


class InfoOutline(Sol003Type, frozen=True, kw_only=True):
    """What a list has to know of an instantiated VNF: whether it can be scaled."""

    flavour_id: str
    vnf_state: VnfOperationalState
    scale_status: tuple[ScaleInfo, ...] = ()


class VnfOutline(VnfIdentity, frozen=True, kw_only=True):
    """What is kept beside a record for lists in which nobody asks for more: a tenth of it, mostly."""

    outline: InfoOutline | None = msgspec.field(name="info", default=None)

    @property
    def info(self) -> InstantiatedVnfInfo | None:
        """What is known of the VNF, with nothing of what it is made of."""
        known = self.outline
        if known is None:
            return None
        return InstantiatedVnfInfo(
            flavour_id=known.flavour_id, vnf_state=known.vnf_state, scale_status=known.scale_status, ext_cp_info=()
        )


def outline_of(record: VnfRecord) -> VnfOutline:
    """Return what a list shows of the record where nobody asks for more."""
    outline = None
    if info := record.info:
        outline = InfoOutline(flavour_id=info.flavour_id, vnf_state=info.vnf_state, scale_status=info.scale_status)
    return VnfOutline(**{name: getattr(record, name) for name in VnfIdentity.__struct_fields__}, outline=outline)


def instance_of(record: VnfRecord | VnfOutline) -> VnfInstance:
    """Return the record as consumers see it, without links."""
    return VnfInstance(
        id=record.id,
        vnf_instance_name=record.name,
        vnf_instance_description=record.description,
        vnfd_id=record.vnfd_id,
        vnf_provider=record.provider,
        vnf_product_name=record.product_name,
        vnf_software_version=record.software_version,
        vnfd_version=record.vnfd_version,
        vnf_configurable_properties=record.configurable_properties,
        vim_connection_info=record.vim_connection_info,
        instantiation_state=record.state,
        instantiated_vnf_info=record.info,
        metadata=record.metadata,
        extensions=record.extensions,
    )


def scope_of(instance_id: str) -> str:
    """Return the scope of an instance's plans: with a path it identifies a resource on a VIM."""
    return f"vnf/{instance_id}"
