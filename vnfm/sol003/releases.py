"""The releases of SOL003 in which VNF lifecycle management is served: one implementation, a representation for each."""

from __future__ import annotations

from typing import Any

from mano_runtime.rest import Release as ReleaseOfInterface
from mano_runtime.rest import major
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.operation_occurrences import VnfLcmOpOcc
from vnfm.sol003.release2.representations import Instance, Occurrence, in_release_2
from vnfm.sol003.release2.requests import SUCCESSORS, in_release_3


class Release(ReleaseOfInterface, frozen=True, kw_only=True):
    """How one release of VNF lifecycle management speaks."""

    required: tuple[str, ...] = ()
    """Structured attributes of an occurrence that this release requires, in lists too."""

    def meant(self, body: Any, instance: VnfInstance | None) -> Any:
        """Return the request in our own words.

        Raises:
            SolProblemError: it names what the instance does not have.
        """
        if type(body) not in SUCCESSORS:
            return body
        info = instance.instantiated_vnf_info if instance else None
        return in_release_3(body, {cp.id: cp.cp_config_id for cp in info.ext_cp_info} if info else {})


RELEASE_3 = Release(version="2.3.0", root="/vnflcm/v2")
"""SOL003 3.7.1."""
RELEASE_2 = Release(
    version="1.3.0",
    root="/vnflcm/v1",
    bodies={successor: type_ for type_, successor in SUCCESSORS.items()},
    lacks=frozenset({"change_vnfpkg", "create_snapshot", "revert_to_snapshot"}),
    required=("operationParams",),
    verbosity=False,
    answers={VnfInstance: Instance, VnfLcmOpOcc: Occurrence},
    shown=in_release_2,
)
"""SOL003 2.6.1."""
RELEASES = (RELEASE_2, RELEASE_3)


def release_of(version: str) -> Release:
    """Return the release that serves this version of the API, or a version compatible with it."""
    return RELEASE_2 if major(version) == major(RELEASE_2.version) else RELEASE_3
