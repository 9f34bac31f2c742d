"""NS lifecycle management put together: bound to a database, an engine, VIMs, the catalogue and a VNFM."""

from __future__ import annotations

from dataclasses import dataclass

from mano_runtime.notifications import Notifications
from mano_runtime.rest import Api
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from nfvo.catalogue.catalogue import Catalogue
from nfvo.lifecycle.operations import NsOperations
from nfvo.lifecycle.planning_input import Descriptors
from nfvo.lifecycle.requests import NsRequests
from nfvo.sol005.ns_notices import NsNotices
from nfvo.sol005.nslcm import nslcm_api
from vim_adapters.registry import VimRegistry
from vnfm.sol003.ports import VnfLifecycle


@dataclass(frozen=True, kw_only=True)
class NsService:
    """NS lifecycle management: the service and its front."""

    requests: NsRequests
    apis: list[Api]


def build_nslcm(
    database: Database,
    engine: Engine,
    registry: VimRegistry,
    catalogue: Catalogue,
    vnfs: VnfLifecycle,
    *,
    owner: str,
    notifications: Notifications | None = None,
) -> NsService:
    """Return NS lifecycle management, its level registered with ``engine``; call it before ``engine.start()``.

    ``vnfs`` is the VNFM; ``owner`` tags everything that is created on a VIM. Without ``notifications`` nobody can
    subscribe.
    """
    notices = NsNotices(notifications)
    engine.register(NsOperations(database, registry, Descriptors(catalogue), vnfs, notices, owner=owner))
    requests = NsRequests(database, engine, catalogue, vnfs, notices)
    return NsService(requests=requests, apis=[nslcm_api(requests, engine, notifications)])
