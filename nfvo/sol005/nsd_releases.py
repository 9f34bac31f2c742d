"""The releases in which NSD management is served."""

from __future__ import annotations

from mano_runtime.rest import Release
from nfvo.sol005.files import SIGNATURES
from nfvo.sol005.ns_descriptors import NsdInfo
from nfvo.sol005.pnf_descriptors import PnfdInfo
from nfvo.sol005.release2 import descriptors

RELEASE_3 = Release(version="2.3.0", root="/nsd/v2")
"""3.7.1."""
RELEASE_2 = Release(
    version="1.2.0",
    root="/nsd/v1",
    lacks=frozenset({"nsd", "pnfd", "manifest", "artifacts/{artifactPath}", SIGNATURES}),
    answers={NsdInfo: descriptors.NsdInfo, PnfdInfo: descriptors.PnfdInfo},
    shown=descriptors.in_release_2,
)
"""2.6.1: of an archive, the whole is read."""
RELEASES = (RELEASE_2, RELEASE_3)
