"""NSD management (SOL005 clause 5): ``/nsd/v2`` and, in release 2.6.1, ``/nsd/v1``."""

from __future__ import annotations

from mano_runtime.notifications import Notifications
from mano_runtime.notifications.resources import declare_subscriptions
from mano_runtime.rest import Api, Release
from nfvo.catalogue.catalogue import Catalogue
from nfvo.sol005.catalogue_notifications import NsdmNotificationsFilter
from nfvo.sol005.entries import serve_entries
from nfvo.sol005.ns_descriptors import NS_DESCRIPTORS
from nfvo.sol005.nsd_releases import RELEASES
from nfvo.sol005.pnf_descriptors import PNF_DESCRIPTORS


def nsd_apis(catalogue: Catalogue, notifications: Notifications | None = None) -> list[Api]:
    """Return the interface to the NS and PNF descriptors of ``catalogue`` in every release.

    Without ``notifications`` nobody can subscribe.
    """
    return [_api(release, catalogue, notifications) for release in RELEASES]


def _api(release: Release, catalogue: Catalogue, notifications: Notifications | None) -> Api:
    api = Api("nsd", version=release.version, root=release.root)
    serve_entries(api, catalogue, NS_DESCRIPTORS, release)
    serve_entries(api, catalogue, PNF_DESCRIPTORS, release)
    if notifications is not None:
        declare_subscriptions(api, notifications, NsdmNotificationsFilter)
    return api
