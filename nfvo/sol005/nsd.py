"""NSD management (SOL005 clause 5): ``/nsd/v2``."""

from __future__ import annotations

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Release
from nfvo.catalogue.catalogue import Catalogue
from nfvo.sol005.catalogue_notifications import NsdmNotificationsFilter
from nfvo.sol005.entries import serve_entries
from nfvo.sol005.ns_descriptors import NS_DESCRIPTORS
from nfvo.sol005.pnf_descriptors import PNF_DESCRIPTORS

RELEASE = Release(version="2.3.0", root="/nsd/v2")


def nsd_api(catalogue: Catalogue, notifications: Notifications | None = None) -> Api:
    """Return the interface to the NS and PNF descriptors of ``catalogue``.

    Without ``notifications`` nobody can subscribe.
    """
    api = Api("nsd", version=RELEASE.version, root=RELEASE.root)
    serve_entries(api, catalogue, NS_DESCRIPTORS, RELEASE)
    serve_entries(api, catalogue, PNF_DESCRIPTORS, RELEASE)
    if notifications is not None:
        declare_subscriptions(api, notifications, NsdmNotificationsFilter)
    return api
