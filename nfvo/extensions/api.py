"""The interface ``/mano/v1``."""

from __future__ import annotations

from mano_runtime.notifications import Notifications
from mano_runtime.rest import Api
from mano_runtime.security.access import Access
from mano_runtime.security.audit import Audit
from mano_runtime.security.audit_resources import declare_audit
from mano_runtime.security.client_resources import declare_clients, declare_signing_keys
from mano_runtime.workflow.engine import Engine
from mano_runtime.workflow.operation_log import OperationLog
from nfvo.catalogue.catalogue import Catalogue
from nfvo.extensions.diagnostics import declare_diagnostics
from nfvo.extensions.leftovers import Leftovers
from nfvo.extensions.operations import declare_operations
from nfvo.extensions.subscriptions import declare_subscribers
from nfvo.extensions.sweep import declare_leftovers
from nfvo.extensions.vim_connections import declare_vim_connections
from nfvo.inventory.vim_connections import VimConnections
from vim_adapters.registry import VimRegistry


def mano_api(
    *,
    catalogue: Catalogue | None,
    engine: Engine,
    log: OperationLog,
    connections: VimConnections,
    registry: VimRegistry,
    notifications: Notifications,
    access: Access,
    audit: Audit,
    owner: str,
    leftovers: Leftovers,
) -> Api:
    """Return the interface to what ETSI leaves open; without ``catalogue`` nothing is onboarded here."""
    api = Api("mano", version="1.0.0", root="/mano/v1")
    declare_vim_connections(api, connections, registry, owner)
    declare_leftovers(api, connections, leftovers)
    declare_operations(api, engine, log)
    if catalogue is not None:
        declare_diagnostics(api, catalogue)
    declare_subscribers(api, notifications)
    declare_clients(api, access.clients, access.roles)
    declare_signing_keys(api, access.keys)
    declare_audit(api, audit)
    return api
