"""How the NFVO gets external artifacts of VNF packages (SOL005 clauses 9.4.4a and 9.5.2.10)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from mano_runtime.rest import Api, Call, ProblemError, accepted, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.sources import Source
from nfvo.sol005.general import Sol005Type
from nfvo.sol005.sources import Authentication, source


class ExternalArtifactAccess(Authentication, frozen=True, kw_only=True):
    """How one external artifact is had."""

    artifact_uri: str
    """By which the package names it."""
    override_uri: str | None = None
    """Where it is instead."""


class ExternalArtifactsAccessConfig(Sol005Type, frozen=True, kw_only=True):
    """How external artifacts are had (SOL005 clause 9.5.2.10)."""

    artifact: tuple[ExternalArtifactAccess, ...]


class ShownOauth2(Sol005Type, frozen=True, kw_only=True):
    """Who we are where tokens are had; neither the password nor the token endpoint is shown."""

    client_id: str


class ShownBasic(Sol005Type, frozen=True, kw_only=True):
    """Who we are; the password is not shown."""

    user_name: str


class ShownAccess(Sol005Type, frozen=True, kw_only=True):
    """How one external artifact is had, without what is secret."""

    artifact_uri: str
    override_uri: str | None = None
    auth_type: str | None = None
    params_basic: ShownBasic | None = None
    params_oauth2_client_credentials: ShownOauth2 | None = None


class ShownConfig(Sol005Type, frozen=True, kw_only=True, omit_defaults=False):
    """How external artifacts are had, without what is secret; empty when nobody said so."""

    artifact: tuple[ShownAccess, ...]


def serve_external_access(api: Api, catalogue: Catalogue, *, entry: str) -> None:
    """Declare on ``api`` how external artifacts of the packages at ``entry`` are had."""
    path = f"{entry}/ext_artifacts_access"

    @api.get(path, answer=ShownConfig)
    async def read(call: Call[None]) -> web.StreamResponse:
        return ok(call, shown(await catalogue.access("vnfd", call.path["vnfPkgId"])))

    @api.put(path, body=ExternalArtifactsAccessConfig, answer=ShownConfig, also=(202,))
    async def write(call: Call[ExternalArtifactsAccessConfig]) -> web.StreamResponse:
        """Answer 200 when it is noted; 202 when a content that waits for its external artifacts is tried again."""
        access = accessed(call.body)
        if await catalogue.set_access("vnfd", call.path["vnfPkgId"], access):
            return accepted(call)
        return ok(call, shown(access))


def accessed(config: ExternalArtifactsAccessConfig) -> dict[str, Source]:
    """Return where each artifact is, by the URI that the package names it by.

    Raises:
        ProblemError: 400, which names the attribute that nothing can be fetched by.
    """
    found: dict[str, Source] = {}
    for index, artifact in enumerate(config.artifact):
        within = f"artifact[{index}]."
        attribute = "artifactUri" if artifact.override_uri is None else "overrideUri"
        uri = artifact.artifact_uri if artifact.override_uri is None else artifact.override_uri
        if artifact.artifact_uri in found:
            raise ProblemError(
                400,
                "Invalid request body",
                f"{within}artifactUri: {artifact.artifact_uri} is there twice",
                type="urn:mano:problem:invalid-body",
                attribute=f"{within}artifactUri",
            )
        found[artifact.artifact_uri] = source(uri, attribute, artifact, within=within)
    return found


def shown(access: dict[str, Source]) -> ShownConfig:
    """Return what clients are shown."""
    return ShownConfig(
        artifact=tuple(
            ShownAccess(artifact_uri=uri, override_uri=where.uri if where.uri != uri else None, **_proof(where))
            for uri, where in access.items()
        )
    )


def _proof(where: Source) -> dict[str, Any]:
    if where.oauth2:
        who = ShownOauth2(client_id=where.oauth2.client_id)
        return {"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "params_oauth2_client_credentials": who}
    if where.basic:
        return {"auth_type": "BASIC", "params_basic": ShownBasic(user_name=where.basic.user)}
    return {}
