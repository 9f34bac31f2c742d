"""The NFVO: catalogue, grants and network services, in front of a VNFM of this process or of another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from descriptors.mode import Mode
from descriptors.signatures import SignaturePolicy
from mano_runtime.rest import Api
from nfvo.catalogue.catalogue import Catalogue
from nfvo.catalogue.sources import Sources
from nfvo.composition.installation import Installation
from nfvo.composition.interfaces import Interfaces
from nfvo.composition.peers import the_vnfm
from nfvo.grants.decisions import GrantDecisions
from nfvo.grants.requested import RequestedGrants
from nfvo.lifecycle.service import build_nslcm
from nfvo.sol003.granting import granting_api
from nfvo.sol003.onboarded_packages import or_vnfm_packages_apis
from nfvo.sol003.remote_vnfm import RemoteVnfm
from nfvo.sol005.catalogue_notices import CatalogueNotices
from nfvo.sol005.nsd import nsd_apis
from nfvo.sol005.vnfpkgm import vnfpkgm_apis
from vnfm.sol003.ports import VnfLifecycle


class Orchestrator:
    """The NFVO of an installation, without the VNFM that it needs."""

    def __init__(self, here: Installation, catalogue: Catalogue) -> None:
        self._here = here
        self.catalogue = catalogue
        self.grants = GrantDecisions(here.database, here.registry, catalogue)

    async def interfaces(
        self, stack: AsyncExitStack, vnfs: VnfLifecycle, vnflcm: Sequence[Api] = (), *, with_access: bool
    ) -> Interfaces:
        """Return every interface, bound to the VNFM ``vnfs``.

        ``vnflcm``: those of a VNFM in this process; ``with_access``: see ``granting_api``. Where VNFMs have a port of
        their own, grants and packages by their VNFD are there and no longer here, while VNF lifecycle management is on
        both: whoever runs VNFs without a network service (``mano``) does so on the one where everything else is.
        """
        here = self._here
        self.grants.attach(vnfs)
        nslcm = build_nslcm(
            here.database,
            here.engine,
            here.registry,
            self.catalogue,
            vnfs,
            owner=here.owner,
            notifications=here.notifications,
        )
        requested = RequestedGrants(here.database, self.grants, answer_seconds=here.settings.grant_answer_seconds)
        stack.push_async_callback(requested.aclose)
        await requested.start()
        granting = granting_api(requested, here.registry.connections, with_access=with_access)
        apart = here.settings.or_vnfm_port is not None
        return Interfaces(
            main=[
                *vnfpkgm_apis(self.catalogue, here.notifications, for_vnfms=not apart),
                *nsd_apis(self.catalogue, here.notifications),
                *nslcm.apis,
                *([] if apart else [granting]),
                here.extensions(self.catalogue),
                *vnflcm,
            ],
            or_vnfm=[*or_vnfm_packages_apis(self.catalogue, here.notifications), granting, *vnflcm] if apart else [],
        )


async def orchestrator(here: Installation, stack: AsyncExitStack) -> Orchestrator:
    """Open the catalogue of the installation, and return the NFVO around it."""
    settings = here.settings
    catalogue = await Catalogue.open(
        here.database,
        here.directory.packages,
        here.instances,
        Sources(here.vault, seconds=settings.download_seconds),
        listener=CatalogueNotices(here.notifications),
        upload_limit=settings.upload_limit,
        limits=here.limits,
        mode=Mode(settings.package_mode),
        signatures=SignaturePolicy(
            require=settings.package_signatures,
            time=settings.signature_time,
            trust_store=settings.data_dir / settings.trust_store,
        ),
    )
    stack.push_async_callback(catalogue.aclose)
    return Orchestrator(here, catalogue)


async def orchestrator_alone(here: Installation, stack: AsyncExitStack) -> Interfaces:
    """Return the interfaces of an NFVO whose VNFM is elsewhere.

    Raises:
        CannotServeError: it is not said where.
    """
    vnfm = await stack.enter_async_context(await asyncio.to_thread(the_vnfm, here.settings))
    nfvo = await orchestrator(here, stack)
    return await nfvo.interfaces(stack, RemoteVnfm(vnfm), with_access=True)
