"""What preparing an operation decided, besides its plan; stored with the operation."""

from __future__ import annotations

from typing import Any

import msgspec

from descriptors.model.vnfd import Vnfd
from mano_runtime.workflow.operation import Operation
from vnfm.inventory.modifications import attributes_of, modified
from vnfm.inventory.records import VnfRecord
from vnfm.planning.attributes import Attributes, carried_over
from vnfm.planning.connection_points import Attachment
from vnfm.planning.shape import Shape
from vnfm.planning.vnfc_properties import VduProperties
from vnfm.sol003.general import VimConnectionInfo
from vnfm.sol003.instances import MonitoringParameter


class Package(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a VNF instance tells of the package that it is made from."""

    vnfd_id: str
    provider: str
    product_name: str
    software_version: str
    vnfd_version: str
    attributes: Attributes = {}
    """What becomes of the instance's because the VNFD is another, as a merge patch that the request's comes after."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The grant and the shape that the plan leads to."""

    grant_id: str | None = None
    """None: nothing was asked for that needs one."""
    shape: Shape | None = None
    """None: the plan leads to nothing."""
    attachments: dict[str, Attachment] = {}
    attachments_before: dict[str, Attachment] = {}
    """What the VNF had, for the way back."""
    vim_connection_info: dict[str, VimConnectionInfo] = {}
    """Of the VIMs that the VNF is going to use, without credentials."""
    package: Package | None = None
    """The one that the VNF changes to."""
    vnfd_before: str = ""
    """Identifier of the VNFD that the VNF had."""
    monitoring: tuple[MonitoringParameter, ...] = ()
    """What is to be measured of it, by its descriptor."""
    vdu_properties: dict[str, VduProperties] = {}
    """What its descriptor declares of configurable properties of VNFCs, by VDU."""

    def encoded(self) -> dict[str, Any]:
        """Return it as JSON."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain


def package_of(source: Vnfd | None, vnfd: Vnfd, record: VnfRecord) -> Package:
    """Return what the instance will tell of the package that it changes to, from that of ``source``."""
    return Package(
        vnfd_id=vnfd.id,
        provider=vnfd.provider,
        product_name=vnfd.product_name,
        software_version=vnfd.software_version,
        vnfd_version=vnfd.version,
        attributes=carried_over(source, vnfd, attributes_of(record)),
    )


def declares_anew(record: VnfRecord, shape: Shape | None, package: Package | None) -> bool:
    """Tell whether other VDUs describe the VNFCs of a VNF when it has come to a shape, or to a package."""
    return package is not None or (
        record.shape is not None and shape is not None and shape.flavour_id != record.shape.flavour_id
    )


def in_package(record: VnfRecord, package: Package | None) -> VnfRecord:
    """Return the record as it is with the package; None: it stays with the one that it has."""
    if package is None:
        return record
    told = {name: value for name, value in msgspec.structs.asdict(package).items() if name != "attributes"}
    return msgspec.structs.replace(modified(record, package.attributes), **told)


def unchanged(record: VnfRecord) -> Decision:
    """Return the decision to leave all resources as they are."""
    return Decision(
        shape=record.shape,
        attachments=record.attachments,
        attachments_before=record.attachments,
        vim_connection_info=record.vim_connection_info,
        monitoring=record.info.monitoring_parameters if record.info else (),
    )


def decision_of(operation: Operation) -> Decision | None:
    """Return what was decided, or None for an operation that was never prepared."""
    return msgspec.convert(operation.context, Decision) if operation.plan or operation.context else None
