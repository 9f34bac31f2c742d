"""All additional artifacts of a VNF package as one archive (SOL005 clause 9.4.5a, SOL003 clause 10.4.5a)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError
from nfvo.catalogue import selection
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.selection import ArtifactChoice
from nfvo.sol005.files import SIGNATURES, ZIP, Find, zipped

NO_MANO = "exclude_all_mano_artifacts"
NO_NON_MANO = "exclude_all_non_mano_artifacts"
SETS = "select_non_mano_artifact_sets"
EXTERNAL = "include_external_artifacts"
"""Flags have no value; one that is given is passed over, as with attribute selectors."""


def serve_artifacts(api: Api, catalogue: Catalogue, find: Find, *, entry: str) -> None:
    """Declare on ``api`` the archive of the artifacts of a package, whose identifier ``find`` returns."""

    @api.get(f"{entry}/artifacts", produces=(ZIP,), query=(NO_MANO, NO_NON_MANO, SETS, EXTERNAL, SIGNATURES))
    async def read_artifacts(call: Call[None]) -> web.StreamResponse:
        """Answer with a zip archive; an empty one when nothing is left of what is asked for."""
        chosen = choice(call)
        content = await catalogue.opened("vnfd", await find(call))
        external = tuple(content.external.values()) if EXTERNAL in call.query else ()
        return await zipped(call, content, (*selection.artifacts(content.onboarded, chosen), *external))


def choice(call: Call[Any]) -> ArtifactChoice:
    """Return which artifacts of the package the query asks for; external ones are not among them.

    Raises:
        ProblemError: 400 when it asks for sets of what it excludes.
    """
    query = call.query
    if NO_NON_MANO in query and SETS in query:
        raise ProblemError(
            400,
            "Invalid query parameter",
            f"{SETS} selects some of what {NO_NON_MANO} excludes: give one of them",
            type="urn:mano:problem:invalid-query",
        )
    sets = frozenset(name.strip() for name in query[SETS].split(",")) if SETS in query else None
    return ArtifactChoice(
        mano=NO_MANO not in query, non_mano=NO_NON_MANO not in query, sets=sets, signatures=SIGNATURES in query
    )
