"""Telling subscribers of ``/nslcm`` what becomes of NS instances (SOL005 clauses 6.3.8 and 6.5.2.5 to 6.5.2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from mano_runtime.notifications import Notifications, Stamp, Subscription
from mano_runtime.notifications.matching import fits
from mano_runtime.workflow.logic import Steps
from mano_runtime.workflow.operation import Operation
from nfvo.inventory.ns_instances import NS_INSTANCES, NsRecord
from nfvo.lifecycle.decision import decision_of
from nfvo.planning.desired_state import VNF
from nfvo.sol005.general import Link
from nfvo.sol005.ns_notifications import (
    CREATION,
    DELETION,
    OCCURRENCE,
    SPELLINGS,
    LccnLinks,
    NsIdentifierNotification,
    NsLcmOperationOccurrenceNotification,
)
from nfvo.sol005.ns_occurrences import occurrence_of

API = "nslcm"


class NsNotices:
    """Writes notifications in the transaction of the change; without ``notifications`` nobody is told of anything."""

    def __init__(self, notifications: Notifications | None) -> None:
        self._notifications = notifications

    async def created(self, connection: AsyncConnection, record: NsRecord) -> None:
        """Tell that there is another NS instance."""
        await self._identifier(connection, record, CREATION)

    async def deleted(self, connection: AsyncConnection, record: NsRecord) -> None:
        """Tell that an NS instance is no more."""
        await self._identifier(connection, record, DELETION)

    async def operation(self, connection: AsyncConnection, operation: Operation, steps: Steps) -> None:
        """Tell that an operation has come to the state that it is in."""
        if self._notifications is None:
            return
        audience = await self._notifications.audience(connection, API)
        stored = await NS_INSTANCES.get(connection, operation.subject) if audience else None
        if stored is None:
            return
        record = stored.document
        starts = operation.state_entered_at == operation.started_at
        known = () if starts else await steps()
        saps = {sap.id: sap.name for sap in decision_of(operation).saps}

        def compose(subscription: Subscription, stamp: Stamp) -> object | None:
            about = {"operationTypes": (operation.kind,), "operationStates": (operation.state.value,)}
            if not _matches(subscription, OCCURRENCE, record, about):
                return None
            occurrence = occurrence_of(operation, subscription.url, steps=known, saps=saps)
            changes = occurrence.resource_changes if subscription.verbosity == "FULL" and not starts else None
            told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(changes)) or {}
            return NsLcmOperationOccurrenceNotification(
                id=stamp.id,
                ns_instance_id=record.id,
                ns_lcm_op_occ_id=operation.id,
                operation=operation.kind,
                notification_type=OCCURRENCE,
                subscription_id=subscription.id,
                timestamp=stamp.at,
                notification_status="START" if starts else "RESULT",
                operation_state=operation.state.value,
                is_automatic_invocation=operation.automatic,
                verbosity=subscription.verbosity,
                affected_vnf=tuple(told.get("affectedVnfs", ())),
                affected_vl=tuple(told.get("affectedVls", ())),
                affected_sap=tuple(told.get("affectedSaps", ())),
                error=operation.error,
                links=_links(subscription, record.id, operation.id),
            )

        await audience.tell(compose)

    async def _identifier(self, connection: AsyncConnection, record: NsRecord, type_: str) -> None:
        if self._notifications is None:
            return
        audience = await self._notifications.audience(connection, API)

        def compose(subscription: Subscription, stamp: Stamp) -> object | None:
            if not _matches(subscription, type_, record, {}):
                return None
            return NsIdentifierNotification(
                id=stamp.id,
                notification_type=type_,
                subscription_id=subscription.id,
                timestamp=stamp.at,
                ns_instance_id=record.id,
                links=_links(subscription, record.id),
            )

        await audience.tell(compose)


def _matches(subscription: Subscription, type_: str, record: NsRecord, about: Mapping[str, tuple[str, ...]]) -> bool:
    wanted = subscription.filter or {}
    vnfds = {resource.spec["vnfdId"] for resource in record.graph.values() if resource.kind == VNF}
    facts = {
        "nsdIds": (record.nsd_id,),
        "vnfdIds": vnfds,
        "pnfdIds": (),
        "nsInstanceIds": (record.id,),
        "nsInstanceNames": (record.name,),
    }
    types = SPELLINGS.get(type_, (type_,))
    return fits(wanted, {"notificationTypes": types, **about}) and fits(
        wanted.get("nsInstanceSubscriptionFilter", {}), facts
    )


def _links(subscription: Subscription, instance: str, operation: str | None = None) -> LccnLinks:
    return LccnLinks(
        ns_instance=Link(href=subscription.url(f"/ns_instances/{instance}")),
        subscription=Link(href=subscription.here),
        nslcm_op_occ=Link(href=subscription.url(f"/ns_lcm_op_occs/{operation}")) if operation else None,
    )
