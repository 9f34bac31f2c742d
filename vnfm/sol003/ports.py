"""The two ends of Or-Vnfm as Python protocols: what the NFVO asks of a VNFM, and what a VNFM asks of the NFVO.

In one process they are bound to each other directly; a VNFM elsewhere is reached by an implementation over HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from descriptors.model.vnfd import Vnfd
from vnfm.sol003.general import VimConnectionInfo
from vnfm.sol003.grants import Grant, GrantRequest
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.operation_occurrences import CancelModeType, VnfLcmOpOcc
from vnfm.sol003.requests import (
    ChangeCurrentVnfPkgRequest,
    ChangeExtVnfConnectivityRequest,
    ChangeVnfFlavourRequest,
    CreateVnfRequest,
    HealVnfRequest,
    InstantiateVnfRequest,
    OperateVnfRequest,
    ScaleVnfRequest,
    ScaleVnfToLevelRequest,
    TerminateVnfRequest,
    VnfInfoModificationRequest,
)
from vnfm.sol003.snapshots import CreateVnfSnapshotRequest, RevertToVnfSnapshotRequest

IDENTITY = "mano.identity"
"""Key of a VNF's metadata under which an NFVO keeps what it knows it by; the one that ``find_vnfs`` finds quickly."""


class SolProblemError(Exception):
    """The VNFM refuses what it was asked; ``status`` is what HTTP would answer (SOL013 clause 6)."""

    def __init__(self, status: int, title: str, detail: str, *, slug: str = "refused", **members: Any) -> None:
        super().__init__(f"{title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.slug = slug
        """Ends the problem's type: ``urn:mano:problem:<slug>``."""
        self.members = members
        """Further members of the problem."""


def unacceptable(attribute: str, detail: str, *, slug: str = "unprocessable-request") -> SolProblemError:
    """Return a 422: the request is well-formed and does not fit; ``attribute`` is the path of what is to blame."""
    return SolProblemError(
        422, "The request cannot be carried out", f"{attribute}: {detail}", slug=slug, attribute=attribute
    )


class GrantRefusedError(Exception):
    """The NFVO does not allow the operation; nothing was changed, and it ends ROLLED_BACK (SOL003 clause 5.6.2.2)."""

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class NotOnboardedError(LookupError):
    """Nothing that is onboarded has this descriptor; what was to be done with it was not begun."""

    def __init__(self, descriptor_id: str) -> None:
        super().__init__(f"the descriptor {descriptor_id!r} is not onboarded")
        self.descriptor_id = descriptor_id


class VnfLifecycle(Protocol):
    """A VNFM as the NFVO sees it (SOL003 clause 5). Every method may raise SolProblemError.

    ``parent`` is the NS operation that a VNF operation serves. SOL003 has no word for it: a VNFM in this process
    records it, so that both show as one tree; any other leaves it out.
    """

    async def create_vnf(self, request: CreateVnfRequest) -> VnfInstance:
        """Make the record of a VNF instance; NOT idempotent: look for it by metadata first when in doubt."""

    async def get_vnf(self, vnf_instance_id: str) -> VnfInstance | None:
        """The instance, or None."""

    async def find_vnfs(self, metadata_key: str, value: str) -> list[VnfInstance]:
        """The instances whose metadata has this value, oldest first."""

    async def delete_vnf(self, vnf_instance_id: str) -> None:
        """Remove the record of an instance that is not instantiated; absent is success."""

    async def instantiate(
        self, vnf_instance_id: str, request: InstantiateVnfRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def scale(self, vnf_instance_id: str, request: ScaleVnfRequest, *, parent: str | None = None) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def scale_to_level(
        self, vnf_instance_id: str, request: ScaleVnfToLevelRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def terminate(self, vnf_instance_id: str, request: TerminateVnfRequest, *, parent: str | None = None) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def change_flavour(
        self, vnf_instance_id: str, request: ChangeVnfFlavourRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def heal(self, vnf_instance_id: str, request: HealVnfRequest, *, parent: str | None = None) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def operate(self, vnf_instance_id: str, request: OperateVnfRequest, *, parent: str | None = None) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def change_ext_conn(
        self, vnf_instance_id: str, request: ChangeExtVnfConnectivityRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def change_vnfpkg(
        self, vnf_instance_id: str, request: ChangeCurrentVnfPkgRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def create_snapshot(
        self, vnf_instance_id: str, request: CreateVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def revert_to_snapshot(
        self, vnf_instance_id: str, request: RevertToVnfSnapshotRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def modify(
        self, vnf_instance_id: str, request: VnfInfoModificationRequest, *, parent: str | None = None
    ) -> str:
        """Begin; returns the identifier of the operation occurrence."""

    async def get_operation(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc | None:
        """The operation occurrence, or None."""

    async def operations_of(self, vnf_instance_id: str) -> list[VnfLcmOpOcc]:
        """The occurrences of an instance's operations, oldest first."""

    async def retry(self, vnf_lcm_op_occ_id: str) -> None:
        """Do again what failed; from FAILED_TEMP."""

    async def rollback(self, vnf_lcm_op_occ_id: str) -> None:
        """Put back what was before; from FAILED_TEMP."""

    async def fail(self, vnf_lcm_op_occ_id: str) -> VnfLcmOpOcc:
        """Give up and keep what there is; from FAILED_TEMP."""

    async def cancel(self, vnf_lcm_op_occ_id: str, mode: CancelModeType) -> None:
        """Bring an operation that is under way to an end; it stops in FAILED_TEMP, or ROLLED_BACK from STARTING."""


class Granting(Protocol):
    """The NFVO as the VNFM sees it before it changes resources (SOL003 clause 9)."""

    async def grant(self, request: GrantRequest) -> Grant:
        """Decide; GrantRefusedError when not allowed. The same operation asked again gets an answer as well."""


class Packages(Protocol):
    """The NFVO's onboarded packages as the VNFM sees them (SOL003 clause 10)."""

    async def vnfd(self, vnfd_id: str) -> Vnfd:
        """The descriptor of an onboarded package, enabled or not, since what exists must stay manageable.

        NotOnboardedError where there is none.
        """

    async def package_enabled(self, vnfd_id: str) -> bool:
        """Whether new VNFs may be made from this descriptor; False when no onboarded package has it."""

    async def package_id(self, vnfd_id: str) -> str:
        """The identifier of the package with this VNFD; NotOnboardedError when there is none."""

    async def artifact_file(self, vnfd_id: str, path: str) -> Path | None:
        """A local file with the artifact's bytes; None when the package does not carry it."""

    async def artifact_paths(self, vnfd_id: str) -> tuple[str, ...]:
        """What ``artifact_file`` can be asked for: every file of the package but software images.

        NotOnboardedError when no package has this VNFD.
        """


class VimBook(Protocol):
    """The VIMs that a VNFM in a process of its own can use, which it learns of from its NFVO."""

    async def learn(self, vims: Mapping[str, VimConnectionInfo], *, change: bool = False) -> None:
        """Have VIMs usable under these identifiers; SolProblemError when one cannot be used.

        One that is known stays as it is, unless ``change``: then what is said of it replaces what was said before, and
        what is not said of it stays.
        """
