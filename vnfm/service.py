"""The VNFM put together: bound to a database, an engine, VIMs, and the NFVO's two ports."""

from __future__ import annotations

from dataclasses import dataclass

from mano_runtime.notifications import Notifications
from mano_runtime.rest import Api
from mano_runtime.storage import Database
from mano_runtime.workflow.engine import Engine
from vim_adapters.registry import VimRegistry
from vnfm.api.vnf_lifecycle_management import vnf_lifecycle_apis
from vnfm.lifecycle.drafts import Drafts
from vnfm.lifecycle.notices import VnfNotices
from vnfm.lifecycle.operations import VnfOperations
from vnfm.lifecycle.requests import VnfRequests
from vnfm.lifecycle.scripting import Scripting
from vnfm.lifecycle.snapshot_removal import SnapshotRemovals
from vnfm.lifecycle.snapshot_requests import SnapshotRequests
from vnfm.sol003.ports import Granting, Packages, VimBook, VnfLifecycle


@dataclass(frozen=True, kw_only=True)
class VnfService:
    """A VNFM: one service, two fronts."""

    lifecycle: VnfLifecycle
    """For an NFVO in this process."""
    apis: list[Api]
    """For everybody else."""


def build_vnfm(
    database: Database,
    engine: Engine,
    registry: VimRegistry,
    granting: Granting,
    packages: Packages,
    *,
    owner: str,
    notifications: Notifications | None = None,
    scripting: Scripting | None = None,
    vims: VimBook | None = None,
    granting_url: str = "",
) -> VnfService:
    """Return the VNFM, its levels registered with ``engine``; call it before ``engine.start()``.

    ``owner`` tags everything that it creates on a VIM. Without ``notifications`` nobody can subscribe, and without
    ``scripting`` no script of a package is run. With ``vims`` requests and grants may bring VIMs along.
    ``granting_url``: of the interface where grants are, if that is elsewhere.
    """
    notices, drafts = VnfNotices(notifications), Drafts(packages)
    engine.register(
        VnfOperations(database, registry, granting, packages, notices, drafts=drafts, owner=owner, scripting=scripting)
    )
    engine.register(SnapshotRemovals(database, registry, owner=owner))
    requests = VnfRequests(database, engine, registry, packages, notices, drafts=drafts, vims=vims)
    snapshots = SnapshotRequests(database, engine)
    apis = vnf_lifecycle_apis(requests, snapshots, notifications, granting=granting_url)
    return VnfService(lifecycle=requests, apis=apis)
