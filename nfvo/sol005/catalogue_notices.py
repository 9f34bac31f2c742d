"""Telling subscribers of ``/vnfpkgm`` and ``/nsd`` what becomes of packages and descriptors (SOL005 annex B.2)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from descriptors.onboarding import Onboarded
from mano_runtime.notifications import Notifications, Stamp, Subscription
from mano_runtime.notifications.matching import fits
from nfvo.catalogue.entries import Entry, Kind, UsageState
from nfvo.catalogue.events import Event, Held
from nfvo.catalogue.findings import constituent_entries
from nfvo.sol005.catalogue_notifications import (
    NSD_CHANGED,
    NSD_DELETED,
    NSD_FAILED,
    NSD_ONBOARDED,
    PACKAGE_CHANGED,
    PACKAGE_ONBOARDED,
    PNFD_DELETED,
    PNFD_FAILED,
    PNFD_ONBOARDED,
    SPELLINGS,
    NsdmLinks,
    NsdmNotificationsFilter,
    NsdNotification,
    PkgmLinks,
    PnfdmLinks,
    PnfdNotification,
    VnfPackageChangeNotification,
    VnfPackageOnboardingNotification,
)
from nfvo.sol005.entries import Constituents
from nfvo.sol005.general import Link
from nfvo.sol005.package_releases import release_of
from vnfm.sol003.notifications import Product, product_fits

APIS: dict[Kind, str] = {"vnfd": "vnfpkgm", "nsd": "nsd", "pnfd": "nsd"}
TYPES: dict[Kind, dict[Event, str]] = {
    "vnfd": {
        Event.ONBOARDED: PACKAGE_ONBOARDED,
        Event.SWITCHED: PACKAGE_CHANGED,
        Event.DELETED: PACKAGE_CHANGED,
    },
    "nsd": {
        Event.ONBOARDED: NSD_ONBOARDED,
        Event.FAILED: NSD_FAILED,
        Event.SWITCHED: NSD_CHANGED,
        Event.DELETED: NSD_DELETED,
    },
    "pnfd": {
        Event.ONBOARDED: PNFD_ONBOARDED,
        Event.FAILED: PNFD_FAILED,
        Event.DELETED: PNFD_DELETED,
    },
}
"""What is told of; the standard has nothing for a VNF package that could not be onboarded."""
OF_DESCRIPTORS = {field.encode_name for field in msgspec.structs.fields(NsdmNotificationsFilter)} - {
    "notificationTypes"
}
"""What subscribers to ``/nsd`` ask for: what is known of NSDs does not match PNFDs, nor the other way round."""


class CatalogueNotices:
    """A ``nfvo.catalogue.events.Listener`` that writes notifications."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    async def __call__(
        self, connection: AsyncConnection, kind: Kind, event: Event, entry: Entry, *, in_use: bool, held: Held
    ) -> None:
        """Tell of the event. What never was onboarded has no descriptor, without which there is nothing to tell."""
        type_ = TYPES[kind].get(event)
        if type_ is None or not (entry.descriptor_id or event is Event.FAILED):
            return
        audience = await self._notifications.audience(connection, APIS[kind])
        if not audience:
            return
        content = await held()
        nsd = content.nsd if content else None
        named = await constituent_entries(connection, nsd) if nsd else {}
        usage = UsageState.IN_USE if in_use else UsageState.NOT_IN_USE
        facts = {"notificationTypes": SPELLINGS.get(type_, (type_,)), **_facts(kind, entry, usage, content, named)}

        def compose(subscription: Subscription, stamp: Stamp) -> object | None:
            wanted = subscription.filter or {}
            if isinstance(one := wanted.get("notificationTypes"), str):
                wanted = {**wanted, "notificationTypes": [one]}
            providers = wanted.get("vnfProductsFromProviders", ())
            if not fits(wanted, facts) or not product_fits(providers, _product(content)):
                return None
            if kind == "vnfd":
                vnfm_info = tuple(facts["vnfmInfo"])
                told = _package_notification(event, entry, vnfm_info, subscription, stamp)
                return release_of(subscription.version).shown(told)
            notification = _nsd_notification if kind == "nsd" else _pnfd_notification
            return notification(event, entry, subscription, stamp)

        await audience.tell(compose)


def _facts(
    kind: Kind, entry: Entry, usage: UsageState, content: Onboarded | None, named: Constituents
) -> dict[str, Collection[str]]:
    known = (entry.descriptor_id,) if entry.descriptor_id else ()
    state = entry.operational_state.value
    if kind == "vnfd":
        vnfm_info = content.vnfd.vnfm_info if content and content.vnfd else ()
        return {
            "vnfdId": known,
            "vnfPkgId": (entry.id,),
            "operationalState": (state,),
            "usageState": (usage.value,),
            "vnfmInfo": vnfm_info,
        }
    nothing: dict[str, Collection[str]] = dict.fromkeys(OF_DESCRIPTORS, ())
    if kind == "pnfd":
        pnfd = content.pnfd if content else None
        return nothing | {
            "pnfdId": known,
            "pnfdInfoIds": (entry.id,),
            "pnfdName": (pnfd.name,) if pnfd else (),
            "pnfdVersion": (pnfd.version,) if pnfd else (),
            "pnfdProvider": (pnfd.provider,) if pnfd else (),
            "pnfdInvariantId": (pnfd.invariant_id,) if pnfd else (),
            "pnfdOnboardingState": (entry.onboarding_state.value,),
            "pnfdUsageState": (usage.value,),
        }
    nsd = content.nsd if content else None
    return nothing | {
        "nsdId": known,
        "nsdInfoId": (entry.id,),
        "nsdName": (nsd.name,) if nsd else (),
        "nsdVersion": (nsd.version,) if nsd else (),
        "nsdDesigner": (nsd.designer,) if nsd else (),
        "nsdInvariantId": (nsd.invariant_id,) if nsd else (),
        "nsdOnboardingState": (entry.onboarding_state.value,),
        "nsdOperationalState": (state,),
        "nsdUsageState": (usage.value,),
        "vnfPkgIds": tuple(named.get("vnfd", {}).values()),
        "pnfdInfoIds": tuple(named.get("pnfd", {}).values()),
        "pnfdId": tuple(named.get("pnfd", {})),
        "nestedNsdInfoIds": tuple(named.get("nsd", {}).values()),
    }


def _product(content: Onboarded | None) -> Product | None:
    vnfd = content.vnfd if content else None
    if vnfd is None:
        return None
    return Product(
        provider=vnfd.provider,
        name=vnfd.product_name,
        software_version=vnfd.software_version,
        vnfd_version=vnfd.version,
    )


def _package_notification(
    event: Event, entry: Entry, vnfm_info: tuple[str, ...], subscription: Subscription, stamp: Stamp
) -> VnfPackageOnboardingNotification | VnfPackageChangeNotification:
    links = PkgmLinks(
        vnf_package=Link(href=subscription.url(f"/vnf_packages/{entry.id}")),
        subscription=Link(href=subscription.here),
    )
    if event is Event.ONBOARDED:
        return VnfPackageOnboardingNotification(
            id=stamp.id,
            notification_type=TYPES["vnfd"][event],
            subscription_id=subscription.id,
            time_stamp=stamp.at,
            vnf_pkg_id=entry.id,
            vnfd_id=entry.descriptor_id,
            vnfm_info=vnfm_info,
            links=links,
        )
    switched = event is Event.SWITCHED
    return VnfPackageChangeNotification(
        id=stamp.id,
        notification_type=TYPES["vnfd"][event],
        subscription_id=subscription.id,
        time_stamp=stamp.at,
        vnf_pkg_id=entry.id,
        vnfd_id=entry.descriptor_id,
        change_type="OP_STATE_CHANGE" if switched else "PKG_DELETE",
        operational_state=entry.operational_state.value if switched else None,
        links=links,
    )


def _nsd_notification(event: Event, entry: Entry, subscription: Subscription, stamp: Stamp) -> NsdNotification:
    return NsdNotification(
        id=stamp.id,
        notification_type=TYPES["nsd"][event],
        subscription_id=subscription.id,
        time_stamp=stamp.at,
        nsd_info_id=entry.id,
        nsd_id=entry.descriptor_id or None,
        onboarding_failure_details=entry.failure if event is Event.FAILED else None,
        nsd_operational_state=entry.operational_state.value if event is Event.SWITCHED else None,
        links=NsdmLinks(
            nsd_info=Link(href=subscription.url(f"/ns_descriptors/{entry.id}")),
            subscription=Link(href=subscription.here),
        ),
    )


def _pnfd_notification(event: Event, entry: Entry, subscription: Subscription, stamp: Stamp) -> PnfdNotification:
    return PnfdNotification(
        id=stamp.id,
        notification_type=TYPES["pnfd"][event],
        subscription_id=subscription.id,
        time_stamp=stamp.at,
        pnfd_info_id=entry.id,
        pnfd_id=entry.descriptor_id or None,
        onboarding_failure_details=entry.failure if event is Event.FAILED else None,
        links=PnfdmLinks(
            pnfd_info=Link(href=subscription.url(f"/pnf_descriptors/{entry.id}")),
            subscription=Link(href=subscription.here),
        ),
    )
