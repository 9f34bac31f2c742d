"""The releases of SOL003 in which VNF lifecycle management is served: one implementation, a representation for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from mano_runtime.rest import major
from vnfm.sol003.instances import VnfInstance
from vnfm.sol003.operation_occurrences import VnfLcmOpOcc
from vnfm.sol003.release2.representations import Instance, Occurrence, in_release_2
from vnfm.sol003.release2.requests import SUCCESSORS, in_release_3


def _same(shown: object) -> object:
    return shown


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """How one release of the standard speaks."""

    version: str
    """Of the API, as its ``Version`` header has it."""
    root: str
    bodies: Mapping[type, type] = {}
    """By type of request, the type that it has here; one that is not here is the same."""
    lacks: frozenset[str] = frozenset()
    """Tasks of an instance that came later."""
    required: tuple[str, ...] = ()
    """Structured attributes of an occurrence that this release requires, in lists too."""
    verbosity: bool = True
    """Whether subscribers choose between full and short notifications."""
    answers: Mapping[type, type] = {}
    """By type of representation, the type that it has here; one that is not here is the same."""
    shown: Callable[[Any], object | None] = _same
    """Gives a representation its form here; None for what this release has no name for."""

    def body(self, asked: type) -> Any:
        """Return the type in which a request is made here."""
        return self.bodies.get(asked, asked)

    def answer(self, shown: type) -> Any:
        """Return the type in which a representation is shown here."""
        return self.answers.get(shown, shown)

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
