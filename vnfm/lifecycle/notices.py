"""Telling subscribers of ``/vnflcm`` what becomes of VNF instances (SOL003 clauses 5.3.9, 5.5.2.17 to 5.5.2.19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.notifications import Notifications, Stamp, Subscription
from mano_runtime.notifications.matching import fits
from mano_runtime.workflow.logic import Steps
from mano_runtime.workflow.operation import Operation
from vnfm.inventory.records import VnfRecord
from vnfm.inventory.tables import VNF_INSTANCES
from vnfm.lifecycle.occurrences import occurrence_of
from vnfm.sol003.general import Link
from vnfm.sol003.notifications import (
    CREATION,
    DELETION,
    OCCURRENCE,
    LccnLinks,
    NotificationType,
    Product,
    VnfIdentifierNotification,
    VnfLcmOperationOccurrenceNotification,
    product_fits,
)
from vnfm.sol003.operation_occurrences import LcmOperationStateType, LcmOperationType
from vnfm.sol003.releases import release_of

API = "vnflcm"
DETAILS = ("changedInfo", "changedExtConnectivity", "affectedVipCps", "modificationsTriggeredByVnfPkgChange")
"""Attributes that an occurrence and a full notification of it have in common."""


class VnfNotices:
    """Writes notifications in the transaction of the change; without ``notifications`` nobody is told of anything."""

    def __init__(self, notifications: Notifications | None) -> None:
        self._notifications = notifications

    async def created(self, connection: AsyncConnection, record: VnfRecord) -> None:
        """Tell that there is another VNF instance."""
        await self._identifier(connection, record, CREATION)

    async def deleted(self, connection: AsyncConnection, record: VnfRecord) -> None:
        """Tell that a VNF instance is no more."""
        await self._identifier(connection, record, DELETION)

    async def operation(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Tell that an operation has come to the state that it is in."""
        if self._notifications is None:
            return
        audience = await self._notifications.audience(connection, API)
        stored = await VNF_INSTANCES.get(connection, operation.subject) if audience else None
        if stored is None:
            return
        record = stored.document
        starts = operation.state_entered_at == operation.started_at
        occurrence = occurrence_of(operation, () if starts else await steps())
        detail: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(occurrence))

        def compose(subscription: Subscription, stamp: Stamp) -> object | None:
            about = {"operationTypes": (operation.kind,), "operationStates": (operation.state,)}
            if not _matches(subscription, OCCURRENCE, record, about):
                return None
            more = detail if subscription.verbosity == "FULL" and not starts else {}
            notification = VnfLcmOperationOccurrenceNotification(
                id=stamp.id,
                notification_type=OCCURRENCE,
                subscription_id=subscription.id,
                time_stamp=stamp.at,
                notification_status="START" if starts else "RESULT",
                operation_state=LcmOperationStateType(operation.state),
                vnf_instance_id=record.id,
                operation=LcmOperationType(operation.kind),
                is_automatic_invocation=operation.automatic,
                verbosity=subscription.verbosity,
                vnf_lcm_op_occ_id=operation.id,
                error=detail.get("error"),
                links=_links(subscription, record.id, operation.id),
                **_changes(more),
            )
            return release_of(subscription.version).shown(notification)

        await audience.tell(compose)

    async def _identifier(self, connection: AsyncConnection, record: VnfRecord, type_: NotificationType) -> None:
        if self._notifications is None:
            return
        audience = await self._notifications.audience(connection, API)

        def compose(subscription: Subscription, stamp: Stamp) -> object | None:
            if not _matches(subscription, type_, record, {}):
                return None
            return VnfIdentifierNotification(
                id=stamp.id,
                notification_type=type_,
                subscription_id=subscription.id,
                time_stamp=stamp.at,
                vnf_instance_id=record.id,
                links=_links(subscription, record.id),
            )

        await audience.tell(compose)


def _changes(detail: dict[str, Any]) -> dict[str, Any]:
    """What a full notification tells of changes, by the attribute of its type."""
    found = {**detail.get("resourceChanges", {}), **{name: detail[name] for name in DETAILS if name in detail}}
    attributes = {
        field.encode_name: field.name for field in msgspec.structs.fields(VnfLcmOperationOccurrenceNotification)
    }
    return {attributes[name]: value for name, value in found.items()}


def _matches(subscription: Subscription, type_: str, record: VnfRecord, about: Mapping[str, tuple[str, ...]]) -> bool:
    wanted = subscription.filter or {}
    instances = wanted.get("vnfInstanceSubscriptionFilter", {})
    product = Product(
        provider=record.provider,
        name=record.product_name,
        software_version=record.software_version,
        vnfd_version=record.vnfd_version,
    )
    facts = {
        "vnfdIds": (record.vnfd_id,),
        "vnfInstanceIds": (record.id,),
        "vnfInstanceNames": (record.name,) if record.name else (),
    }
    return (
        fits(wanted, {"notificationTypes": (type_,), **about})
        and fits(instances, facts)
        and product_fits(instances.get("vnfProductsFromProviders", ()), product)
    )


def _links(subscription: Subscription, instance: str, operation: str | None = None) -> LccnLinks:
    return LccnLinks(
        vnf_instance=Link(href=subscription.url(f"/vnf_instances/{instance}")),
        subscription=Link(href=subscription.here),
        vnf_lcm_op_occ=Link(href=subscription.url(f"/vnf_lcm_op_occs/{operation}")) if operation else None,
    )
