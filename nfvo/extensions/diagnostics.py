"""Everything that was found in a content when it was onboarded; SOL005 has room for the failure only."""

from __future__ import annotations

from aiohttp import web

from descriptors.diagnostics import Diagnostic
from mano_runtime.rest import Api, Call, ok
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.entries import Kind


def declare_diagnostics(api: Api, catalogue: Catalogue) -> None:
    """Declare the findings of the entries of ``catalogue`` on ``api``; a list, empty before the content is read."""

    async def findings(call: Call[None], kind: Kind, entry_id: str) -> web.StreamResponse:
        return ok(call, (await catalogue.get(kind, entry_id)).document.diagnostics)

    @api.get("/vnf_packages/{vnfPkgId}/diagnostics", answer=tuple[Diagnostic, ...])
    async def of_vnf_package(call: Call[None]) -> web.StreamResponse:
        return await findings(call, "vnfd", call.path["vnfPkgId"])

    @api.get("/ns_descriptors/{nsdInfoId}/diagnostics", answer=tuple[Diagnostic, ...])
    async def of_ns_descriptor(call: Call[None]) -> web.StreamResponse:
        return await findings(call, "nsd", call.path["nsdInfoId"])

    @api.get("/pnf_descriptors/{pnfdInfoId}/diagnostics", answer=tuple[Diagnostic, ...])
    async def of_pnf_descriptor(call: Call[None]) -> web.StreamResponse:
        return await findings(call, "pnfd", call.path["pnfdInfoId"])
