"""What subscribers to NS lifecycle changes ask for and are told (SOL005 clauses 6.5.2.2 to 6.5.2.8)."""

from __future__ import annotations

from typing import Literal

import msgspec

from nfvo.sol005.general import KeyValuePairs, Link, ProblemDetails, Sol005Type

CREATION = "NsIdentifierCreationNotification"
DELETION = "NsIdentifierDeletionNotification"
OCCURRENCE = "NsLcmOperationOccurrenceNotification"
SPELLINGS = {OCCURRENCE: (OCCURRENCE, "NsLcmOperationOccurenceNotification")}
"""The published filter misspells it; either will do."""


class Filter(Sol005Type, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter refuses what it does not know: passed over, it would have told more than was asked for."""


class NsInstanceSubscriptionFilter(Filter, frozen=True, kw_only=True):
    """Which NS instances (SOL005 clause 4.4.1.5)."""

    nsd_ids: tuple[str, ...] = ()
    vnfd_ids: tuple[str, ...] = ()
    pnfd_ids: tuple[str, ...] = ()
    ns_instance_ids: tuple[str, ...] = ()
    ns_instance_names: tuple[str, ...] = ()


class LifecycleChangeNotificationsFilter(Filter, frozen=True, kw_only=True):
    """Which notifications about which NS instances (SOL005 clause 6.5.3.8)."""

    ns_instance_subscription_filter: NsInstanceSubscriptionFilter | None = None
    notification_types: tuple[
        Literal[
            "NsLcmOperationOccurrenceNotification",
            "NsLcmOperationOccurenceNotification",
            "NsIdentifierCreationNotification",
            "NsIdentifierDeletionNotification",
            "NsChangeNotification",
        ],
        ...,
    ] = ()
    operation_types: tuple[Literal["INSTANTIATE", "SCALE", "UPDATE", "TERMINATE", "HEAL"], ...] = ()
    operation_states: tuple[str, ...] = ()
    ns_component_types: tuple[str, ...] = ()
    lcm_op_name_impacting_ns_component: tuple[str, ...] = ()
    lcm_op_occ_status_impacting_ns_component: tuple[str, ...] = ()


class LccnLinks(Sol005Type, frozen=True, kw_only=True):
    """What a notification is about (SOL005 clause 6.5.3.9)."""

    ns_instance: Link
    subscription: Link
    nslcm_op_occ: Link | None = None


class NsIdentifierNotification(Sol005Type, frozen=True, kw_only=True):
    """An NS instance was created or deleted (SOL005 clauses 6.5.2.6 and 6.5.2.7)."""

    id: str
    notification_type: str
    subscription_id: str
    timestamp: str
    ns_instance_id: str
    links: LccnLinks = msgspec.field(name="_links")


class NsLcmOperationOccurrenceNotification(Sol005Type, frozen=True, kw_only=True):
    """An operation has come to another state (SOL005 clause 6.5.2.5)."""

    id: str
    ns_instance_id: str
    ns_lcm_op_occ_id: str
    operation: str
    notification_type: str
    subscription_id: str
    timestamp: str
    notification_status: Literal["START", "RESULT"]
    operation_state: str
    is_automatic_invocation: bool
    verbosity: Literal["FULL", "SHORT"]
    affected_vnf: tuple[KeyValuePairs, ...] = ()
    """This, and what follows, as the occurrence has it; not in a short notification, nor in one about the start."""
    affected_vl: tuple[KeyValuePairs, ...] = ()
    affected_sap: tuple[KeyValuePairs, ...] = ()
    error: ProblemDetails | None = None
    links: LccnLinks = msgspec.field(name="_links")
